"""Replications in real time: what sim.experiment calls instead of the simulator, one at a time, in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sim.running import Run
from sim.servers import RunDatabase
from sim.wall.run import run

if TYPE_CHECKING:
    from sim.scenario import Scenario


class Replication(Protocol):
    """What is to be run (sim.experiment.jobs.Job)."""

    @property
    def scenario(self) -> "Scenario": ...
    @property
    def strategy(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def draw(self) -> int: ...
    @property
    def needs_history(self) -> bool: ...


@dataclass(frozen=True)
class WallRunner:
    """Runs jobs on one database, its tables made anew for each."""

    database: RunDatabase

    def __call__(self, job: Replication, report: Callable[[int, int], None]) -> Run:
        """One replication."""
        return run(
            job.scenario, database=self.database, strategy=job.strategy, seed=job.seed, replication=job.draw,
            progress=report, history=job.needs_history,
        )  # fmt: skip

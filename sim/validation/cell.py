"""One cell: a strategy at a load. Its runs alternate: measured, predicted, measured again, of every replication."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sim.experiment.jobs import Job, Outcome, Runner, perform, simulate
from sim.scenario import Scenario


class Pairing(StrEnum):
    """What a run is for."""

    MEASURED = "measured"
    PREDICTED = "predicted"
    AGAIN = "measured again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A strategy at a share of its capacity; `scenario` has the load, `calibrated` also the costs in `blocks`."""

    strategy: str
    load: float
    rate_per_s: float
    scenario: Scenario
    calibrated: Scenario
    blocks: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Runs:
    """The outcomes of a cell, by what they are for, in the order of the replications."""

    cell: Cell
    outcomes: dict[Pairing, list[Outcome]] = field(default_factory=lambda: {each: [] for each in Pairing})


OnRun = Callable[[Cell, Pairing, int], None]


def run_cell(cell: Cell, measure: Runner, *, replications: int, seed: int, on_run: OnRun) -> Runs:
    """All runs of a cell, alternating, so that a machine whose speed drifts favours none of them."""
    runs = Runs(cell=cell)
    for replication in range(replications):
        for pairing, runner in _order(measure):
            on_run(cell, pairing, replication)
            runs.outcomes[pairing].append(perform(_job(cell, pairing, replication, seed), runner, _ignored))
    return runs


def _order(measure: Runner) -> Iterator[tuple[Pairing, Runner]]:
    yield Pairing.MEASURED, measure
    yield Pairing.PREDICTED, simulate
    yield Pairing.AGAIN, measure


def _job(cell: Cell, pairing: Pairing, replication: int, seed: int) -> Job:
    """The same seed and number for all three: the same arrivals, targets and remote latencies."""
    return Job(
        scenario=cell.calibrated if pairing is Pairing.PREDICTED else cell.scenario, strategy=cell.strategy,
        label=cell.strategy, seed=seed, replication=replication, draw=replication,
    )  # fmt: skip


def _ignored(virtual_us: int, operations: int) -> None:
    pass

"""How far an experiment is: for progress bars only. Its wall-clock readings reach no result."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.experiment.jobs import Job


@dataclass(frozen=True, slots=True)
class Progress:
    """One reading. `left_s` is an estimate in wall-clock seconds, None while there is nothing to go by."""

    replications_done: int
    replications: int
    virtual_s: float  # simulated time of all replications together
    operations: int
    operations_per_s: float  # a second of wall-clock time
    left_s: float | None

    @property
    def share(self) -> float:
        """The share of the replications that is done."""
        return self.replications_done / self.replications if self.replications else 1.0


OnProgress = Callable[[Progress], None]


class Meter:
    """Adds up what the replications report and tells the listener."""

    def __init__(
        self, jobs: Sequence[Job], listener: OnProgress | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._began = clock()
        self._durations_us = [max(1.0, job.scenario.horizon.duration_s * 1e6) for job in jobs]
        self._reached = [(0, 0)] * len(jobs)  # virtual time in us, operations
        self._done: set[int] = set()

    def report(self, job: int, virtual_us: int, operations: int) -> None:
        """Job number `job` has come this far."""
        self._reached[job] = (virtual_us, operations)
        self._tell()

    def finish(self, job: int, virtual_us: int, operations: int) -> None:
        """Job number `job` is done."""
        self._done.add(job)
        self.report(job, virtual_us, operations)

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener(self._reading())

    def _reading(self) -> Progress:
        passed, operations = self._clock() - self._began, sum(count for _, count in self._reached)
        share = sum(self._share(job) for job in range(len(self._reached))) / len(self._reached)
        return Progress(
            replications_done=len(self._done),
            replications=len(self._reached),
            virtual_s=sum(virtual_us for virtual_us, _ in self._reached) / 1e6,
            operations=operations,
            operations_per_s=operations / passed if passed > 0 else 0.0,
            left_s=passed * (1 - share) / share if share > 0 else None,
        )

    def _share(self, job: int) -> float:
        # A replication goes on after its arrivals stop, for a time that nobody knows: never call it done early.
        return 1.0 if job in self._done else min(0.95, self._reached[job][0] / self._durations_us[job])

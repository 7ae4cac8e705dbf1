"""How far an experiment is: for progress bars only. Its wall-clock readings reach no result."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.experiment.jobs import Job


@dataclass(frozen=True, slots=True)
class Progress:
    """One reading. A replication is one task, whatever the tasks are.

    `left_s` is an estimate in wall-clock seconds, None while there is nothing to go by. A task that does not tell
    how far it is (one on a cluster) counts when it is done.
    """

    replications_done: int
    replications: int
    virtual_s: float  # simulated time of all replications together
    operations: int
    operations_per_s: float  # a second of wall-clock time
    left_s: float | None
    replications_per_s: float = 0.0  # done, a second of wall-clock time

    @property
    def share(self) -> float:
        """The share of the replications that is done."""
        return self.replications_done / self.replications if self.replications else 1.0


OnProgress = Callable[[Progress], None]


class Meter:
    """Adds up what the tasks report and tells the listener.

    `durations_us` says for each task how much virtual time it is about; None where nobody knows.
    """

    def __init__(
        self,
        durations_us: Sequence[float | None],
        listener: OnProgress | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._began = clock()
        self._durations_us = durations_us
        self._reached: dict[int, tuple[int, int]] = {}  # of a task: virtual time in us, operations
        self._done: set[int] = set()
        self._virtual_us = self._operations = 0
        self._shares = 0.0

    def report(self, task: int, virtual_us: int, operations: int) -> None:
        """Task number `task` has come this far."""
        self._reach(task, virtual_us, operations)
        self._tell()

    def finish(self, task: int, virtual_us: int | None = None, operations: int | None = None) -> None:
        """Task number `task` is done; without numbers, it came as far as it last said."""
        before_us, before = self._reached.get(task, (0, 0))
        self._shares -= self._share(task)
        self._done.add(task)
        self._shares += 1.0
        self._add(task, before_us if virtual_us is None else virtual_us, before if operations is None else operations)
        self._tell()

    def _reach(self, task: int, virtual_us: int, operations: int) -> None:
        self._shares -= self._share(task)
        self._add(task, virtual_us, operations)
        self._shares += self._share(task)

    def _add(self, task: int, virtual_us: int, operations: int) -> None:
        before_us, before = self._reached.get(task, (0, 0))
        self._virtual_us += virtual_us - before_us
        self._operations += operations - before
        self._reached[task] = (virtual_us, operations)

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener(self._reading())

    def _reading(self) -> Progress:
        passed_s, count, done = self._clock() - self._began, len(self._durations_us), len(self._done)
        share = 1.0 if done == count else self._shares / count
        return Progress(
            replications_done=done,
            replications=count,
            virtual_s=self._virtual_us / 1e6,
            operations=self._operations,
            operations_per_s=self._operations / passed_s if passed_s > 0 else 0.0,
            left_s=passed_s * (1 - share) / share if share > 0 else None,
            replications_per_s=done / passed_s if passed_s > 0 else 0.0,
        )

    def _share(self, task: int) -> float:
        if task in self._done:
            return 1.0
        duration_us = self._durations_us[task]
        # A replication goes on after its arrivals stop, for a time that nobody knows: never call it done early.
        return min(0.95, self._reached.get(task, (0, 0))[0] / duration_us) if duration_us else 0.0


def durations_us(jobs: Sequence[Job]) -> list[float | None]:
    """How much virtual time each job is about."""
    return [max(1.0, job.scenario.horizon.duration_s * 1e6) for job in jobs]

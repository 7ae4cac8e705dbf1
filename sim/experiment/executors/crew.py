"""Crew: tasks under way behind concurrent.futures, handed over as they end.

The base of processes and cluster. sim.experiment.ordered brings the results into their order.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

POLL_S = 0.1  # wall-clock; how often reports are read while nothing ends

Report = Callable[[int, int], None]  # called now and then with the virtual time in us and the operations so far
Work = Callable[[Any, Report], Any]
Listen = Callable[[int, int, int], None]  # the number of a task, and what it reported
Ended = list[tuple[int, "Future[Any]"]]  # the numbers of tasks that ended, each with its future


class WorkerLost(Exception):
    """A task's worker ended again and again while it ran this task. The text is for users."""


class ClusterError(Exception):
    """A cluster cannot be used: the text says which, why and what to do."""


class Crew(ABC):
    """What runs tasks. Use it in a `with`: leaving it with an exception gives up what is under way."""

    def __init__(self, size: int) -> None:
        self.size = size  # how many tasks run at a time
        self._numbers: dict[Future[Any], int] = {}

    @abstractmethod
    def _submit(self, number: int, task: Any) -> "Future[Any]":
        """Begins a task, or puts it into the queue."""

    @abstractmethod
    def close(self) -> None:
        """Ends what was started here; nothing is under way."""

    @abstractmethod
    def abandon(self) -> None:
        """Ends what was started here, whatever is under way."""

    def start(self, number: int, task: Any) -> None:
        """Task number `task` may run as soon as there is room."""
        self._numbers[self._submit(number, task)] = number

    def collect(self) -> Ended:
        """What has ended since the last call; waits a little when nothing has."""
        done, _ = wait(self._numbers, timeout=POLL_S, return_when=FIRST_COMPLETED)
        return [(self._numbers.pop(future), future) for future in done]

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


def failed(problem: BaseException) -> "Future[Any]":
    """A future that ended with this exception."""
    future = Future[Any]()
    future.set_exception(problem)
    return future

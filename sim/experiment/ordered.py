"""Brings the results of a crew into the order of the tasks. Used by sim.experiment.pool.

Results that are early wait here; there are never more of them than `ahead`.
"""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from typing import Any

from sim.experiment.executors import Crew

OnDone = Callable[[int, Any], None]


def in_order(crew: Crew, tasks: Sequence[Any], *, ahead: int, on_done: OnDone) -> Generator["Future[Any]", None, None]:
    """A finished future for each task, in their order. `on_done` is told each result at once, in any order."""
    early = dict[int, Future[Any]]()
    started = 0
    for number in range(len(tasks)):
        while started < min(len(tasks), number + ahead):
            crew.start(started, tasks[started])
            started += 1
        while number not in early:
            for done, future in crew.collect():
                early[done] = future
                if future.exception() is None:
                    on_done(done, future.result())
        yield early.pop(number)

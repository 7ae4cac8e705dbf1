"""Tasks one by one in this process. Used by sim.experiment.pool for a single worker; nothing is started."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from sim.experiment.executors.crew import POLL_S, Listen, Work


def here(work: Work, tasks: Sequence[Any], listen: Listen) -> Iterator[Any]:
    """The results, in order."""
    for number, task in enumerate(tasks):
        yield work(task, Throttled(number, listen))


class Throttled:
    """The report of one task: passes on what it is told, at most once in POLL_S."""

    def __init__(self, task: int, listen: Listen) -> None:
        self._task = task
        self._listen = listen
        self._next_s = 0.0

    def __call__(self, virtual_us: int, operations: int) -> None:
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + POLL_S
            self._listen(self._task, virtual_us, operations)

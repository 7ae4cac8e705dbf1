"""An API process from inside: its runtime in real time, its locks, its background work.

It stands where `sim.model.api.ApiProcess` stands in virtual time. A call that blocks stops one thread, and there is
nothing to charge: what computing costs is what it takes.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sim.kernel import Draws, Process
from sim.kernel.realtime import RealTime
from sim.model.runtime import SimRuntime
from sim.model.work import Work, attach


class WallHost:
    """One life of an API process. `connect(process, place)` gives a thread of background work its wire."""

    def __init__(self, number: int, *, life: int, time: RealTime, connect: Callable[[Process, int], None]) -> None:
        self.number = number
        self.name = f"api-{number}"
        self.locks: dict[str, Any] = {}
        self._time = time
        self._connect = connect
        self._guard = threading.Lock()
        self._spawned = life << 8
        self._waiting: list[Callable[[], None]] | None = []

    def step_aside(self) -> None:
        """A thread that blocks stops nobody."""

    def come_back(self) -> None:
        """Nothing to wait for."""

    def lock(self, name: str) -> threading.Lock:
        """The lock of this name."""
        with self._guard:
            found: threading.Lock = self.locks.setdefault(name, threading.Lock())
            return found

    def spawn(self, task: Callable[[], None], *, name: str) -> None:
        """Background work: a thread, once the run has begun."""
        with self._guard:
            self._spawned += 1
            place = self._spawned
        start = self._starter(task, name=name, place=place)
        if self._waiting is None:
            start()
        else:
            self._waiting.append(start)

    def begin(self) -> None:
        """The run begins."""
        waiting, self._waiting = self._waiting or [], None
        for start in waiting:
            start()

    def _starter(self, task: Callable[[], None], *, name: str, place: int) -> Callable[[], None]:
        def run(process: Process) -> None:
            process.api = self
            attach(process, Work(-2 - self.number - (place << 16)))
            self._connect(process, place)
            task()

        def thread() -> None:
            self._time.call_in_process(run, name=f"{name} of {self.name}", number=place)

        return threading.Thread(target=thread, name=name, daemon=True).start


class WallRuntime(SimRuntime):
    """The core's first seam: ids as in virtual time, real sleep, real locks."""

    def __init__(self, time: RealTime, draws: Draws, host: WallHost, *, first_owner: int) -> None:
        super().__init__(time, draws, first_owner=first_owner)  # type: ignore[arg-type]
        self.background = host
        self._host = host

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Mutual exclusion within the API process."""
        return self._host.lock(name)

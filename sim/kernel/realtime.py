"""Real time for the code of the simulator's processes: threads whose flow of control is a process, as in virtual time.

What the layers above keep in a process (its operation, its scratch) they find in such a thread too, so recorders,
drivers and operations are the same in both clocks. The clock is the machine's monotonic one, which all processes of the
operating system share; times are microseconds since an instant that they agree on.
"""

import time
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent, greenlet

from sim.kernel.process import Process


class RealClock:
    """Microseconds since `began_ns` of the machine's monotonic clock."""

    __slots__ = ("began_ns",)

    def __init__(self, began_ns: int | None = None) -> None:
        self.began_ns = time.monotonic_ns() if began_ns is None else began_ns

    @property
    def now_us(self) -> int:
        """The time now."""
        return (time.monotonic_ns() - self.began_ns) // 1000


class RealTime:
    """What a process asks of its kernel, in real time; one for all threads of an operating-system process."""

    def __init__(self, clock: RealClock) -> None:
        self.clock = clock

    @property
    def hub(self) -> Any:
        """The greenlet that the calling thread runs in."""
        return getcurrent()

    @property
    def now_us(self) -> int:
        """Microseconds since the clock's beginning."""
        return self.clock.now_us

    def now(self) -> float:
        """Seconds since the clock's beginning."""
        return self.clock.now_us / 1e6

    def sleep_us(self, delay_us: int, point: str) -> None:
        """Blocks the calling thread; `point` says what for."""
        if delay_us > 0:
            time.sleep(delay_us / 1e6)

    def forget(self, process: Process) -> None:
        """Nothing is kept of a process here."""

    def call_in_process(self, task: Callable[[Process], None], *, name: str, number: int) -> None:
        """Calls `task` in the calling thread, where `current()` is then the process that the task is given.

        Returns when it has; raises what it raises.
        """
        process: Process = Process(self, lambda: task(process), name=name, number=number, group=None)  # type: ignore[arg-type]
        greenlet.switch(process, None)

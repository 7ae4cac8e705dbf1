"""The kernel: starts processes, suspends and resumes them, runs the clock. Every layer of the simulator uses it; it
knows none of them, and it never lets wall-clock time in.

The greenlet that makes a kernel is its hub: it runs the event loop, timers and hooks. Every process has the hub as
parent, so one that ends falls back into the event loop and never into whoever started it.

On two cores shared with other work: 0.74 million sleeps a second where SimPy alone does 1.06 million timeouts
(tests/sim/kernel/measure_kernel.py).
"""

from collections.abc import Callable, Iterable, Iterator
from heapq import heappush
from types import TracebackType
from typing import Self

from greenlet import getcurrent
from simpy.events import NORMAL

from sim.kernel.clock import FOREVER_US, MICROSECONDS, Clock, check_delay
from sim.kernel.crash import kill, unwind_all
from sim.kernel.events import Wakeup
from sim.kernel.exceptions import KernelError, OutsideProcess, ProcessDied, Stalled, VirtualTimeExceeded
from sim.kernel.process import Process, refuse_the_dead
from sim.kernel.stall import find_stall
from sim.kernel.timer import Timer

Interceptor = Callable[[Process, str], None]


class Kernel:
    """Virtual time in whole microseconds and the processes that live in it.

    ``interceptor(process, point)`` is called in the process wherever it may be suspended, before that takes any
    effect: it may record, raise, kill, or sleep (which is not intercepted again). ``ties``: see ``Clock``.

    Close the kernel after the last run, or use it as a context manager: else the garbage collector unwinds suspended
    processes at some later time.
    """

    def __init__(self, *, max_virtual_us: int | None = None, ties: Iterator[int] | None = None) -> None:
        self.clock = Clock(ties)
        self.hub = getcurrent()
        self.interceptor: Interceptor | None = None
        self._max_us = FOREVER_US if max_virtual_us is None else max_virtual_us
        self._processes: dict[Process, None] = {}
        self._started = 0
        self._to_hub = self.hub.switch

    @property
    def now_us(self) -> int:
        """Virtual time in microseconds."""
        return self.clock.now_us

    def now(self) -> float:
        """Virtual time in seconds."""
        return self.clock.now_us / MICROSECONDS

    def start(self, task: Callable[[], None], *, name: str, delay_us: int = 0, group: object | None = None) -> Process:
        """Start a process that runs ``task`` after ``delay_us``, in order of starting among equals (unless drawn).

        An exception that escapes the task ends the run with it. Raises ProcessDied if the caller was killed.
        """
        refuse_the_dead()
        check_delay(delay_us, name)
        process = Process(self, task, name=name, number=self._started, group=group)
        self._started += 1
        self._processes[process] = None
        self.schedule(process, delay_us)
        return process

    def at(self, when_us: int, action: Callable[[], None]) -> Timer:
        """Call ``action`` at an instant, outside all processes: it may wake processes, not wait."""
        refuse_the_dead()
        clock = self.clock
        if when_us < clock.now_us:
            check_delay(when_us - clock.now_us, "timer")
        timer = Timer(clock, when_us, action)
        heappush(clock._queue, (when_us, NORMAL, next(clock._eid), timer))
        return timer

    def sleep_us(self, delay_us: int, point: str) -> None:
        """Suspend the running process for ``delay_us`` (0 lets others of this instant go first, unless ties are drawn).

        Raises OutsideProcess, ProcessDied, ValueError for a negative delay.
        """
        # living() and suspend() spelled out: this is the kernel's hottest path, and two calls are a tenth of it.
        process = getcurrent()
        if type(process) is not Process:
            raise OutsideProcess
        if process.dead:
            raise ProcessDied
        if self.interceptor is not None:
            self.intercept(process, point)
        if delay_us < 0:
            check_delay(delay_us, point)
        clock = self.clock
        now_us = clock.now_us
        wakeup = process.wakeup
        wakeup.callbacks = process.callbacks
        heappush(clock._queue, (now_us + delay_us, NORMAL, next(clock._eid), wakeup))
        process.point = point
        process.since_us = now_us
        self._to_hub()
        process.point = ""

    def sleep(self, seconds: float, point: str = "sleep") -> None:
        """``sleep_us`` in seconds, rounded to whole microseconds."""
        self.sleep_us(round(seconds * MICROSECONDS), point)

    def intercept(self, process: Process, point: str) -> None:
        """Tell the interceptor that ``process`` may be suspended at ``point``. Called by everything that can wait."""
        if self.interceptor is None or process.running_interceptor:
            return
        process.running_interceptor = True
        try:
            self.interceptor(process, point)
        finally:
            process.running_interceptor = False

    def suspend(self, process: Process, point: str, waiting_on: object | None) -> None:
        """The only place where a process stops: what resumes it is scheduled or queued already. For resources."""
        process.point = point
        process.waiting_on = waiting_on
        process.since_us = self.clock.now_us
        self._to_hub()
        process.point = ""
        process.waiting_on = None

    def wait(self, process: Process, point: str, waiting_on: object, timeout_us: int | None) -> bool:
        """Suspend until ``wake`` (True) or until the timeout (False). For resources, which queue the process first."""
        process.woken = False
        if timeout_us is not None:
            self.schedule(process, timeout_us)
        self.suspend(process, point, waiting_on)
        return process.woken

    def wake(self, process: Process) -> None:
        """Resume a process in ``wait`` at this instant, after what is scheduled already. Raises ResumedDead."""
        if process.dead or process.ended:
            process.check_resumable()
        if process.wakeup.callbacks:
            self.unschedule(process)
        process.woken = True
        clock, wakeup = self.clock, process.wakeup  # schedule() spelled out: three times an operation
        wakeup.callbacks = process.callbacks
        heappush(clock._queue, (clock.now_us, NORMAL, next(clock._eid), wakeup))

    def schedule(self, process: Process, delay_us: int) -> None:
        """Let an event resume ``process``, which has none pending. For the kernel's own modules."""
        process.wakeup.callbacks = process.callbacks
        self.clock.push(process.wakeup, delay_us)

    def unschedule(self, process: Process) -> None:
        """Cancel the event that would resume ``process``, if there is one. For the kernel's own modules."""
        if process.wakeup.pending:
            self.clock.cancel(process.wakeup)
            process.wakeup = Wakeup(self.clock)

    def run(self, *, until_us: int | None = None) -> None:
        """Let virtual time pass: to ``until_us`` exclusive, or until nothing more can happen.

        Raises what escapes a process or a timer; VirtualTimeExceeded; Stalled if nothing can happen any more and
        processes wait for each other in a cycle (idle ones that wait for work are not a stall).
        """
        if getcurrent() is not self.hub:
            raise KernelError("run() must be called where the kernel was made, not inside one of its processes")
        stop_us = FOREVER_US if until_us is None else until_us
        if stop_us < self.clock.now_us:
            raise ValueError(f"until_us is {until_us}, which is before the present {self.clock.now_us}")
        self.clock.process_before(min(stop_us, self._max_us))
        self._end_run(stop_us)

    def kill(self, processes: Iterable[Process], *, before_unwind: Callable[[], None]) -> None:
        """Crash processes: they are dead at once, then ``before_unwind`` runs, then their ``finally`` blocks.

        Section 6 of the design: from its death on, everything that a process calls here raises ProcessDied without
        effect, time or record. What it holds is handed over after ``before_unwind``, which may not wait. Ended
        processes are ignored. If the caller is among them, it is the last to be unwound, by ProcessDied from here.
        """
        kill(processes, before_unwind)

    def processes(self) -> list[Process]:
        """Processes that have neither ended nor been killed, in order of starting."""
        return [process for process in self._processes if not process.dead]

    def forget(self, process: Process) -> None:
        """Drop an ended process. For Process itself."""
        self._processes.pop(process, None)

    def close(self) -> None:
        """Unwind every process that is left, as if killed. Without effect when called again."""
        unwind_all(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end_run(self, stop_us: int) -> None:
        if self.clock.idle:
            cycles = find_stall(self)
            if cycles:
                raise Stalled(cycles)
        elif stop_us > self._max_us:
            self.clock.advance(self._max_us)
            raise VirtualTimeExceeded(f"the run reached its limit of {self._max_us / MICROSECONDS:g} s of virtual time")
        if stop_us != FOREVER_US:
            self.clock.advance(min(stop_us, self._max_us))

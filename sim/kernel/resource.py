"""A resource with a number of places and a first-come, first-served queue: a CPU, a pool, a limit of calls.

Used by the modelled database and the models of controllers and API processes. It never lets a newcomer pass those who
wait, and it never decides how long a place is held.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.kernel.clock import check_delay
from sim.kernel.exceptions import AcquireTimeout, NotHolder
from sim.kernel.process import Process, living, refuse_the_dead

if TYPE_CHECKING:
    from sim.kernel.kernel import Kernel


class FifoResource:
    """``capacity`` places, each held by a process. ``on_change(self)`` is called after every change of the levels.

    ``queue`` holds those who wait, for reading only.

    A place that is released goes to the longest waiting process at once, in the same event.
    """

    # For the wait-for graph: who waits needs one of the holders to release, not all of them.
    any_holder_suffices = True

    def __init__(self, kernel: "Kernel", name: str, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"resource '{name}': capacity is {capacity}; it must be at least 1")
        self.kernel = kernel
        self.name = name
        self.capacity = capacity
        self.in_use = 0
        self.on_change: Callable[[FifoResource], None] | None = None
        self._holders: dict[Process, int] = {}
        self.queue: deque[Process] = deque()

    @property
    def queued(self) -> int:
        """How many processes wait."""
        return len(self.queue)

    @property
    def holders(self) -> list[Process]:
        """Who holds a place, in order of their first one."""
        return list(self._holders)

    def acquire(self, point: str, *, timeout_us: int | None = None) -> int:
        """Take a place, waiting if there is none; returns the microseconds waited.

        Raises AcquireTimeout after ``timeout_us`` (then no place is held), ProcessDied, OutsideProcess.
        """
        process = living()
        kernel = self.kernel
        if kernel.interceptor is not None:
            kernel.intercept(process, point)
        if self.in_use < self.capacity:
            self._grant(process)
            if self.on_change is not None:
                self.on_change(self)
            return 0
        return self._queue_for_place(process, point, timeout_us)

    def release(self, holder: Process | None = None) -> None:
        """Give a place back, the running process's or that of ``holder``. Raises NotHolder, ProcessDied."""
        if holder is None:
            holder = living()
        else:
            refuse_the_dead()
        self.hand_over(holder)

    def hand_over(self, holder: Process) -> None:
        """``release`` without asking who is calling: for the death of the holder."""
        places = self._holders.get(holder)
        if places is None:
            raise NotHolder(f"process '{holder.name}' releases '{self.name}' but does not hold it")
        if places == 1:
            del self._holders[holder]
        else:
            self._holders[holder] = places - 1
        holder.held.remove(self)
        self.in_use -= 1
        if self.queue:
            self._serve_next()
        if self.on_change is not None:
            self.on_change(self)

    def forget(self, holder: Process) -> None:
        """Drop a holder without handing over its places: for the end of the simulation.

        CPython's search for cycles skips a dict as long as all that was put in it was out of the search's reach, as a
        running greenlet is. So the dict of holders, and all that a holder knows, would never be freed.
        """
        self._holders.pop(holder, None)

    def leave(self, process: Process) -> None:
        """Remove a process from the queue, if it is there: it may have been served and not yet resumed."""
        if process in self.queue:
            self.queue.remove(process)
            self._changed()

    def _queue_for_place(self, process: Process, point: str, timeout_us: int | None) -> int:
        check_delay(timeout_us or 0, point)
        began_us = self.kernel.clock.now_us
        self.queue.append(process)
        self._changed()
        served = self.kernel.wait(process, point, self, timeout_us)
        waited_us = self.kernel.clock.now_us - began_us
        if not served:
            self.leave(process)
            raise AcquireTimeout(self.name, waited_us)
        return waited_us

    def _serve_next(self) -> None:
        process = self.queue.popleft()
        self._grant(process)
        self.kernel.wake(process)

    def _grant(self, process: Process) -> None:
        self._holders[process] = self._holders.get(process, 0) + 1
        process.held.append(self)
        self.in_use += 1

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)

    def __repr__(self) -> str:
        return f"<FifoResource '{self.name}' {self.in_use}/{self.capacity}, {self.queued} queued>"

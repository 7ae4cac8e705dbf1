"""The virtual clock: SimPy's environment and event queue in whole microseconds.

Used by ``Kernel`` only. It knows nothing of processes and never reads the wall clock.

Events at equal times happen in the order in which they were scheduled, or, with drawn ties, in one that follows from
the seed alone.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from simpy import Environment
from simpy.events import NORMAL

from sim.kernel.draws import Draws
from sim.kernel.events import Wakeup

MICROSECONDS = 1_000_000  # microseconds in a second
FOREVER_US = 1 << 62  # later than any event: 146,000 years
_COMPACT_FROM = 256  # events; below it, cancelled ones are not worth removing early (assumption)


class Clock(Environment):
    """SimPy's queue with cancellation. ``now_us`` always equals SimPy's own time.

    ``ties`` gives each event its place among those of its instant; without it that of its scheduling.
    """

    def __init__(self, ties: Iterator[int] | None = None) -> None:
        super().__init__(0)
        if ties is not None:
            self._eid = ties  # type: ignore[assignment]  # SimPy only asks for the next
        self.now_us = 0
        self._cancelled = 0

    def push(self, event: Wakeup, delay_us: int) -> None:
        """Schedule an event whose callbacks are set."""
        heappush(self._queue, (self.now_us + delay_us, NORMAL, next(self._eid), event))

    def cancel(self, event: Wakeup) -> None:
        """Take all effect from a pending event; the queue forgets it later, without time passing."""
        event.callbacks = []
        self._cancelled += 1
        if self._cancelled > _COMPACT_FROM and self._cancelled * 2 > len(self._queue):
            self._compact()

    def process_before(self, stop_us: int) -> None:
        """Process the events before ``stop_us`` in order. An exception ends this and leaves the rest queued."""
        queue = self._queue
        while queue and queue[0][0] < stop_us:
            when, _, _, event = heappop(queue)
            callbacks = event.callbacks
            if not callbacks:
                self._cancelled -= 1
                continue
            self._now = self.now_us = when  # type: ignore[assignment]  # every time pushed is an int
            event.callbacks = None  # type: ignore[assignment]  # SimPy's mark of a processed event
            for callback in callbacks:
                callback(event)

    def advance(self, to_us: int) -> None:
        """Set the time, after all events before it were processed."""
        self._now = self.now_us = to_us

    @property
    def next_us(self) -> int:
        """No event is to come before this time; FOREVER_US when none is to come at all."""
        return self._queue[0][0] if self._queue else FOREVER_US  # type: ignore[return-value]  # as above

    @property
    def idle(self) -> bool:
        """Whether no event is to come."""
        return len(self._queue) == self._cancelled

    def _compact(self) -> None:
        self._queue[:] = [entry for entry in self._queue if entry[3].callbacks]
        heapify(self._queue)
        self._cancelled = 0


def drawn_ties(draws: Draws) -> Iterator[int]:
    """Places that are drawn, all alike, and different for any two events."""
    return draws.distinct(draws.purpose("tie"))


def check_delay(delay_us: int, what: str) -> None:
    """Raise ValueError for a negative delay; ``what`` is the suspension point or the process's name."""
    if delay_us < 0:
        raise ValueError(f"'{what}' would take {delay_us} us; a delay cannot be negative")

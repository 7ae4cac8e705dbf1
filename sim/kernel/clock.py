"""The virtual clock: SimPy's environment in whole microseconds, with a queue of its own.

Used by ``Kernel`` only. It knows nothing of processes and never reads the wall clock.

Events at equal times happen in the order in which they were scheduled, so the queue is a heap of instants, plain
integers, and a list of events for each: comparing SimPy's tuples was 3.5 % of a run's instructions (callgrind). SimPy
reaches its queue through ``schedule``, ``peek`` and ``step`` alone, so its events work here; its processes do not.
"""

from heapq import heapify, heappop, heappush

from simpy import Environment, Event
from simpy.core import EmptySchedule, Infinity, SimTime
from simpy.events import NORMAL, EventPriority

from sim.kernel.events import Wakeup
from sim.kernel.exceptions import KernelError

MICROSECONDS = 1_000_000  # microseconds in a second
FOREVER_US = 1 << 62  # later than any event: 146,000 years
_COMPACT_FROM = 256  # events; below it, cancelled ones are not worth removing early (assumption)


class Clock(Environment):
    """SimPy's environment with cancellation. ``now_us`` always equals SimPy's own time.

    ``instants`` is a heap of the times at which something is to happen, ``events`` what, in order; ``handled`` counts
    the events that have happened.
    """

    def __init__(self) -> None:
        super().__init__(0)
        self.now_us = 0
        self.handled = 0
        self.instants: list[int] = []
        self.events: dict[int, list[Event]] = {}
        self._cancelled = 0
        self._compact_from = _COMPACT_FROM

    def push(self, event: Event, delay_us: int) -> None:
        """Schedule an event whose callbacks are set."""
        when_us = self.now_us + delay_us
        events = self.events.get(when_us)
        if events is None:
            self.events[when_us] = [event]
            heappush(self.instants, when_us)
        else:
            events.append(event)

    def cancel(self, event: Wakeup) -> None:
        """Take all effect from a pending event; the queue forgets it later, without time passing."""
        event.callbacks = []
        self._cancelled += 1
        if self._cancelled > self._compact_from:
            self._compact()

    def process_before(self, stop_us: int) -> None:
        """Process the events before ``stop_us`` in order. An exception ends this and leaves the rest queued."""
        instants, queued = self.instants, self.events
        while instants and instants[0] < stop_us:
            when_us = heappop(instants)
            events = queued[when_us]
            left = iter(events)
            try:
                for event in left:  # and for what they add to this instant
                    callbacks = event.callbacks
                    if callbacks:
                        self._now = self.now_us = when_us
                        event.callbacks = None  # type: ignore[assignment]  # SimPy's mark of a processed event
                        for callback in callbacks:
                            callback(event)
            except BaseException:
                self._put_back(when_us, list(left))
                raise
            self.handled += len(events)
            del queued[when_us]

    def advance(self, to_us: int) -> None:
        """Set the time, after all events before it were processed."""
        self._now = self.now_us = to_us

    @property
    def queued(self) -> int:
        """How many events are in the queue, cancelled ones included."""
        return sum(len(events) for events in self.events.values())

    @property
    def idle(self) -> bool:
        """Whether no event is to come."""
        return not any(event.callbacks for events in self.events.values() for event in events)

    # what SimPy calls

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: SimTime = 0) -> None:
        """Queue one of SimPy's own events; KernelError for an urgent one."""
        if priority != NORMAL:
            raise KernelError("the clock knows no urgent events: processes are started with Kernel.start()")
        self.push(event, int(delay))

    def peek(self) -> SimTime:
        """The time of the next event, infinity if there is none."""
        return self.instants[0] if self.instants else Infinity

    def step(self) -> None:
        """Process the events of the next instant."""
        if not self.instants:
            raise EmptySchedule
        self.process_before(self.instants[0] + 1)

    def _put_back(self, when_us: int, events: list[Event]) -> None:
        if events:
            self.events[when_us] = events
            heappush(self.instants, when_us)
        else:
            del self.events[when_us]

    def _compact(self) -> None:
        """Drop cancelled events, but those of this instant, which may be under way."""
        for when_us, events in list(self.events.items()):
            if when_us != self.now_us:
                events[:] = [event for event in events if event.callbacks]
                if not events:
                    del self.events[when_us]
        self.instants[:] = [when_us for when_us in self.instants if when_us in self.events]
        heapify(self.instants)
        self._cancelled = 0
        self._compact_from = max(_COMPACT_FROM, self.queued)


def check_delay(delay_us: int, what: str) -> None:
    """Raise ValueError for a negative delay; ``what`` is the suspension point or the process's name."""
    if delay_us < 0:
        raise ValueError(f"'{what}' would take {delay_us} us; a delay cannot be negative")

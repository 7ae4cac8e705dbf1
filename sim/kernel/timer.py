"""A callback at an instant. Made by ``Kernel.at`` for arrivals, time-outs, faults and samplers; it never waits."""

from collections.abc import Callable
from typing import Any

from simpy import Event

from sim.kernel.clock import Clock
from sim.kernel.events import Wakeup
from sim.kernel.process import refuse_the_dead


class Timer(Wakeup):
    """Calls ``action`` at ``when_us``, outside all processes, unless it is cancelled before."""

    def __init__(self, clock: Clock, when_us: int, action: Callable[[], None]) -> None:
        self.env = self._clock = clock  # all that Wakeup's own constructor does, and the callbacks
        self.when_us = when_us
        self.action = action
        self.callbacks = _CALL_ACTION

    def cancel(self) -> None:
        """Make sure that it does not run. Without effect when it has run or is cancelled already."""
        refuse_the_dead()
        if self.pending:
            self._clock.cancel(self)


def _call_action(event: Event) -> None:
    event.action()  # type: ignore[attr-defined]  # only timers have this callback


# One list for all timers: the clock reads callbacks and never changes them.
_CALL_ACTION: list[Callable[[Any], None]] = [_call_action]

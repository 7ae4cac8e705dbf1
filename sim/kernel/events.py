"""What the clock's queue holds: wake-ups of processes and timers.

Made by the kernel only. Layers above see ``Timer``, to cancel it, and never a wake-up.

An event is
- pending: in the queue with callbacks,
- processed: ``callbacks`` is ``None``,
- cancelled: still in the queue, ``callbacks`` is empty; the clock drops it without time passing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simpy import Event

if TYPE_CHECKING:
    from sim.kernel.clock import Clock


class Wakeup(Event):
    """Resumes one process. A process uses the same object for all its sleeps, until one has to be cancelled."""

    _ok = True
    _value = None

    def __init__(self, clock: "Clock") -> None:
        self.env = clock
        self.callbacks = None  # type: ignore[assignment]  # SimPy itself marks processed events so

    @property
    def pending(self) -> bool:
        """Whether it is in the queue and will take effect."""
        return bool(self.callbacks)


class Timer(Wakeup):
    """A callback at an instant, from ``Kernel.at``. It runs outside all processes and may not wait."""

    def __init__(self, clock: "Clock", when_us: int, action: Callable[[], None]) -> None:
        super().__init__(clock)
        self.when_us = when_us
        self.action = action
        self.callbacks = _CALL_ACTION

    def cancel(self) -> None:
        """Make sure that it does not run. Without effect when it has run or is cancelled already."""
        if self.callbacks:
            self._clock.cancel(self)

    @property
    def _clock(self) -> "Clock":
        return self.env  # type: ignore[return-value]  # made with a Clock


def _call_action(event: Event) -> None:
    event.action()  # type: ignore[attr-defined]  # only timers have this callback


# One list for all timers: the clock reads callbacks and never changes them.
_CALL_ACTION: list[Callable[[Any], None]] = [_call_action]

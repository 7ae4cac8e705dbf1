"""What the clock's queue holds. Made by the kernel only; the base of timers too.

An event is
- pending: in the queue with callbacks,
- processed: ``callbacks`` is ``None``,
- cancelled: still in the queue, ``callbacks`` is empty; the clock drops it without time passing.
"""

from typing import TYPE_CHECKING

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

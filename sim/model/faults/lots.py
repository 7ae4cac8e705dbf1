"""Which visits a fault takes: drawn by operation and count, so that order and other faults change nothing.

Used by the kinds of faults that wait for operations to come by. A draw depends on the seed, the place, the operation
and how often it has been there, and never on what else was drawn.
"""

from collections.abc import Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from sim.kernel import Draws, Kernel
from sim.model.work import NO_OPERATION, Work


class Selection(Protocol):
    """Which visits a scenario's fault takes (sim.scenario.faults.Visited)."""

    @property
    def at_s(self) -> float | None:
        """The first visit from then on."""

    @property
    def probability(self) -> float | None:
        """Chance of each visit; None: certain."""

    @property
    def operation(self) -> int | None:
        """Only this operation's visits."""

    @property
    def nth(self) -> int | None:
        """Only this visit of an operation."""


F = TypeVar("F", bound=Selection)


class Visit(NamedTuple, Generic[F]):
    """A visit that a fault takes: the `nth` of work with this `key` (its operation; negative in the background)."""

    fault: F
    key: int
    nth: int

    def __str__(self) -> str:
        whose = f"operation {self.key}" if self.key >= 0 else "background work"
        return f"{whose}, visit {self.nth}"


class Lots(Generic[F]):
    """The faults that take visits of one `place`; the first that takes a visit has it."""

    def __init__(self, place: str, faults: Sequence[F], *, kernel: Kernel, draws: Draws) -> None:
        self._purpose = draws.purpose(f"fault {place}")
        self._clock = kernel.clock
        self._draws = draws
        self._drawn = [fault for fault in faults if fault.at_s is None]
        self._timed = sorted((fault for fault in faults if fault.at_s is not None), key=_at_us)

    def taken(self, work: Work, *, transaction: str | None = None) -> Visit[F] | None:
        """The worker visits the place, in a transaction of this name; the fault that it meets."""
        if work.operation == NO_OPERATION and work.key >= 0:
            return None  # between two operations
        nth = work.count(self._purpose)
        fault = self._timed_one(transaction) or self._drawn_one(work.key, nth, transaction)
        return None if fault is None else Visit(fault, work.key, nth)

    def _timed_one(self, transaction: str | None) -> F | None:
        for place, fault in enumerate(self._timed):
            if _at_us(fault) > self._clock.now_us:
                return None
            if _concerns(fault, transaction):
                return self._timed.pop(place)
        return None

    def _drawn_one(self, key: int, nth: int, transaction: str | None) -> F | None:
        for fault in self._drawn:
            if fault.operation not in (None, key) or fault.nth not in (None, nth):
                continue
            if not _concerns(fault, transaction):
                continue
            chance = fault.probability
            if chance is None or self._draws.uniform(self._purpose, key, nth) < chance:
                return fault
        return None


def _at_us(fault: Selection) -> int:
    return round((fault.at_s or 0.0) * 1e6)


def _concerns(fault: Selection, transaction: str | None) -> bool:
    """Whether the fault names the transaction, or names none, as a crash."""
    named = getattr(fault, "transactions", ())
    return not named or transaction in named

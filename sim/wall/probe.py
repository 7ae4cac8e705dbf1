"""What may be put into an API process to measure it: around each connection and around each operation.

`sim.calibration` brings one. It is made in the process, whose number it is given, by a function that can be pickled.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from core.database import Connection

T = TypeVar("T")


class Probe(Protocol):
    """Looks on; what it is given does what it would do without it."""

    def connection(self, inner: Connection) -> Connection:
        """A connection of the pool, as the transaction is to use it."""

    def operation(self, kind: str, perform: Callable[[], T]) -> T:
        """Performs an operation and returns its answer. Called by the thread that serves it."""

    def write(self) -> None:
        """The run is over: what was found out goes where the maker said."""


ProbeMaker = Callable[[int], Probe]

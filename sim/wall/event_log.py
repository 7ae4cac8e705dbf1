"""What an API process tells of itself, in a file that survives it: events with positions, one record an event.

Every process of a run writes a file of its own; `sim.wall.replay` reads them all when the run is over. A record is
written with one call of the operating system, so a process that is killed leaves whole records and at most one broken
one, at the end. A position is an instant of the machine's monotonic clock in nanoseconds since the run began, times
`SLOTS`, plus the file's slot: no two events share one, and all are in the order of happening, whichever process they
are of.
"""

import marshal
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sim.kernel.realtime import RealClock

SLOTS = 1024  # files of one run
_LONG_AGO_NS = 1 << 52  # ns, 52 days: before everything that a run's processes note
_HEAD = struct.Struct("<I")


class Event(NamedTuple):
    """One record: where it stands in the run, what it is, and what belongs to it."""

    position: int
    what: str
    arguments: tuple[Any, ...]

    @property
    def at_us(self) -> int:
        """When, in microseconds of the run."""
        return at_us(self.position)


def at_us(position: int) -> int:
    """The time of a position, in microseconds of the run; 0 for what came before it."""
    return max(0, position // SLOTS // 1000)


class EventLog:
    """Writes one file. `slot` is below SLOTS and no other file's."""

    def __init__(self, path: Path, clock: RealClock, *, slot: int) -> None:
        self._clock = clock
        self._slot = slot
        self._last_ns = -_LONG_AGO_NS
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def position(self) -> int:
        """The position of what happens now."""
        ns = time.monotonic_ns() - self._clock.began_ns
        if ns <= self._last_ns:
            ns = self._last_ns + 1
        self._last_ns = ns
        return ns * SLOTS + self._slot

    def write(self, what: str, *arguments: Any, position: int | None = None) -> int:
        """Writes an event with arguments of plain types; its position, which may have been taken before."""
        if position is None:
            position = self.position()
        body = marshal.dumps((position, what, arguments))
        os.write(self._file, _HEAD.pack(len(body)) + body)
        return position

    def close(self) -> None:
        """Nothing is written any more."""
        os.close(self._file)


def read_events(path: Path) -> Iterator[Event]:
    """The events of a file in the order of writing; a broken one at the end is left out."""
    content = memoryview(path.read_bytes())
    start = 0
    while start + _HEAD.size <= len(content):
        (length,) = _HEAD.unpack_from(content, start)
        start += _HEAD.size
        if start + length > len(content):
            return
        yield Event(*marshal.loads(content[start : start + length]))
        start += length

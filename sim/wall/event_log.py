"""What an API process tells of itself, in a file that survives it: events with positions, one record an event.

Every process of a run writes a file of its own; `sim.wall.replay` reads them all when the run is over. The file is
mapped into memory, so a record costs no call of the operating system (which would hand Python's lock to another
thread), and a process that is killed leaves what it has written all the same. A record's length is written last: it is
there as a whole or not at all. A position is an instant of the machine's monotonic clock in nanoseconds since the run
began, times `SLOTS`, plus the file's slot: no two events share one, and all are in the order of happening, whichever
process they are of.
"""

import os
import struct
import threading
import time
from collections.abc import Iterator
from marshal import dumps, loads
from mmap import ALLOCATIONGRANULARITY, mmap
from pathlib import Path
from typing import Any, NamedTuple

from sim.kernel.realtime import RealClock

SLOTS = 1024  # files of one run
_LONG_AGO_NS = 1 << 52  # ns, 52 days: before everything that a run's processes note
_HEAD = struct.Struct("<I")  # a record's length in bytes; 0 where nothing was written
_HEAD_BYTES = _HEAD.size
_WINDOW = 1 << 20  # bytes of the file that are mapped at a time, if a record is not longer


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
        self._guard = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._base = self._place = self._size = 0  # bytes: where the window begins in the file, and in the window
        self._window = self._moved(_WINDOW)

    def position(self) -> int:
        """The position of what happens now."""
        with self._guard:
            return self._next_position()

    def _next_position(self) -> int:
        ns = time.monotonic_ns() - self._clock.began_ns
        if ns <= self._last_ns:
            ns = self._last_ns + 1
        self._last_ns = ns
        return ns * SLOTS + self._slot

    def write(self, what: str, *arguments: Any, position: int | None = None) -> int:
        """Writes an event with arguments of plain types; its position, which may have been taken before."""
        with self._guard:
            if position is None:
                position = self._next_position()
            body = dumps((position, what, arguments))
            taken = _HEAD_BYTES + len(body)
            if self._place + taken + _HEAD_BYTES > self._size:  # there is always a length behind the last record
                self._window.close()
                self._window = self._moved(taken + _HEAD_BYTES)
            start = self._place
            self._place = end = start + taken
            self._window[start + _HEAD_BYTES : end] = body
            _HEAD.pack_into(self._window, start, len(body))
        return position

    def _moved(self, room: int) -> mmap:
        """The window from where the next record goes, at least so long. The file really gets the room, or OSError."""
        at = self._base + self._place
        self._base = at // ALLOCATIONGRANULARITY * ALLOCATIONGRANULARITY
        self._place = at - self._base
        self._size = max(_WINDOW, self._place + room)
        length = os.fstat(self._file).st_size
        os.pwrite(self._file, bytes(self._base + self._size - length), length)
        return mmap(self._file, self._size, offset=self._base)

    def close(self) -> None:
        """Nothing is written any more."""
        with self._guard:
            self._window.close()
            os.ftruncate(self._file, self._base + self._place)
            os.close(self._file)


def read_events(path: Path) -> Iterator[Event]:
    """The events of a file in the order of writing; a broken one at the end is left out."""
    content = memoryview(path.read_bytes())
    start = 0
    while start + _HEAD.size <= len(content):
        (length,) = _HEAD.unpack_from(content, start)
        start += _HEAD.size
        if not length or start + length > len(content):
            return
        yield Event(*loads(content[start : start + length]))
        start += length

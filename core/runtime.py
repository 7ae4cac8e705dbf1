"""The first seam: time, ids, mutual exclusion and background work, as the core asks for them.

The core calls these five and uses no clock, no thread primitive and no source of chance of its own. `RealRuntime` is
the one for wall-clock time; the simulator brings another. Nothing here knows of ports.
"""

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Runtime(Protocol):
    """What the core needs from the world."""

    def now(self) -> float:
        """Seconds since an epoch that all users of one database share."""

    def sleep(self, seconds: float) -> None:
        """Blocks the calling thread for this long."""

    def new_id(self) -> str:
        """A new UUID of 36 characters, never given before."""

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Mutual exclusion among the threads of this process, one lock a name; not re-entrant."""

    def spawn(self, task: Callable[[], None], *, name: str) -> None:
        """Runs a task in the background of this process; it ends with the process."""


class RealRuntime:
    """Wall-clock time, real threads, random ids."""

    def __init__(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Blocks the calling thread."""
        time.sleep(seconds)

    def new_id(self) -> str:
        """A random UUID (version 4)."""
        return str(uuid.uuid4())

    def lock(self, name: str) -> AbstractContextManager[object]:
        """A threading.Lock of this name."""
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def spawn(self, task: Callable[[], None], *, name: str) -> None:
        """A daemon thread, so that it ends with the process."""
        threading.Thread(target=task, name=name, daemon=True).start()


def chance(runtime: Runtime) -> float:
    """A number drawn uniformly from [0, 1) for jitter; taken from a new id, so that a runtime needs no sixth method."""
    return int(runtime.new_id()[:8], 16) / 2.0**32

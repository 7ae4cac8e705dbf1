"""What the database server computes, in nanoseconds of its own threads: for one connection, and in all.

Linux tells for each thread how long it has run and how long it has waited for a core (/proc, schedstat). PostgreSQL
serves a connection with a process of its own and MariaDB with a thread of its own, so on the server's machine the
difference of two readings, taken while the connection rests, is what the server has computed for the statements between
them. Elsewhere nothing can be read, and the calibration takes what waiting tells.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

_PROC = Path("/proc")
_PROGRAMS = {"postgresql": ("postgres",), "mariadb": ("mariadbd", "mysqld")}


class ServerClock(Protocol):
    """What a thread has run so far, and how long it was ready to run and had no core."""

    def read_ns(self) -> tuple[int, int]:
        """Both, in nanoseconds; exact while the thread sleeps."""

    def close(self) -> None:
        """Lets go of what is read."""


class UnknownClock:
    """A thread that is elsewhere, or does not tell."""

    def read_ns(self) -> tuple[int, int]:
        """Nothing is known: always 0."""
        return 0, 0

    def close(self) -> None:
        """Nothing is held."""


class ThreadClock:
    """One thread of this machine, by its file in /proc."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDONLY)
        self._last_ns = 0, 0

    def read_ns(self) -> tuple[int, int]:
        """What the thread has run and waited for; what was read last when it has ended with its connection."""
        with suppress(ProcessLookupError):
            ran, waited, _ = os.pread(self._descriptor, 100, 0).split()
            self._last_ns = int(ran), int(waited)
        return self._last_ns

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)


def own_clock() -> ServerClock:
    """The clock of the calling thread, for that thread alone."""
    try:
        return ThreadClock(_PROC / "thread-self" / "schedstat")
    except OSError:
        return UnknownClock()


def clock_of(cursor: Any, kind: str) -> ServerClock | None:
    """The clock of the server's thread behind a driver's cursor, None where it cannot be read."""
    try:
        file = _postgresql(cursor) if kind == "postgresql" else _mariadb(cursor)
        return None if file is None else ThreadClock(file)
    except (OSError, ValueError):
        return None


class BackgroundClock:
    """What the server computes for nobody's connection: the threads that it has before anybody but us connects."""

    def __init__(self, files: Collection[Path]) -> None:
        self._files = tuple(files)

    def cpu_ns(self) -> int:
        """What they have run; those that have ended count no more."""
        return sum(map(_ran, self._files))


def background_clock(cursor: Any, kind: str) -> BackgroundClock | None:
    """The clock of all threads of the server but the one behind this cursor; None where it cannot be read.

    To be made when the server has no other connection, and has had none: MariaDB uses a thread again.
    """
    try:
        own = _postgresql(cursor) if kind == "postgresql" else _mariadb(cursor)
        process = _first_process(cursor, kind)
        if own is None or process is None:
            return None
        files = [file for each in (process, *_children(process)) for file in _threads(each)]
        return BackgroundClock([file for file in files if file.parent.name != own.parent.name])
    except (OSError, ValueError):
        return None


def _first_process(cursor: Any, kind: str) -> int | None:
    if kind == "mariadb":
        return _daemon(cursor)
    backend = _backend(cursor)
    return None if backend is None else int((_PROC / str(backend) / "stat").read_text().rpartition(")")[2].split()[1])


def _threads(process: int) -> list[Path]:
    return list((_PROC / str(process) / "task").glob("*/schedstat"))


def _postgresql(cursor: Any) -> Path | None:
    process = _backend(cursor)
    return None if process is None else _PROC / str(process) / "schedstat"


def _backend(cursor: Any) -> int | None:
    cursor.execute("SELECT pg_backend_pid()")
    return _if_it_is(int(cursor.fetchone()[0]), "postgresql")


def _mariadb(cursor: Any) -> Path | None:
    process = _daemon(cursor)
    if process is None:
        return None
    cursor.execute("SELECT TID FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()")
    return _PROC / str(process) / "task" / str(cursor.fetchone()[0]) / "schedstat"


def _daemon(cursor: Any) -> int | None:
    cursor.execute("SELECT @@datadir, @@pid_file")
    folder, file = cursor.fetchone()
    return _if_it_is(int((Path(folder) / file).read_text()), "mariadb")


def _if_it_is(process: int, kind: str) -> int | None:
    """The number, if a process of this machine that has it is such a server: another machine's may be the same."""
    name = (_PROC / str(process) / "comm").read_text().strip()
    return process if name in _PROGRAMS[kind] else None


def _children(process: int) -> Iterator[int]:
    for file in (_PROC / str(process) / "task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, file.read_text().split())


def _ran(file: Path) -> int:
    """What a thread has run, ns."""
    try:
        return int(file.read_text().split(None, 1)[0])
    except OSError:
        return 0

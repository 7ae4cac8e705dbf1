"""What the database server computes for one connection, in nanoseconds of its own threads.

Linux tells for each thread how long it has run (/proc, schedstat). PostgreSQL serves a connection with a process of its
own and MariaDB with a thread of its own, so on the server's machine the difference of two readings, taken while the
connection rests, is what the server has computed for the statements between them. Elsewhere nothing can be read, and
the calibration takes what waiting tells.
"""

import os
from pathlib import Path
from typing import Any, Protocol

_PROC = Path("/proc")
_PROGRAMS = {"postgresql": ("postgres",), "mariadb": ("mariadbd", "mysqld")}
_WORK = "SELECT BENCHMARK(3000000, MD5('bindsim'))"  # some 0.3 s of one thread: enough to know it by


class ServerClock(Protocol):
    """What the server has computed for one connection so far."""

    def cpu_ns(self) -> int:
        """Nanoseconds; exact while the connection rests."""

    def close(self) -> None:
        """Lets go of what is read."""


class UnknownClock:
    """The server is elsewhere, or does not tell."""

    def cpu_ns(self) -> int:
        """Always 0."""
        return 0

    def close(self) -> None:
        """Nothing is held."""


class ThreadClock:
    """One thread of this machine, by its file in /proc."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDONLY)

    def cpu_ns(self) -> int:
        """What the thread has run."""
        return int(os.pread(self._descriptor, 100, 0).split(None, 1)[0])

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)


def clock_of(cursor: Any, kind: str) -> ServerClock | None:
    """The clock of the server's thread behind a driver's cursor, None where it cannot be read.

    On MariaDB it lets the server compute for some tenths of a second.
    """
    try:
        file = _postgresql(cursor) if kind == "postgresql" else _mariadb(cursor)
        return None if file is None else ThreadClock(file)
    except (OSError, ValueError):
        return None


def server_process(cursor: Any, kind: str) -> int | None:
    """The number of the server's process on this machine; None when it is elsewhere."""
    try:
        return _backend(cursor) if kind == "postgresql" else _daemon(cursor)
    except (OSError, ValueError):
        return None


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
    tasks = _PROC / str(process) / "task"
    before = _ran(tasks)
    cursor.execute(_WORK)
    cursor.fetchall()
    after = _ran(tasks)
    return max(after, key=lambda file: after[file] - before.get(file, 0))


def _daemon(cursor: Any) -> int | None:
    cursor.execute("SELECT @@datadir, @@pid_file")
    folder, file = cursor.fetchone()
    return _if_it_is(int((Path(folder) / file).read_text()), "mariadb")


def _if_it_is(process: int, kind: str) -> int | None:
    """The number, if a process of this machine that has it is such a server: another machine's may be the same."""
    name = (_PROC / str(process) / "comm").read_text().strip()
    return process if name in _PROGRAMS[kind] else None


def _ran(tasks: Path) -> dict[Path, int]:
    """What each thread of a process has run, ns."""
    found = {}
    for file in tasks.glob("*/schedstat"):
        try:
            found[file] = int(file.read_text().split(None, 1)[0])
        except OSError:
            continue  # a thread that has just ended
    return found

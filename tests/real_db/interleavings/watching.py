"""Asks a real server which sessions wait for a lock, and for whom. One connection of its own, in autocommit."""

from time import monotonic
from typing import Any, Protocol

from sqlalchemy import Engine, func, select, text

DEADLOCK_TIMEOUT_MS = 20  # PostgreSQL looks for a deadlock once, so long after a wait has begun
LOCK_TIMEOUT_S = 1  # the shortest that MariaDB can have


class Watch(Protocol):
    """The questions that differ from server to server."""

    def number_of(self, connection: Any) -> int:
        """The server's number of the session that a driver's connection is."""

    def settings(self, *, with_timeout: bool) -> list[str]:
        """What each session sets when it connects; with a timeout of lock waits, or with none that is reached."""

    def waits(self, sessions: list[int]) -> dict[int, set[int]] | None:
        """Of those sessions that wait for good, whom they wait for; None when the server cannot tell yet."""

    def let_purge(self) -> None:
        """A script is over: what it has deleted may go."""

    def prepare(self) -> None:
        """Another script begins."""

    def cut(self, sessions: list[int]) -> None:
        """Ends these sessions at the server."""

    def close(self) -> None:
        """Gives the connection back."""


def watch_of(engine: Engine) -> Watch:
    return PostgresqlWatch(engine) if engine.dialect.name == "postgresql" else MariadbWatch(engine)


class PostgresqlWatch:
    """A waiter counts once it has looked for a deadlock: then nobody but another session can end its wait."""

    _QUERY = text(
        "SELECT pid, pg_blocking_pids(pid), EXISTS ("
        "SELECT 1 FROM pg_locks WHERE pg_locks.pid = asked.pid AND NOT granted"
        " AND waitstart < clock_timestamp() - make_interval(secs => :looked_after_s))"
        " FROM unnest(CAST(:pids AS integer[])) AS asked(pid)"
    )

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._seen: dict[int, set[int]] | None = None

    def number_of(self, connection: Any) -> int:
        number: int = connection.info.backend_pid
        return number

    def settings(self, *, with_timeout: bool) -> list[str]:
        limit = f"{LOCK_TIMEOUT_S}s" if with_timeout else "0"
        return [f"SET deadlock_timeout = '{DEADLOCK_TIMEOUT_MS}ms'", f"SET lock_timeout = '{limit}'"]

    def waits(self, sessions: list[int]) -> dict[int, set[int]] | None:
        asked = {"pids": sessions, "looked_after_s": 2 * DEADLOCK_TIMEOUT_MS / 1000}
        rows = self._connection.execute(self._QUERY, asked)
        waits = {pid: set(blockers) for pid, blockers, has_looked in rows if has_looked}
        seen, self._seen = self._seen, waits
        return waits if waits == seen else None  # the sessions are asked one after the other, so twice

    def let_purge(self) -> None:
        """Old row versions are in nobody's way."""

    def prepare(self) -> None:
        self._seen = None

    def cut(self, sessions: list[int]) -> None:
        for number in sessions:
            self._connection.execute(select(func.pg_terminate_backend(number)))

    def close(self) -> None:
        self._connection.close()


class MariadbWatch:
    """InnoDB keeps the answer of its tables until they have not been asked for 0.1 s, so they are asked seldom.

    MariaDB's source, trx0i_s.cc: CACHE_MIN_IDLE_TIME_NS. How many sessions wait is told at once.
    """

    _PAUSE_S = 0.105
    _COUNT = text("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
    _QUERY = text(
        "SELECT waiter.trx_mysql_thread_id, blocker.trx_mysql_thread_id"
        " FROM information_schema.innodb_lock_waits AS pair"
        " JOIN information_schema.innodb_trx AS waiter ON waiter.trx_id = pair.requesting_trx_id"
        " JOIN information_schema.innodb_trx AS blocker ON blocker.trx_id = pair.blocking_trx_id"
    )

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._oldest = engine.connect().execution_options(isolation_level="REPEATABLE READ")
        self._asked_s = 0.0

    def number_of(self, connection: Any) -> int:
        number: int = connection.thread_id()
        return number

    def settings(self, *, with_timeout: bool) -> list[str]:
        return [f"SET SESSION innodb_lock_wait_timeout = {LOCK_TIMEOUT_S if with_timeout else 600}"]

    def waits(self, sessions: list[int]) -> dict[int, set[int]] | None:
        if self._waiting() != len(sessions) or monotonic() - self._asked_s < self._PAUSE_S:
            return None
        waits: dict[int, set[int]] = {}
        for waiter, blocker in self._connection.execute(self._QUERY):
            waits.setdefault(waiter, set()).add(blocker)
        self._asked_s = monotonic()
        return {waiter: blockers for waiter, blockers in waits.items() if waiter in sessions}

    def _waiting(self) -> int:
        row: Any = self._connection.execute(self._COUNT).one()
        return int(row[1])

    def let_purge(self) -> None:
        self._oldest.rollback()

    def prepare(self) -> None:
        """A snapshot keeps deleted rows in their indexes until the script is over; else it were chance how long."""
        self._oldest.execute(text("START TRANSACTION WITH CONSISTENT SNAPSHOT"))

    def cut(self, sessions: list[int]) -> None:
        for number in sessions:
            self._connection.execute(text(f"KILL {number}"))

    def close(self) -> None:
        self._oldest.close()
        self._connection.close()

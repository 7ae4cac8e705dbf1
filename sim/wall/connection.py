"""A connection to a real database that measures itself and is a witness of what its transaction writes.

Made by the API process for every transaction of the core. What a transaction leaves of a port is known from the
statements that the server has acknowledged (sim.wall.images); a port that was written without having been locked is
read back, one statement more. It is noted before COMMIT is sent and again when COMMIT is acknowledged, so that a
process that dies in between leaves a commit in doubt, which later reads decide (sim.wall.in_doubt).
"""

import time
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from core import statements
from core.database import Connection, Params, Result
from core.exceptions import CommitOutcomeUnknown, DatabaseConflict, DatabaseError, Deadlock, LockWaitTimeout
from core.statements import Statement
from sim.kernel.realtime import RealClock
from sim.model.work import current_work
from sim.wall.event_log import EventLog
from sim.wall.images import Images
from sim.wall.lock_waits import key_params

_OUTCOMES: dict[type[Exception], str] = {Deadlock: "deadlock", LockWaitTimeout: "timeout"}  # of lock waits


class Number(NamedTuple):
    """A transaction at the server, known by its number in the run."""

    number: int


class _RowKeys(dict[Statement, Callable[[Params], Any] | None]):
    """What gives the values of a statement's `key_params`; None where it locks nothing."""

    def __missing__(self, statement: Statement) -> Callable[[Params], Any] | None:
        names = key_params(statement.name)
        self[statement] = found = _getter(names, statement) if names else None
        return found


def _getter(names: list[str], statement: Statement) -> Callable[[Params], Any]:
    """None stands for what a statement that sets fewer columns than others of its name has no value of."""
    if names == [name for lock in statement.locks for name in lock.params]:
        return itemgetter(*names)
    return lambda params: tuple([params.get(name) for name in names])


_ROW_KEYS = _RowKeys()


class Hooks:
    """What faults look at: the points of a transaction. Does nothing unless the scenario has such faults."""

    def statement(self, name: str) -> None:
        """A statement is about to be sent."""

    def committing(self, name: str) -> None:
        """COMMIT is about to be sent."""

    def committed(self, name: str) -> None:
        """COMMIT was acknowledged."""


class WallConnection:
    """One use of a pooled connection; times in microseconds, as sim.database.PooledConnection has them.

    `lock_wait_us` stays 0: a client cannot tell waiting for a lock from slow execution (sim.wall.lock_waits can, when
    the run is over). `name` is the transaction's, once it has begun; `on_close` is called when it is given back.
    """

    __slots__ = (
        "_again", "_begin", "_clock", "_hooks", "_images", "_inner", "_locked", "_log", "_on_close", "_sql_ns",
        "has_deleted", "lock_wait_us", "name", "pool_wait_us", "statements", "transaction",
    )  # fmt: skip

    def __init__(
        self, inner: Connection, log: EventLog, *, clock: RealClock, pool_wait_us: int, begin: Callable[[], int],
        hooks: Hooks | None, on_close: Callable[[], None] | None = None, isolation: str = "read_committed",
    ) -> None:  # fmt: skip
        self._inner = inner
        self._log = log
        self._clock = clock
        self._locked: list[tuple[str, int, int, str, Any]] = []
        self._begin = begin
        self._hooks = hooks
        self._on_close = on_close
        self._again = statements.PORT_READ if isolation == "read_committed" else statements.PORT_LOCK
        self._images = Images()
        self._sql_ns = 0
        self.name = ""
        self.transaction: Number | None = None
        self.pool_wait_us = pool_wait_us
        self.lock_wait_us = 0
        self.statements = 0
        self.has_deleted = False

    @property
    def sql_us(self) -> int:
        """Time inside execute, commit and rollback."""
        return self._sql_ns // 1000

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs one statement."""
        if self.transaction is None:
            self.transaction = Number(self._begin())
        self.statements += 1
        if self._hooks is not None:
            self._hooks.statement(self.name)
        outcome, sent_ns = "granted", time.monotonic_ns()
        try:
            result = self._inner.execute(statement, params)
        except (DatabaseConflict, DatabaseError) as error:
            outcome = _OUTCOMES.get(type(error), "died")
            raise
        finally:
            answered_ns = time.monotonic_ns()
            self._sql_ns += answered_ns - sent_ns
            keys = _ROW_KEYS[statement]
            if keys is not None:
                self._locked.append((statement.name, sent_ns, answered_ns, outcome, keys(params)))
        self._images.look(statement, params, result)
        return result

    def commit(self) -> None:
        """Commits, telling the log before and after."""
        if self._images.unread:
            self._read_back()
        left = self._images.left()
        self.has_deleted = any(values is None for _, values in left)
        number, made = -1 if self.transaction is None else self.transaction.number, current_work().computed
        if left:
            self._log.write(
                "committing", number, current_work().operation, self.name, left, self._images.seen,
                None if made is None else tuple(made),
            )  # fmt: skip
        try:
            self._commit()
        except CommitOutcomeUnknown:
            raise
        except BaseException:
            if left:
                self._log.write("refused", number)
            raise
        if left:
            self._log.write("committed", number)

    def _read_back(self) -> None:
        """Asks what the ports are that the core has written without having locked them. A conflict is the core's.

        At another level than READ COMMITTED a plain read may show an old binding; a lock shows the latest, and waits
        for nobody, because the port's row is ours.
        """
        sent_ns = time.monotonic_ns()
        try:
            for port_id in sorted(self._images.unread):
                self._images.read_back(self._inner.execute(self._again, {"port_id": port_id}).rows[0])
        finally:
            self._sql_ns += time.monotonic_ns() - sent_ns

    def _commit(self) -> None:
        if self._hooks is None:
            self._timed(self._inner.commit)
            return
        self._hooks.committing(self.name)
        self._timed(self._inner.commit)
        self._hooks.committed(self.name)

    def rollback(self) -> None:
        """Rolls back."""
        self._timed(self._inner.rollback)

    def close(self) -> None:
        """Gives the connection back."""
        self._inner.close()
        if self._on_close is not None:
            self._on_close()

    def _timed(self, end: Callable[[], None]) -> None:
        began_ns = time.monotonic_ns()
        try:
            end()
        finally:
            self._sql_ns += time.monotonic_ns() - began_ns
            self._tell_locks()

    def _tell_locks(self) -> None:
        """What the transaction, which has ended, had locked."""
        if not self._locked:
            return
        locked, self._locked = self._locked, []
        work = current_work()
        if work.transactions:
            clock = self._clock
            self._log.write(
                "locks", work.operation, work.transactions[-1].began_us, clock.now_us, clock.began_ns, locked
            )

"""A connection to a real database that measures itself and is a witness of what its transaction writes.

Made by the API process for every transaction of the core. What a transaction leaves of a port is known from the
statements that the server has acknowledged: the rows were read with their locks held, and the core's writes name every
column that they set. It is noted before COMMIT is sent and again when COMMIT is acknowledged, so that a process that
dies in between leaves a commit in doubt, which later reads decide (sim.wall.in_doubt).
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
from sim.wall.lock_waits import key_params

_PORT = ("id", "name", "admin_state_up", "status", "device_id", "device_owner", "revision_number")
_BINDING = (
    "host", "vnic_type", "profile", "vif_type", "vif_details", "driver", "segment_id", "upper_levels",
    "binding_generation",
)  # fmt: skip
_SHOWN = (0, 2, 4, 5, 6, 7, 8)  # places of _PORT in a row of the core's port statements
_OUTCOMES: dict[type[Exception], str] = {Deadlock: "deadlock", LockWaitTimeout: "timeout"}  # of lock waits
_WIDTH = statements.PORT_WIDTH + statements.BINDING_WIDTH
_REVISION = 8  # its place in such a row

Values = tuple[Any, ...]


class Number(NamedTuple):
    """A transaction at the server, known by its number in the run."""

    number: int


class Images:
    """What a transaction has read and written of ports: `seen` revisions under a lock, and what it leaves of each."""

    __slots__ = ("_bindings", "_ports", "_written", "seen")

    def __init__(self) -> None:
        self._ports: dict[str, Values] = {}
        self._bindings: dict[str, Values] = {}
        self._written: dict[str, bool] = {}  # whether the port is still there
        self.seen: dict[str, int] = {}

    def locked(self, row: Values) -> None:
        """A locking read returned a port."""
        port_id = row[0]
        self._ports[port_id] = tuple([row[place] for place in _SHOWN])
        self._bindings[port_id] = tuple(row[statements.PORT_WIDTH : _WIDTH])
        self.seen[port_id] = row[_REVISION]

    def inserted_port(self, params: Params) -> None:
        """A port was inserted."""
        self._ports[params["id"]] = tuple([params[name] for name in _PORT])
        self._written[params["id"]] = True

    def updated_port(self, params: Params) -> None:
        """A port was updated."""
        port_id = params["port_id"]
        before = dict(zip(_PORT, self._ports[port_id], strict=True))
        self._ports[port_id] = tuple([params.get(name, before[name]) for name in _PORT])
        self._written[port_id] = True

    def binding(self, port_id: str, params: Params) -> None:
        """A binding was inserted or updated."""
        before = dict(zip(_BINDING, self._bindings.get(port_id, (None,) * len(_BINDING)), strict=True))
        self._bindings[port_id] = tuple([params.get(name, before[name]) for name in _BINDING])
        self._written[port_id] = True

    def deleted(self, port_id: str) -> None:
        """A port was deleted."""
        self._written[port_id] = False

    def left(self) -> list[tuple[str, Values | None]]:
        """Each port that was written, with its values as a history has them; None: deleted."""
        return [(port_id, self._flat(port_id) if there else None) for port_id, there in self._written.items()]

    def _flat(self, port_id: str) -> Values:
        return (*self._ports[port_id], *self._bindings[port_id])


def _look(images: Images, statement: Statement, params: Params, result: Result) -> None:
    """Notes what a statement of the core has done to ports."""
    if statement is statements.PORT_LOCK:
        for row in result.rows:
            images.locked(row)
    elif statement is statements.PORT_INSERT:
        images.inserted_port(params)
    elif statement is statements.BINDING_INSERT:
        images.binding(params["port_id"], params)
    elif result.rowcount:
        if statement is statements.PORT_UPDATE:
            images.updated_port(params)
        elif statement is statements.BINDING_UPDATE:
            images.binding(params["binding_port_id"], params)
        elif statement is statements.PORT_DELETE:
            images.deleted(params["port_id"])


_LOOKED_AT = {
    statements.PORT_LOCK, statements.PORT_INSERT, statements.BINDING_INSERT, statements.PORT_UPDATE,
    statements.BINDING_UPDATE, statements.PORT_DELETE,
}  # fmt: skip


_ROW_KEYS: dict[Statement, Callable[[Params], Any]] = {
    statement: itemgetter(*key_params(statement)) for statement in statements.all_statements() if statement.locks
}


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
        "_begin", "_clock", "_hooks", "_images", "_inner", "_locked", "_log", "_on_close", "_sql_ns", "has_deleted",
        "lock_wait_us", "name", "pool_wait_us", "statements", "transaction",
    )  # fmt: skip

    def __init__(
        self, inner: Connection, log: EventLog, *, clock: RealClock, pool_wait_us: int, begin: Callable[[], int],
        hooks: Hooks | None, on_close: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._inner = inner
        self._log = log
        self._clock = clock
        self._locked: list[tuple[str, int, int, str, Any]] = []
        self._begin = begin
        self._hooks = hooks
        self._on_close = on_close
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
            keys = _ROW_KEYS.get(statement)
            if keys is not None:
                self._locked.append((statement.name, sent_ns, answered_ns, outcome, keys(params)))
        if statement in _LOOKED_AT:
            _look(self._images, statement, params, result)
        return result

    def commit(self) -> None:
        """Commits, telling the log before and after."""
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

"""The core's Connection seam in virtual time: one transaction on the modelled server, and what it cost.

A pool makes one each time a worker connects. It charges the API process through its owner's hooks and measures; the
server does the rest. After a conflict `rollback` and `close` do nothing, because the server has ended the transaction.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.database import Params, Result
from core.exceptions import ConnectionLost, CoreError, DatabaseError
from core.statements import Statement
from sim.database.server_transaction import ABORTED, BRUTE_FORCED, LOST, OPEN, ServerTransaction
from sim.kernel import living

if TYPE_CHECKING:
    from sim.database.modelled import ModelledDatabase
    from sim.database.pool import Pool


_MAY_COMMIT = (OPEN, ABORTED, BRUTE_FORCED)  # states that the client takes for open; the server tells it otherwise


class PooledConnection:
    """One use of a pooled connection; times in microseconds.

    `sql_us` is the time inside execute, commit and rollback without lock waits and without the owner's hooks, so that
    sql_us + lock_wait_us + what the caller did itself is the time that passed, exactly. `pool_wait_us` came before.
    """

    __slots__ = (
        "_clock",
        "_closed",
        "_database",
        "_owner",
        "_pool",
        "lock_wait_us",
        "pool_wait_us",
        "sql_us",
        "statements",
        "transaction",
    )

    def __init__(self, database: "ModelledDatabase", pool: "Pool", *, pool_wait_us: int) -> None:
        self._database = database
        self._clock = database.kernel.clock
        self._owner = pool.owner
        self._pool = pool
        self._closed = False
        self.transaction: ServerTransaction | None = None
        self.pool_wait_us = pool_wait_us
        self.sql_us = 0
        self.lock_wait_us = 0
        self.statements = 0

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs one statement; a DatabaseConflict when the transaction lost, DatabaseError when the statement failed."""
        process = living()
        transaction = self.transaction
        if transaction is None:
            transaction = self.transaction = self._database.begin(self._owner, process)
        elif transaction.state != OPEN and transaction.state != BRUTE_FORCED:
            raise _ended(statement.name, transaction)
        owner = self._owner
        owner.statement_cpu()
        self.statements += 1
        owner.enter_database()
        began_us = self._clock.now_us
        waited_us = transaction.lock_wait_us
        try:
            return self._database.execute(transaction, statement, params)
        finally:
            waited_us = transaction.lock_wait_us - waited_us
            self.lock_wait_us += waited_us
            self.sql_us += self._clock.now_us - began_us - waited_us
            owner.leave_database()

    def commit(self) -> None:
        """Makes the transaction's writes durable and gives up its locks."""
        if self.transaction is not None and self.transaction.state not in _MAY_COMMIT:
            raise _ended("COMMIT", self.transaction)
        self._end(self._database.commit)

    def rollback(self) -> None:
        """Undoes the transaction, if the server has not done so."""
        self._end(self._database.rollback)

    def _end(self, call: Callable[[ServerTransaction], None]) -> None:
        transaction, self.transaction = self.transaction, None
        if transaction is None:
            return
        living()
        self._owner.enter_database()
        began_us = self._clock.now_us
        try:
            call(transaction)
        finally:
            self.sql_us += self._clock.now_us - began_us
            self._owner.leave_database()

    def close(self) -> None:
        """Gives the connection back, rolling back first; once is enough."""
        if self._closed:
            return
        self._closed = True
        try:
            if self.transaction is not None:
                self.rollback()
        finally:
            self._pool.resource.release()


def _ended(what: str, transaction: ServerTransaction) -> CoreError:
    if transaction.state == LOST:
        return ConnectionLost(f"{what}: the server has died, and with it {transaction!r}; repeat it")
    return DatabaseError(f"{what}: the server has ended the transaction ({transaction.state}); roll back first")

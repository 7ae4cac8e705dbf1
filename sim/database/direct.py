"""A connection that takes no time: for setting up a database with the core's own code before virtual time begins.

It may be used outside processes. It takes locks as others do, but cannot wait for one, so nothing else may be running.
"""

from typing import TYPE_CHECKING

from core.database import Params, Result
from core.statements import Statement
from sim.database.server_transaction import ServerTransaction

if TYPE_CHECKING:
    from sim.database.modelled import ModelledDatabase


class DirectConnection:
    """The core's Connection seam without pool, costs or accounting."""

    def __init__(self, database: "ModelledDatabase") -> None:
        self._database = database
        self._transaction: ServerTransaction | None = None

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs the statement now."""
        if self._transaction is None:
            self._transaction = self._database.begin(None, process=None)
        return self._database.execute_at_once(self._transaction, statement, params)

    def commit(self) -> None:
        """Makes the writes visible now."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            self._database.commit_at_once(transaction)

    def rollback(self) -> None:
        """Drops the writes now."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            self._database.end(transaction, "rolled_back")

    def close(self) -> None:
        """Rolls back what is open."""
        self.rollback()

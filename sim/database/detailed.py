"""A connection whose every call has costs of its own: each statement by its name, BEGIN, and both kinds of COMMIT.

A pool hands these out where the costs are a DetailedCosts (such costs are measured: bindsim calibrate). The owner
computes before the server is asked and after it has answered, as a real driver does.
"""

from collections.abc import Callable

from core.database import Params, Result
from core.statements import Statement
from sim.database.connection import PooledConnection
from sim.database.costs import BEGIN, COMMIT, COMMIT_READ_ONLY, DetailedCosts


class DetailedConnection(PooledConnection):
    """One use of a pooled connection; it measures what PooledConnection measures."""

    __slots__ = ()

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs one statement; BEGIN goes before the first one where it is a round trip of its own."""
        owner, costs = self._owner, self._database.costs
        if self.transaction is None and isinstance(costs, DetailedCosts) and costs.begins:
            owner.call_cpu(BEGIN)
            self._ask(self._database.exchange, BEGIN)
            owner.call_cpu_after(BEGIN)
        owner.call_cpu(statement.name)
        result = super().execute(statement, params)
        owner.call_cpu_after(statement.name)
        return result

    def commit(self) -> None:
        """Makes the transaction's writes durable; the server computes before it flushes the log."""
        if self.transaction is None:
            return
        name = COMMIT if self.transaction.log else COMMIT_READ_ONLY
        self._owner.call_cpu(name)
        self._ask(self._database.compute, name)
        super().commit()
        self._owner.call_cpu_after(name)

    def _ask(self, work: Callable[[str], None], name: str) -> None:
        self._owner.enter_database()
        began_us = self._clock.now_us
        try:
            work(name)
        finally:
            self.sql_us += self._clock.now_us - began_us
            self._owner.leave_database()

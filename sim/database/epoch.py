"""The one SQLite transaction that holds the writes of many open transactions. Used by storage.py alone.

An epoch is
- absent: SQLite holds what is committed and nothing else,
- open: it holds also the writes of those `present`; statements of others run in it after a replay of their logs,
- draining: it has become long, so nobody else is let in. Statements of others are only tried: run after their logs for
  the sake of their result, and taken back.
It is committed when nobody is present any more. It is settled (rolled back, and what has committed meanwhile replayed)
when a state without somebody's writes is needed, or when draining takes more tries than are worth it.

Who may run what together is for storage.py and the row locks to know.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sim.database.compiled import CompiledStatement
from sim.database.server_transaction import ServerTransaction

T = TypeVar("T")
Row = tuple[Any, ...]
Log = list[tuple[CompiledStatement, Row, int]]

LONGEST = 4096  # statements of committed transactions in an epoch, a few MB, until it drains
TRIES = 512  # replays that draining may cost; settling costs at least LONGEST


class ReplayDiverged(RuntimeError):
    """A replayed statement did not do what it did at first: a lock set is wrong, and so is every result of the run."""


class Epoch:
    """`present` are the open transactions whose writes are there; `replayed` counts statements that ran again."""

    def __init__(self, run: Callable[..., sqlite3.Cursor]) -> None:
        self.present: dict[ServerTransaction, None] = {}
        self.replayed = 0
        self._run = run
        self._open = False
        self._kept: list[Log] = []  # of those that have committed since it began
        self._kept_statements = 0
        self._tries: int | None = None  # left while draining

    def rows(self, transaction: ServerTransaction, sql: str, arguments: Row) -> list[Row]:
        """The rows of a query where the transaction's writes are."""
        if transaction in self.present:
            return self._run(sql, arguments).fetchall()
        if self._tries is not None:
            return self._tried(transaction, lambda: self._run(sql, arguments).fetchall())
        self._enter(transaction)
        return self._run(sql, arguments).fetchall()

    def change(self, transaction: ServerTransaction, sql: str, arguments: Row) -> int:
        """Runs a write after the transaction's others; the number of rows changed, or SQLite's IntegrityError."""
        if transaction not in self.present:
            if self._tries is not None:
                return self._tried(transaction, lambda: self._run(sql, arguments).rowcount)
            self._enter(transaction)
        return self._run(sql, arguments).rowcount

    def commit(self, transaction: ServerTransaction) -> None:
        """What the transaction wrote is everybody's from now on."""
        if transaction not in self.present:
            self._enter(transaction)
        del self.present[transaction]
        if not self.present:
            self._end("COMMIT")
            return
        self._kept.append(transaction.log)
        self._kept_statements += len(transaction.log)
        if self._kept_statements > LONGEST and self._tries is None:
            self._tries = TRIES

    def rollback(self, transaction: ServerTransaction) -> None:
        """What the transaction wrote is gone."""
        if transaction not in self.present:
            return
        if transaction.log:
            self.settle()
        else:
            del self.present[transaction]

    def settle(self) -> None:
        """Leaves SQLite with what is committed and nothing else."""
        if not self._open:
            return
        kept = self._kept
        self._end("ROLLBACK")
        if kept:
            self._run("BEGIN")
            for log in kept:
                self._replay(log)
            self._run("COMMIT")

    def _enter(self, transaction: ServerTransaction) -> None:
        if not self._open:
            self._run("BEGIN")
            self._open = True
        if transaction.log:
            self._replay(transaction.log)
        self.present[transaction] = None

    def _end(self, how: str) -> None:
        self._run(how)
        self._open = False
        self.present = {}
        self._kept = []
        self._kept_statements = 0
        self._tries = None

    def _tried(self, transaction: ServerTransaction, action: Callable[[], T]) -> T:
        assert self._tries is not None
        self._tries -= 1 + len(transaction.log)
        if self._tries < 0:
            self.settle()
            self._enter(transaction)
            return action()
        self._run("SAVEPOINT tried")
        try:
            self._replay(transaction.log)
            return action()
        finally:
            self._run("ROLLBACK TO tried")
            self._run("RELEASE tried")

    def _replay(self, log: Log) -> None:
        run = self._run
        for statement, arguments, expected in log:
            try:
                count = run(statement.sql, arguments).rowcount
            except sqlite3.IntegrityError as error:
                raise ReplayDiverged(f"{statement.name} failed when replayed: {error}") from error
            if count != expected:
                raise ReplayDiverged(f"{statement.name} changed {expected} rows, and {count} when replayed")
        self.replayed += len(log)

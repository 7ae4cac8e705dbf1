"""The data, in one SQLite database in memory, shared by many open transactions. Used by the server alone; no time here.

SQLite can have one open write transaction, the model has many. So SQLite always holds the committed state and the
writes of at most one of them, the *physical* one. When another must write, the physical one is rolled back and keeps
its statements in its log; when it must be there again, they are replayed. Row locks, which the server has taken
before it calls here, make that exact: nobody else can change what a transaction wrote, read for writing, or referred
to, so that each statement changes the same rows again. One that changed no row or failed has nothing to replay.

What need not be replayed (each shown by tests/sim/database/test_storage.py):
- A read that names its rows runs on whatever is there, as long as no row of it was written by the physical
  transaction when that is another one, or by the reader when that is not the physical one. `_written` knows every
  row that an open transaction has changed, because a statement's exclusive locks are the rows that it can change.
  A locking read holds the rows that it reads, so only its own writes matter to it.
- A read that cannot name its rows is answered in the same way by tables.
- The physical transaction stays until somebody really needs it gone; a reader that does so does not become physical.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core import schema
from core.exceptions import DatabaseError, DuplicateKey, MissingParent
from sim.database.compiled import CompiledStatement
from sim.database.server_transaction import Key, ServerTransaction

Row = tuple[Any, ...]

_CACHED_TEXTS = 1024  # statements; more than the core can form, so that each is prepared once
_KINDS = {
    "SQLITE_CONSTRAINT_UNIQUE": DuplicateKey,
    "SQLITE_CONSTRAINT_PRIMARYKEY": DuplicateKey,
    "SQLITE_CONSTRAINT_FOREIGNKEY": MissingParent,
}


class ReplayDiverged(RuntimeError):
    """A replayed statement did not do what it did at first: a lock set is wrong, and so is every result of the run."""


class Storage:
    """Committed rows and the writes of open transactions. `replayed` counts statements that ran again."""

    def __init__(self) -> None:
        self._sqlite = sqlite3.connect(":memory:", isolation_level=None, cached_statements=_CACHED_TEXTS)
        self._sqlite.execute("PRAGMA foreign_keys = ON")
        self._run = self._sqlite.cursor().execute
        self._physical: ServerTransaction | None = None
        self._written: dict[Key, ServerTransaction] = {}
        self.replayed = 0
        for text in _schema_texts():
            self._run(text)

    # reading

    def read(
        self, transaction: ServerTransaction, statement: CompiledStatement, arguments: Row, keys: Collection[Key] | None
    ) -> list[Row]:
        """The statement's rows as this transaction sees them: what is committed, and what it wrote itself."""
        if keys is None:
            self._see_tables(transaction, statement.tables)
        else:
            self._see_rows(transaction, keys)
        return self._run(statement.sql, arguments).fetchall()

    def find(self, transaction: ServerTransaction, sql: str, arguments: Row) -> list[Row]:
        """The rows of a lookup of a statement that is going to write."""
        if self._physical is not transaction:
            self._become_physical(transaction)
        return self._run(sql, arguments).fetchall()

    def _see_rows(self, transaction: ServerTransaction, keys: Collection[Key]) -> None:
        written = self._written
        for key in keys:
            writer = written.get(key)
            if writer is None:
                continue
            if writer is transaction:
                if self._physical is not transaction:
                    self._become_physical(transaction)
                return
            if writer is self._physical:
                self._undo_physical()

    def _see_tables(self, transaction: ServerTransaction, tables: frozenset[str]) -> None:
        physical = self._physical
        if physical is transaction:
            return
        if not transaction.tables.isdisjoint(tables):
            self._become_physical(transaction)
        elif physical is not None and not physical.tables.isdisjoint(tables):
            self._undo_physical()

    # writing

    def write(
        self, transaction: ServerTransaction, statement: CompiledStatement, arguments: Row, rows: Iterable[Key]
    ) -> int:
        """Runs a write; `rows` are those that it can change. The number changed, DuplicateKey or MissingParent."""
        if self._physical is not transaction:
            self._become_physical(transaction)
        try:
            count = self._run(statement.sql, arguments).rowcount
        except sqlite3.IntegrityError as error:
            raise _translated(error, statement.name) from None
        if count > 0:
            self._remember(transaction, statement, arguments, count)
            for key in rows:
                transaction.written[key] = None
                transaction.tables.add(key[0].partition(".")[0])
                self._written[key] = transaction
        return count

    @staticmethod
    def _remember(
        transaction: ServerTransaction, statement: CompiledStatement, arguments: Row, count: int
    ) -> None:
        transaction.log.append((statement, arguments, count))
        transaction.rows_changed += count

    def commit(self, transaction: ServerTransaction) -> dict[Key, None]:
        """Makes the transaction's writes what everybody sees; returns the rows that they could change."""
        if transaction.log:
            if self._physical is not transaction:
                self._become_physical(transaction)
            self._run("COMMIT")
            self._physical = None
        elif self._physical is transaction:
            self._undo_physical()
        return self._forget(transaction)

    def rollback(self, transaction: ServerTransaction) -> None:
        """Drops the transaction's writes."""
        if self._physical is transaction:
            self._undo_physical()
        self._forget(transaction)

    def _forget(self, transaction: ServerTransaction) -> dict[Key, None]:
        rows = transaction.written
        for key in rows:
            del self._written[key]
        transaction.written = {}
        transaction.log = []
        transaction.tables = set()
        return rows

    # the physical transaction

    def _become_physical(self, transaction: ServerTransaction) -> None:
        if self._physical is not None:
            self._run("ROLLBACK")
        self._run("BEGIN")
        self._physical = transaction
        if transaction.log:
            self._replay(transaction)

    def _undo_physical(self) -> None:
        self._run("ROLLBACK")
        self._physical = None

    def _replay(self, transaction: ServerTransaction) -> None:
        run = self._run
        for statement, arguments, expected in transaction.log:
            try:
                count = run(statement.sql, arguments).rowcount
            except sqlite3.IntegrityError as error:
                raise ReplayDiverged(f"{statement.name} of {transaction} failed when replayed: {error}") from error
            if count != expected:
                raise ReplayDiverged(
                    f"{statement.name} of {transaction} changed {expected} rows, and {count} when replayed"
                )
        self.replayed += len(transaction.log)

    # outside transactions

    def committed(self, sql: str, arguments: Row = ()) -> list[Row]:
        """The rows of a query on the committed state alone."""
        if self._physical is not None:
            self._undo_physical()
        return self._run(sql, arguments).fetchall()

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts committed rows at once, without locks; before transactions begin."""
        if self._physical is not None:
            self._undo_physical()
        names = [column.name for column in table.columns]
        marks = ", ".join("?" * len(names))
        text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
        self._run("BEGIN")
        try:
            self._sqlite.executemany(text, (tuple(row[name] for name in names) for row in rows))
        except sqlite3.IntegrityError as error:
            self._run("ROLLBACK")
            raise _translated(error, f"loading {table.name}") from None
        self._run("COMMIT")

    def close(self) -> None:
        """Frees the memory."""
        self._sqlite.close()


def _schema_texts() -> Iterator[str]:
    dialect = sqlite.dialect()
    for table in schema.metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))


def _translated(error: sqlite3.IntegrityError, name: str) -> DatabaseError:
    kind = _KINDS.get(error.sqlite_errorname, DatabaseError)
    return kind(f"{name}: {error}")

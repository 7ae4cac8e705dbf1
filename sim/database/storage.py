"""The data, in one SQLite database in memory, shared by many open transactions. Used by the server alone; no time here.

SQLite can have one open write transaction, the model has many. Row locks, which the server has taken before it calls
here, keep their writes apart: nobody else can change what a transaction wrote, read for writing, or referred to, so
their statements can run in any order, and again, with the same effect. Therefore one SQLite transaction, the *epoch*,
holds the writes of many open ones, each statement run once, and every transaction keeps its statements in a log:
- COMMIT of a transaction makes its rows everybody's; SQLite commits when nobody's open writes are there (epoch.py).
- Whenever a state without some open transaction's writes is needed, the epoch is settled: rolled back, and what has
  committed meanwhile replayed; each open one is replayed when it is touched again. That is so for a rollback, and for
  a read that would see what is not committed.
- A read that names its rows knows from `_written`, which has every row that an open transaction changed (the exclusive
  locks of the statements that did), whether that is so, and whether its own transaction's writes must be there; one
  that cannot name its rows knows it by tables. A locking read holds its rows, so only its own writes matter.
- Rows of one group (children of one parent) may have several writers; they commute all the same.
- A statement that changed no row, or failed, is not in the log.
A replayed statement that changes another number of rows than at first raises ReplayDiverged.
"""

import sqlite3
from collections.abc import Callable, Iterable
from functools import cache
from operator import itemgetter
from typing import Any, NoReturn

from sqlalchemy import Table

from core.exceptions import DatabaseError, DuplicateKey, MissingParent
from sim.database.compiled import CompiledQuery, CompiledStatement
from sim.database.empty_sqlite import borrowed, give_back
from sim.database.epoch import Epoch, Row
from sim.database.server_transaction import Key, ServerTransaction

_KINDS = {
    "SQLITE_CONSTRAINT_UNIQUE": DuplicateKey,
    "SQLITE_CONSTRAINT_PRIMARYKEY": DuplicateKey,
    "SQLITE_CONSTRAINT_FOREIGNKEY": MissingParent,
}


_SEVERAL = ServerTransaction(-1)


class Storage:
    """Committed rows and the writes of open transactions."""

    waits = False
    """Nothing ever waits here."""

    def __init__(self) -> None:
        self._sqlite = borrowed()
        self._closed = False
        self._run = self._sqlite.cursor().execute
        self._epoch = Epoch(self._run)
        self._written: dict[Key, ServerTransaction] = {}  # the writer, or _SEVERAL
        self._writers: dict[Key, dict[ServerTransaction, None]] = {}  # who they are then

    @property
    def replayed(self) -> int:
        """How many statements ran again."""
        return self._epoch.replayed

    # reading

    def read(
        self, transaction: ServerTransaction, statement: CompiledQuery, arguments: Row, keys: Iterable[Key] | None
    ) -> list[Row]:
        """The statement's rows as this transaction sees them: what is committed, and what it wrote itself.

        `keys` are the rows that it looks at; None where only the database can tell.
        """
        needs_own = False
        if keys is None:
            needs_own = self._see_tables(transaction, statement.tables)
        else:
            written = self._written
            for key in keys:
                writer = written.get(key)
                if writer is transaction:
                    needs_own = True
                elif writer is _SEVERAL:
                    needs_own |= self._see_writers(transaction, self._writers[key])
                elif writer is not None and writer in self._epoch.present:
                    self._epoch.settle()  # removes what this transaction may not see
        if needs_own:
            return self._epoch.rows(transaction, statement.sql, arguments)
        return self._run(statement.sql, arguments).fetchall()

    def _see_writers(self, transaction: ServerTransaction, writers: Iterable[ServerTransaction]) -> bool:
        """Removes what the transaction may not see of a group; whether it wrote to it itself."""
        others = [writer for writer in writers if writer is not transaction]
        if any(other in self._epoch.present for other in others):
            self._epoch.settle()
        return transaction in writers

    def _see_tables(self, transaction: ServerTransaction, tables: frozenset[str]) -> bool:
        """Removes what the transaction may not see of these tables; whether it wrote to one itself."""
        for other in self._epoch.present:
            if other is not transaction and _wrote_any(other, tables):
                self._epoch.settle()
                break
        return _wrote_any(transaction, tables)

    # writing

    def write(
        self, transaction: ServerTransaction, statement: CompiledStatement, arguments: Row, rows: Iterable[Key]
    ) -> int:
        """Runs a write; `rows` are those that it can change. The number changed, DuplicateKey or MissingParent."""
        try:
            count = self._epoch.change(transaction, statement.sql, arguments)
        except sqlite3.IntegrityError as error:
            raise _translated(error, statement.name) from None
        if count > 0:
            transaction.log.append((statement, arguments, count))
            transaction.rows_changed += count
            all_written, written = self._written, transaction.written
            for key in rows:
                written.setdefault(key, statement.is_insert)
                if all_written.setdefault(key, transaction) is not transaction:
                    self._write_beside(transaction, key)
        return count

    def _write_beside(self, transaction: ServerTransaction, key: Key) -> None:
        writers = self._writers.setdefault(key, {self._written[key]: None})
        writers[transaction] = None
        self._written[key] = _SEVERAL

    def writer(self, key: Key) -> ServerTransaction | None:
        """The open transaction that has changed this row."""
        return self._written.get(key)

    def is_new(self, transaction: ServerTransaction, key: Key) -> bool:
        """Whether the row is there only for another transaction, which has inserted it and is open."""
        writer = self._written.get(key)
        return writer is not None and writer is not transaction and writer.written.get(key, False)

    def commit(self, transaction: ServerTransaction) -> dict[Key, bool]:
        """Makes the transaction's writes what everybody sees; returns the rows that they could change."""
        if transaction.log:
            self._epoch.commit(transaction)
        else:
            self._epoch.rollback(transaction)
        return self._forget(transaction)

    def rollback(self, transaction: ServerTransaction) -> None:
        """Drops the transaction's writes."""
        self._epoch.rollback(transaction)
        self._forget(transaction)

    def _forget(self, transaction: ServerTransaction) -> dict[Key, bool]:
        rows = transaction.written
        for key in rows:
            if self._written.pop(key) is _SEVERAL:
                self._leave_beside(transaction, key)
        transaction.written = {}
        transaction.log = []
        return rows

    def _leave_beside(self, transaction: ServerTransaction, key: Key) -> None:
        writers = self._writers[key]
        del writers[transaction]
        self._written[key] = _SEVERAL if len(writers) > 1 else next(iter(writers))
        if len(writers) == 1:
            del self._writers[key]

    # outside transactions

    def committed(self, sql: str, arguments: Row = ()) -> list[Row]:
        """The rows of a query on the committed state alone."""
        self._epoch.settle()
        return self._run(sql, arguments).fetchall()

    def unwritten(self, sql: str, arguments: Row) -> list[Row]:
        """The rows of a query on rows that no open transaction has written, such as those that were just committed."""
        return self._run(sql, arguments).fetchall()

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts committed rows at once, without locks; before transactions begin."""
        text, values = _insertion(table)
        complete = [values(row) for row in rows]
        if not complete:
            return
        self._epoch.settle()
        self._run("BEGIN")
        try:
            self._sqlite.executemany(text, complete)
        except sqlite3.IntegrityError as error:
            self._run("ROLLBACK")
            raise _translated(error, f"loading {table.name}") from None
        self._run("COMMIT")

    def change(self, sql: str, arguments: Row) -> None:
        """Changes committed rows at once, without locks: those that no transaction writes."""
        self._epoch.settle()
        self._run(sql, arguments)

    def close(self) -> None:
        """Gives the database away; nothing can be asked any more. Without effect when called again."""
        if self._closed:
            return
        self._closed = True
        replayed, self._run = self._epoch.replayed, _refuse
        self._epoch = Epoch(_refuse)
        self._epoch.replayed = replayed
        give_back(self._sqlite)


def _wrote_any(transaction: ServerTransaction, tables: frozenset[str]) -> bool:
    return any(space.partition(".")[0] in tables for space, _ in transaction.written)


@cache
def _insertion(table: Table) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]:
    """The text that inserts a row of a table, and what gets its arguments from one."""
    names = [column.name for column in table.columns]
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", itemgetter(*names)


def _refuse(*_args: object) -> NoReturn:
    raise sqlite3.ProgrammingError("the storage is closed")


def _translated(error: sqlite3.IntegrityError, name: str) -> DatabaseError:
    kind = _KINDS.get(error.sqlite_errorname, DatabaseError)
    return kind(f"{name}: {error}")

"""Writes down the SQL that a simulated run issues, each logical statement once, in the order of the commits.

Put on the modelled database's storage before a run. Left out: statements of transactions that rolled back (`dropped`
counts them), and what the storage runs on its own account (replays, look-ups of keys to lock, images of committed
rows). A transaction that wrote nothing is its reads without BEGIN and COMMIT.
"""

from collections.abc import Iterable
from typing import Any

from bench.bare_sqlite import BEGIN, COMMIT, Recorded
from sim.database.compiled import CompiledQuery, CompiledStatement
from sim.database.epoch import Row
from sim.database.server_transaction import Key, ServerTransaction
from sim.database.storage import Storage


class Recording:
    """`script` is what a bare loop has to execute; `statements` counts what it holds but BEGIN and COMMIT."""

    def __init__(self, storage: Storage) -> None:
        self.script: list[Recorded] = []
        self.statements = 0
        self.dropped = 0
        self._open: dict[ServerTransaction, list[Recorded]] = {}
        self._watch_statements(storage)
        self._watch_ends(storage)

    def _watch_statements(self, storage: Storage) -> None:
        read, write = storage.read, storage.write

        def recorded_read(
            transaction: ServerTransaction, statement: CompiledQuery, arguments: Row, keys: Iterable[Key] | None
        ) -> list[Row]:
            rows = read(transaction, statement, arguments, keys)
            if isinstance(statement, CompiledStatement):  # others look for keys to lock
                self._add(transaction, Recorded(statement.sql, arguments, reads=True, changed=len(rows)))
            return rows

        def recorded_write(
            transaction: ServerTransaction, statement: CompiledStatement, arguments: Row, rows: Iterable[Key]
        ) -> int:
            count = write(transaction, statement, arguments, rows)
            self._add(transaction, Recorded(statement.sql, arguments, reads=False, changed=count))
            return count

        _replace(storage, read=recorded_read, write=recorded_write)

    def _watch_ends(self, storage: Storage) -> None:
        commit, rollback = storage.commit, storage.rollback

        def recorded_commit(transaction: ServerTransaction) -> Any:
            self._keep(self._open.pop(transaction, []), wrote=bool(transaction.log))
            return commit(transaction)

        def recorded_rollback(transaction: ServerTransaction) -> None:
            self.dropped += len(self._open.pop(transaction, []))
            rollback(transaction)

        _replace(storage, commit=recorded_commit, rollback=recorded_rollback)

    def _add(self, transaction: ServerTransaction, statement: Recorded) -> None:
        self._open.setdefault(transaction, []).append(statement)

    def _keep(self, statements: list[Recorded], *, wrote: bool) -> None:
        self.statements += len(statements)
        self.script += [BEGIN, *statements, COMMIT] if wrote else statements


def _replace(storage: Storage, **methods: Any) -> None:
    for name, method in methods.items():
        setattr(storage, name, method)

"""Small queries about the rows that a statement locks: is the row of a key there, is there one that it would match.

Asked only where transactions are in each other's way or a statement has failed. Compiled at first use, once a process.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, Update, bindparam, literal_column, select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from core import schema
from sim.database.compiled import CompiledQuery, CompiledStatement, KeyPlan, Params
from sim.database.server_transaction import EXCLUSIVE, Key, ServerTransaction
from sim.database.store import Store


class Looking:
    """The queries, on one storage."""

    def __init__(self, storage: Store) -> None:
        self._storage = storage

    def is_there(self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, key: Key) -> bool:
        """Whether the transaction sees the row of this key of a statement: one of its own rows, or a parent."""
        query = _presence(statement, key[0])
        return bool(self._storage.read(transaction, query, query.arguments(params), (key,)))

    def rows_of_keys(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params
    ) -> Iterator[Key]:
        """The rows that have an insert's unique keys beside the primary one."""
        for plan in statement.locks:
            if plan.mode == EXCLUSIVE and "." in plan.space:
                query = _owner(statement, plan.space)
                for row in self._storage.read(transaction, query, query.arguments(params), None):
                    yield plan.space.partition(".")[0], row if len(row) > 1 else row[0]

    def fails_by_condition(self, statement: CompiledStatement) -> bool:
        """Whether a statement may fail to match a row that has its keys."""
        return _condition(statement) is not None

    def would_match(self, transaction: ServerTransaction, statement: CompiledStatement, params: Params) -> bool:
        """Whether a locking statement matches a row that its transaction sees."""
        keys = [key for plan in _matched(statement) if (key := plan.key(params)) is not None]
        if any(self._storage.is_new(transaction, key) for key in keys):
            return False
        query = _condition(statement)
        return query is None or bool(self._storage.read(transaction, query, query.arguments(params), keys))


@cache
def _presence(statement: CompiledStatement, space: str) -> CompiledQuery:
    return _by_key(statement, space, [literal_column("1")])


@cache
def _owner(statement: CompiledStatement, space: str) -> CompiledQuery:
    return _by_key(statement, space, list(schema.metadata.tables[space.partition(".")[0]].primary_key))


def _by_key(statement: CompiledStatement, space: str, columns: list[ColumnElement[Any]]) -> CompiledQuery:
    lock = next(lock for lock in statement.source.locks if lock.space == space)
    table, _, key = space.partition(".")
    rows = schema.metadata.tables[table]
    names = lock.params if key else rows.primary_key.columns.keys()  # an insert's parameters are called as its columns
    matches = [rows.c[name] == bindparam(param) for name, param in zip(names, lock.params, strict=True)]
    return CompiledQuery(select(*columns).select_from(rows).where(*matches))


def _matched(statement: CompiledStatement) -> list[KeyPlan]:
    """The rows that must be there: all that are joined, but not the children of one that is deleted."""
    plans = [plan for plan in statement.locks if plan.mode == EXCLUSIVE]
    return plans[:1] if statement.is_write else plans


@cache
def _condition(statement: CompiledStatement) -> CompiledQuery | None:
    """A query for the row under all conditions of the statement; None where its keys are the only condition."""
    clause = statement.source.clause
    assert isinstance(clause, Select | Update | Delete)
    assert clause.whereclause is not None
    asked = {part.key for part in visitors.iterate(clause.whereclause) if isinstance(part, BindParameter)}
    if asked <= {param for lock in statement.source.locks for param in lock.params}:
        return None
    if isinstance(clause, Select):
        return CompiledQuery(clause)
    return CompiledQuery(select(literal_column("1")).select_from(clause.table).where(clause.whereclause))

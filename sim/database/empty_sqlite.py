"""SQLite databases in memory with the core's tables and no rows. Used by storage.py alone.

A small one is emptied and used again by a later run of the process: making the tables, and preparing each statement
anew, cost more than a run of twenty operations. What is read does not depend on it: every query of several rows has an
order, and nothing counts rows by itself.
"""

import sqlite3
from collections.abc import Iterator
from functools import cache

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core import schema

_CACHED_TEXTS = 1024  # statements; more than the core can form, so that each is prepared once
_LARGEST_SPARE = 256  # pages of 4 KB; a larger one is slow to empty and keeps its memory (assumption)
_MOST_SPARE = 4  # databases kept for later runs (assumption)

_spare: list[sqlite3.Connection] = []


def borrowed() -> sqlite3.Connection:
    """An empty database. Give it back with `give_back`."""
    return _spare.pop() if _spare else _made()


def give_back(connection: sqlite3.Connection) -> None:
    """Empties the database for a later run, or frees its memory. The caller may not use it any more."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    if pages > _LARGEST_SPARE or len(_spare) >= _MOST_SPARE:
        connection.close()
        return
    for text in _emptying_texts():
        connection.execute(text)
    _spare.append(connection)


def _made() -> sqlite3.Connection:
    # Whichever thread closes a run leaves its database to the others; nobody shares one.
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, cached_statements=_CACHED_TEXTS, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys = ON")
    for text in _schema_texts():
        connection.execute(text)
    return connection


@cache
def _schema_texts() -> tuple[str, ...]:
    return tuple(str(creation.compile(dialect=sqlite.dialect())) for creation in _creations())


def _creations() -> Iterator[CreateTable | CreateIndex]:
    for table in schema.metadata.sorted_tables:
        yield CreateTable(table)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield CreateIndex(index)


@cache
def _emptying_texts() -> tuple[str, ...]:
    """Children before their parents."""
    return tuple(f"DELETE FROM {table.name}" for table in reversed(schema.metadata.sorted_tables))

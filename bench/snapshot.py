"""A copy of an in-memory SQLite database, page by page, from which each program measured here gets a fresh one."""

import sqlite3
from typing import Any


class Snapshot:
    """The state of `source` at the moment of making this."""

    def __init__(self, source: sqlite3.Connection) -> None:
        self._copy = sqlite3.connect(":memory:")
        source.backup(self._copy)

    def open(self, *, isolation_level: Any = None) -> sqlite3.Connection:
        """A new database in memory with these pages, and the simulator's pragmas and statement cache."""
        connection = sqlite3.connect(":memory:", isolation_level=isolation_level, cached_statements=1024)
        self._copy.backup(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def rows(self, table: str) -> list[tuple[object, ...]]:
        """A table's rows in an order of their values."""
        return sorted_rows(self._copy, table)

    def tables(self) -> list[str]:
        """The names of the tables."""
        found = self._copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [name for (name,) in found]


def sorted_rows(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    """A table's rows in an order of their values, for comparing two databases."""
    return sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)

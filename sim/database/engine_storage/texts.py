"""Statements in an engine's own SQL, for the arguments that a compiled statement gives in SQLite's order."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import insert

from core import schema
from sim.database.compiled import CompiledQuery


class Texts:
    """The texts of one dialect, each made once. Arguments are marked %s: psycopg and PyMySQL."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = type(dialect)(paramstyle="format")  # type: ignore[call-arg]
        self._made: dict[CompiledQuery, str] = {}

    def of(self, statement: CompiledQuery) -> str:
        """A statement of the core, or a query of the model's own."""
        text = self._made.get(statement)
        if text is None:
            text, names = self._compiled(cast(ClauseElement, statement.clause), statement.column_keys)
            if names != statement.names:
                raise AssertionError(f"{text} takes {names}, and in SQLite {statement.names}")
            self._made[statement] = text
        return text

    def insertion(self, table: Table) -> tuple[str, list[str]]:
        """What inserts a row of a table, and the columns whose values it takes."""
        return self._compiled(insert(table), tuple(column.name for column in table.columns))

    def _compiled(self, clause: ClauseElement, column_keys: Iterable[str] | None) -> tuple[str, list[str]]:
        compiled = clause.compile(dialect=self._dialect, column_keys=None if column_keys is None else list(column_keys))
        assert isinstance(compiled, SQLCompiler)
        return str(compiled), list(compiled.positiontup or [])


def marked(sql: str) -> str:
    """A text that marks its arguments with '?', as these drivers want it."""
    return sql.replace("%", "%%").replace("?", "%s")


def emptying(dialect: Dialect) -> list[str]:
    """What deletes every row of the core's tables."""
    names = list(schema.metadata.tables)
    if dialect.name == "postgresql":
        return [f"TRUNCATE {', '.join(names)}"]
    truncations = [f"TRUNCATE {name}" for name in names]  # DELETE would leave marked rows, which InnoDB locks
    return ["SET foreign_key_checks = 0", *truncations, "SET foreign_key_checks = 1"]

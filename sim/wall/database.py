"""The coordinator's own access to the run's database: filling it before the load, and looking at it at rest."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, insert, text

from core.engine import EngineConnections
from core.schema import metadata

_AT_ONCE = 1000  # rows of one INSERT: assumption, far below every engine's limits

Row = tuple[Any, ...]


class RunTables:
    """The core's tables in the run's schema, made anew."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(self) -> None:
        """Empty tables, whatever was there before."""
        metadata.drop_all(self._engine)
        EngineConnections(self._engine).create_tables()

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts rows that are there from the beginning."""
        with self._engine.begin() as connection:
            for some in _batches(rows):
                connection.execute(insert(table), some)

    def analyze(self) -> None:
        """Lets the server look at what it has, as one that runs for long has done."""
        verb = "ANALYZE" if self._engine.dialect.name == "postgresql" else "ANALYZE TABLE"
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in metadata.tables:
                connection.exec_driver_sql(f"{verb} {name}")

    def committed(self, sql: str) -> list[Row]:
        """The rows of a query on what is committed."""
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def change(self, sql: str, **values: Any) -> None:
        """Changes rows, committed at once."""
        with self._engine.begin() as connection:
            connection.execute(text(sql), values)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(rows)
    while some := list(islice(source, _AT_ONCE)):
        yield some

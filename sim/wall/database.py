"""The coordinator's own access to the run's database: filling it before the load, and looking at it at rest."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Engine, Table, insert, text
from sqlalchemy.exc import DBAPIError

from core.engine import EngineConnections
from core.schema import metadata

_SERVER_LIMIT_S = 30.0  # s; a server that was crashed on purpose recovers in a few
_PAUSE_S = 0.1
_AT_ONCE = 1000  # rows of one INSERT: assumption, far below every engine's limits

Row = tuple[Any, ...]
T = TypeVar("T")


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
        verb = "ANALYZE TABLE" if self._engine.dialect.name in ("mysql", "mariadb") else "ANALYZE"
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in metadata.tables:
                connection.exec_driver_sql(f"{verb} {name}")

    def committed(self, sql: str) -> list[Row]:
        """The rows of a query on what is committed."""

        def query() -> list[Row]:
            with self._engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(sql))]

        return _again(query)

    def change(self, sql: str, **values: Any) -> None:
        """Changes rows, committed at once."""

        def write() -> None:
            with self._engine.begin() as connection:
                connection.execute(text(sql), values)

        _again(write)


def _again(action: Callable[[], T]) -> T:
    """What the action gives; it is repeated while the server is gone, as a fault may have it."""
    until_s = time.monotonic() + _SERVER_LIMIT_S
    while True:
        try:
            return action()
        except DBAPIError:
            if time.monotonic() > until_s:
                raise
            time.sleep(_PAUSE_S)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(rows)
    while some := list(islice(source, _AT_ONCE)):
        yield some

"""Connections to a real database by SQLAlchemy URL: the second seam in wall-clock time.

Statements are compiled once for the dialect and run on the driver's own cursor; the driver's errors become the core's.
SQLite takes its one write lock at BEGIN (BEGIN IMMEDIATE), since FOR UPDATE means nothing there.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.exc import TimeoutError as SqlAlchemyPoolTimeout
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from core.database import Connection, Params, Result
from core.dialect_errors import translated
from core.exceptions import PoolTimeout
from core.schema import metadata
from core.statements import Statement

_Compiled = tuple[str, tuple[str, ...] | None]


class EngineConnections:
    """Hands out connections of an engine's pool; calling it is the `connect` of core.database.Database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._compiled: dict[Statement, _Compiled] = {}
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)

    def __call__(self) -> Connection:
        """A connection; PoolTimeout when none becomes free, DatabaseError when the server takes none."""
        try:
            return EngineConnection(self._engine.raw_connection(), self._engine.dialect, self.compile)
        except SqlAlchemyPoolTimeout as error:
            raise _pool_timeout(self._engine) from error
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise translated(error, self._engine.dialect, connection=None, committing=False) from error

    def create_tables(self) -> None:
        """Creates the core's tables that do not exist yet."""
        metadata.create_all(self._engine)

    def compile(self, statement: Statement) -> _Compiled:
        """The statement's text in the engine's dialect, made once; the order of its parameters where that counts."""
        if statement not in self._compiled:
            keys = list(statement.column_keys) if statement.column_keys else None
            compiled = statement.clause.compile(dialect=self._engine.dialect, column_keys=keys)  # type: ignore[attr-defined]
            names = tuple(compiled.positiontup) if compiled.positional else None
            self._compiled[statement] = (str(compiled), names)
        return self._compiled[statement]


class EngineConnection:
    """One connection of the pool, with at most one transaction."""

    def __init__(
        self, pooled: PoolProxiedConnection, dialect: Dialect, compiled: Callable[[Statement], _Compiled]
    ) -> None:
        self._pooled = pooled
        self._dialect = dialect
        self._compiled = compiled
        self._cursor: DBAPICursor | None = None

    @property
    def dbapi_connection(self) -> Any:
        """The database driver's own connection; None when it is broken."""
        return self._pooled.dbapi_connection

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs a statement; the first one begins the transaction."""
        text, names = self._compiled(statement)
        cursor = self._begun()
        try:
            cursor.execute(text, params if names is None else tuple(params[name] for name in names))
            rows: list[tuple[Any, ...]] = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        except Exception as error:
            raise self._translated(error) from error
        return Result(rows, cursor.rowcount)

    def commit(self) -> None:
        """Commits."""
        try:
            self._pooled.commit()
        except Exception as error:
            raise self._translated(error, committing=True) from error

    def rollback(self) -> None:
        """Rolls back; on a broken connection there is nothing left to undo, and the pool replaces it."""
        try:
            self._pooled.rollback()
        except self._dialect.loaded_dbapi.Error:
            self._pooled.invalidate()

    def close(self) -> None:
        """Gives the connection back; a broken one's cursor may refuse to be closed."""
        if self._cursor is not None:
            with suppress(self._dialect.loaded_dbapi.Error):
                self._cursor.close()
        self._pooled.close()

    def _begun(self) -> DBAPICursor:
        if self._cursor is None:
            try:
                self._cursor = self._pooled.cursor()
                if self._dialect.name == "sqlite":
                    self._cursor.execute("BEGIN IMMEDIATE", ())
            except Exception as error:
                raise self._translated(error) from error
        return self._cursor

    def _translated(self, error: Exception, *, committing: bool = False) -> Exception:
        connection = self._pooled.dbapi_connection
        return translated(error, self._dialect, connection=connection, committing=committing)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")


def _pool_timeout(engine: Engine) -> PoolTimeout:
    pool = engine.pool
    if isinstance(pool, QueuePool):
        return PoolTimeout(size=pool.size(), overflow=pool._max_overflow, timeout_s=pool.timeout())
    return PoolTimeout(size=1, overflow=0, timeout_s=0.0)

"""Connections to a real database by SQLAlchemy URL: the second seam in wall-clock time.

Statements are compiled once for the dialect and run on the driver's own cursor; the driver's errors become the core's.
SQLite takes its one write lock at BEGIN (BEGIN IMMEDIATE), since FOR UPDATE means nothing there.

A connection that broke is given up at once, and with it every other that the pool had made before: a server that was
restarted has ended them all, and a retry that met one after the other would soon have no try left. A connection whose
transaction was not ended is rolled back when it is given back, so an engine's pool need not do it
(`pool_reset_on_return=None` saves MariaDB one round trip a transaction).
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SqlAlchemyPoolTimeout
from sqlalchemy.pool import Pool, PoolProxiedConnection, QueuePool

from core.database import Connection, Params, Result
from core.dialect_errors import refused, translated
from core.exceptions import CommitOutcomeUnknown, ConnectionLost, CoreError, DatabaseError, PoolTimeout
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
        """A connection.

        PoolTimeout when none becomes free; DatabaseError when the server will never give one, ConnectionLost when it
        does not now: it is down, or has as many as it takes.
        """
        try:
            return EngineConnection(self._engine.raw_connection(), self._engine, self.compile)
        except SqlAlchemyPoolTimeout as error:
            raise _pool_timeout(self._engine) from error
        except DBAPIError as error:
            raise refused(error.orig or error, self._engine.dialect) from error
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise refused(error, self._engine.dialect) from error

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
        self, pooled: PoolProxiedConnection, engine: Engine, compiled: Callable[[Statement], _Compiled]
    ) -> None:
        self._pooled = pooled
        self._engine = engine
        self._dialect = engine.dialect
        self._compiled = compiled
        self._cursor: DBAPICursor | None = None
        self._is_open = False
        self._is_broken = False
        self._failure: BaseException | None = None

    @property
    def dbapi_connection(self) -> Any:
        """The database driver's own connection; None when it is broken."""
        return self._pooled.dbapi_connection

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs a statement; the first one begins the transaction."""
        text, names = self._compiled(statement)
        values = params if names is None else tuple([params[name] for name in names])
        try:
            cursor = self._cursor or self._begun()
            cursor.execute(text, values)
            rows: list[tuple[Any, ...]] = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        except BaseException as error:
            self._failure = error
            self._fail(error)
        return Result(rows, cursor.rowcount)

    def commit(self) -> None:
        """Commits. DatabaseError when PostgreSQL has undone the transaction at a statement that failed."""
        if self._failure is not None and self._dialect.name == "postgresql":
            raise DatabaseError(f"nothing is committed: PostgreSQL undid the transaction at: {self._failure}")
        try:
            self._pooled.commit()
        except BaseException as error:
            self._fail(error, committing=True)
        self._is_open = False

    def rollback(self) -> None:
        """Rolls back; on a broken connection there is nothing left to undo, and the pool replaces it."""
        self._is_open = False
        if not self._is_broken:
            try:
                self._pooled.rollback()
            except self._dialect.loaded_dbapi.Error:
                self._is_broken = True
        if self._is_broken:
            _give_up(self._engine.pool, self._pooled)

    def close(self) -> None:
        """Gives the connection back; a broken one's cursor may refuse to be closed."""
        if self._is_open:
            self.rollback()
        if self._cursor is not None:
            with suppress(self._dialect.loaded_dbapi.Error):
                self._cursor.close()
        self._pooled.close()

    def _begun(self) -> DBAPICursor:
        self._is_open = True
        self._cursor = self._pooled.cursor()
        if self._dialect.name == "sqlite":
            self._cursor.execute("BEGIN IMMEDIATE", ())
        return self._cursor

    def _fail(self, error: BaseException, *, committing: bool = False) -> NoReturn:
        """Raises the core's error. What is no error of the driver's may have left its protocol in the middle."""
        told = translated(error, self._dialect, connection=self.dbapi_connection, committing=committing)
        self._is_broken = isinstance(told, ConnectionLost | CommitOutcomeUnknown) or not isinstance(told, CoreError)
        if told is error:
            raise error
        raise told from error


def _give_up(pool: Pool, connection: PoolProxiedConnection) -> None:
    """Closes a broken connection; the pool makes anew, when next asked for, every other that is as old as it."""
    pool._invalidate(connection)


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

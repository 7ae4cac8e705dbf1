"""One connection to the real engine, used by one transaction after the other; and the shelf on which idle ones lie."""

from typing import Any

from sqlalchemy import Engine

from core.dialect_errors import translated
from core.exceptions import CoreError
from sim.database.engine_storage.errors import EngineFailed
from sim.database.engine_storage.kinds import EngineKind, kind_of
from sim.database.store import Row

_SAVEPOINT = "bindsim_statement"


class Session:
    """A connection in a transaction that its first statement begins, or in autocommit. Errors are the core's."""

    def __init__(self, engine: Engine, kind: EngineKind, *, autocommit: bool = False) -> None:
        self._dialect = engine.dialect
        pooled = engine.raw_connection()
        connection = pooled.dbapi_connection
        assert connection is not None
        pooled.detach()
        self._connection: Any = connection
        self._cursor: Any = self._connection.cursor()
        for setting in kind.settings:
            self._cursor.execute(setting)
        connection.commit()
        if autocommit:
            self._dialect.set_isolation_level(connection, "AUTOCOMMIT")

    def rows(self, text: str, arguments: Row) -> list[Row]:
        """The rows of a query."""
        self._execute(text, arguments)
        return [tuple(row) for row in self._cursor.fetchall()]

    def change(self, text: str, arguments: Row) -> int:
        """Runs a write; the number of rows that it matched."""
        self._execute(text, arguments)
        count: int = self._cursor.rowcount
        return count

    def change_or_nothing(self, text: str, arguments: Row) -> int:
        """`change`, after whose failure the transaction can go on."""
        self._execute(f"SAVEPOINT {_SAVEPOINT}", ())
        try:
            return self.change(text, arguments)
        except CoreError:
            self._execute(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", ())
            raise
        finally:
            self._execute(f"RELEASE SAVEPOINT {_SAVEPOINT}", ())

    def insert(self, text: str, rows: list[Row]) -> None:
        """Inserts many rows."""
        try:
            self._cursor.executemany(text, rows)
        except self._dialect.loaded_dbapi.Error as error:
            raise self._translated(error) from error

    def commit(self) -> None:
        """COMMIT."""
        try:
            self._connection.commit()
        except self._dialect.loaded_dbapi.Error as error:
            raise EngineFailed(f"COMMIT: {error}") from error

    def rollback(self) -> None:
        """ROLLBACK."""
        try:
            self._connection.rollback()
        except self._dialect.loaded_dbapi.Error as error:
            raise EngineFailed(f"ROLLBACK: {error}") from error

    def close(self) -> None:
        """Ends the connection, and with it what is open in it."""
        self._connection.close()

    def _execute(self, text: str, arguments: Row) -> None:
        try:
            self._cursor.execute(text, arguments)
        except self._dialect.loaded_dbapi.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> BaseException:
        return translated(error, self._dialect, connection=self._connection, committing=False)


class Sessions:
    """Sessions for as many transactions as are open at a time; none is closed before all are."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kind = kind_of(engine)
        self._idle: list[Session] = []
        self._all: list[Session] = []

    def take(self) -> Session:
        """An idle session, or a new one. EngineFailed when the server takes no more connections."""
        return self._idle.pop() if self._idle else self.opened()

    def give_back(self, session: Session) -> None:
        """Its transaction has ended."""
        self._idle.append(session)

    def opened(self, *, autocommit: bool = False) -> Session:
        """A new session, apart from the others where it is in autocommit."""
        try:
            session = Session(self._engine, self._kind, autocommit=autocommit)
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise EngineFailed(
                f"{len(self._all)} connections are open and {self._kind.name} takes no other one: {error} Each open"
                " transaction needs one; raise max_connections, or give the scenario smaller pools or fewer processes"
            ) from error
        self._all.append(session)
        return session

    def close(self) -> None:
        """Ends them all."""
        for session in self._all:
            session.close()
        self._all.clear()
        self._idle.clear()

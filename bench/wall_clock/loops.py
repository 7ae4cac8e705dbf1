"""Loops that the engine is held against: they issue recorded statements, without the core.

The pooled one takes a connection of SQLAlchemy's pool for each transaction, as the core does (core.engine). The bare
one gives each thread a connection of the driver's, and is told texts and arguments as the driver wants them.
"""

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any, Protocol

from sqlalchemy import Engine

from bench.wall_clock.recording import Unit, rows_of
from core.engine import EngineConnections
from core.statements import all_statements

Perform = Callable[[Any], None]


class Loop(Protocol):
    """A way to issue statements, for all threads of one process."""

    def prepared(self, unit: Unit) -> Any:
        """A unit as `performer` wants it: made before anything is timed."""

    def performer(self) -> Perform:
        """What the calling thread is to call for each prepared unit, with connections that stand."""


class PooledLoop:
    """Statements by SQLAlchemy's pool and the core's path to it."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        self._connect = EngineConnections(engine)
        self._statements = {statement.name: statement for statement in all_statements()}
        for statement in self._statements.values():
            self._connect.compile(statement)
        with ExitStack() as held:
            for _ in range(threads):
                held.enter_context(closing(engine.raw_connection()))

    def prepared(self, unit: Unit) -> Any:
        """With the statements that the names stand for."""
        return [
            ([(self._statements[name], params) for name, params, _ in statements], commits)
            for statements, commits in unit
        ]

    def performer(self) -> Perform:
        """The same for all threads."""
        return self._perform

    def _perform(self, unit: Any) -> None:
        for statements, commits in unit:
            connection = self._connect()
            for statement, params in statements:
                connection.execute(statement, params)
            if commits:
                connection.commit()
            else:
                connection.rollback()
            connection.close()


class BareLoop:
    """Statements on the driver's own connections and cursors."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        self._engine = engine
        connections = EngineConnections(engine)
        self._texts = {statement.name: connections.compile(statement) for statement in all_statements()}

    def prepared(self, unit: Unit) -> Any:
        """With texts and arguments."""
        return [
            ([self._bound(name, params) for name, params, _ in statements], commits) for statements, commits in unit
        ]

    def _bound(self, name: str, params: dict[str, Any]) -> tuple[str, Any]:
        text, names = self._texts[name]
        return text, params if names is None else tuple([params[each] for each in names])

    def performer(self) -> Perform:
        """On a connection of its own, which SQLAlchemy has opened and never sees again."""
        held = self._engine.raw_connection()
        connection: Any = held.dbapi_connection

        def perform(unit: Any, _held: object = held) -> None:
            for statements, commits in unit:
                cursor = connection.cursor()
                for text, arguments in statements:
                    cursor.execute(text, arguments)
                    if cursor.description:
                        cursor.fetchall()
                if commits:
                    connection.commit()
                else:
                    connection.rollback()
                cursor.close()

        return perform


def differing_counts(engine: Engine, units: list[Unit]) -> int:
    """Performs the units one after the other; how many statements gave or changed another number of rows."""
    connect, named = EngineConnections(engine), {statement.name: statement for statement in all_statements()}
    differing = 0
    for statements, commits in [transaction for unit in units for transaction in unit]:
        connection = connect()
        for name, params, changed in statements:
            differing += rows_of(connection.execute(named[name], params)) != changed
        if commits:
            connection.commit()
        connection.close()
    return differing

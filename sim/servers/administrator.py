"""Connections over which a server itself is asked: outside any run's schema, one for each question, in autocommit."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from sim.servers import schemas_mariadb, schemas_postgresql
from sim.servers.errors import ServerError
from sim.servers.urls import CONNECT_TIMEOUT_S, hidden

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Engine


class Schemas(Protocol):
    """What schemas_postgresql and schemas_mariadb both know."""

    def version(self, connection: "Connection") -> str: ...
    def schemas(self, connection: "Connection", prefix: str) -> list[str]: ...
    def own(self, connection: "Connection", schema: str) -> bool: ...
    def create(self, connection: "Connection", schema: str, owner: str | None) -> None: ...
    def drop(self, connection: "Connection", schema: str) -> None: ...
    def sessions(self, connection: "Connection", schema: str) -> list[int]: ...
    def locks(self, connection: "Connection", schema: str) -> int: ...
    def cut(self, connection: "Connection", ids: "Collection[int]") -> None: ...


class Administrator:
    """Who asks a server of one kind at one URL."""

    def __init__(self, kind: str, url: str) -> None:
        self.url = url
        self.schemas: Schemas = schemas_postgresql if kind == "postgresql" else schemas_mariadb

    def __str__(self) -> str:
        return hidden(self.url)

    def connect(self) -> "Connection":
        """A connection that the caller closes. ServerError when the server takes none."""
        from sqlalchemy.exc import DBAPIError

        try:
            return self._engine.connect()
        except (DBAPIError, TypeError, ValueError) as error:
            raise ServerError(
                f"cannot connect to {self}: {_told(error)}; is the server running, and are user, password and database"
                " right?"
            ) from error

    @contextmanager
    def asking(self) -> Iterator["Connection"]:
        """A connection for one question. ServerError when the server takes none or refuses what it is asked."""
        from sqlalchemy.exc import DBAPIError

        connection = self.connect()
        try:
            yield connection
        except DBAPIError as error:
            raise ServerError(f"{self} refuses what it was asked: {_told(error)}") from error
        finally:
            connection.close()

    @cached_property
    def _engine(self) -> "Engine":
        from sqlalchemy import NullPool, create_engine, make_url

        url = make_url(self.url)
        arguments = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_TIMEOUT_S}
        return create_engine(
            url, poolclass=NullPool, pool_reset_on_return=None, isolation_level="AUTOCOMMIT", connect_args=arguments
        )


def _told(error: Exception) -> str:
    """What the driver says, on one line."""
    cause = getattr(error, "orig", None) or error
    text = cause.args[1] if len(cause.args) > 1 and isinstance(cause.args[1], str) else str(cause)
    return " ".join(text.split())

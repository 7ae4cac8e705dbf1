"""Where a run's tables are: everything that a process needs to connect to them. Connects only when asked."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.servers.urls import CONNECT_TIMEOUT_S, hidden

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

LEVELS = {"read_committed": "READ COMMITTED", "repeatable_read": "REPEATABLE READ", "serializable": "SERIALIZABLE"}


@dataclass(frozen=True, kw_only=True)
class ServerAddress:
    """A schema of a server. Can be pickled, so any process makes its own engine of it.

    `url` is a SQLAlchemy URL with its password; `kind` is postgresql or mariadb; `isolation` a key of LEVELS.
    """

    url: str = field(repr=False)
    kind: str
    schema: str
    isolation: str

    def __str__(self) -> str:
        return f"{self.schema} on {hidden(self.url)}"

    def engine(self, size: int = 5, max_overflow: int = 50, timeout_s: float = 30.0) -> "Engine":
        """An engine whose connections are all in our schema, at the isolation level of the run.

        The pool sends nothing of its own: neither a ping before a connection is used nor a rollback afterwards,
        because the core ends each transaction itself. `timeout_s` is the wait for a connection of a full pool.
        """
        from sqlalchemy import QueuePool, create_engine

        url, arguments = self._target()
        return create_engine(
            url, poolclass=QueuePool, pool_size=size, max_overflow=max_overflow, pool_timeout=timeout_s,
            pool_reset_on_return=None, isolation_level=LEVELS[self.isolation], connect_args=arguments,
        )  # fmt: skip

    def _target(self) -> "tuple[URL, dict[str, Any]]":
        """The URL and the driver's own arguments that lead into our schema; PostgreSQL's sessions carry its name."""
        from sqlalchemy import make_url

        url = make_url(self.url)
        arguments: dict[str, Any] = {}
        if "connect_timeout" not in url.query:
            arguments["connect_timeout"] = CONNECT_TIMEOUT_S
        if self.kind == "mariadb":
            return url.set(database=self.schema), arguments
        options = f"{url.query.get('options', '')} -c search_path={self.schema}".strip()
        arguments |= {"application_name": self.schema, "options": options}
        return url.difference_update_query(["options", "application_name"]), arguments

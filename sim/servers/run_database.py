"""A run's own schema on a server: engines in it, and the faults that can be injected from outside.

Everything that is asked of the server itself goes over connections of an administrator, outside the schema, so neither
a full pool nor a cut of the run's sessions keeps it from being asked.
"""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from sim.servers.address import ServerAddress
from sim.servers.administrator import Administrator
from sim.servers.errors import ServerError
from sim.servers.private import PrivateServer

if TYPE_CHECKING:
    from sqlalchemy import Engine

_CUT_LIMIT_S = 10.0
_LOOK_EVERY_S = 0.01


class RunDatabase:
    """A schema (PostgreSQL) or database (MariaDB) made for one run. See the package for how to get one."""

    def __init__(self, address: ServerAddress, administrator: Administrator, server: PrivateServer | None) -> None:
        self.address = address
        self._administrator = administrator
        self._schemas = administrator.schemas
        self._server = server
        with administrator.asking() as connection:
            self.version = self._schemas.version(connection)
            """What the server calls itself: PostgreSQL or MariaDB and a number."""

    @property
    def kind(self) -> str:
        """postgresql or mariadb."""
        return self.address.kind

    @property
    def name(self) -> str:
        """The schema's or database's name, bindsim_..."""
        return self.address.schema

    @property
    def is_private(self) -> bool:
        """Whether the server was started for this run."""
        return self._server is not None

    def __repr__(self) -> str:
        return f"<{self.version}, {self.address}>"

    def engine(self, size: int = 5, max_overflow: int = 50, timeout_s: float = 30.0) -> "Engine":
        """An engine in the schema: see ServerAddress.engine."""
        return self.address.engine(size=size, max_overflow=max_overflow, timeout_s=timeout_s)

    def sessions(self) -> list[int]:
        """The server's ids of the sessions that are connected to the schema."""
        with self._administrator.asking() as connection:
            return self._schemas.sessions(connection, self.name)

    def locks(self) -> int:
        """How many locks on rows, relations and transactions these sessions hold or wait for.

        On somebody's MariaDB the user needs the PROCESS privilege for it.
        """
        with self._administrator.asking() as connection:
            return self._schemas.locks(connection, self.name)

    def cut(self, ids: Collection[int]) -> None:
        """Ends sessions at the server and waits until they are gone. ServerError when one does not go."""
        with self._administrator.asking() as connection:
            self._schemas.cut(connection, ids)
            until = time.monotonic() + _CUT_LIMIT_S
            while left := set(ids) & set(self._schemas.sessions(connection, self.name)):
                if time.monotonic() > until:
                    raise ServerError(f"sessions {sorted(left)} of {self.name} do not end within {_CUT_LIMIT_S:g} s")
                time.sleep(_LOOK_EVERY_S)

    def restart(self, pause_s: float = 0.0, *, crash: bool = False) -> None:
        """Stops the private server, waits `pause_s`, starts it again; all sessions end, what was committed stays.

        With `crash` the server ends as in a power cut and recovers at its start. ServerError for a server of somebody
        else's.
        """
        if self._server is None:
            raise ServerError(f"{self.address} is no private server of this run and is not restarted by it")
        self._server.stop(crash=crash)
        time.sleep(pause_s)
        self._server.start()

"""How a run's schema comes and goes, and how those of dead runs are found.

A schema on somebody's server is owned by a connection that holds a lock on its name for as long as the run lives, on
whatever machine. A schema with a name of ours, whose lock is free and in which no session is, was left by a run that
is dead: the next run on that server removes it. Nothing else is ever dropped.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex

from sim.servers.administrator import Administrator
from sim.servers.errors import ServerError

_PREFIX = "bindsim_"
_OURS = re.compile(r"bindsim_\d{8}t\d{6}_\d+_[0-9a-f]{8}")


def new_name(*, private: bool = False) -> str:
    """A name that no other run has: when it was made (UTC), the process, chance.

    One on a private server goes with the server and is of a kind that nobody removes.
    """
    made = f"{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}_{os.getpid()}_{token_hex(4)}"
    return f"{_PREFIX}private_{made}" if private else f"{_PREFIX}{made}"


@contextmanager
def owned(administrator: Administrator, schema: str) -> Iterator[None]:
    """Removes what is abandoned, then holds the lock on a schema's name, so that no other run removes this one."""
    connection = administrator.connect()
    try:
        _remove_abandoned(administrator)
        if not administrator.schemas.own(connection, schema):
            raise ServerError(f"another session of {administrator} holds the lock on {schema}: try again")
        yield
    finally:
        connection.close()


def create(administrator: Administrator, schema: str, user: str | None) -> None:
    """Makes the schema, for another user if one is named. ServerError when we may not."""
    try:
        with administrator.asking() as connection:
            administrator.schemas.create(connection, schema, user)
    except ServerError as error:
        raise ServerError(
            f"{error}; the user needs the right to make a schema (PostgreSQL) or a database (MariaDB) for the run"
        ) from error


def remove(administrator: Administrator, schema: str) -> None:
    """Ends the sessions in the schema and drops it. ServerError when it has to stay."""
    with administrator.asking() as connection:
        administrator.schemas.cut(connection, administrator.schemas.sessions(connection, schema))
        administrator.schemas.drop(connection, schema)


def _remove_abandoned(administrator: Administrator) -> None:
    schemas = administrator.schemas
    with administrator.asking() as connection:
        ours = [name for name in schemas.schemas(connection, _PREFIX) if _OURS.fullmatch(name)]
    for name in ours:
        with suppress(ServerError), administrator.asking() as connection:
            if schemas.own(connection, name) and not schemas.sessions(connection, name):
                schemas.drop(connection, name)

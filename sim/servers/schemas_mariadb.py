"""What is asked of a MariaDB server: databases, the sessions in them, their locks. Connections are in autocommit.

A run's sessions have its database as their default one. A session that owns a database holds a named lock of its name.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sim.servers.errors import ServerError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST_WAIT_S = 31536000
"""The largest `wait_timeout`, a year: MariaDB ends a session that was idle for as long."""
_SETTLED_S = 0.11
"""InnoDB shows its transactions as they were at the last look, unless that is more than 0.1 s ago."""
_NO_SUCH_SESSION = 1094


def version(connection: "Connection") -> str:
    """What the server calls itself. ServerError when it is no MariaDB."""
    number = str(_one(connection, "SELECT version()"))
    if "MariaDB" not in number:
        raise ServerError(f"the server is MySQL {number}, which bindsim is not tested on: give the URL of a MariaDB")
    return f"MariaDB {number.partition('-')[0]}"


def schemas(connection: "Connection", prefix: str) -> list[str]:
    """The databases whose names begin so."""
    found = connection.exec_driver_sql(
        "SELECT schema_name FROM information_schema.schemata WHERE left(schema_name, %s) = %s ORDER BY 1",
        (len(prefix), prefix),
    )
    return [name for (name,) in found]


def own(connection: "Connection", schema: str) -> bool:
    """Locks a database's name for as long as this connection lasts; False when another session has it."""
    connection.exec_driver_sql(f"SET SESSION wait_timeout = {_LONGEST_WAIT_S}")
    return bool(_one(connection, "SELECT get_lock(%s, 0)", (schema,)))


def create(connection: "Connection", schema: str, owner: str | None) -> None:
    """Makes a database whose texts compare as PostgreSQL's and SQLite's do: by their bytes, blanks counting."""
    connection.exec_driver_sql(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")


def drop(connection: "Connection", schema: str) -> None:
    """Removes a database with everything in it, if it is there."""
    connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {schema}")


def sessions(connection: "Connection", schema: str) -> list[int]:
    """The ids of the sessions of a run, but for the asking one."""
    found = connection.exec_driver_sql(
        "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> connection_id() ORDER BY id", (schema,)
    )
    return [number for (number,) in found]


def locks(connection: "Connection", schema: str) -> int:
    """How many locks on tables and rows the sessions of a run hold or wait for."""
    connection.exec_driver_sql(f"DO sleep({_SETTLED_S})")
    query = (
        "SELECT coalesce(sum(trx_tables_locked + trx_rows_locked + (trx_state = 'LOCK WAIT')), 0)"
        " FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id"
        " WHERE db = %s AND id <> connection_id()"
    )
    return int(_one(connection, query, (schema,)))


def cut(connection: "Connection", ids: Collection[int]) -> None:
    """Ends sessions; one that is gone is no error."""
    from sqlalchemy.exc import OperationalError

    for number in ids:
        try:
            connection.exec_driver_sql(f"KILL CONNECTION {int(number)}")
        except OperationalError as error:
            if error.orig is None or error.orig.args[0] != _NO_SUCH_SESSION:
                raise


def _one(connection: "Connection", query: str, params: tuple[Any, ...] = ()) -> Any:
    return connection.exec_driver_sql(query, params).scalar_one()

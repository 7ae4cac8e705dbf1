"""What is asked of a PostgreSQL server: schemas, the sessions in them, their locks. Connections are in autocommit.

A run's sessions carry its name as application_name. A session that owns a schema holds an advisory lock on its name.
"""

from collections.abc import Collection
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NO_IDLE_LIMIT = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"


def version(connection: "Connection") -> str:
    """What the server calls itself."""
    return f"PostgreSQL {_one(connection, 'SHOW server_version')}"


def schemas(connection: "Connection", prefix: str) -> list[str]:
    """The schemas of this database whose names begin so and that we may drop."""
    found = connection.exec_driver_sql(
        "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s) AND pg_has_role(nspowner, 'USAGE') ORDER BY 1",
        (prefix,),
    )
    return [name for (name,) in found]


def own(connection: "Connection", schema: str) -> bool:
    """Locks a schema's name for as long as this connection lasts; False when another session has it."""
    connection.exec_driver_sql(_NO_IDLE_LIMIT)
    return bool(_one(connection, "SELECT pg_try_advisory_lock(%s)", (_key(schema),)))


def create(connection: "Connection", schema: str, owner: str | None) -> None:
    """Makes a schema, of another user if one is named."""
    connection.exec_driver_sql(f"CREATE SCHEMA {schema} AUTHORIZATION {owner or 'CURRENT_USER'}")


def drop(connection: "Connection", schema: str) -> None:
    """Removes a schema with everything in it, if it is there."""
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def sessions(connection: "Connection", schema: str) -> list[int]:
    """The process ids of the sessions of a run, but for the asking one."""
    found = connection.exec_driver_sql(
        "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        " AND pid <> pg_backend_pid() ORDER BY pid",
        (schema,),
    )
    return [pid for (pid,) in found]


def locks(connection: "Connection", schema: str) -> int:
    """How many locks on relations, rows and transactions the sessions of a run hold or wait for.

    A row lock itself is kept in the row; who holds one shows as a lock on its relation and on its own transaction.
    """
    query = (
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = %s"
        " AND datname = current_database() AND locktype IN ('relation', 'tuple', 'transactionid')"
        " AND pid <> pg_backend_pid()"
    )
    return int(_one(connection, query, (schema,)))


def cut(connection: "Connection", ids: Collection[int]) -> None:
    """Ends sessions; one that is gone is no error."""
    connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", (list(ids),))


def _key(schema: str) -> int:
    """The advisory lock's number: 64 bits, with a sign."""
    return int.from_bytes(blake2b(schema.encode(), digest_size=8).digest(), "big", signed=True)


def _one(connection: "Connection", query: str, params: tuple[Any, ...] = ()) -> Any:
    return connection.exec_driver_sql(query, params).scalar_one()

"""What a database driver's error means to the core. Called by core.engine; knows codes, runs nothing.

Codes: PostgreSQL's SQLSTATE (appendix A of its manual), MariaDB's and MySQL's error numbers (their error references),
SQLite's extended result codes (sqlite.org/rescode.html).
"""

from typing import Any

from sqlalchemy.engine.interfaces import Dialect

from core.exceptions import (
    CommitOutcomeUnknown,
    ConnectionLost,
    CoreError,
    DatabaseError,
    Deadlock,
    DuplicateKey,
    LockWaitTimeout,
    MissingParent,
    SerializationFailure,
)

_MEANINGS: dict[object, type[CoreError]] = {
    "40P01": Deadlock,
    "40001": SerializationFailure,
    "55P03": LockWaitTimeout,
    "23505": DuplicateKey,
    "23503": MissingParent,
    1213: Deadlock,
    1205: LockWaitTimeout,
    1020: SerializationFailure,  # MariaDB: record has changed since last read
    1062: DuplicateKey,
    1451: MissingParent,
    1452: MissingParent,
    "SQLITE_BUSY": LockWaitTimeout,
    "SQLITE_LOCKED_SHAREDCACHE": LockWaitTimeout,
    "SQLITE_LOCKED": LockWaitTimeout,
    "SQLITE_CONSTRAINT_UNIQUE": DuplicateKey,
    "SQLITE_CONSTRAINT_PRIMARYKEY": DuplicateKey,
    "SQLITE_CONSTRAINT_FOREIGNKEY": MissingParent,
}

# The server itself ended the session: PostgreSQL's shutdown, crash, start-up and time limits; MariaDB's shutdown and
# KILL. A driver that is told so before its socket is closed does not yet know that the connection is gone.
_ENDED: frozenset[object] = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25P04", 1053, 1927})
_CONNECTION_CLASS = "08"  # PostgreSQL: connection exceptions

# Refused for good: MariaDB's access denied (to the database, to the user, by the plugin) and unknown database.
_REFUSED: frozenset[object] = frozenset({1044, 1045, 1698, 1049})
_REFUSED_SAYS = ("authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry")
"""What PostgreSQL says instead of a code: a refused psycopg connection has none (its messages may be translated)."""


def translated(error: BaseException, dialect: Dialect, *, connection: Any, committing: bool) -> BaseException:
    """The core's error for a driver's; an error that is not the driver's stays what it is.

    `connection` is the driver's: some (psycopg) tell only by it that it broke.
    """
    if not isinstance(error, dialect.loaded_dbapi.Error):
        return error
    code = _code(error)
    meaning = _MEANINGS.get(code)
    if meaning is not None:
        return meaning(str(error))
    if _is_ended(code) or dialect.is_disconnect(error, connection, None):
        return CommitOutcomeUnknown(str(error)) if committing else ConnectionLost(str(error))
    return DatabaseError(str(error))


def refused(error: BaseException, dialect: Dialect) -> CoreError:
    """The core's error for a connection that could not be made.

    A server that is down, starting, or full may take one later: a conflict, since repeating may mend it. A wrong
    password or a database that is not there stays wrong, and a SQLite file that cannot be opened too.
    """
    for_good = _code(error) in _REFUSED or any(text in str(error) for text in _REFUSED_SAYS)
    mends = isinstance(error, dialect.loaded_dbapi.OperationalError) and dialect.name != "sqlite" and not for_good
    return ConnectionLost(str(error)) if mends else DatabaseError(str(error))


def _is_ended(code: object) -> bool:
    return code in _ENDED or (isinstance(code, str) and len(code) == 5 and code.startswith(_CONNECTION_CLASS))


def _code(error: BaseException) -> object:
    first = error.args[0] if error.args else None
    if isinstance(first, int):
        return first  # MySQL's drivers give an SQLSTATE too, which says less: 23000 for any constraint
    for attribute in ("sqlstate", "pgcode", "sqlite_errorname"):
        code: object = getattr(error, attribute, None)
        if code is not None:
            return code
    return None

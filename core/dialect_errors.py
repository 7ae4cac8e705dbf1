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


def translated(error: Exception, dialect: Dialect, *, connection: Any, committing: bool) -> Exception:
    """The core's error for a driver's; an error that is not the driver's stays what it is.

    `connection` is the driver's: some (psycopg) tell only by it that it broke.
    """
    if not isinstance(error, dialect.loaded_dbapi.Error):
        return error
    meaning = _MEANINGS.get(_code(error))
    if meaning is not None:
        return meaning(str(error))
    if dialect.is_disconnect(error, connection, None):
        return CommitOutcomeUnknown(str(error)) if committing else ConnectionLost(str(error))
    return DatabaseError(str(error))


def _code(error: Exception) -> object:
    first = error.args[0] if error.args else None
    if isinstance(first, int):
        return first  # MySQL's drivers give an SQLSTATE too, which says less: 23000 for any constraint
    for attribute in ("sqlstate", "pgcode", "sqlite_errorname"):
        code: object = getattr(error, attribute, None)
        if code is not None:
            return code
    return None

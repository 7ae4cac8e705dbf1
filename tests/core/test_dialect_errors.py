"""What drivers' errors mean, with errors shaped like those of psycopg, PyMySQL and sqlite3."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from core.dialect_errors import refused, translated
from core.exceptions import (
    CommitOutcomeUnknown,
    ConnectionLost,
    CoreError,
    DatabaseConflict,
    DatabaseError,
    Deadlock,
    DuplicateKey,
    LockWaitTimeout,
    MissingParent,
    SerializationFailure,
)


class DriverError(Exception):
    """The base of a driver's errors."""

    sqlstate: str | None = None


class Operational(DriverError):
    """What a driver raises for a connection that it does not get."""


class FakeDialect:
    """A dialect whose driver's errors are DriverError; 'gone away' is a disconnect."""

    name = "postgresql"

    class loaded_dbapi:  # noqa: N801
        Error = DriverError
        OperationalError = Operational

    def is_disconnect(self, error: Exception, connection: Any, cursor: Any) -> bool:
        return "gone away" in str(error) or connection == "broken"


def of_postgresql(sqlstate: str) -> DriverError:
    error = DriverError("told by the server")
    error.sqlstate = sqlstate
    return error


def of_mariadb(number: int, sqlstate: str) -> DriverError:
    """PyMySQL tells both."""
    error = DriverError(number, "told by the server")
    error.sqlstate = sqlstate
    return error


CODES: list[tuple[DriverError, type[CoreError]]] = [
    (of_postgresql("40P01"), Deadlock),
    (of_postgresql("40001"), SerializationFailure),
    (of_postgresql("55P03"), LockWaitTimeout),
    (of_postgresql("23505"), DuplicateKey),
    (of_postgresql("23503"), MissingParent),
    (of_postgresql("22001"), DatabaseError),
    (DriverError(1213, "Deadlock found"), Deadlock),
    (DriverError(1205, "Lock wait timeout exceeded"), LockWaitTimeout),
    (DriverError(1020, "Record has changed"), SerializationFailure),
    (DriverError(1062, "Duplicate entry"), DuplicateKey),
    (DriverError(1452, "a foreign key constraint fails"), MissingParent),
    (DriverError(1406, "Data too long"), DatabaseError),
    (of_mariadb(1062, "23000"), DuplicateKey),
    (of_mariadb(1213, "40001"), Deadlock),
]


@pytest.mark.parametrize(("error", "meaning"), CODES, ids=lambda case: str(getattr(case, "__name__", case)))
def test_a_servers_code_has_one_meaning(error: DriverError, meaning: type[CoreError]) -> None:
    for committing in (False, True):
        assert type(translated(error, FakeDialect(), connection=None, committing=committing)) is meaning  # type: ignore[arg-type]


def test_a_broken_connection_is_a_conflict_whose_outcome_is_unknown_only_during_commit() -> None:
    gone = DriverError(2006, "server has gone away")
    assert type(translated(gone, FakeDialect(), connection=None, committing=False)) is ConnectionLost  # type: ignore[arg-type]
    assert type(translated(gone, FakeDialect(), connection=None, committing=True)) is CommitOutcomeUnknown  # type: ignore[arg-type]
    assert issubclass(CommitOutcomeUnknown, DatabaseConflict)


def test_an_error_that_is_not_the_drivers_is_left_alone() -> None:
    error = KeyError("param")
    assert translated(error, FakeDialect(), connection=None, committing=False) is error  # type: ignore[arg-type]


def test_sqlites_own_errors_are_known_by_name() -> None:
    dialect = sqlite.dialect()
    dialect.dbapi = sqlite3
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a PRIMARY KEY, b UNIQUE)")
    connection.execute("INSERT INTO t VALUES (1, 1)")
    for row in ("(1, 2)", "(2, 1)"):
        with pytest.raises(sqlite3.IntegrityError) as caught:
            connection.execute(f"INSERT INTO t VALUES {row}")
        assert type(translated(caught.value, dialect, connection=None, committing=False)) is DuplicateKey
    connection.close()


def test_a_driver_whose_connection_alone_tells_that_it_broke_is_asked_with_the_connection() -> None:
    error = DriverError("consuming input failed")
    for committing, meaning in ((False, ConnectionLost), (True, CommitOutcomeUnknown)):
        told = translated(error, FakeDialect(), connection="broken", committing=committing)  # type: ignore[arg-type]
        assert type(told) is meaning
    assert type(translated(error, FakeDialect(), connection="whole", committing=True)) is DatabaseError  # type: ignore[arg-type]


ENDED = [
    *[of_postgresql(code) for code in ("57P01", "57P02", "57P05", "25P03", "25P04", "08006")],
    DriverError(1927, "Connection was killed"),
    DriverError(1053, "Server shutdown in progress"),
]


@pytest.mark.parametrize("error", ENDED, ids=lambda error: str(error.sqlstate or error.args[0]))
def test_a_session_that_the_server_says_it_ended_is_lost_before_its_driver_notices(error: DriverError) -> None:
    for committing, meaning in ((False, ConnectionLost), (True, CommitOutcomeUnknown)):
        assert type(translated(error, FakeDialect(), connection="whole", committing=committing)) is meaning  # type: ignore[arg-type]


REFUSALS: list[tuple[DriverError, type[CoreError]]] = [
    (Operational("FATAL: sorry, too many clients already"), ConnectionLost),
    (Operational("connection refused"), ConnectionLost),
    (Operational(1040, "Too many connections"), ConnectionLost),
    (Operational(2003, "Can't connect to MySQL server"), ConnectionLost),
    (Operational(1045, "Access denied for user"), DatabaseError),
    (Operational(1049, "Unknown database"), DatabaseError),
    (Operational('FATAL: password authentication failed for user "u"'), DatabaseError),
    (Operational('FATAL: database "d" does not exist'), DatabaseError),
    (DriverError("invalid connection option"), DatabaseError),
]


@pytest.mark.parametrize(("error", "meaning"), REFUSALS, ids=str)
def test_a_connection_that_may_be_had_later_is_a_conflict(error: DriverError, meaning: type[CoreError]) -> None:
    assert type(refused(error, FakeDialect())) is meaning  # type: ignore[arg-type]


def test_a_sqlite_file_that_cannot_be_opened_stays_so() -> None:
    dialect = sqlite.dialect()
    dialect.dbapi = sqlite3
    assert type(refused(sqlite3.OperationalError("unable to open database file"), dialect)) is DatabaseError

"""Connections that break, and servers that take none: what the core sees, and that it gets over it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, make_url

from core import statements
from core.database import Connection, Database, Transaction
from core.engine import EngineConnections
from core.exceptions import (
    CommitOutcomeUnknown,
    ConnectionLost,
    DatabaseError,
    PoolTimeout,
)
from sim.servers import PRIVATE, RunDatabase, opened
from tests.core.faulty_connection import Faults
from tests.core.recording_observer import RecordingObserver
from tests.real_db.core.hasty_runtime import HastyRuntime
from tests.real_db.core.tables import emptied
from tests.real_db.core.tap import Tap, tapped

pytestmark = [
    pytest.mark.databases,
    # PyMySQL leaves a socket open when nobody listens where it connects to.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def network(name: str) -> dict[str, str]:
    return {"id": name, "name": name}


def insert(transaction: Transaction, name: str) -> int:
    return transaction.write(statements.NETWORK_INSERT, **network(name))


def networks(connections: EngineConnections, *names: str) -> list[bool]:
    with closing(connections()) as connection:
        found = [bool(connection.execute(statements.NETWORK_READ, {"network_id": name}).rows) for name in names]
        connection.rollback()
    return found


def watched(connections: Callable[[], Connection]) -> tuple[Database, RecordingObserver]:
    observer = RecordingObserver(Faults())
    return Database(connections, runtime=HastyRuntime(), observer=observer), observer


def fill(connections: EngineConnections, size: int) -> None:
    """Opens this many connections and leaves them in the pool."""
    held = [connections() for _ in range(size)]
    for connection in held:
        connection.execute(statements.NETWORK_READ, {"network_id": "n"})
        connection.rollback()
        connection.close()


@pytest.mark.parametrize("at", ["before its first statement", "between statements"])
def test_a_cut_connection_is_lost_and_the_transaction_is_repeated_on_another(
    database: RunDatabase, connections: EngineConnections, at: str
) -> None:
    core, observer = watched(connections)

    def body(transaction: Transaction) -> int:
        if at == "between statements":
            transaction.write(statements.NETWORK_INSERT, **network("a"))
        if transaction.retry == 0:
            database.cut(database.sessions())
        transaction.write(statements.NETWORK_INSERT, **network("b"))
        return transaction.retry

    assert core.transact("work", body) == 1
    assert observer.conflicts == [("work", "connection_lost", 0)]
    assert networks(connections, "a", "b") == [at == "between statements", True]


def test_a_commit_on_a_cut_connection_has_an_unknown_outcome(
    database: RunDatabase, connections: EngineConnections
) -> None:
    with closing(connections()) as connection:
        connection.execute(statements.NETWORK_INSERT, network("a"))
        database.cut(database.sessions())
        with pytest.raises(CommitOutcomeUnknown):
            connection.commit()
        connection.rollback()
    assert networks(connections, "a") == [False]


@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
def test_after_a_restart_one_retry_is_enough_however_many_connections_were_in_the_pool(
    database: RunDatabase, connections: EngineConnections, crash: bool
) -> None:
    fill(connections, 5)
    database.restart(crash=crash)
    core, observer = watched(connections)
    for number in range(5):
        core.transact("work", partial(insert, name=str(number)))
    assert observer.conflicts == [("work", "connection_lost", 0)]
    assert networks(connections, "0", "4") == [True, True]


def test_what_was_committed_is_there_after_a_crash(database: RunDatabase, connections: EngineConnections) -> None:
    with closing(connections()) as connection:
        connection.execute(statements.NETWORK_INSERT, network("kept"))
        connection.commit()
    with closing(connections()) as connection:
        connection.execute(statements.NETWORK_INSERT, network("lost"))
        database.restart(crash=True)
    assert networks(connections, "kept", "lost") == [True, False]


def test_a_server_that_is_down_is_a_conflict_until_it_is_back(
    database: RunDatabase, connections: EngineConnections
) -> None:
    _, observer = watched(connections)
    server = database._server
    assert server is not None
    runtime = HastyRuntime()
    server.stop()

    def sleep(seconds: float) -> None:
        if len(observer.conflicts) == 4:
            server.start()

    runtime.sleep = sleep  # type: ignore[method-assign]
    core = Database(connections, runtime=runtime, observer=observer)
    assert core.transact("work", partial(insert, name="a")) == 1
    assert [kind for _, kind, _ in observer.conflicts] == ["connection_lost"] * 4


@pytest.mark.parametrize("after_it", [False, True], ids=["COMMIT lost", "its answer lost"])
def test_after_an_unknown_commit_the_database_is_asked_and_the_work_done_once(
    database: RunDatabase, tap: Tap, after_it: bool
) -> None:
    engine = tap.address.engine()
    connections = emptied(engine)
    core, observer = watched(connections)
    runs, asked = count(), []

    def body(transaction: Transaction) -> str:
        name = f"network {next(runs)}"
        transaction.write(statements.NETWORK_INSERT, **network(name))
        tap.cut_at, tap.after_it = (b"COMMIT", after_it) if name == "network 0" else (None, False)
        return name

    def took_effect(transaction: Transaction, name: str) -> bool:
        asked.append(name)
        return transaction.row(statements.NETWORK_READ, network_id=name) is not None

    assert core.transact("work", body, took_effect=took_effect) == f"network {0 if after_it else 1}"
    assert observer.conflicts == [("work", "commit_outcome_unknown", 0)]
    assert asked == ["network 0"]
    assert networks(connections, "network 0", "network 1") == [after_it, not after_it]
    engine.dispose()


@pytest.fixture
def tap(database: RunDatabase) -> Iterator[Tap]:
    """Between the driver and the server. Its socket has a short path."""
    with TemporaryDirectory() as folder, tapped(database.address, Path(folder)) as tap:
        yield tap


def test_a_pool_without_a_free_connection_says_its_size(database: RunDatabase) -> None:
    engine = database.engine(size=1, max_overflow=1, timeout_s=0.05)
    connections = EngineConnections(engine)
    told = pytest.raises(PoolTimeout, match=r"within 0.05 s from a pool of 1 with overflow 1")
    with closing(connections()), closing(connections()), told:
        connections()
    engine.dispose()


@pytest.fixture(scope="module", params=PRIVATE)
def small(request: pytest.FixtureRequest) -> Iterator[RunDatabase]:
    """A server with few connections. The superuser's come on top in MariaDB and are three of them in PostgreSQL."""
    request.getfixturevalue(request.param)  # skips where there is no such server
    with opened(request.param, durable=False, settings={"max_connections": 10}) as database:
        yield database


def test_a_server_that_is_full_is_a_conflict_and_mends_itself(small: RunDatabase) -> None:
    engine = small.engine(size=20, max_overflow=0)
    connections = emptied(engine)
    _, observer = watched(connections)
    held = [connections() for _ in range({"postgresql": 7, "mariadb": 10}[small.kind])]
    with pytest.raises(ConnectionLost, match=r"Too many connections|remaining connection slots are reserved"):
        connections()
    assert (len(small.sessions()), small.locks()) == (len(held), 0)

    runtime = HastyRuntime()
    runtime.sleep = lambda seconds: held.pop().close() if len(observer.conflicts) == 3 else None  # type: ignore[method-assign]
    core = Database(connections, runtime=runtime, observer=observer)
    assert core.transact("work", partial(insert, name="a")) == 1
    assert observer.conflicts == [("work", "connection_lost", retry) for retry in range(3)]
    for connection in held:
        connection.close()
    engine.dispose()


@pytest.mark.parametrize(
    "wrong", [{"database": "nowhere"}, {"username": "stranger"}], ids=["no such database", "no such user"]
)
def test_what_a_server_will_never_grant_is_no_conflict(database: RunDatabase, wrong: dict[str, str]) -> None:
    engine = create_engine(make_url(database.address.url).set(**wrong))
    with pytest.raises(DatabaseError, match=r"nowhere|stranger|denied"):
        EngineConnections(engine)()
    engine.dispose()


class Ended(BaseException):
    """What ends a process in the middle of its work."""


def test_a_transaction_that_was_not_ended_ends_when_its_connection_is_given_back(
    database: RunDatabase, connections: EngineConnections
) -> None:
    def body(transaction: Transaction) -> None:
        insert(transaction, "a")
        raise Ended

    with pytest.raises(Ended):
        Database(connections, runtime=HastyRuntime()).transact("work", body)
    assert database.locks() == 0
    assert networks(connections, "a") == [False]


def test_a_connection_that_was_interrupted_in_a_statement_is_never_used_again(
    database: RunDatabase, connections: EngineConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connections()
    connection.execute(statements.NETWORK_READ, {"network_id": "a"})
    (session,) = database.sessions()

    class Interrupted:
        def execute(self, *_: object) -> None:
            raise KeyboardInterrupt

        def close(self) -> None:
            pass

    monkeypatch.setattr(connection, "_cursor", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        connection.execute(statements.NETWORK_READ, {"network_id": "a"})
    connection.close()
    assert networks(connections, "a") == [False]
    assert session not in database.sessions()

"""Connections by URL, on SQLite files: one writer at a time, errors translated, the pool's limit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, QueuePool, create_engine, event

from core import statements
from core.binding import DEFERRED
from core.database import Database, Transaction
from core.engine import EngineConnections
from core.exceptions import (
    CommitOutcomeUnknown,
    DatabaseError,
    DuplicateKey,
    LockWaitTimeout,
    MissingParent,
    PoolTimeout,
)
from core.plugin import Ml2Plugin
from tests.core.fake_runtime import FakeRuntime
from tests.core.recording_driver import RecordingDriver
from tests.core.worlds import VLAN, World


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(
        f"sqlite:///{tmp_path}/core.db", poolclass=QueuePool, pool_size=2, max_overflow=0, pool_timeout=0.01,
        connect_args={"timeout": 0.01},
    )  # fmt: skip
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    yield engine
    engine.dispose()


@pytest.fixture
def connections(engine: Engine) -> EngineConnections:
    connections = EngineConnections(engine)
    connections.create_tables()
    return connections


def insert(connection, name: str) -> int:
    return connection.execute(statements.NETWORK_INSERT, {"id": name, "name": name}).rowcount


def names(connections: EngineConnections) -> list[str]:
    connection = connections()
    found = [name for name in ("a", "b") if connection.execute(statements.NETWORK_READ, {"network_id": name}).rows]
    connection.rollback()
    connection.close()
    return found


def test_what_was_committed_is_seen_by_another_connection(connections: EngineConnections) -> None:
    connection = connections()
    assert insert(connection, "a") == 1
    connection.commit()
    connection.close()
    assert names(connections) == ["a"]


def test_what_was_rolled_back_or_just_given_back_is_not(connections: EngineConnections) -> None:
    for end in ("rollback", None):
        connection = connections()
        insert(connection, "a")
        if end:
            connection.rollback()
        connection.close()
    assert names(connections) == []


def test_the_first_statement_takes_the_write_lock_even_for_a_read(connections: EngineConnections) -> None:
    holder, other = connections(), connections()
    holder.execute(statements.NETWORK_READ, {"network_id": "a"})
    with pytest.raises(LockWaitTimeout, match="locked"):
        other.execute(statements.NETWORK_READ, {"network_id": "a"})
    other.rollback()
    other.close()
    holder.rollback()
    holder.close()
    assert names(connections) == []


def test_errors_are_the_cores(connections: EngineConnections) -> None:
    connection = connections()
    insert(connection, "a")
    with pytest.raises(DuplicateKey):
        insert(connection, "a")
    with pytest.raises(MissingParent):
        connection.execute(statements.SUBNET_INSERT, {"id": "s", "network_id": "nowhere", "cidr": "x"})
    with pytest.raises(DatabaseError, match="NOT NULL"):
        connection.execute(statements.NETWORK_INSERT, {"id": "b", "name": None})
    connection.rollback()
    connection.close()


def test_an_error_that_is_not_the_drivers_stays_what_it_is(connections: EngineConnections) -> None:
    connection = connections()
    with pytest.raises(KeyError):
        connection.execute(statements.NETWORK_INSERT, {"id": "b"})
    connection.close()


def test_a_pool_that_is_empty_says_its_size(connections: EngineConnections) -> None:
    held = [connections(), connections()]
    with pytest.raises(PoolTimeout, match=r"no connection within 0.01 s from a pool of 2 with overflow 0"):
        connections()
    for connection in held:
        connection.close()


def test_a_connection_can_be_used_again_after_it_was_given_back(connections: EngineConnections) -> None:
    for name in ("a", "b"):
        connection = connections()
        insert(connection, name)
        connection.commit()
        connection.close()
    assert names(connections) == ["a", "b"]


def test_foreign_keys_cascade(connections: EngineConnections) -> None:
    plugin = Ml2Plugin(
        Database(connections, runtime=FakeRuntime()),
        [RecordingDriver("sdn", [])],
        runtime=FakeRuntime(),
        strategy=DEFERRED,
    )
    network = plugin.create_network("n", [VLAN])
    plugin.create_subnet(network.id, "10.0.0.0/24")
    port = plugin.create_port({"network_id": network.id, "binding:host_id": "h1"})
    assert plugin.get_port(port["id"])["binding:vif_type"] == "ovs"
    plugin.delete_port(port["id"])
    assert plugin.get_ports() == []


def test_creating_tables_twice_is_harmless(connections: EngineConnections) -> None:
    connections.create_tables()
    assert names(connections) == []


def test_a_precommit_that_opens_its_own_transaction_on_sqlite_waits_for_itself_and_is_told(
    connections: EngineConnections,
) -> None:
    runtime = FakeRuntime()
    database = Database(connections, runtime=runtime, max_retries=1)
    driver = RecordingDriver("sdn", [])
    plugin = Ml2Plugin(database, [driver], runtime=runtime, strategy=DEFERRED)
    network = plugin.create_network("n", [VLAN])
    driver.then("create_port_precommit", lambda context: plugin.get_ports())
    with pytest.raises(Exception, match=r"transaction get_ports conflicted 2 times"):
        plugin.create_port({"network_id": network.id})
    assert plugin.get_ports() == []


def test_the_world_of_these_tests_starts_empty(world: World) -> None:
    assert world.rows("ports") == []


@pytest.mark.parametrize("broken_after", [0, 1], ids=["before its first statement", "between statements"])
def test_a_connection_that_breaks_is_replaced_and_the_transaction_repeated(
    connections: EngineConnections, broken_after: int
) -> None:
    tries: list[int] = []

    def body(transaction: Transaction) -> int:
        tries.append(transaction.retry)
        if transaction.retry == 0:
            for _ in range(broken_after):
                transaction.rows(statements.NETWORK_READ, network_id="a")
            transaction._connection._pooled.dbapi_connection.close()  # type: ignore[attr-defined]
        return transaction.write(statements.NETWORK_INSERT, id="a", name="a")

    assert Database(connections, runtime=FakeRuntime()).transact("work", body) == 1
    assert tries == [0, 1]
    assert names(connections) == ["a"]


def test_a_commit_on_a_broken_connection_has_an_unknown_outcome(connections: EngineConnections) -> None:
    connection = connections()
    insert(connection, "a")
    connection._pooled.dbapi_connection.close()  # type: ignore[attr-defined]
    with pytest.raises(CommitOutcomeUnknown):
        connection.commit()
    connection.rollback()
    connection.close()
    assert names(connections) == []


def test_a_server_that_takes_no_connection_is_an_error_of_the_core(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/no/such/folder/core.db")
    with pytest.raises(DatabaseError, match="unable to open database file"):
        EngineConnections(engine)()

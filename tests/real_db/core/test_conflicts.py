"""Each conflict is known by the engine's own code, ends its transaction, and only that transaction is repeated."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, text

from core import schema, statements
from core.database import Connection, Database, Transaction
from core.engine import EngineConnections
from core.exceptions import (
    DatabaseError,
    Deadlock,
    DuplicateKey,
    LockWaitTimeout,
    MissingParent,
    SerializationFailure,
)
from core.statements import Statement
from sim.servers import RunDatabase
from tests.core.faulty_connection import Faults
from tests.core.recording_observer import RecordingObserver
from tests.real_db.core.hasty_runtime import HastyRuntime
from tests.real_db.core.tables import at_level, emptied

pytestmark = pytest.mark.databases

IMPATIENT = {"postgresql": "SET LOCAL lock_timeout = '30ms'", "mariadb": "SET SESSION innodb_lock_wait_timeout = 1"}
NETWORK_DELETE = Statement("network.delete", "write", delete(schema.networks))


def lease(port_id: str, owner: str = "nobody") -> dict[str, Any]:
    return {"port_id": port_id, "owner": owner, "expires_at": 1.0}


def taken_over(port_id: str, owner: str) -> dict[str, Any]:
    return {"lease_port_id": port_id, "previous_owner": "nobody", "owner": owner, "expires_at": 2.0}


def with_leases(connections: EngineConnections, *port_ids: str) -> EngineConnections:
    with closing(connections()) as connection:
        for port_id in port_ids:
            connection.execute(statements.LEASE_INSERT, lease(port_id))
        connection.commit()
    return connections


def owners(connections: EngineConnections, *port_ids: str) -> list[str]:
    with closing(connections()) as connection:
        found = [connection.execute(statements.LEASE_LOCK, {"port_id": port_id}).rows for port_id in port_ids]
        connection.rollback()
    return [rows[0][0] if rows else "gone" for rows in found]


def watched(connections: Callable[[], Connection]) -> tuple[Database, RecordingObserver]:
    observer = RecordingObserver(Faults())
    return Database(connections, runtime=HastyRuntime(), observer=observer), observer


def test_a_deadlock_has_one_victim_whose_transaction_alone_is_repeated(connections: EngineConnections) -> None:
    with_leases(connections, "a", "b")
    database, observer = watched(connections)
    both_hold_one = Barrier(2)

    def take_both(first: str, second: str) -> int:
        def body(transaction: Transaction) -> int:
            transaction.row(statements.LEASE_LOCK, port_id=first)
            if transaction.retry == 0:
                both_hold_one.wait(timeout=10)
            transaction.row(statements.LEASE_LOCK, port_id=second)
            return transaction.retry

        return database.transact(f"{first} then {second}", body)

    with ThreadPoolExecutor() as pool:
        tries = [pool.submit(take_both, *names) for names in (("a", "b"), ("b", "a"))]
        assert sorted(done.result(timeout=20) for done in tries) == [0, 1]
    assert [kind for _, kind, _ in observer.conflicts] == ["deadlock"]


def test_a_lock_that_is_not_granted_in_time_ends_the_whole_transaction(
    database: RunDatabase, connections: EngineConnections, connect: Callable[[], Connection]
) -> None:
    """MariaDB ends only the statement; the core rolls back the rest."""
    with_leases(connections, "a")
    holder, other = connect(), connect()
    holder.execute(statements.LEASE_LOCK, {"port_id": "a"})
    other.execute(Statement("patience", "read", text(IMPATIENT[database.kind])), {})
    other.execute(statements.LEASE_INSERT, lease("b"))
    with pytest.raises(LockWaitTimeout):
        other.execute(statements.LEASE_LOCK, {"port_id": "a"})
    other.rollback()
    holder.rollback()
    assert owners(connections, "a", "b") == ["nobody", "gone"]


def test_a_transaction_that_waited_too_long_is_repeated(
    database: RunDatabase, connections: EngineConnections, connect: Callable[[], Connection]
) -> None:
    with_leases(connections, "a")
    core, observer = watched(connections)
    holder = connect()
    holder.execute(statements.LEASE_LOCK, {"port_id": "a"})

    def body(transaction: Transaction) -> int:
        if transaction.retry == 1:
            holder.rollback()
        transaction.rows(Statement("patience", "read", text(IMPATIENT[database.kind])))
        return transaction.write_row(statements.LEASE_TAKE_OVER, taken_over("a", "me"))

    assert core.transact("work", body) == 1
    assert observer.conflicts == [("work", "lock_wait_timeout", 0)]
    assert owners(connections, "a") == ["me"]


@pytest.mark.parametrize("level", ["repeatable_read", "serializable"])
def test_postgresqls_serialization_failure_repeats_on_a_fresh_snapshot(postgresql: RunDatabase, level: str) -> None:
    engine = at_level(postgresql, level)
    connections = with_leases(emptied(engine), "a")
    core, observer = watched(connections)

    def body(transaction: Transaction) -> int:
        transaction.row(statements.NETWORK_READ, network_id="n")
        if transaction.retry == 0:
            with closing(connections()) as other:
                other.execute(statements.LEASE_TAKE_OVER, taken_over("a", "other"))
                other.commit()
        return transaction.write_row(statements.LEASE_TAKE_OVER, taken_over("a", "me"))

    assert core.transact("work", body) == 0
    assert observer.conflicts == [("work", "serialization_failure", 0)]
    assert owners(connections, "a") == ["other"]
    engine.dispose()


def test_a_serialization_failure_at_commit_is_known_to_have_undone_everything(postgresql: RunDatabase) -> None:
    engine = at_level(postgresql, "serializable")
    connections = with_leases(emptied(engine), "a", "b")
    read = {
        name: Statement(name, "read", text(f"SELECT owner FROM port_binding_leases WHERE port_id = '{name}'"))
        for name in "ab"
    }
    with closing(connections()) as first, closing(connections()) as second:
        first.execute(read["a"], {})
        second.execute(read["b"], {})
        first.execute(statements.LEASE_TAKE_OVER, taken_over("b", "first"))
        second.execute(statements.LEASE_TAKE_OVER, taken_over("a", "second"))
        first.commit()
        with pytest.raises(SerializationFailure):
            second.commit()
        second.rollback()
    assert owners(connections, "a", "b") == ["nobody", "first"]
    engine.dispose()


def test_mariadbs_snapshot_isolation_tells_that_a_record_has_changed(mariadb: RunDatabase) -> None:
    engine = at_level(mariadb, "repeatable_read")
    connections = with_leases(emptied(engine), "a")
    core, observer = watched(connections)
    strict = Statement("strict", "read", text("SET SESSION innodb_snapshot_isolation = ON"))

    def body(transaction: Transaction) -> int:
        transaction.rows(strict)
        transaction.row(statements.NETWORK_READ, network_id="n")
        if transaction.retry == 0:
            with closing(connections()) as other:
                other.execute(statements.LEASE_TAKE_OVER, taken_over("a", "other"))
                other.commit()
        return transaction.write_row(statements.LEASE_TAKE_OVER, taken_over("a", "me"))

    assert core.transact("work", body) == 0
    assert observer.conflicts == [("work", "serialization_failure", 0)]
    engine.dispose()


def test_unique_and_foreign_keys_are_errors_that_are_not_repeated(
    connections: EngineConnections, connect: Callable[[], Connection]
) -> None:
    with closing(connections()) as connection:
        connection.execute(statements.NETWORK_INSERT, {"id": "n", "name": ""})
        connection.commit()
    broken: list[tuple[type[DatabaseError], Statement, dict[str, Any]]] = [
        (DuplicateKey, statements.NETWORK_INSERT, {"id": "n", "name": ""}),
        (MissingParent, statements.SUBNET_INSERT, {"id": "s", "network_id": "nowhere", "cidr": ""}),
        (DatabaseError, statements.NETWORK_INSERT, {"id": "m", "name": None}),
        (DatabaseError, statements.NETWORK_INSERT, {"id": "m" * 37, "name": ""}),
    ]
    for meaning, statement, params in broken:
        connection = connect()
        with pytest.raises(DatabaseError) as caught:
            connection.execute(statement, params)
        assert type(caught.value) is meaning
        connection.rollback()


def test_a_parent_that_is_still_referred_to_stays(connect: Callable[[], Connection]) -> None:
    connection = connect()
    connection.execute(statements.NETWORK_INSERT, {"id": "n", "name": ""})
    port = dict.fromkeys(("name", "mac_address", "status", "device_id", "device_owner"), "")
    row = {**port, "id": "p", "network_id": "n", "admin_state_up": 1, "revision_number": 1}
    connection.execute(statements.PORT_INSERT, row)
    with pytest.raises(MissingParent):
        connection.execute(NETWORK_DELETE, {})
    connection.rollback()


def test_after_a_failed_statement_postgresql_takes_no_other_and_a_commit_does_not_pretend(
    postgresql: RunDatabase,
) -> None:
    engine = postgresql.engine()
    connections = emptied(engine)
    for more in (True, False):
        with closing(connections()) as connection:
            connection.execute(statements.LEASE_INSERT, lease("a"))
            with pytest.raises(DuplicateKey):
                connection.execute(statements.LEASE_INSERT, lease("a"))
            if more:
                with pytest.raises(DatabaseError, match="current transaction is aborted"):
                    connection.execute(statements.LEASE_LOCK, {"port_id": "a"})
            with pytest.raises(DatabaseError, match="nothing is committed: PostgreSQL undid the transaction at"):
                connection.commit()
    assert owners(connections, "a") == ["gone"]
    engine.dispose()


def test_mariadb_undoes_a_failed_statement_only(mariadb: RunDatabase) -> None:
    engine = mariadb.engine()
    connections = emptied(engine)
    with closing(connections()) as connection:
        connection.execute(statements.LEASE_INSERT, lease("a"))
        with pytest.raises(DuplicateKey):
            connection.execute(statements.LEASE_INSERT, lease("a"))
        connection.commit()
    assert owners(connections, "a") == ["nobody"]
    engine.dispose()


def test_the_victim_of_a_deadlock_holds_nothing_any_more(
    database: RunDatabase, connections: EngineConnections, connect: Callable[[], Connection]
) -> None:
    with_leases(connections, "a", "b")
    first, second = connect(), connect()
    first.execute(statements.LEASE_LOCK, {"port_id": "a"})
    second.execute(statements.LEASE_LOCK, {"port_id": "b"})
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(first.execute, statements.LEASE_LOCK, {"port_id": "b"})
        try:
            second.execute(statements.LEASE_LOCK, {"port_id": "a"})
        except Deadlock:
            assert waiting.result(timeout=10).rows
        else:
            assert isinstance(waiting.exception(timeout=10), Deadlock)
    first.rollback()
    second.rollback()
    assert database.locks() == 0

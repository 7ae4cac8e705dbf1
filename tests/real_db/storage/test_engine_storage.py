"""A storage in a real engine by itself: what it shows, keeps, refuses, and leaves behind."""

import time

import pytest

from core import schema
from core import statements as sql
from core.exceptions import DuplicateKey, MissingParent
from sim.database import INNODB, POSTGRESQL, ServerTransaction, Store, StoreMaker
from sim.database.compiled import STATEMENTS
from sim.database.engine_storage import EngineBlocked, EngineFailed, stored_in
from sim.servers import RunDatabase, ServerError, opened
from tests.interleavings.world import initial_rows, port_row

pytestmark = pytest.mark.databases

NAMES = "SELECT id, name FROM ports WHERE id <> ? ORDER BY id"


@pytest.fixture
def store(in_engine: StoreMaker) -> Store:
    made = in_engine(INNODB)
    for table, rows in initial_rows():
        made.load(table, rows)
    return made


def all_gone(database: RunDatabase) -> bool:
    """Whether the schema's sessions end; a server notices after a moment that a client has left."""
    until = time.monotonic() + 10
    while database.sessions() and time.monotonic() < until:
        time.sleep(0.01)
    return not database.sessions()


def transaction(number: int = 0) -> ServerTransaction:
    return ServerTransaction(number)


def rename(store: Store, who: ServerTransaction, port_id: str, name: str) -> int:
    compiled = STATEMENTS[sql.PORT_UPDATE]
    arguments = compiled.arguments({**port_row(port_id), "port_id": port_id, "name": name})
    return store.write(who, compiled, arguments, [("ports", port_id)])


def names(store: Store, who: ServerTransaction) -> list[str]:
    compiled = STATEMENTS[sql.port_list((("network_id", 1),))]
    return [row[2] for row in store.read(who, compiled, ("net",), None)]


def test_a_transaction_sees_what_it_wrote_and_what_is_committed(store: Store) -> None:
    one, other = transaction(1), transaction(2)
    assert rename(store, one, "p1", "new") == 1
    assert (names(store, one), names(store, other)) == (["new", "old", "old"], ["old", "old", "old"])
    assert store.committed(NAMES, ("p3",)) == [("p1", "old"), ("p2", "old")]
    assert store.commit(one) == {("ports", "p1"): False}
    assert names(store, other) == ["new", "old", "old"]
    assert store.unwritten(NAMES, ("p3",)) == [("p1", "new"), ("p2", "old")]
    store.close()


def test_what_is_rolled_back_was_never_there(store: Store) -> None:
    one = transaction()
    rename(store, one, "p1", "new")
    assert (one.rows_changed, len(one.log)) == (1, 1)
    store.rollback(one)
    assert (one.log, one.written) == ([], {})
    assert store.committed("SELECT name FROM ports WHERE id = ?", ("p1",)) == [("old",)]
    store.close()


def test_after_a_failed_statement_the_transaction_can_go_on(store: Store) -> None:
    one = transaction()
    rename(store, one, "p1", "new")
    insert = STATEMENTS[sql.PORT_INSERT]
    for values, error in ((port_row("p1"), DuplicateKey), ({**port_row("p9"), "network_id": "none"}, MissingParent)):
        with pytest.raises(error, match=r"port\.insert: "):
            store.write(one, insert, insert.arguments(values), [])
    rename(store, one, "p2", "new")
    assert store.commit(one) == {("ports", "p1"): False, ("ports", "p2"): False}
    assert store.committed(NAMES, ("p3",)) == [("p1", "new"), ("p2", "new")]
    store.close()


def test_rows_that_are_there_from_the_beginning_obey_the_constraints(store: Store) -> None:
    with pytest.raises(DuplicateKey, match="loading networks"):
        store.load(schema.networks, [{"id": "a", "name": ""}, {"id": "net", "name": ""}])
    store.load(schema.networks, [])
    assert store.committed("SELECT id FROM networks") == [("net",)]
    store.close()


def test_committed_rows_change_at_once(store: Store) -> None:
    store.change("UPDATE agents SET heartbeat_at = ? WHERE host = ?", (7.5, "h1"))
    assert store.committed("SELECT heartbeat_at FROM agents") == [(7.5,)]
    store.close()


def test_whoever_would_wait_ends_the_run_and_nobody_goes_on(store: Store) -> None:
    one, other = transaction(1), transaction(2)
    rename(store, one, "p1", "x")
    with pytest.raises(EngineBlocked, match=r"port\.update of <transaction 2"):
        rename(store, other, "p1", "y")
    with pytest.raises(EngineBlocked, match=r"port\.update of <transaction 2"):
        names(store, one)
    store.close()


def test_each_storage_begins_empty_and_leaves_no_session(in_engine: StoreMaker, database: RunDatabase) -> None:
    for _ in range(2):
        store = in_engine(INNODB)
        assert store.committed("SELECT count(*) FROM ports") == [(0,)]
        store.load(schema.networks, [{"id": "net", "name": ""}])
        assert len(database.sessions()) > 0
        store.close()
    assert all_gone(database)


def test_a_storage_that_nobody_has_closed_goes_with_the_next(in_engine: StoreMaker, database: RunDatabase) -> None:
    left = in_engine(INNODB)
    names(left, transaction())
    in_engine(INNODB).close()
    assert all_gone(database)
    left.close()


def test_open_transactions_have_a_connection_each_which_others_use_after_them(
    store: Store, database: RunDatabase
) -> None:
    some = [transaction(number) for number in range(30)]
    connected = []
    for _ in range(2):
        for each in some:
            names(store, each)
        connected.append(len(database.sessions()))
        for each in some:
            store.rollback(each)
    assert connected[1] <= connected[0]  # sessions of an earlier test may still be about to go
    assert connected[0] > len(some)
    store.close()


def test_a_server_without_a_free_connection_is_told_of() -> None:
    with opened("postgresql", durable=False, settings={"max_connections": 20}) as small, stored_in(small) as made:
        assert made is not None
        store = made(POSTGRESQL)
        with pytest.raises(EngineFailed, match=r"connections are open and PostgreSQL takes no other .*max_connections"):
            all(names(store, transaction(number)) == [] for number in range(30))
        store.close()


def test_mariadb_refuses_a_profile_that_locks_less_than_innodb(mariadb: RunDatabase) -> None:
    with stored_in(mariadb) as made:
        assert made is not None
        with pytest.raises(EngineFailed, match="profile postgresql"):
            made(POSTGRESQL)


def test_the_model_is_held_against_read_committed_only() -> None:
    with (
        opened("postgresql", "serializable", durable=False) as database,
        pytest.raises(ServerError, match="serializable"),
        stored_in(database),
    ):
        raise AssertionError("it was accepted")

"""Many open transactions over one SQLite database: what is visible to whom, and what had to be replayed for it."""

from collections.abc import Callable

import pytest

from core import schema
from core import statements as sql
from core.exceptions import DatabaseError, DuplicateKey
from sim.database import ReplayDiverged
from tests.sim.database.scripted import binding_values, port_values
from tests.sim.database.storage_bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_writes_of_many_open_transactions_are_run_once(bench: Bench) -> None:
    transactions = [bench.begin() for _ in range(3)]
    for n, transaction in enumerate(transactions, 1):
        bench.rename(transaction, f"p{n}", "new")
    for n, transaction in enumerate(transactions, 1):
        assert bench.run(transaction, sql.PORT_READ, port_id=f"p{n}")[0][2] == "new"
        bench.storage.commit(transaction)
    assert bench.names(bench.begin()) == ["new", "new", "new"]
    assert bench.storage.replayed == 0


def test_a_read_of_rows_that_nobody_changed_replays_nothing(bench: Bench) -> None:
    writer, reader = bench.begin(), bench.begin()
    bench.rename(writer, "p1", "new")
    assert bench.run(reader, sql.PORT_READ, port_id="p2")[0][2] == "old"
    assert bench.run(reader, sql.NETWORK_READ, network_id="net") != []
    assert bench.run(reader, sql.IP_TAKEN_FROM, subnet_id="sub", from_offset=1) == []
    bench.storage.commit(writer)
    assert bench.storage.replayed == 0


@pytest.mark.parametrize("read", ["the row", "the list"])
def test_a_read_of_rows_that_another_changed_does_not_see_that(bench: Bench, read: str) -> None:
    writer, reader = bench.begin(), bench.begin()
    bench.rename(reader, "p2", "mine")
    bench.rename(writer, "p1", "new")
    if read == "the row":
        assert bench.run(reader, sql.PORT_READ, port_id="p1")[0][2] == "old"
    else:
        assert bench.names(reader) == ["old", "mine", "old"]
    bench.storage.commit(writer)
    assert bench.run(reader, sql.PORT_READ, port_id="p1")[0][2] == "new"
    assert bench.names(reader) == ["new", "mine", "old"]


def test_a_rollback_leaves_what_others_wrote_and_committed_meanwhile(bench: Bench) -> None:
    loser, committed, open_one = bench.begin(), bench.begin(), bench.begin()
    bench.rename(loser, "p1", "lost")
    bench.rename(committed, "p2", "kept")
    bench.rename(open_one, "p3", "later")
    bench.storage.commit(committed)
    bench.storage.rollback(loser)
    assert bench.names(bench.begin()) == ["old", "kept", "old"]
    assert bench.names(open_one) == ["old", "kept", "later"]
    bench.storage.commit(open_one)
    assert bench.names(bench.begin()) == ["old", "kept", "later"]


def test_a_transaction_that_was_set_aside_is_replayed_before_it_goes_on(bench: Bench) -> None:
    writer = bench.begin()
    bench.run(writer, sql.PORT_INSERT, **port_values("p4"))
    assert bench.names(bench.begin()) == ["old", "old", "old"]
    bench.run(writer, sql.BINDING_INSERT, **binding_values("p4", segment_id=None))
    assert bench.storage.replayed == 1
    bench.storage.commit(writer)
    assert len(bench.names(bench.begin())) == 4


def test_a_transaction_that_was_set_aside_still_reads_its_own_writes_by_key(bench: Bench) -> None:
    writer = bench.begin()
    bench.rename(writer, "p1", "new")
    assert bench.names(bench.begin()) == ["old", "old", "old"]
    assert bench.run(writer, sql.PORT_READ, port_id="p2")[0][2] == "old"
    assert bench.storage.replayed == 0
    assert bench.run(writer, sql.PORT_READ, port_id="p1")[0][2] == "new"
    assert bench.storage.replayed == 1


def test_statements_that_failed_or_changed_nothing_are_not_replayed(bench: Bench) -> None:
    writer = bench.begin()
    bench.rename(writer, "p1", "new")
    assert bench.rename(writer, "p9", "nobody") == 0
    with pytest.raises(DuplicateKey, match=r"port\.insert"):
        bench.run(writer, sql.PORT_INSERT, **port_values("p2"))
    assert bench.names(bench.begin()) == ["old", "old", "old"]
    assert bench.names(writer) == ["new", "old", "old"]
    assert bench.storage.replayed == 1
    assert writer.rows_changed == 1


@pytest.mark.parametrize(
    ("interfere", "complaint"),
    [
        (lambda bench: bench.storage._run("DELETE FROM ports WHERE id = 'p1'"), "changed 1 rows, and 0 when replayed"),
        (lambda bench: bench.storage._run("DELETE FROM networks"), "failed when replayed"),
    ],
)
def test_a_replay_that_ends_otherwise_is_an_error(
    bench: Bench, interfere: Callable[[Bench], object], complaint: str
) -> None:
    writer = bench.begin()
    bench.rename(writer, "p1", "new")
    bench.run(writer, sql.PORT_INSERT, **port_values("p4"))
    bench.storage.committed("SELECT 1")
    bench.storage._run("PRAGMA foreign_keys = OFF")
    interfere(bench)
    bench.storage._run("PRAGMA foreign_keys = ON")
    with pytest.raises(ReplayDiverged, match=complaint):
        bench.storage.commit(writer)


def test_loading_wrong_rows_loads_none(bench: Bench) -> None:
    with pytest.raises(DatabaseError, match="loading networks: UNIQUE"):
        bench.storage.load(schema.networks, [{"id": "a", "name": ""}, {"id": "net", "name": ""}])
    assert bench.storage.committed("SELECT id FROM networks") == [("net",)]

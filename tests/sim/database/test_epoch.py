"""The epoch becomes long: nobody is let in until it is empty, others' statements are tried and taken back."""

import pytest

from core import statements as sql
from core.exceptions import DuplicateKey
from sim.database import ServerTransaction
from tests.sim.database.scripted import port_values
from tests.sim.database.storage_bench import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr("sim.database.epoch.LONGEST", 2)
    monkeypatch.setattr("sim.database.epoch.TRIES", 7)
    return Bench()


def draining(bench: Bench) -> ServerTransaction:
    """Begins an epoch, keeps it open with a write to p1, and makes it long; the transaction that keeps it open."""
    present = bench.begin()
    bench.rename(present, "p1", "present")
    for n in range(3):
        other = bench.begin()
        bench.rename(other, "p2", str(n))
        bench.storage.commit(other)
    assert bench.storage.replayed == 0
    return present


def test_those_who_are_in_go_on_without_replays(bench: Bench) -> None:
    present = draining(bench)
    bench.rename(present, "p1", "again")
    bench.storage.commit(present)
    assert bench.storage.replayed == 0
    assert bench.names(bench.begin()) == ["again", "2", "old"]


def test_statements_of_others_have_their_result_and_are_taken_back(bench: Bench) -> None:
    present, late = draining(bench), bench.begin()
    assert bench.rename(late, "p3", "late") == 1
    assert bench.rename(late, "p9", "nobody") == 0
    with pytest.raises(DuplicateKey):
        bench.run(late, sql.PORT_INSERT, **port_values("p3"))
    assert bench.run(late, sql.PORT_READ, port_id="p3")[0][2] == "late"
    assert bench.storage.replayed == 3
    bench.storage.commit(present)
    assert bench.storage.committed("SELECT name FROM ports ORDER BY id") == [("present",), ("2",), ("old",)]
    assert bench.names(late) == ["present", "2", "late"]
    bench.storage.commit(late)
    assert bench.names(bench.begin()) == ["present", "2", "late"]


def test_a_transaction_can_commit_into_an_epoch_that_drains(bench: Bench) -> None:
    present, late = draining(bench), bench.begin()
    bench.rename(late, "p3", "late")
    bench.storage.commit(late)
    bench.storage.rollback(present)
    assert bench.names(bench.begin()) == ["old", "2", "late"]


def test_draining_that_takes_too_many_tries_is_given_up(bench: Bench) -> None:
    draining(bench)
    late = bench.begin()
    for n in range(5):
        bench.rename(late, "p3", str(n))
    # Tries cost 1 + 2 + 3, the fourth would be too many: 0 + 1 + 2 replayed so far, 3 kept ones, the 3 of `late`.
    assert bench.storage.replayed == 3 + 3 + 3
    bench.storage.commit(late)
    assert bench.names(bench.begin()) == ["old", "2", "4"]

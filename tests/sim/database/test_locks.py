"""The lock table alone: who is granted what, in which order."""

import pytest

from sim.database import Key, ServerTransaction
from sim.database.locks import LockRequest, LockTable
from sim.database.server_transaction import EXCLUSIVE, SHARED, UPDATING, WATCHING

ROW: Key = ("ports", "p1")
MODES = {"S": SHARED, "W": WATCHING, "U": UPDATING, "X": EXCLUSIVE}


class Bench:
    """A lock table, transactions named by letters, and the log of grants."""

    def __init__(self, *, overtakes: bool = False) -> None:
        self.granted: list[str] = []
        self.table = LockTable(self._grant, overtakes=overtakes)
        self.transactions = {name: ServerTransaction(n) for n, name in enumerate("ABCDE")}
        self.names = {transaction: name for name, transaction in self.transactions.items()}

    def _grant(self, request: LockRequest) -> None:
        self.granted.append(self.names[request.transaction])

    def ask(self, name: str, mode: str, key: Key = ROW) -> bool:
        return self.table.acquire(self.transactions[name], key, MODES[mode]) is None

    def end(self, name: str) -> list[str]:
        """Ends a transaction; who is granted a lock by that."""
        self.granted.clear()
        self.table.release_all(self.transactions[name])
        return list(self.granted)

    def blockers(self, name: str) -> list[str]:
        request = self.transactions[name].waiting
        assert request is not None
        return [self.names[blocker] for blocker in self.table.blockers(request)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("held", "asked", "granted"), [("S", "S", True), ("S", "X", False), ("X", "S", False), ("X", "X", False)]
)
def test_only_shared_locks_are_compatible(bench: Bench, held: str, asked: str, granted: bool) -> None:
    assert bench.ask("A", held)
    assert bench.ask("B", asked) is granted


def test_rows_are_independent(bench: Bench) -> None:
    assert bench.ask("A", "X")
    assert bench.ask("B", "X", ("ports", "p2"))
    assert bench.ask("B", "X", ("ml2_port_bindings", "p1"))


def test_a_holder_is_granted_again_what_it_has(bench: Bench) -> None:
    assert bench.ask("A", "X")
    assert bench.ask("A", "S")
    assert bench.ask("A", "X")
    assert bench.end("A") == []
    assert len(bench.table) == 0


def test_nobody_overtakes_the_queue(bench: Bench) -> None:
    assert bench.ask("A", "S")
    assert not bench.ask("B", "X")
    assert not bench.ask("C", "S")
    assert not bench.ask("D", "S")
    assert bench.end("A") == ["B"]
    assert bench.end("B") == ["C", "D"]


@pytest.mark.parametrize(
    ("held", "asked", "granted"),
    [("S", "U", True), ("U", "S", True), ("U", "U", False), ("U", "X", False), ("X", "U", False)],
)
def test_a_row_whose_key_stays_can_be_shared(bench: Bench, held: str, asked: str, granted: bool) -> None:
    assert bench.ask("A", held)
    assert bench.ask("B", asked) is granted


def test_a_holder_that_wants_more_has_its_turn_after_those_who_wait(bench: Bench) -> None:
    assert bench.ask("A", "S")
    assert not bench.ask("B", "X")
    assert not bench.ask("A", "X")
    assert bench.blockers("A") == ["B"]
    assert bench.blockers("B") == ["A"]


def test_where_requests_overtake_the_queue_keeps_out_nobody_whom_the_holders_let_in() -> None:
    bench = Bench(overtakes=True)
    assert bench.ask("A", "S")
    assert not bench.ask("B", "X")
    assert bench.ask("C", "S")
    assert bench.ask("D", "U")
    assert not bench.ask("E", "U")
    assert bench.blockers("E") == ["D", "B"]
    assert bench.end("A") + bench.end("C") == []
    assert bench.end("D") == ["B"]
    assert bench.end("B") == ["E"]


def test_who_watches_waits_for_the_holder_only_and_is_in_nobodys_way() -> None:
    bench = Bench(overtakes=True)
    assert bench.ask("A", "U")
    assert not bench.ask("B", "X")
    assert not bench.ask("C", "W")
    assert not bench.ask("D", "W")
    assert [bench.blockers(name) for name in "BCD"] == [["A"], ["A"], ["A"]]
    assert bench.end("A") == ["D", "C"]
    assert bench.end("C") + bench.end("D") == ["B"]


def test_an_exclusive_lock_can_become_a_shared_one(bench: Bench) -> None:
    assert bench.ask("A", "X")
    assert not bench.ask("B", "S")
    assert not bench.ask("C", "X")
    bench.table.share(bench.transactions["A"], ROW)
    assert bench.granted == ["B"]
    assert bench.end("A") == []
    assert bench.end("B") == ["C"]


def test_the_only_holder_upgrades_at_once_although_others_wait() -> None:
    bench = Bench(overtakes=True)
    assert bench.ask("A", "S")
    assert not bench.ask("B", "X")
    assert bench.ask("A", "X")
    assert not bench.ask("C", "S")
    assert bench.end("A") == ["B"]


def test_an_upgrade_waits_for_the_other_holders_only() -> None:
    bench = Bench(overtakes=True)
    assert bench.ask("A", "S")
    assert bench.ask("B", "S")
    assert not bench.ask("C", "X")
    assert not bench.ask("A", "X")
    assert bench.blockers("A") == ["B"]
    assert bench.end("B") == ["A"]
    assert bench.end("A") == ["C"]


def test_who_leaves_the_queue_lets_the_next_ones_pass(bench: Bench) -> None:
    assert bench.ask("A", "S")
    assert not bench.ask("B", "X")
    assert not bench.ask("C", "S")
    assert bench.end("B") == ["C"]


def test_a_request_waits_for_those_before_it_that_it_conflicts_with(bench: Bench) -> None:
    for name, mode in (("A", "S"), ("B", "X"), ("C", "S"), ("D", "S"), ("E", "X")):
        bench.ask(name, mode)
    assert bench.blockers("B") == ["A"]
    assert bench.blockers("C") == ["B"]
    assert bench.blockers("D") == ["B"]
    assert bench.blockers("E") == ["A", "B", "C", "D"]


def test_releasing_some_rows_keeps_the_others(bench: Bench) -> None:
    other = ("ports", "p2")
    bench.ask("A", "X")
    bench.ask("A", "X", other)
    bench.table.release(bench.transactions["A"], [other])
    assert not bench.ask("B", "X")
    assert bench.ask("C", "X", other)


def test_requests_in_queues_can_be_listed(bench: Bench) -> None:
    bench.ask("A", "X")
    bench.ask("B", "X")
    assert [request.transaction for request in bench.table.waiting()] == [bench.transactions["B"]]

"""A controller's table: reservations, confirmations, drops, and the two orders in which calls can apply."""

import pytest

from sim.model.controller_table import ControllerTable, Entry, ReservationRefused
from sim.model.ownership import Ownership


def entry(token: str, *, host: str = "a", revision: int = 1) -> Entry:
    return Entry(host, "seg", token, revision)


def tokens(table: ControllerTable) -> list[str]:
    return [held.token for _, held in table.entries()]


@pytest.fixture
def table() -> ControllerTable:
    return ControllerTable(Ownership())


@pytest.fixture
def by_revision() -> ControllerTable:
    return ControllerTable(Ownership(), by_revision=True)


def test_a_live_token_is_confirmed(table: ControllerTable) -> None:
    table.reserve("p", entry("t1"), 0)
    table.confirm("p", "t1")
    assert [(port, held.confirmed) for port, held in table.entries()] == [("p", True)]
    assert table.refused == 0


def test_a_token_that_is_gone_is_refused_and_changes_nothing(table: ControllerTable) -> None:
    table.reserve("p", entry("t1"), 0)
    table.drop("p", keep=None, revision=2, at_us=0)
    table.confirm("p", "t1")
    assert table.refused == 1
    assert tokens(table) == []


def test_a_drop_keeps_the_new_bindings_token(table: ControllerTable) -> None:
    table.reserve("p", entry("t1"), 0)
    table.reserve("p", entry("t2", host="b", revision=2), 0)
    table.drop("p", keep="t2", revision=2, at_us=0)
    assert tokens(table) == ["t2"]


def test_in_order_of_arrival_a_late_drop_removes_what_is_newer(table: ControllerTable) -> None:
    table.reserve("p", entry("t1", revision=3), 0)
    table.drop("p", keep=None, revision=2, at_us=0)
    assert tokens(table) == []


def test_by_revision_a_late_drop_removes_what_is_older_only(by_revision: ControllerTable) -> None:
    by_revision.reserve("p", entry("t1", revision=1), 0)
    by_revision.reserve("p", entry("t2", revision=3), 0)
    by_revision.drop("p", keep=None, revision=2, at_us=0)
    assert tokens(by_revision) == ["t2"]


def test_by_revision_a_late_reservation_is_refused(by_revision: ControllerTable) -> None:
    by_revision.drop("p", keep=None, revision=2, at_us=0)
    with pytest.raises(ReservationRefused, match="revision 1"):
        by_revision.reserve("p", entry("t1", revision=1), 0)
    by_revision.reserve("p", entry("t2", revision=2), 0)
    assert tokens(by_revision) == ["t2"]


def test_two_hosts_own_a_port_from_the_second_entry_to_the_drop_of_the_first() -> None:
    ownership = Ownership()
    table = ControllerTable(ownership)
    table.reserve("p", entry("t1", host="a"), 10)
    table.reserve("p", entry("t2", host="b", revision=2), 30)
    table.reserve("p", entry("t3", host="b", revision=2), 40)
    table.drop("p", keep="t3", revision=2, at_us=100)
    assert ownership.double_us.tolist() == [70]


def test_a_window_that_is_open_at_the_end_ends_there() -> None:
    ownership = Ownership()
    ownership.gained("p", "a", 0)
    ownership.gained("p", "b", 5)
    ownership.close(20)
    assert ownership.double_us.tolist() == [15]

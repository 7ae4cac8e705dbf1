"""contract on histories written by hand: where calls are made, the chain of precommits, the cases."""

from itertools import pairwise

import pytest

from core.binding.promises import CONTRACT
from core.records import Port
from tests.sim.history.judged import assert_proof, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import bound, failed, moved, port, renamed

FIRST = port(1, "h1")
SECOND = moved(FIRST, "h2")
BOUND = bound(FIRST, "t1")
CHAIN = ("calls update_port_precommit of sdn", "T1 (update_port of operation 1) committed")


def started(*ports: Port, **facts: object) -> Told:
    """Operation 1 has been called and will be answered."""
    history = Told(**facts)
    history.initial(*ports)
    history.answer(1)
    return history


def commits(history: Told, was: Port | None, now: Port | None, *, told: tuple[Port, Port | None] | None = None) -> None:
    """Transaction 1 of operation 1, whose precommit says `told`; its postcommit says what was committed."""
    kind = history.kind(was, now)
    shown = told or ((now or was, was if kind == "update" else None))
    assert shown[0] is not None
    call = history.callback(1, f"{kind}_port_precommit", shown[0], shown[1], transaction=1)
    history.returned(call)
    history.commit(1, 1, {1: now})
    history.tells(1, "postcommit", was, now)


def test_a_port_that_is_made_moved_bound_renamed_and_deleted_as_drivers_are_told_is_right() -> None:
    history = started(drivers=("sdn", "log"))
    chain = [None, FIRST, SECOND, bound(SECOND, "t2"), renamed(bound(SECOND, "t2"), "new"), None]
    for transaction, (was, now) in enumerate(pairwise(chain)):
        history.does(1, transaction, was, now)
    assert word(history, CONTRACT) == "ok"


# where calls are made


def test_a_precommit_outside_any_transaction_is_found() -> None:
    history = started(FIRST)
    history.callback(2, "update_port_precommit", SECOND, FIRST)
    judged = found(history, CONTRACT)
    assert judged.cause == "update_port_precommit outside a transaction"
    assert_proof(judged, "operation 2 calls update_port_precommit of sdn", names=("operation 2", "port 1", "deferred"))


def test_a_postcommit_inside_a_transaction_is_found() -> None:
    history = started(FIRST)
    history.tells(1, "precommit", FIRST, SECOND, transaction=1)
    history.commit(1, 1, {1: SECOND})
    history.tells(1, "postcommit", FIRST, SECOND, transaction=7)
    judged = found(history, CONTRACT)
    assert judged.cause == "update_port_postcommit inside a transaction"
    assert "inside T7" in judged.says


@pytest.mark.parametrize(("inside", "transaction"), [(False, 5), (True, -1)])
def test_a_bind_port_on_the_wrong_side_of_the_transaction_is_found(inside: bool, transaction: int) -> None:
    history = started(FIRST, binds_inside=inside)
    history.asks(1, FIRST, None, transaction=transaction)
    where = "outside" if inside else "inside"
    judged = found(history, CONTRACT)
    assert judged.cause == f"bind_port {where} a transaction"
    assert_proof(judged, "calls bind_port of sdn")


def test_bind_port_on_the_right_side_is_right() -> None:
    for inside, transaction in ((False, -1), (True, 5)):
        history = started(FIRST, binds_inside=inside)
        history.asks(1, FIRST, None, transaction=transaction)
        assert word(history, CONTRACT) == "ok"


# the chain


def test_a_commit_of_which_no_precommit_told_is_found() -> None:
    history = started(FIRST)
    history.commit(1, 1, {1: SECOND})
    history.tells(1, "postcommit", FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "precommits are not one a driver"
    assert_proof(judged, "the set-up committed", CHAIN[1], names=("T1", "operation 1", "port 1", "h1", "h2"))


def test_a_driver_that_was_told_twice_before_the_commit_is_found() -> None:
    history = started(FIRST)
    history.tells(1, "precommit", FIRST, SECOND, transaction=1)
    commits(history, FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "precommits are not one a driver"
    assert_proof(judged, "the set-up committed", CHAIN[0], *CHAIN)


def test_a_precommit_of_another_kind_is_found() -> None:
    history = started(FIRST)
    history.tells(1, "precommit", FIRST, None, transaction=1)
    history.commit(1, 1, {1: SECOND})
    history.tells(1, "postcommit", FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "precommit of another kind"
    assert_proof(judged, "the set-up committed", "delete_port_precommit", CHAIN[1])


def test_a_precommit_with_another_current_state_is_found() -> None:
    history = started(FIRST)
    commits(history, FIRST, SECOND, told=(moved(FIRST, "h3"), FIRST))
    judged = found(history, CONTRACT)
    assert judged.cause == "current is not what was committed"
    assert_proof(judged, "the set-up committed", *CHAIN, names=("T1", "current state"))


@pytest.mark.parametrize("original", [None, SECOND])
def test_a_precommit_with_another_original_is_found(original: Port | None) -> None:
    history = started(FIRST)
    commits(history, FIRST, SECOND, told=(SECOND, original))
    assert found(history, CONTRACT).cause == "original is not the state before"


def test_a_deletion_shows_what_was_there_and_no_original() -> None:
    history = started(FIRST)
    commits(history, FIRST, None, told=(FIRST, FIRST))
    assert found(history, CONTRACT).cause == "original is not the state before"


def test_a_commit_after_a_failed_precommit_is_found() -> None:
    history = started(FIRST)
    call = history.callback(1, "update_port_precommit", SECOND, FIRST, transaction=1)
    history.returned(call, "error")
    history.commit(1, 1, {1: SECOND})
    history.tells(1, "postcommit", FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "committed after a failed precommit"
    assert_proof(judged, "the set-up committed", "it failed (error)", CHAIN[1])


def test_a_precommit_in_a_transaction_that_changed_nothing_of_the_port_is_found() -> None:
    history = started(FIRST, port(2))
    history.tells(1, "precommit", port(2), renamed(port(2), "new"), transaction=1)
    commits(history, FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "precommit of nothing"
    assert_proof(judged, *CHAIN, names=("T1", "port 2"))


def test_a_change_after_a_deletion_is_found() -> None:
    history = started(FIRST)
    history.does(1, 1, FIRST, None)
    history.tells(1, "precommit", FIRST, SECOND, transaction=2)
    history.commit(1, 2, {1: SECOND})
    history.tells(1, "postcommit", None, SECOND)
    assert found(history, CONTRACT).cause == "precommit of another kind"


# the cases


WRONG_CASES: dict[str, tuple[bool, Port | None, Port]] = {
    "revision not raised by one": (False, FIRST, SECOND._replace(revision_number=5)),
    "half a binding": (False, FIRST, SECOND.with_binding(SECOND.binding._replace(driver="sdn"))),
    "3a: created bound": (False, None, BOUND),
    "3c: binding touched": (False, BOUND, bound(BOUND, "t2")),
    "3d: still bound": (False, BOUND, bound(moved(BOUND, "h2"), "t1")._replace(revision_number=2)),
    "3d: status not DOWN": (False, BOUND, moved(BOUND, "h2")._replace(status="ACTIVE")),
    "not attempted": (True, FIRST, SECOND),
}


@pytest.mark.parametrize("cause", WRONG_CASES)
def test_a_commit_that_is_none_of_the_cases_is_found(cause: str) -> None:
    inside, was, now = WRONG_CASES[cause]
    history = started(*([] if was is None else [was]), binds_inside=inside)
    commits(history, was, now)
    judged = found(history, CONTRACT)
    assert judged.cause == cause
    assert_proof(
        judged, *([] if was is None else ["the set-up committed"]), "precommit of sdn", CHAIN[1], names=("T1",)
    )


def test_in_a_transaction_with_binding_a_created_port_may_be_bound_but_its_binding_may_not_be_touched() -> None:
    history = started(binds_inside=True)
    history.does(1, 1, None, BOUND)
    assert word(history, CONTRACT) == "ok"
    history.does(1, 2, BOUND, bound(BOUND, "t2"))
    assert found(history, CONTRACT).cause == "3c: binding touched"


def test_a_binding_or_a_failure_is_committed_on_an_unbound_port() -> None:
    history = started(FIRST)
    history.does(1, 1, FIRST, failed(FIRST))
    history.does(1, 2, failed(FIRST), bound(failed(FIRST), "t1"))
    assert word(history, CONTRACT) == "ok"

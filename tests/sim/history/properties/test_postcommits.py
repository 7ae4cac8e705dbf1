"""The part of contract that is about postcommits, on histories written by hand."""

import pytest

from core.binding.promises import CONTRACT
from core.records import Port
from tests.sim.history.judged import assert_proof, causes, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import moved, port

FIRST = port(1, "h1")
SECOND = moved(FIRST, "h2")
COMMITTED = "T1 (update_port of operation 1) committed"
TOLD = "operation 1 calls update_port_postcommit of sdn"


def changed(**facts: object) -> Told:
    """Operation 1 has committed a change, and has not told anybody after it; it will be answered."""
    history = Told(**facts)
    history.initial(FIRST)
    history.answer(1)
    history.changes(1, 1, FIRST, SECOND)
    return history


def test_a_commit_of_which_a_driver_was_never_told_is_found() -> None:
    judged = found(changed(), CONTRACT)
    assert judged.cause == "postcommit missing"
    assert_proof(judged, COMMITTED, names=("T1", "operation 1", "port 1", "sdn was never told"))


def test_a_driver_that_was_told_twice_is_found() -> None:
    history = changed()
    history.tells(1, "postcommit", FIRST, SECOND)
    history.tells(1, "postcommit", FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "postcommit twice"
    assert_proof(judged, COMMITTED, TOLD, TOLD, names=("told of it 2 times",))


def test_a_driver_that_was_told_before_the_commit_is_found() -> None:
    history = Told()
    history.initial(FIRST)
    history.tells(1, "postcommit", FIRST, SECOND)
    history.changes(1, 1, FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "postcommit before its commit"
    assert_proof(judged, TOLD, COMMITTED)


def test_a_postcommit_of_what_was_rolled_back_is_found() -> None:
    history = Told()
    history.initial(FIRST)
    history.tells(1, "precommit", FIRST, SECOND, transaction=1)
    history.end(1, 1, "rollback")
    history.tells(1, "postcommit", FIRST, SECOND)
    judged = found(history, CONTRACT)
    assert judged.cause == "postcommit of what was not committed"
    assert_proof(judged, TOLD, names=("operation 1", "sdn", "port 1", "committed no such change"))


def test_a_postcommit_by_another_operation_does_not_count() -> None:
    history = changed()
    history.tells(2, "postcommit", FIRST, SECOND)
    assert causes(history, CONTRACT) == ["postcommit missing", "postcommit of what was not committed"]


def test_postcommits_of_different_operations_may_overtake_each_other() -> None:
    history = changed()
    third = moved(SECOND, "h3")
    history.does(2, 2, SECOND, third)
    history.tells(1, "postcommit", FIRST, SECOND)
    assert word(history, CONTRACT) == "ok"


def test_who_died_after_the_commit_owes_nothing() -> None:
    history = Told()
    history.initial(FIRST)
    history.changes(1, 1, FIRST, SECOND)
    assert word(history, CONTRACT) == "ok"


def test_after_a_create_that_a_driver_refused_the_later_drivers_are_not_told() -> None:
    history = Told(drivers=("sdn", "log"))
    history.answer(1)
    history.changes(1, 1, None, FIRST)
    history.returned(history.callback(1, "create_port_postcommit", FIRST), "error")
    assert word(history, CONTRACT) == "ok"


def test_a_create_that_went_well_with_the_first_driver_owes_the_second_its_call() -> None:
    history = Told(drivers=("sdn", "log"))
    history.answer(1)
    history.changes(1, 1, None, FIRST)
    history.returned(history.callback(1, "create_port_postcommit", FIRST))
    assert found(history, CONTRACT).cause == "postcommit missing"


def test_a_port_that_is_made_deleted_and_made_again_owes_two_alike() -> None:
    history = Told()
    history.answer(1)
    history.does(1, 1, None, FIRST)
    history.does(1, 2, FIRST, None)
    history.does(1, 3, None, FIRST)
    assert word(history, CONTRACT) == "ok"


def told_before_the_acknowledgement(*, seen: Port | None) -> Told:
    """Operation 1 tells the driver between the sending of COMMIT and its acknowledgement; another reads after that."""
    history = Told(exact=False)
    history.initial(FIRST)
    history.tells(1, "precommit", FIRST, SECOND, transaction=1)
    sent = history.mark()
    history.tells(1, "postcommit", FIRST, SECOND)
    if seen is not None:
        history.read(2, 2, 1, seen)
    history.commit(1, 1, {1: SECOND}, sent=sent)
    return history


@pytest.mark.parametrize("seen", [None, SECOND])
def test_between_the_sending_of_commit_and_its_acknowledgement_a_driver_may_be_told(seen: Port | None) -> None:
    assert word(told_before_the_acknowledgement(seen=seen), CONTRACT) == "ok"


def test_a_driver_that_is_told_before_another_reads_what_was_before_is_told_too_early() -> None:
    judged = found(told_before_the_acknowledgement(seen=FIRST), CONTRACT, "postcommit before its commit")
    assert judged.certain
    assert_proof(judged, TOLD, COMMITTED)


def test_a_client_that_did_not_learn_of_its_commit_and_so_told_nobody_is_not_decided() -> None:
    history = Told()
    history.initial(FIRST)
    history.answer(1)
    history.tells(1, "precommit", FIRST, SECOND, transaction=1)
    history.commit(1, 1, {1: SECOND})
    history.end(1, 1, "commit_outcome_unknown")
    judged = found(history, CONTRACT)
    assert (judged.cause, judged.certain) == ("postcommit missing", False)
    assert_proof(judged, COMMITTED, "ended: commit_outcome_unknown", names=("did not learn what a COMMIT had done",))

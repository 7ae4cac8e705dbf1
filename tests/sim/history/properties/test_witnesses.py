"""The part of outcome that holds the observer's word on transactions against the database."""

from core.binding.promises import OUTCOME
from tests.sim.history.judged import assert_proof, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import moved, port

FIRST = port(1, "h1")
SECOND = moved(FIRST, "h2")


def started() -> Told:
    history = Told()
    history.initial(FIRST)
    history.answer(1)
    return history


def test_transactions_that_ended_as_was_said_are_right() -> None:
    history = started()
    history.changes(1, 1, FIRST, SECOND)
    history.wrote(2, 1)
    history.end(1, 2, "deadlock")
    history.end(1, 3, "commit")
    assert word(history, OUTCOME) == "ok"


def test_a_commit_that_the_database_does_not_have_is_found() -> None:
    history = started()
    history.wrote(1, 1)
    history.end(1, 1, "commit")
    judged = found(history, OUTCOME)
    assert judged.cause == "said committed, is not"
    assert_proof(judged, "T1 (update_port) ended: commit", names=("operation 1", "T1", "no commit of it"))


def test_a_roll_back_that_the_database_has_committed_is_found() -> None:
    history = started()
    history.commit(1, 1, {1: SECOND})
    history.end(1, 1, "rollback")
    judged = found(history, OUTCOME)
    assert judged.cause == "said rolled back, is committed"
    assert_proof(judged, "T1 (update_port of operation 1) committed", "T1 (update_port) ended: rollback", names=("T1",))


def test_a_commit_of_which_nothing_was_said_is_found() -> None:
    history = started()
    history.commit(1, 1, {1: SECOND})
    judged = found(history, OUTCOME)
    assert judged.cause == "commit not told"
    assert_proof(judged, "T1 (update_port of operation 1) committed", names=("T1", "operation 1", "never said"))


def test_who_died_in_between_says_nothing() -> None:
    history = started()
    history.commit(2, 1, {1: SECOND})
    assert word(history, OUTCOME) == "ok"


def test_a_commit_in_doubt_may_have_happened_or_not() -> None:
    history = started()
    history.commit(1, 1, {1: SECOND})
    history.end(1, 1, "commit_outcome_unknown")
    history.wrote(2, 1)
    history.end(1, 2, "commit_outcome_unknown")
    assert word(history, OUTCOME) == "ok"

"""outcome on histories written by hand: attempts against what the others saw."""

import pytest

from core.binding.promises import OUTCOME
from core.context import BindingResult
from core.records import Port
from tests.sim.history.judged import assert_proof, causes, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import Happening, bound, failed, moved, port, renamed, result

FIRST = port(1, "h1")
T1 = result("t1")
BOUND = bound(FIRST, "t1")
MOVED = moved(FIRST, "h2")
HOPELESS = failed(FIRST)
COMMITTED = "T1 (update_port of operation 1) committed"
ASKED = "operation 1 calls bind_port of sdn"
READS = "T1 of operation 1 reads port 1"


def started(initial: Port = FIRST, **facts: object) -> Told:
    history = Told(**facts)
    history.initial(initial)
    return history


def asks(history: Told, sets: BindingResult | None = T1, state: Port = FIRST) -> Happening:
    """Operation 1 begins an attempt and asks the drivers; where it began."""
    began = history.mark()
    history.asks(1, state, sets)
    return began


def commits(history: Told, now: Port | None, was: Port = FIRST, transaction: int = 1) -> None:
    history.read(1, transaction, 1, was)
    history.wrote(transaction, 1)
    history.commit(1, transaction, {1: now})
    history.end(1, transaction)


def says(history: Told, began: Happening, outcome: str = "committed", *, nth: int = 1, bound: bool = True) -> None:
    history.attempt(began, 1, 1, nth, bound=bound, outcome=outcome)


def test_a_binding_that_is_committed_on_an_unchanged_port_is_4a() -> None:
    history = started()
    began = asks(history)
    commits(history, BOUND)
    says(history, began)
    assert word(history, OUTCOME) == "ok"


def test_a_failure_that_is_committed_is_4a() -> None:
    history = started()
    began = asks(history, None)
    commits(history, HOPELESS)
    says(history, began, bound=False)
    assert word(history, OUTCOME) == "ok"


@pytest.mark.parametrize(
    ("seen", "outcome", "bound"),
    [
        (bound(FIRST, "t2"), "bound_by_other", True),
        (MOVED, "inputs_changed", True),
        (None, "deleted", True),
        (HOPELESS, "unchanged_failure", False),
        (FIRST, "error", True),
    ],
)
def test_what_the_last_transaction_read_decides_the_other_outcomes(
    seen: Port | None, outcome: str, bound: bool
) -> None:
    history = started()
    began = asks(history, result("t1") if bound else None)
    history.read(1, 1, 1, seen)
    history.end(1, 1)
    says(history, began, outcome, bound=bound)
    assert word(history, OUTCOME) == "ok"


def test_after_4c_the_next_attempt_starts_from_what_was_read() -> None:
    history = started()
    began = asks(history)
    history.changes(2, 3, FIRST, MOVED)
    history.read(1, 1, 1, MOVED)
    says(history, began, "inputs_changed")
    began = asks(history, result("t2"), MOVED)
    commits(history, bound(MOVED, "t2"), MOVED, 2)
    says(history, began, nth=2)
    assert word(history, OUTCOME) == "ok"


# order


def test_an_attempt_beyond_the_most_allowed_is_found() -> None:
    history = started(max_attempts=1)
    for nth in (1, 2):
        began = asks(history)
        history.read(1, nth, 1, MOVED if nth == 1 else FIRST)
        says(history, began, "inputs_changed" if nth == 1 else "error", nth=nth)
    judged = found(history, OUTCOME)
    assert judged.cause == "too many attempts"
    assert_proof(
        judged, "attempt 1 on port 1", "attempt 2 on port 1", names=("operation 1", "attempt 2", "at most 1 attempts")
    )


def test_attempts_that_are_not_numbered_in_order_are_found() -> None:
    history = started()
    began = asks(history)
    commits(history, BOUND)
    says(history, began, nth=2)
    judged = found(history, OUTCOME)
    assert judged.cause == "attempts out of order"
    assert_proof(judged, "operation 1 says of attempt 2 on port 1", names=("attempt 2", "numbered 1, 2, 3"))


def test_an_attempt_after_a_final_outcome_is_found() -> None:
    history = started()
    for nth in (1, 2):
        began = asks(history)
        history.read(1, nth, 1, None)
        says(history, began, "deleted", nth=nth)
    assert causes(history, OUTCOME) == ["attempt after the end"]


def test_a_repeated_transaction_attempts_again_as_number_1_inside() -> None:
    history = started(binds_inside=True)
    for transaction in (1, 2):
        began = history.mark()
        history.asks(1, FIRST, result(f"t{transaction}"), transaction=transaction)
        says(history, began)
    history.commit(1, 2, {1: bound(FIRST, "t2")})
    history.end(1, 2)
    assert word(history, OUTCOME) == "ok"


@pytest.mark.parametrize("known", [MOVED, None], ids=["moved", "gone"])
def test_asking_for_a_state_that_is_known_to_be_old_is_found(known: Port | None) -> None:
    history = started()
    history.read(1, 7, 1, known)
    began = asks(history)
    history.read(1, 8, 1, FIRST)
    says(history, began, "error")
    judged = found(history, OUTCOME)
    assert judged.cause == "bound from an old state"
    assert_proof(judged, "T7 of operation 1 reads port 1", ASKED, "attempt 1", names=("operation 1", "had seen"))


# 4a


@pytest.mark.parametrize(("sets", "bound"), [(None, True), (result("t1"), False)])
def test_saying_bound_of_what_drivers_did_not_bind_and_the_reverse_is_found(
    sets: BindingResult | None, bound: bool
) -> None:
    history = started()
    began = asks(history, sets)
    history.read(1, 1, 1, None)
    says(history, began, "deleted", bound=bound)
    judged = found(history, OUTCOME)
    assert judged.cause == "bound or not"
    assert_proof(judged, ASKED, "says of attempt 1")


def test_saying_committed_without_a_commit_is_found() -> None:
    history = started()
    began = asks(history)
    history.read(1, 1, 1, FIRST)
    says(history, began)
    judged = found(history, OUTCOME)
    assert judged.cause == "said committed"
    assert_proof(judged, READS, "says of attempt 1", names=("no commits are its own",))


def test_committing_onto_a_port_that_is_gone_is_found() -> None:
    history = started()
    began = asks(history)
    commits(history, None)
    says(history, began)
    assert found(history, OUTCOME).cause == "committed on no port"


def test_committing_over_another_binding_is_found() -> None:
    history = started(BOUND)
    began = asks(history, result("t2"))
    commits(history, bound(BOUND, "t2"), BOUND)
    says(history, began)
    judged = found(history, OUTCOME)
    assert judged.cause == "committed over a binding"
    assert_proof(judged, "the set-up committed", ASKED, COMMITTED, "says of attempt 1", names=("4b",))


def test_committing_over_a_change_is_found() -> None:
    history = started(MOVED)
    began = asks(history)
    commits(history, bound(MOVED, "t1"), MOVED)
    says(history, began)
    judged = found(history, OUTCOME)
    assert judged.cause == "committed over a change"
    assert_proof(judged, "the set-up committed", ASKED, COMMITTED, "says of attempt 1", names=("4c",))


def test_inputs_that_came_back_are_no_change_to_the_check_of_values() -> None:
    back = moved(MOVED, "h1")
    for check, expected in (("values", []), ("generation", ["committed over a change"])):
        history = started(back, check=check)
        began = asks(history)
        commits(history, bound(back, "t1"), back)
        says(history, began)
        assert causes(history, OUTCOME) == expected


@pytest.mark.parametrize(("sets", "now"), [(result("t2"), BOUND), (None, BOUND), (result("t1"), HOPELESS)])
def test_committing_another_result_than_drivers_set_is_found(sets: BindingResult | None, now: Port) -> None:
    history = started()
    began = asks(history, sets)
    commits(history, now)
    says(history, began, bound=sets is not None)
    judged = found(history, OUTCOME)
    assert judged.cause == "another result committed"
    assert_proof(judged, ASKED, COMMITTED, "says of attempt 1")


def test_committing_more_than_the_result_is_found() -> None:
    history = started()
    began = asks(history)
    commits(history, BOUND._replace(name="old name written back"))
    says(history, began)
    judged = found(history, OUTCOME)
    assert judged.cause == "more than the result committed"
    assert_proof(judged, "the set-up committed", COMMITTED, "says of attempt 1")


@pytest.mark.parametrize("now", [BOUND, None])
def test_inside_the_transaction_the_commit_has_the_result(now: Port | None) -> None:
    history = started(binds_inside=True)
    began = history.mark()
    history.asks(1, FIRST, result("t2"), transaction=1)
    says(history, began)
    history.commit(1, 1, {1: now})
    history.end(1, 1)
    assert causes(history, OUTCOME) == ["another result committed" if now else "committed on no port"]


# the other outcomes


def test_a_commit_in_an_attempt_that_ended_otherwise_is_found() -> None:
    history = started()
    began = asks(history)
    commits(history, BOUND)
    says(history, began, "bound_by_other")
    judged = found(history, OUTCOME)
    assert judged.cause == "commit without its outcome"
    assert_proof(judged, COMMITTED, "bound, bound_by_other", names=("bound_by_other", "it committed"))


def test_deciding_without_a_look_is_found() -> None:
    history = started()
    began = asks(history)
    says(history, began, "inputs_changed")
    judged = found(history, OUTCOME)
    assert judged.cause == "decided without reading"
    assert_proof(judged, ASKED, "says of attempt 1")


@pytest.mark.parametrize(
    ("seen", "outcome", "right"),
    [
        (BOUND, "inputs_changed", "bound_by_other"),
        (MOVED, "bound_by_other", "inputs_changed"),
        (None, "inputs_changed", "deleted"),
        (renamed(FIRST, "new"), "inputs_changed", "committed"),
        (HOPELESS, "unchanged_failure", "committed"),
    ],
)
def test_another_outcome_than_that_of_what_was_read_is_found(seen: Port | None, outcome: str, right: str) -> None:
    history = started()
    began = asks(history)
    history.read(1, 1, 1, seen)
    says(history, began, outcome)
    judged = found(history, OUTCOME)
    assert judged.cause == "another outcome"
    assert_proof(judged, ASKED, READS, "says of attempt 1", names=(f"'{right}'",))


@pytest.mark.parametrize(("seen", "right"), [(FIRST, False), (moved(FIRST, ""), True)])
def test_drivers_are_not_asked_only_where_there_is_no_host_or_a_binding(seen: Port, right: bool) -> None:
    history = started()
    began = history.mark()
    history.read(1, 1, 1, seen)
    says(history, began, "inputs_changed", bound=False)
    assert causes(history, OUTCOME) == ([] if right else ["another outcome"])


# giving up


def gives_up(outcome: str, attempts: int, **facts: object) -> Told:
    history = started(**facts)
    began = asks(history)
    history.read(1, 1, 1, MOVED)
    says(history, began, outcome)
    history.gave_up(1, 1, attempts)
    return history


def test_giving_up_after_the_most_attempts_or_an_error_is_right() -> None:
    assert word(gives_up("inputs_changed", 1, max_attempts=1), OUTCOME) == "ok"
    assert word(gives_up("error", 1), OUTCOME) == "ok"


def test_giving_up_early_is_found() -> None:
    judged = found(gives_up("inputs_changed", 1), OUTCOME)
    assert judged.cause == "gave up early"
    assert_proof(judged, "says of attempt 1", "operation 1 gives up port 1", names=("after 1 of 10",))


def test_giving_up_untried_is_found() -> None:
    history = started()
    history.gave_up(1, 1, 10)
    judged = found(history, OUTCOME)
    assert judged.cause == "gave up untried"
    assert_proof(judged, "operation 1 gives up port 1", names=("operation 1", "port 1", "made none"))


def test_an_attempt_whose_client_did_not_learn_of_its_commit_is_not_decided() -> None:
    history = started()
    began = asks(history)
    history.wrote(1, 1)
    history.commit(1, 1, {1: BOUND})
    history.end(1, 1, "commit_outcome_unknown")
    history.read(1, 2, 1, BOUND)
    history.end(1, 2)
    says(history, began, "bound_by_other")
    judged = found(history, OUTCOME)
    assert (judged.cause, judged.certain) == ("commit without its outcome", False)
    assert_proof(judged, COMMITTED, "ended: commit_outcome_unknown", "says of attempt 1")

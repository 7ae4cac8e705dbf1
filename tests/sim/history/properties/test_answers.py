"""answers on histories written by hand."""

import pytest

from core.binding.promises import ANSWERS
from core.records import Port
from tests.sim.history.judged import assert_proof, causes, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import Happening, moved, port

FIRST = port(1, "h1")
SECOND = moved(FIRST, "h2")


def started(**facts: object) -> Told:
    history = Told(**facts)
    history.initial(FIRST)
    return history


def updates(history: Told, *, sent: Happening | None = None) -> None:
    """Operation 1 moves the port from h1 to h2."""
    history.commit(1, 1, {1: SECOND}, sent=sent)


@pytest.mark.parametrize("shown", [FIRST, SECOND])
def test_an_answer_may_be_any_state_between_call_and_return(shown: Port) -> None:
    history = started()
    history.call(2, "get_port", 1)
    updates(history)
    history.answer(2, shown)
    assert word(history, ANSWERS) == "ok"


def test_an_answer_without_what_had_committed_before_the_call_is_too_old() -> None:
    history = started()
    updates(history)
    history.call(2, "get_port", 1)
    history.answer(2, FIRST)
    judged = found(history, ANSWERS)
    assert judged.cause == "answer too old"
    assert_proof(
        judged, "the set-up committed", "T1 (", "operation 2 calls get_port port 1", "operation 2 returns",
        names=("operation 2", "h1", "before the call"),
    )  # fmt: skip


def test_an_answer_with_what_committed_after_the_return_is_too_new() -> None:
    history = started()
    history.call(2, "get_port", 1)
    history.answer(2, SECOND)
    updates(history)
    judged = found(history, ANSWERS)
    assert judged.cause == "answer too new"
    assert_proof(judged, "operation 2 calls", "operation 2 returns", "T1 (", names=("operation 2", "after the return"))


def test_an_answer_that_no_transaction_committed_is_found() -> None:
    history = started()
    history.call(2, "get_port", 1)
    history.answer(2, SECOND)
    judged = found(history, ANSWERS)
    assert judged.cause == "answer never committed"
    assert_proof(judged, "operation 2 calls", "operation 2 returns", names=("operation 2", "h2"))


def test_an_operation_without_an_answer_promises_nothing() -> None:
    history = started()
    history.call(2, "get_port", 1)
    assert word(history, ANSWERS) == "ok"


@pytest.mark.parametrize("kind", ["get_port", "update_port"])
def test_port_not_found_of_a_port_that_was_there_all_the_time_is_found(kind: str) -> None:
    history = started()
    history.call(2, kind, 1)
    history.refusal(2, "PortNotFound")
    judged = found(history, ANSWERS)
    assert judged.cause == "absent though it existed"
    assert_proof(
        judged, "the set-up committed", "operation 2 calls", "operation 2 raises PortNotFound", names=("operation 2",)
    )


def test_a_deletion_that_left_the_port_is_found() -> None:
    history = started()
    history.call(2, "delete_port", 1)
    history.answer(2)
    judged = found(history, ANSWERS)
    assert judged.cause == "absent though it existed"
    assert "told that the port is deleted" in judged.says


def test_port_not_found_is_right_where_the_port_went_meanwhile() -> None:
    history = started()
    history.call(2, "get_port", 1)
    history.commit(1, 1, {1: None})
    history.refusal(2, "PortNotFound")
    assert word(history, ANSWERS) == "ok"


# creates


def creates(history: Told, *made: Port) -> None:
    history.call(3, "create_port", None)
    for transaction, each in enumerate(made, start=10):
        history.commit(3, transaction, {int(each.id[24:], 16): each}, name="create_port")


def test_a_create_answers_the_port_that_it_made() -> None:
    history = started()
    creates(history, port(7))
    history.answer(3, port(7))
    assert word(history, ANSWERS) == "ok"


def test_a_create_that_made_two_ports_is_found() -> None:
    history = started()
    creates(history, port(7), port(8))
    history.answer(3, port(8))
    judged = found(history, ANSWERS)
    assert judged.cause == "a create made several ports"
    assert_proof(judged, "operation 3 calls create_port", "T10", "T11", "operation 3 returns", names=("made 2 ports",))


def test_a_create_that_answers_another_port_is_found() -> None:
    history = started()
    creates(history, port(7))
    history.answer(3, FIRST)
    judged = found(history, ANSWERS)
    assert judged.cause == "a create answered another port"
    assert_proof(judged, "operation 3 calls create_port", "T10", "operation 3 returns", names=("port 1", "another"))


def test_a_refused_create_that_left_its_port_is_found() -> None:
    history = started()
    creates(history, port(7))
    history.refusal(3, "MechanismDriverError")
    judged = found(history, ANSWERS)
    assert judged.cause == "refused but not deleted"
    assert_proof(judged, "operation 3 calls", "T10", "operation 3 raises MechanismDriverError", names=("still there",))


def test_a_refused_create_may_leave_its_port_if_it_said_that_it_could_not_delete_it() -> None:
    history = started()
    creates(history, port(7))
    history.logged(3, 7, "undo_create")
    history.refusal(3, "MechanismDriverError")
    assert word(history, ANSWERS) == "ok"


# lists


@pytest.mark.parametrize("filters", [{}, {"binding:host_id": "h1"}, {"binding:host_id": ["h9", "h1"]}])
def test_a_list_without_a_port_that_matched_throughout_is_not_complete(filters: dict[str, object]) -> None:
    history = started()
    history.call(2, "get_ports", None, **filters)
    history.answer(2)
    judged = found(history, ANSWERS)
    assert judged.cause == "list not complete"
    assert_proof(
        judged, "the set-up committed", "operation 2 calls get_ports", "operation 2 returns nothing", names=("port 1",)
    )


@pytest.mark.parametrize("filters", [{"binding:host_id": "h2"}, {"network_id": "net"}, {"device_id": "vm-9"}])
def test_a_list_need_not_have_what_does_not_match_or_cannot_be_asked(filters: dict[str, object]) -> None:
    history = started()
    history.call(2, "get_ports", None, **filters)
    history.answer(2)
    assert word(history, ANSWERS) == "ok"


def test_a_list_need_not_have_what_stopped_matching_meanwhile() -> None:
    history = started()
    history.call(2, "get_ports", None, **{"binding:host_id": "h1"})
    updates(history)
    history.answer(2)
    assert word(history, ANSWERS) == "ok"


def test_lists_follow_ports_as_they_come_change_and_go() -> None:
    history = started()
    updates(history)
    history.commit(3, 3, {7: port(7, "h2")})
    history.call(4, "get_ports", None, **{"binding:host_id": "h2"})
    history.answer(4)
    history.commit(5, 5, {1: None})
    history.call(6, "get_ports")
    history.answer(6)
    assert causes(history, ANSWERS) == ["list not complete"] * 3


# commits without an exact instant, commits in doubt


@pytest.mark.parametrize("shown", [FIRST, SECOND])
def test_an_answer_while_a_commit_is_under_way_may_show_what_was_before_or_after(shown: Port) -> None:
    history = started(exact=False)
    sent = history.mark()
    history.call(2, "get_port", 1)
    history.answer(2, shown)
    updates(history, sent=sent)
    assert word(history, ANSWERS) == "ok"


def test_an_answer_that_misses_what_an_earlier_one_has_shown_is_too_old_whenever_it_was_committed() -> None:
    history = started(exact=False)
    sent = history.mark()
    for operation, shown in ((2, SECOND), (3, FIRST)):
        history.call(operation, "get_port", 1)
        history.answer(operation, shown)
    updates(history, sent=sent)
    judged = found(history, ANSWERS)
    assert (judged.cause, judged.certain) == ("answer too old", True)
    assert_proof(
        judged, "operation 2 returns", "operation 3 calls", "operation 3 returns", "T1 (update_port of operation 1)",
        names=("operation 3", "what others saw shows that this was over before the call"),
    )  # fmt: skip


def test_an_answer_that_shows_what_a_later_read_does_not_is_too_new() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.call(2, "get_port", 1)
    history.answer(2, SECOND)
    history.read(3, 3, 1, FIRST)
    updates(history, sent=sent)
    judged = found(history, ANSWERS)
    assert (judged.cause, judged.certain) == ("answer too new", True)
    assert any("T3 of operation 3 reads port 1" in line for line in judged.lines)


def test_absence_while_a_deletion_is_under_way_may_be_told_or_not() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.call(2, "get_port", 1)
    history.answer(2, FIRST)
    history.call(3, "get_port", 1)
    history.refusal(3, "PortNotFound")
    history.commit(1, 1, {1: None}, sent=sent)
    assert word(history, ANSWERS) == "ok"


def test_absence_is_told_too_early_if_a_later_answer_has_the_port() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.call(2, "get_port", 1)
    history.refusal(2, "PortNotFound")
    history.call(3, "get_port", 1)
    history.answer(3, FIRST)
    history.commit(1, 1, {1: None}, sent=sent)
    assert causes(history, ANSWERS) == ["answer too old"]


def lists(history: Told, operation: int, *ports: Port) -> None:
    history.call(operation, "get_ports")
    history.answer(operation, *ports)


def test_a_list_while_a_creation_is_under_way_may_have_the_port_or_not() -> None:
    history = started(exact=False)
    sent = history.mark()
    lists(history, 2, FIRST)
    lists(history, 4, FIRST, port(7))
    history.commit(3, 3, {7: port(7)}, sent=sent)
    lists(history, 5, FIRST, port(7))
    assert word(history, ANSWERS) == "ok"


def test_a_list_without_a_port_that_an_earlier_one_had_is_not_complete() -> None:
    history = started(exact=False)
    sent = history.mark()
    lists(history, 2, FIRST, port(7))
    lists(history, 4, FIRST)
    history.commit(3, 3, {7: port(7)}, sent=sent)
    judged = found(history, ANSWERS)
    assert (judged.cause, judged.certain) == ("list not complete", True)
    assert "operation 4" in judged.says


def test_a_refused_port_whose_deletion_is_under_way_when_that_is_answered_may_be_deleted_already() -> None:
    history = started(exact=False)
    history.call(3, "create_port")
    history.commit(3, 3, {7: port(7)})
    sent = history.mark()
    history.refusal(3, "MechanismDriverError")
    history.commit(3, 4, {7: None}, sent=sent)
    assert word(history, ANSWERS) == "ok"


def test_a_refused_port_that_was_seen_after_that_was_answered_is_not_deleted_in_time() -> None:
    history = started(exact=False)
    history.call(3, "create_port")
    history.commit(3, 3, {7: port(7)})
    sent = history.mark()
    history.refusal(3, "MechanismDriverError")
    history.read(4, 5, 7, port(7))
    history.commit(3, 4, {7: None}, sent=sent)
    assert causes(history, ANSWERS) == ["refused but not deleted"]


def test_two_states_that_both_miss_the_filter_make_a_list_right_however_unsure_their_instants() -> None:
    history = started(exact=False)
    updates(history)
    sent = history.mark()
    history.call(2, "get_ports", None, **{"binding:host_id": "h1"})
    history.answer(2)
    history.commit(3, 3, {1: moved(SECOND, "h3")}, sent=sent)
    assert word(history, ANSWERS) == "ok"


def test_an_answer_that_was_never_in_force_is_wrong_also_when_a_commit_was_in_doubt() -> None:
    history = started()
    history.call(1, "update_port", 1)
    updates(history)
    history.end(1, 1, "commit_outcome_unknown")
    history.answer(1, moved(FIRST, "h9"))
    judged = found(history, ANSWERS)
    assert (judged.cause, judged.certain) == ("answer never committed", True)


def made_again(*, in_doubt: bool) -> Told:
    history = started()
    creates(history, port(7))
    if in_doubt:
        history.end(3, 10, "commit_outcome_unknown")
    history.call(4, "delete_port", 7)
    history.commit(4, 20, {7: None}, name="delete_port")
    history.answer(4)
    history.commit(3, 21, {7: port(7)}, name="create_port")
    history.answer(3, port(7))
    return history


def test_a_create_that_made_its_deleted_port_again_is_excused_by_a_commit_in_doubt_alone() -> None:
    judged = found(made_again(in_doubt=True), ANSWERS)
    assert (judged.cause, judged.certain) == ("a create made its port again", False)
    assert "did not learn what a COMMIT had done" in judged.says
    judged = found(made_again(in_doubt=False), ANSWERS)
    assert (judged.cause, judged.certain) == ("a create made its port again", True)

"""agreement on histories written by hand."""

import pytest

from core.binding.promises import AGREEMENT
from core.records import Port
from sim.history import check
from tests.sim.history.judged import assert_proof, causes, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import bound, moved, port, renamed, result

UNBOUND = port(1, "h1")
BOUND = bound(UNBOUND, "t1")


def started(initial: Port = UNBOUND, **facts: object) -> Told:
    history = Told(**facts)
    history.initial(initial)
    return history


def binds(history: Told, *, outcome: str = "committed") -> None:
    """Operation 1 reserves at the controller; with 'committed' it commits that and tells the driver."""
    began = history.mark()
    history.change("reserved", 1, "h1", "t1")
    history.asks(1, UNBOUND, result("t1"))
    if outcome == "committed":
        history.changes(1, 1, UNBOUND, BOUND)
    history.attempt(began, 1, 1, outcome=outcome)
    if outcome == "committed":
        history.tells(1, "postcommit", UNBOUND, BOUND)


def test_a_binding_with_its_entry_of_which_the_driver_was_told_agrees() -> None:
    history = started()
    binds(history)
    assert word(history, AGREEMENT) == "ok"


def test_an_entry_that_was_dropped_with_its_port_agrees() -> None:
    history = started()
    binds(history)
    history.does(2, 2, BOUND, None)
    history.change("dropped", 1, "h1", "t1")
    assert word(history, AGREEMENT) == "ok"


def test_what_happens_after_rest_is_not_looked_at() -> None:
    history = started()
    history.rest()
    binds(history, outcome="inputs_changed")
    history.changes(2, 2, UNBOUND, moved(UNBOUND, "h2"))
    assert word(history, AGREEMENT) == "ok"


def test_without_rest_it_is_unknown() -> None:
    history = started(quiescent=False)
    binds(history, outcome="inputs_changed")
    verdict = check(history.history()).verdicts[AGREEMENT]
    assert (verdict.word, verdict.unknown_because) == ("unknown", "the system did not come to rest")


# orphaned


@pytest.mark.parametrize("outcome", ["inputs_changed", "bound_by_other", "deleted", "error", "unchanged_failure"])
def test_an_entry_of_a_discarded_attempt_is_orphaned_and_the_cause_says_why(outcome: str) -> None:
    history = started()
    binds(history, outcome=outcome)
    judged = found(history, AGREEMENT)
    assert judged.cause.startswith("orphaned, ")
    assert_proof(
        judged, "the set-up committed", "port 1 on h1 reserved, token t1", "calls bind_port", "says of attempt 1",
        names=("sdn holds an entry for port 1", "token t1", judged.cause.removeprefix("orphaned, ")),
    )  # fmt: skip


def test_each_kind_of_orphan_has_a_cause_of_its_own() -> None:
    found_causes = set()
    for outcome in ("inputs_changed", "bound_by_other", "deleted", "error", "unchanged_failure"):
        history = started()
        binds(history, outcome=outcome)
        found_causes.add(found(history, AGREEMENT).cause)
    assert len(found_causes) == 5


def test_an_entry_whose_caller_never_had_an_answer_is_orphaned() -> None:
    history = started()
    history.change("reserved", 1, "h1", "t1")
    judged = found(history, AGREEMENT)
    assert judged.cause == "orphaned, its caller had no answer"
    assert_proof(judged, "the set-up committed", "port 1 on h1 reserved, token t1")


def test_an_entry_whose_caller_died_after_the_answer_is_orphaned() -> None:
    history = started()
    history.change("reserved", 1, "h1", "t1")
    history.asks(1, UNBOUND, result("t1"))
    judged = found(history, AGREEMENT)
    assert judged.cause == "orphaned, its caller died"
    assert_proof(judged, "the set-up committed", "port 1 on h1 reserved, token t1", "calls bind_port of sdn")


def test_an_entry_that_outlives_its_binding_is_orphaned() -> None:
    history = started()
    binds(history)
    history.does(2, 2, BOUND, moved(BOUND, "h2"))
    judged = found(history, AGREEMENT)
    assert judged.cause == "orphaned, no drop arrived"
    assert_proof(judged, "port 1 on h1 reserved", "calls bind_port of sdn", "T2 (update_port of operation 2) committed")


# unbacked


def test_a_binding_whose_entry_a_late_drop_removed_is_unbacked() -> None:
    history = started()
    binds(history)
    history.change("dropped", 1, "h1", "t1")
    judged = found(history, AGREEMENT)
    assert judged.cause == "unbacked, a late drop removed it"
    assert_proof(judged, "T1 (", "port 1 on h1 dropped, token t1", names=("port 1", "h1", "holds no such entry"))


def test_a_binding_that_was_never_reserved_is_unbacked() -> None:
    history = started(BOUND)
    judged = found(history, AGREEMENT)
    assert judged.cause == "unbacked, it was never reserved"
    assert_proof(judged, "the set-up committed")


def test_a_binding_of_a_driver_without_a_controller_needs_no_entry() -> None:
    history = started(bound(UNBOUND, "t1", driver="agent"), drivers=("agent",), controllers={})
    assert word(history, AGREEMENT) == "ok"


# diverged


def test_a_driver_that_was_never_told_of_the_last_commit_has_diverged() -> None:
    history = started()
    history.changes(1, 1, UNBOUND, moved(UNBOUND, "h2"))
    history.answer(1)
    judged = found(history, AGREEMENT)
    assert judged.cause == "diverged, never told of the last commit"
    assert_proof(judged, "T1 (update_port of operation 1) committed", names=("sdn", "port 1", "h1", "h2"))


def test_a_driver_that_was_told_in_another_order_has_diverged() -> None:
    history = started()
    second = moved(UNBOUND, "h2")
    third = moved(second, "h3")
    history.changes(1, 1, UNBOUND, second)
    history.does(2, 2, second, third)
    history.tells(1, "postcommit", UNBOUND, second)
    judged = found(history, AGREEMENT)
    assert judged.cause == "diverged, told in another order"
    assert_proof(
        judged, "T2 (update_port of operation 2) committed", "operation 2 calls update_port_postcommit",
        "operation 1 calls update_port_postcommit", names=("sdn", "h2", "h3"),
    )  # fmt: skip


def test_a_postcommit_that_failed_told_the_driver_nothing() -> None:
    history = started()
    history.changes(1, 1, UNBOUND, moved(UNBOUND, "h2"))
    call = history.callback(1, "update_port_postcommit", moved(UNBOUND, "h2"), UNBOUND)
    history.returned(call, "error")
    assert found(history, AGREEMENT).cause == "diverged, telling it failed"


def test_a_driver_that_does_not_know_of_a_deletion_has_diverged() -> None:
    history = started()
    history.changes(1, 1, UNBOUND, None)
    judged = found(history, AGREEMENT)
    assert judged.cause == "diverged, whoever should tell it died"
    assert_proof(judged, "T1 (update_port of operation 1) committed", names=("left it as: no port",))


def test_a_driver_that_does_not_know_of_a_new_port_has_diverged() -> None:
    history = Told()
    history.initial()
    history.changes(1, 1, None, UNBOUND)
    assert causes(history, AGREEMENT) == ["diverged, whoever should tell it died"]


def test_revision_and_generation_alone_are_no_divergence() -> None:
    history = started()
    history.commit(1, 1, {1: renamed(UNBOUND, "")._replace(binding=UNBOUND.binding._replace(generation=9))})
    assert word(history, AGREEMENT) == "ok"


# where no instants are known


def told_at_once(**facts: object) -> Told:
    """Two operations commit one after the other; their postcommits are under way at once, the first returns last."""
    history = started(port(1), **facts)
    was, now, then = port(1), renamed(port(1), "now"), renamed(renamed(port(1), "now"), "then")
    history.changes(1, 1, was, now)
    history.changes(2, 2, now, then)
    calls = [
        history.callback(operation, "update_port_postcommit", *states)
        for operation, states in ((1, (now, was)), (2, (then, now)))
    ]
    for call in reversed(calls):
        history.returned(call)
    return history


def test_which_of_two_postcommits_under_way_at_once_was_the_last_real_processes_cannot_tell() -> None:
    assert causes(told_at_once(), AGREEMENT) == ["diverged, told in another order"]
    assert word(told_at_once(exact=False), AGREEMENT) == "ok"


def test_what_a_driver_was_told_before_is_not_the_last_in_real_time_either() -> None:
    history = told_at_once(exact=False)
    history.tells(1, "postcommit", port(1), renamed(port(1), "now"))
    assert causes(history, AGREEMENT) == ["diverged, told in another order"]


def test_a_commit_under_way_at_rest_leaves_it_unknown() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.rest()
    history.commit(1, 1, {1: moved(UNBOUND, "h2")}, sent=sent)
    verdict = check(history.history()).verdicts[AGREEMENT]
    assert (verdict.word, verdict.findings) == ("unknown", ())
    assert "a commit was under way" in verdict.unknown_because

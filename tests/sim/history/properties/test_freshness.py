"""freshness on histories written by hand."""

from core.binding.promises import FRESHNESS
from core.records import Port
from tests.sim.history.judged import assert_proof, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import bound, failed, moved, port, renamed, result

UNBOUND = port(1, "h1")
BOUND = bound(UNBOUND, "t1")


def asked(start: Port = UNBOUND, **facts: object) -> Told:
    """A port, and an operation 1 whose driver has bound it."""
    history = Told(**facts)
    history.initial(start)
    history.asks(1, start, result("t1"))
    return history


def with_host(state: Port, host: str) -> Port:
    return state._replace(binding=state.binding._replace(host=host))


def test_a_binding_on_what_it_was_computed_from_is_fresh() -> None:
    history = asked()
    history.does(1, 1, UNBOUND, BOUND)
    history.does(2, 2, BOUND, renamed(BOUND, "new"))
    assert word(history, FRESHNESS) == "ok"


def test_a_rename_during_the_attempt_leaves_it_fresh() -> None:
    history = asked()
    new = renamed(UNBOUND, "new")
    history.does(2, 1, UNBOUND, new)
    history.does(1, 2, new, bound(new, "t1"))
    assert word(history, FRESHNESS) == "ok"


def test_a_binding_that_nobody_computed_is_found() -> None:
    history = Told()
    history.initial(UNBOUND)
    history.does(1, 1, UNBOUND, BOUND)
    judged = found(history, FRESHNESS)
    assert judged.cause == "computed by nobody"
    assert_proof(
        judged, "T1 (update_port of operation 1) committed", names=("T1", "operation 1", "origin is not known")
    )


def test_a_binding_computed_by_another_operation_is_computed_by_nobody() -> None:
    history = asked()
    history.does(2, 1, UNBOUND, BOUND)
    assert found(history, FRESHNESS).cause == "computed by nobody"


def test_a_binding_computed_after_commit_was_sent_is_computed_by_nobody() -> None:
    history = Told(exact=False)
    history.initial(UNBOUND)
    sent = history.mark()
    history.asks(1, UNBOUND, result("t1"))
    history.commit(1, 1, {1: BOUND}, sent=sent)
    assert found(history, FRESHNESS).cause == "computed by nobody"


def test_a_binding_on_another_host_than_it_was_computed_for_is_stale_at_its_commit() -> None:
    history = asked()
    elsewhere = moved(UNBOUND, "h2")
    history.does(2, 1, UNBOUND, elsewhere)
    history.does(1, 2, elsewhere, bound(elsewhere, "t1"))
    judged = found(history, FRESHNESS)
    assert judged.cause == "stale at its commit"
    assert_proof(
        judged, "operation 1 calls bind_port of sdn", "T1 (update_port of operation 2) committed",
        "T2 (update_port of operation 1) committed", names=("port 1", "h1", "h2", "T2", "operation 1"),
    )  # fmt: skip


def test_a_later_change_that_leaves_the_binding_makes_it_mixed_and_is_told_of_once() -> None:
    history = asked()
    history.does(1, 1, UNBOUND, BOUND)
    mixed = with_host(renamed(BOUND, ""), "h2")
    mixed = mixed._replace(binding=mixed.binding._replace(generation=BOUND.binding.generation + 1))
    history.does(2, 2, BOUND, mixed)
    history.does(3, 3, mixed, renamed(mixed, "new"))
    judged = found(history, FRESHNESS)
    assert judged.cause == "mixed"
    assert_proof(judged, "bind_port", "T2 (update_port of operation 2) committed", names=("h1", "h2", "T2"))


def test_inputs_that_changed_and_came_back_are_a_b_a() -> None:
    history = asked(check="values")
    away = moved(UNBOUND, "h2")
    history.does(2, 1, UNBOUND, away)
    back = moved(away, "h1")
    history.does(3, 2, away, back)
    history.does(1, 3, back, bound(back, "t1"))
    judged = found(history, FRESHNESS)
    assert judged.cause == "A -> B -> A"
    assert_proof(judged, "bind_port", "T1 (", "T2 (", "T3 (", names=("had changed and come back", "T3"))


def test_a_failed_attempt_in_between_is_no_change_of_inputs() -> None:
    history = asked()
    hopeless = failed(UNBOUND)
    history.does(2, 1, UNBOUND, hopeless)
    history.does(1, 2, hopeless, bound(hopeless, "t1"))
    assert word(history, FRESHNESS) == "ok"


def test_a_generation_that_does_not_rise_with_an_input_is_found() -> None:
    history = Told()
    history.initial(UNBOUND)
    silent = moved(UNBOUND, "h2")
    silent = silent._replace(binding=silent.binding._replace(generation=0))
    history.does(1, 1, UNBOUND, silent)
    judged = found(history, FRESHNESS)
    assert judged.cause == "generation"
    assert_proof(judged, "the set-up committed", "T1 (", names=("T1", "port 1", "from 0 to 0"))


def test_a_generation_that_rises_for_nothing_is_found() -> None:
    history = Told()
    history.initial(UNBOUND)
    loud = failed(UNBOUND)
    history.does(1, 1, UNBOUND, loud._replace(binding=loud.binding._replace(generation=1)))
    assert found(history, FRESHNESS).cause == "generation"


def test_a_binding_made_anew_by_its_own_transaction_starts_afresh() -> None:
    history = Told(binds_inside=True)
    history.initial(BOUND)
    elsewhere = moved(BOUND, "h2")
    history.asks(1, elsewhere, result("t1"), transaction=1)
    history.does(1, 1, BOUND, bound(elsewhere, "t1")._replace(revision_number=2))
    assert word(history, FRESHNESS) == "ok"

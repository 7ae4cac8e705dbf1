"""Activations on histories written by hand: what contract, durability and freshness demand of them."""

from core.binding.promises import CONTRACT, DURABILITY, FRESHNESS
from core.records import Port
from tests.sim.history.judged import causes, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import bound, moved, port, renamed, result

SOURCE = bound(port(1, "h1"), "t1")
TARGET = moved(SOURCE, "h2")
ACTIVE = bound(TARGET, "t2")._replace(revision_number=SOURCE.revision_number + 1, status="DOWN")


def activation(was: Port = SOURCE, now: Port = ACTIVE, *, name: str = "activate_port_binding", **facts: object) -> Told:
    """Operation 1 makes the binding t2 on h2; operation 2 commits `now` onto `was`."""
    history = Told(**facts)
    history.initial(was)
    history.call(1, "create_port_binding", 1, host="h2")
    history.asks(1, TARGET, result("t2"))
    history.answer(1)
    history.call(2, "activate_port_binding", 1, host="h2")
    history.does(2, 1, was, now).data["name"] = name
    history.answer(2, now)
    return history


def test_an_activation_keeps_every_promise_wherever_drivers_bind() -> None:
    for inside in (False, True):
        history = activation(binds_inside=inside)
        assert [causes(history, name) for name in (CONTRACT, DURABILITY, FRESHNESS)] == [[], [], []]


def test_the_same_commit_by_an_update_is_still_bound_and_computed_by_nobody() -> None:
    history = activation(name="update_port")
    assert found(history, CONTRACT).cause == "3d: still bound"
    assert found(history, FRESHNESS).cause == "computed by nobody"


def test_an_activation_of_a_binding_that_nobody_made_is_found() -> None:
    history = Told()
    history.initial(SOURCE)
    history.call(2, "activate_port_binding", 1, host="h2")
    history.does(2, 1, SOURCE, ACTIVE).data["name"] = "activate_port_binding"
    assert found(history, FRESHNESS).cause == "computed by nobody"


def test_an_activation_onto_other_inputs_than_the_binding_was_computed_for_is_stale() -> None:
    elsewhere = ACTIVE._replace(binding=ACTIVE.binding._replace(host="h3"))
    assert found(activation(now=elsewhere), FRESHNESS).cause == "stale at its commit"


def test_a_change_of_host_between_making_and_activating_leaves_it_fresh() -> None:
    history = Told()
    history.initial(SOURCE)
    history.call(1, "create_port_binding", 1, host="h2")
    history.asks(1, TARGET, result("t2"))
    there = moved(SOURCE, "h3")
    history.does(3, 1, SOURCE, there)
    now = bound(moved(there, "h2"), "t2")._replace(revision_number=there.revision_number + 1, status="DOWN")
    history.does(2, 2, there, now).data["name"] = "activate_port_binding"
    assert word(history, FRESHNESS) == word(history, CONTRACT) == "ok"


def test_an_activation_that_changes_no_host_or_leaves_the_status_is_found() -> None:
    unmoved = renamed(SOURCE, "new")
    assert "activated nothing" in causes(activation(now=unmoved), CONTRACT)
    up = ACTIVE._replace(status="ACTIVE")
    assert found(activation(now=up), CONTRACT).cause == "activated: status not DOWN"
    assert causes(activation(now=up, binds_inside=True), CONTRACT) == []


def test_an_unbinding_before_the_activation_breaks_durability_and_the_contract() -> None:
    unbound = SOURCE._replace(
        binding=SOURCE.binding.unbound()._replace(generation=SOURCE.binding.generation + 1),
        revision_number=SOURCE.revision_number + 1,
        status="DOWN",
    )
    history = activation(now=unbound, name="deactivate_port_binding")
    assert found(history, DURABILITY).cause == "overwritten"
    assert found(history, CONTRACT).cause == "3c: binding touched"

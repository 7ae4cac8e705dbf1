"""Inactive bindings: made on another host, activated, deleted; and what others' changes do to an activation.

The others act between two transactions, so no threads.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.binding import DEFERRED, IN_TRANSACTION, NEUTRON_2026_1, BindingStrategy
from core.binding.policies import Activation, ConflictRepeats
from core.exceptions import (
    Deadlock,
    DuplicateKey,
    InvalidInput,
    MechanismDriverError,
    PortBindingAlreadyActive,
    PortBindingAlreadyExists,
    PortBindingError,
    PortBindingNotFound,
    PortNotFound,
)
from core.records import PortDict
from tests.core.worlds import World, seen

STALE = replace(DEFERRED, activation=Activation.STALE)
INACTIVE = "ml2_inactive_port_bindings"
every_activation = pytest.mark.parametrize(
    "strategy", [DEFERRED, IN_TRANSACTION, STALE, NEUTRON_2026_1], ids=lambda s: f"{s.name} {s.activation}"
)


def migrating(strategy: BindingStrategy = DEFERRED) -> tuple[World, PortDict]:
    """A port bound on h1 with an inactive binding on h2; the drivers' log is empty."""
    world = World(strategy)
    port = world.create("h1")
    world.plugin.create_port_binding(port["id"], "h2")
    world.told()
    return world, port


def after(world: World, transaction: str, *actions: Callable[[], object]) -> None:
    """The next transactions of this name that end are each followed by another client's action."""
    left, told = list(actions), world.observer.transaction_ended

    def ended(name: str, outcome: str) -> None:
        told(name, outcome)
        if name == transaction and left:
            left.pop(0)()

    world.observer.transaction_ended = ended  # type: ignore[method-assign]


def hosts(world: World) -> list[str]:
    return [row["host"] for row in world.rows(INACTIVE)]


def refused(call: Callable[[str, str], object], port: PortDict, host: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call(port["id"], host)


def raced(world: World, transaction: str) -> None:
    """The next INSERT of an inactive binding there finds that another has made one."""
    world.faults.add(transaction, "inactive_binding.insert", DuplicateKey)


# create


def test_an_inactive_binding_is_made_by_drivers_and_leaves_the_port_alone(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create("h1", **{"binding:profile": {"a": 1}})
    world.told()
    made = world.plugin.create_port_binding(port["id"], "h2")
    assert made == {
        "host": "h2", "vnic_type": "normal", "profile": {"a": 1}, "vif_type": "ovs", "vif_details": {"for": "h2"},
        "status": "INACTIVE",
    }  # fmt: skip
    assert world.told() == [f"bind_port out: None -> h2 unbound ACTIVE r{port['revision_number']}"]
    assert world.plugin.get_port(port["id"]) == port
    assert hosts(world) == ["h2"]


def test_a_host_where_no_driver_binds_gets_no_binding_after_as_many_rounds_as_the_strategy_goes() -> None:
    for strategy, rounds in ((DEFERRED, 1), (NEUTRON_2026_1, 10)):
        world = World(strategy)
        port = world.create("h1")
        world.told()
        world.sdn.hopeless = {"h2"}
        with pytest.raises(PortBindingError, match=r"on host h2: no driver binds it there$"):
            world.plugin.create_port_binding(port["id"], "h2")
        assert world.methods() == ["bind_port"] * rounds
        assert hosts(world) == []


def test_a_second_inactive_binding_on_a_host_is_refused_and_the_first_stays() -> None:
    world, port = migrating()
    with pytest.raises(PortBindingAlreadyExists, match="has an inactive binding on host h2 already; delete it first"):
        world.plugin.create_port_binding(port["id"], "h2")
    assert world.told() == []
    world.plugin.create_port_binding(port["id"], "h3")
    assert hosts(world) == ["h2", "h3"]


@pytest.mark.parametrize("call", ["create_port_binding", "activate_port_binding", "delete_port_binding"])
def test_the_active_binding_is_not_made_activated_or_deleted_a_second_time(call: str) -> None:
    world, port = migrating()
    with pytest.raises(PortBindingAlreadyActive, match="on host h1 is active already"):
        getattr(world.plugin, call)(port["id"], "h1")
    assert hosts(world) == ["h2"]


@pytest.mark.parametrize("call", ["create_port_binding", "activate_port_binding", "delete_port_binding"])
def test_a_port_that_is_not_there_and_a_host_without_a_name_are_refused(call: str) -> None:
    world = World()
    with pytest.raises(PortNotFound):
        getattr(world.plugin, call)("nowhere", "h1")
    with pytest.raises(InvalidInput, match="the name of a host"):
        getattr(world.plugin, call)("nowhere", "")


def test_a_port_deleted_while_drivers_bind_is_not_found() -> None:
    world = World()
    port = world.create("h1")

    def deleted_meanwhile(context: Any) -> None:
        world.plugin.delete_port(port["id"])
        world.sdn.bind(context)

    world.sdn.then("bind_port", deleted_meanwhile)
    with pytest.raises(PortNotFound):
        world.plugin.create_port_binding(port["id"], "h2")


def test_an_inactive_binding_goes_with_its_port() -> None:
    world, port = migrating()
    world.plugin.delete_port(port["id"])
    assert hosts(world) == []


# activate


def test_activation_is_one_commit_of_which_drivers_are_told_the_old_and_the_new_binding(
    strategy: BindingStrategy,
) -> None:
    world, port = migrating(strategy)
    before, revision = world.generation(port), port["revision_number"]
    moved = world.plugin.activate_port_binding(port["id"], "h2")
    told = f"h1 ovs physnet1 by sdn ACTIVE r{revision} -> h2 ovs physnet1 by sdn DOWN r{revision + 1}"
    assert world.told() == [f"update_port_precommit in: {told}", f"update_port_postcommit out: {told}"]
    assert seen(moved) == world.committed(port) == f"h2 ovs DOWN r{revision + 1}"
    assert moved["binding:vif_details"] == {"for": "h2"}
    assert world.generation(port) == before + 1
    assert hosts(world) == ["h1"]


def test_stale_activation_tells_drivers_of_the_second_commit_alone() -> None:
    world, port = migrating(STALE)
    world.plugin.activate_port_binding(port["id"], "h2")
    told = "h1 unbound DOWN r3 -> h2 ovs physnet1 by sdn DOWN r4"
    assert world.told() == [f"update_port_precommit in: {told}", f"update_port_postcommit out: {told}"]
    assert hosts(world) == ["h1"]


@every_activation
def test_the_binding_that_was_active_stays_inactive_and_unbound_with_its_host_vnic_type_and_profile(
    strategy: BindingStrategy,
) -> None:
    world = World(strategy)
    port = world.create("h1", **{"binding:profile": {"a": 1}, "binding:vnic_type": "direct"})
    world.plugin.create_port_binding(port["id"], "h2")
    world.plugin.activate_port_binding(port["id"], "h2")
    assert world.rows(INACTIVE) == [
        {
            "port_id": port["id"], "host": "h1", "vnic_type": "direct", "profile": '{"a":1}', "vif_type": "unbound",
            "vif_details": "", "driver": None, "segment_id": None, "upper_levels": "",
        }
    ]  # fmt: skip


@every_activation
def test_nova_deletes_the_binding_of_the_host_that_was_left_and_can_come_back_by_a_new_one(
    strategy: BindingStrategy,
) -> None:
    world, port = migrating(strategy)
    world.plugin.activate_port_binding(port["id"], "h2")
    world.told()
    refused(world.plugin.create_port_binding, port, "h1", PortBindingAlreadyExists, "on host h1 already; delete it")
    world.plugin.delete_port_binding(port["id"], "h1")
    assert world.told() == hosts(world) == []
    world.plugin.create_port_binding(port["id"], "h1")
    assert seen(world.plugin.activate_port_binding(port["id"], "h1")).startswith("h1 ovs DOWN")
    assert hosts(world) == ["h2"]


@every_activation
def test_a_binding_that_an_activation_has_left_unbound_is_not_activated(strategy: BindingStrategy) -> None:
    world, port = migrating(strategy)
    world.plugin.activate_port_binding(port["id"], "h2")
    world.told()
    before = world.dump()
    refused(world.plugin.activate_port_binding, port, "h1", PortBindingError, "has left it unbound; delete it and cre")
    assert world.dump() == before
    assert world.told() == []


@every_activation
def test_a_port_without_a_host_leaves_no_binding_behind(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create()
    world.plugin.create_port_binding(port["id"], "h2")
    assert seen(world.plugin.activate_port_binding(port["id"], "h2")).startswith("h2 ovs DOWN")
    assert hosts(world) == []


@every_activation
def test_what_is_left_takes_the_place_of_an_inactive_binding_on_the_host_that_an_update_had_moved_the_port_to(
    strategy: BindingStrategy,
) -> None:
    world, port = migrating(strategy)
    world.plugin.create_port_binding(port["id"], "h3")
    world.move(port, "h3")
    world.plugin.activate_port_binding(port["id"], "h2")
    assert [(row["host"], row["vif_type"]) for row in world.rows(INACTIVE)] == [("h3", "unbound")]


def test_a_binding_that_another_makes_on_the_host_that_is_left_is_a_conflict_and_the_activation_is_repeated() -> None:
    world, port = migrating()
    raced(world, "activate_port_binding")
    world.plugin.activate_port_binding(port["id"], "h2")
    assert world.observer.conflicts == [("activate_port_binding", "stale_data", 0)]
    assert world.committed(port) == "h2 ovs DOWN r3"
    assert hosts(world) == ["h1"]


def test_a_binding_that_another_makes_on_the_same_host_while_drivers_bind_is_refused() -> None:
    world = World()
    port = world.create("h1")
    raced(world, "create_port_binding")
    refused(world.plugin.create_port_binding, port, "h2", PortBindingAlreadyExists, "on host h2 already")
    assert hosts(world) == []


def test_a_host_without_an_inactive_binding_is_not_found() -> None:
    world, port = migrating()
    for call in (world.plugin.activate_port_binding, world.plugin.delete_port_binding):
        with pytest.raises(PortBindingNotFound, match="has no inactive binding on host h9"):
            call(port["id"], "h9")
    assert world.told() == []


def test_a_drivers_refusal_leaves_both_bindings_as_they_were() -> None:
    world, port = migrating()
    world.sdn.then("update_port_precommit", RuntimeError("no"))
    with pytest.raises(MechanismDriverError):
        world.plugin.activate_port_binding(port["id"], "h2")
    assert world.committed(port) == "h1 ovs ACTIVE r2"
    assert hosts(world) == ["h2"]


@pytest.mark.parametrize("strategy", [NEUTRON_2026_1, STALE], ids=lambda strategy: strategy.name)
def test_stale_activation_never_wins_after_a_concurrent_host_change(strategy: BindingStrategy) -> None:
    world, port = migrating(strategy)
    after(world, "deactivate_port_binding", lambda: world.move(port, "h3"))
    with pytest.raises(PortBindingError, match="10 tries to activate were refused"):
        world.plugin.activate_port_binding(port["id"], "h2")
    assert world.observer.transactions[-10:] == ["activate_port_binding commit"] * 10
    assert world.committed(port).startswith("h3 ovs")
    assert hosts(world) == ["h2"]


def test_stale_activation_never_wins_after_another_has_bound_the_port_again() -> None:
    world, port = migrating(STALE)
    after(world, "deactivate_port_binding", lambda: world.plugin.get_port(port["id"]))
    with pytest.raises(PortBindingError):
        world.plugin.activate_port_binding(port["id"], "h2")
    assert world.committed(port) == "h1 ovs ACTIVE r4"


def test_rereading_activation_wins_after_a_concurrent_host_change(strategy: BindingStrategy) -> None:
    world, port = migrating(strategy)
    world.faults.add("activate_port_binding", "port.update", Deadlock)
    world.runtime.while_sleeping.append(lambda: world.move(port, "h3"))
    assert seen(world.plugin.activate_port_binding(port["id"], "h2")).startswith("h2 ovs DOWN")
    assert "h3 ovs physnet1 by sdn" in world.told()[-1]
    assert hosts(world) == ["h3"]


def test_neutron_that_rereads_wins_after_a_concurrent_host_change() -> None:
    world, port = migrating(replace(NEUTRON_2026_1, activation=Activation.REREADS))
    world.faults.add("activate_port_binding", "port.update", Deadlock)
    world.runtime.while_sleeping.append(lambda: world.move(port, "h3"))
    assert seen(world.plugin.activate_port_binding(port["id"], "h2")).startswith("h2 ovs DOWN")


@pytest.mark.parametrize("strategy", [DEFERRED, STALE, NEUTRON_2026_1], ids=lambda s: f"{s.name} {s.activation}")
def test_the_later_of_two_concurrent_activations_finds_the_binding_active(strategy: BindingStrategy) -> None:
    world, port = migrating(strategy)
    world.faults.add("activate_port_binding", "port.update", Deadlock)
    again = world.another_plugin(strategy)
    world.runtime.while_sleeping.append(lambda: again.activate_port_binding(port["id"], "h2"))
    with pytest.raises(PortBindingAlreadyActive):
        world.plugin.activate_port_binding(port["id"], "h2")
    assert world.committed(port).startswith("h2 ovs DOWN")


def test_a_second_stale_activation_between_the_two_transactions_makes_the_first_find_it_active() -> None:
    world, port = migrating(STALE)
    after(world, "deactivate_port_binding", lambda: world.plugin.activate_port_binding(port["id"], "h2"))
    with pytest.raises(PortBindingAlreadyActive):
        world.plugin.activate_port_binding(port["id"], "h2")
    assert world.committed(port) == "h2 ovs DOWN r4"


def test_a_deletion_between_the_two_transactions_is_seen() -> None:
    world, port = migrating(STALE)
    after(world, "deactivate_port_binding", lambda: world.plugin.delete_port_binding(port["id"], "h2"))
    with pytest.raises(PortBindingNotFound):
        world.plugin.activate_port_binding(port["id"], "h2")
    world, port = migrating(STALE)
    after(world, "deactivate_port_binding", lambda: world.plugin.delete_port(port["id"]))
    with pytest.raises(PortNotFound):
        world.plugin.activate_port_binding(port["id"], "h2")


def test_what_a_conflict_repeats_holds_for_activation_too() -> None:
    world, port = migrating(replace(DEFERRED, conflict_repeats=ConflictRepeats.NOTHING))
    world.faults.add("activate_port_binding", "port.update", Deadlock)
    with pytest.raises(Deadlock):
        world.plugin.activate_port_binding(port["id"], "h2")
    world, port = migrating(replace(DEFERRED, conflict_repeats=ConflictRepeats.OPERATION))
    world.faults.add("activate_port_binding", "port.update", Deadlock)
    world.plugin.activate_port_binding(port["id"], "h2")
    assert world.observer.conflicts == [("activate_port_binding", "deadlock", 0)]


# commits in doubt


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("strategy", [DEFERRED, STALE], ids=lambda strategy: strategy.activation)
def test_an_activation_in_doubt_happens_once_and_drivers_are_told_once(
    strategy: BindingStrategy, took_effect: bool
) -> None:
    world, port = migrating(strategy)
    world.faults.lose_commit("activate_port_binding", took_effect=took_effect)
    moved = world.plugin.activate_port_binding(port["id"], "h2")
    assert seen(moved) == world.committed(port)
    assert world.methods().count("update_port_postcommit") == 1
    assert hosts(world) == ["h1"]


def test_an_activation_in_doubt_is_known_behind_a_later_change_of_host() -> None:
    world, port = migrating()
    world.faults.lose_commit("activate_port_binding", took_effect=True)
    world.runtime.while_sleeping.append(lambda: world.move(port, "h3"))
    moved = world.plugin.activate_port_binding(port["id"], "h2")
    assert seen(moved) == world.committed(port) == "h3 ovs ACTIVE r5"
    assert world.told()[-1].endswith("-> h2 ovs physnet1 by sdn DOWN r3")


def test_an_activation_in_doubt_is_known_behind_a_later_one_that_has_left_its_host_again() -> None:
    world, port = migrating()
    world.plugin.create_port_binding(port["id"], "h3")
    again = world.another_plugin(DEFERRED)
    world.faults.lose_commit("activate_port_binding", took_effect=True)
    world.runtime.while_sleeping.append(lambda: again.activate_port_binding(port["id"], "h3"))
    moved = world.plugin.activate_port_binding(port["id"], "h2")
    assert seen(moved) == world.committed(port) == "h3 ovs DOWN r4"
    assert hosts(world) == ["h1", "h2"]


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("transaction", ["create_port_binding", "delete_port_binding", "deactivate_port_binding"])
def test_other_commits_in_doubt_happen_once(transaction: str, took_effect: bool) -> None:
    world = World(STALE)
    port = world.create("h1")
    world.faults.lose_commit(transaction, took_effect=took_effect)
    world.plugin.create_port_binding(port["id"], "h2")
    world.plugin.create_port_binding(port["id"], "h3")
    world.plugin.delete_port_binding(port["id"], "h3")
    world.plugin.activate_port_binding(port["id"], "h2")
    assert world.committed(port) == "h2 ovs DOWN r4"
    assert hosts(world) == ["h1"]

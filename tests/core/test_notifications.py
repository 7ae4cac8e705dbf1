"""Which requests tell the agent of a port's host that the port has changed."""

from dataclasses import replace

import pytest

from core.binding import DEFERRED, HAVANA, IN_TRANSACTION, PRESETS, SERIALIZED, BindingStrategy
from core.binding.policies import ConflictRepeats, ReadsBind
from core.context import PortContext
from core.exceptions import Deadlock, MechanismDriverError
from core.records import PortDict
from tests.core.worlds import World, seen

SILENT = replace(DEFERRED, name="silent", loser_notifies=False)


def overtaken(world: World) -> PortDict:
    """A port that an update moves to h2, and that another request has bound there when the update's drivers return."""
    port = world.create("h1")
    others = world.another_plugin(DEFERRED)

    def another_binds_it(context: PortContext) -> None:
        others.get_port(context.port.id)
        world.sdn.bind(context)

    world.observer.notifications.clear()
    world.sdn.then("bind_port", another_binds_it)
    return world.move(port, "h2")


@pytest.mark.parametrize("strategy", PRESETS.values(), ids=lambda strategy: strategy.name)
def test_an_update_that_moves_a_port_tells_the_agent_of_its_new_host(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create("h1")
    assert world.observer.notifications == [], "a new device is found by its agent"
    world.move(port, "h2")
    assert world.observer.notifications == ["h2 is told"]


@pytest.mark.parametrize("strategy", [DEFERRED, SERIALIZED, IN_TRANSACTION, HAVANA], ids=lambda each: each.name)
def test_what_the_agent_need_not_know_is_not_told(strategy: BindingStrategy) -> None:
    world = World(replace(strategy, input_change=DEFERRED.input_change))
    port = world.create("h1")
    world.rename(port)
    world.plugin.get_device_details(port["id"])
    assert world.observer.notifications == []
    world.plugin.update_port(port["id"], {"admin_state_up": False})
    assert world.observer.notifications == ["h1 is told"]


def test_an_update_that_binds_what_had_failed_tells_the_agent_and_one_that_fails_again_does_not() -> None:
    world = World()
    world.sdn.then("bind_port", lambda context: None, lambda context: None)
    port = world.create("h1")
    assert seen(world.rename(port, "a")) == "h1 binding_failed DOWN r4"
    assert world.observer.notifications == []
    world.rename(port, "b")
    assert world.observer.notifications == ["h1 is told"]


def test_a_read_that_binds_tells_nobody() -> None:
    world = World()
    port = world.another_plugin(replace(DEFERRED, max_attempts=0)).create_port(
        {"network_id": world.network.id, "binding:host_id": "h1"}
    )
    assert seen(world.plugin.get_device_details(port["id"])) == "h1 ovs ACTIVE r2"
    assert world.observer.notifications == []


@pytest.mark.parametrize(("strategy", "told"), [(DEFERRED, "h2 is told"), (SILENT, "h2 is not told")])
def test_an_update_that_loses_to_anothers_binding_tells_the_agent_where_the_loser_notifies(
    strategy: BindingStrategy, told: str
) -> None:
    world = World(strategy)
    assert seen(overtaken(world)).startswith("h2 ovs")
    assert world.observer.attempts[-1] == (1, True, "bound_by_other")
    assert world.observer.notifications == [told]


def test_an_update_that_finds_the_port_bound_when_it_tries_again_has_lost_too() -> None:
    world = World(SILENT)
    port = world.create("h1")
    others = world.another_plugin(DEFERRED)

    def another_moves_it(context: PortContext) -> None:
        others.update_port(context.port.id, {"binding:host_id": "h3"})
        world.sdn.bind(context)

    world.observer.notifications.clear()
    world.sdn.then("bind_port", another_moves_it)
    world.move(port, "h2")
    assert world.observer.notifications == ["h3 is told", "h3 is not told"]


def test_a_driver_that_fails_on_the_bound_port_keeps_the_agent_from_being_told() -> None:
    world = World()
    port = world.create("h1")

    def fails(context: PortContext) -> None:
        raise RuntimeError("no")

    world.sdn.then("update_port_postcommit", lambda context: None, fails)
    with pytest.raises(MechanismDriverError):
        world.move(port, "h2")
    assert world.observer.notifications == []


@pytest.mark.parametrize("repeats", [ConflictRepeats.TRANSACTION, ConflictRepeats.BINDING, ConflictRepeats.OPERATION])
def test_a_port_is_told_of_once_whatever_a_conflict_repeats(repeats: ConflictRepeats) -> None:
    world = World(replace(DEFERRED, conflict_repeats=repeats, reads_bind=ReadsBind.NEVER))
    port = world.create("h1")
    world.faults.add("commit_binding", "commit", Deadlock)
    world.move(port, "h2")
    assert len(world.observer.conflicts) == 1
    assert world.observer.notifications == ["h2 is told"]


def test_an_activation_tells_the_agent_of_the_host_that_the_port_moves_to() -> None:
    world = World()
    port = world.create("h1")
    world.plugin.create_port_binding(port["id"], "h2")
    assert world.observer.notifications == []
    world.plugin.activate_port_binding(port["id"], "h2")
    assert world.observer.notifications == ["h2 is told"]

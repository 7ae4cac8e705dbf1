"""What happens when others change a port during bind_port. The others act inside a driver's bind_port, so no threads.

| design | test |
| --- | --- |
| 4b another binding was committed | test_4b_... |
| 4c inputs changed: attempt again, no host left, at most 10 | test_4c_... |
| the port is gone | test_gone_... |
| generation against values, A -> B -> A | test_a_change_from_a_to_b_and_back_... |
| no generation between 'unbound' and 'binding_failed' | test_fifty_readers_... |
| serialized: the lease | binding/test_exclusion.py |

Serialized runs with others that do not wait for the lease (a deferred plugin on the same database), as after an expiry.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.binding import DEFERRED, BindingStrategy
from core.binding.policies import ConcurrencyCheck
from core.context import PortContext
from core.plugin import Ml2Plugin
from core.records import PortDict
from tests.core.worlds import World, seen


@pytest.fixture
def world(after_commit: BindingStrategy) -> World:
    return World(after_commit)


@pytest.fixture
def others(world: World) -> Ml2Plugin:
    """Another API process, whose binding takes no lease."""
    return world.another_plugin(DEFERRED)


def meanwhile(world: World, *actions: Callable[[str], object]) -> None:
    """The next calls of bind_port first run an action with the port's id, then bind."""

    def behaviour(action: Callable[[str], object]) -> Callable[[PortContext], None]:
        def act(context: PortContext) -> None:
            action(context.current["id"])
            world.sdn.bind(context)

        return act

    world.sdn.then("bind_port", *[behaviour(action) for action in actions])


def unbound_port(world: World, host: str = "h1") -> PortDict:
    """A committed port with a host and no binding."""
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    port = quiet.create_port({"network_id": world.network.id, "binding:host_id": host})
    world.told()
    return port


def moves_to(plugin: Ml2Plugin, host: str) -> Callable[[str], object]:
    return lambda port_id: plugin.update_port(port_id, {"binding:host_id": host})


def test_4b_another_binding_wins_and_the_loser_calls_no_driver(world: World, others: Ml2Plugin) -> None:
    meanwhile(world, others.get_port)
    port = world.create("h1")
    assert world.told()[2:] == [
        "bind_port out: None -> h1 unbound DOWN r1",
        "bind_port out: None -> h1 unbound DOWN r1",
        "update_port_precommit in: h1 unbound DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2",
        "update_port_postcommit out: h1 unbound DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2",
    ]
    assert seen(port) == "h1 ovs ACTIVE r2"
    assert world.observer.attempts[-1] == (1, True, "bound_by_other")


def test_4b_the_state_just_read_is_returned_even_for_another_host(world: World, others: Ml2Plugin) -> None:
    meanwhile(world, moves_to(others, "h2"))
    assert seen(world.create("h1")) == "h2 ovs ACTIVE r3"
    assert world.observer.gave_up == []


def test_4b_a_failed_attempt_does_not_undo_another_binding(world: World, others: Ml2Plugin) -> None:
    world.sdn.then("bind_port", lambda context: others.get_port(context.current["id"]))
    port = world.create("h1")
    assert seen(port) == "h1 ovs ACTIVE r2" == world.committed(port)
    assert world.observer.attempts[-1] == (1, False, "bound_by_other")


def test_4c_a_changed_host_is_attempted_again_from_the_new_state(world: World) -> None:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    meanwhile(world, moves_to(quiet, "h2"))
    port = world.create("h1")
    assert world.told()[2:] == [
        "bind_port out: None -> h1 unbound DOWN r1",
        "update_port_precommit in: h1 unbound DOWN r1 -> h2 unbound DOWN r2",
        "update_port_postcommit out: h1 unbound DOWN r1 -> h2 unbound DOWN r2",
        "bind_port out: None -> h2 unbound DOWN r2",
        "update_port_precommit in: h2 unbound DOWN r2 -> h2 ovs physnet1 by sdn ACTIVE r3",
        "update_port_postcommit out: h2 unbound DOWN r2 -> h2 ovs physnet1 by sdn ACTIVE r3",
    ]
    assert seen(port) == "h2 ovs ACTIVE r3"
    assert port["binding:vif_details"] == {"for": "h2"}
    assert world.observer.attempts == [(1, True, "inputs_changed"), (2, True, "committed")]


@pytest.mark.parametrize("change", [{"binding:vnic_type": "direct"}, {"binding:profile": {"slot": 3}}], ids=str)
def test_4c_any_changed_input_is_attempted_again(world: World, change: dict[str, object]) -> None:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    meanwhile(world, lambda port_id: quiet.update_port(port_id, change))
    port = world.create("h1")
    assert seen(port) == "h1 ovs ACTIVE r3"
    assert [outcome for _, _, outcome in world.observer.attempts] == ["inputs_changed", "committed"]


def test_4c_a_changed_name_does_not_matter(world: World) -> None:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    meanwhile(world, lambda port_id: quiet.update_port(port_id, {"name": "web"}))
    port = world.create("h1")
    assert (seen(port), port["name"]) == ("h1 ovs ACTIVE r3", "web")
    assert world.told()[-1] == ("update_port_postcommit out: h1 unbound DOWN r2 -> h1 ovs physnet1 by sdn ACTIVE r3")
    assert [outcome for _, _, outcome in world.observer.attempts] == ["committed"]


def test_4c_a_port_whose_host_was_taken_away_is_returned_unbound(world: World, others: Ml2Plugin) -> None:
    meanwhile(world, moves_to(others, ""))
    port = world.create("h1")
    assert seen(port) == "nowhere unbound DOWN r2" == world.committed(port)
    assert world.methods().count("bind_port") == 1
    assert world.observer.gave_up == []


def test_4c_a_binding_made_and_removed_meanwhile_is_attempted_again(world: World, others: Ml2Plugin) -> None:
    port = unbound_port(world)
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))

    def bind_and_unbind(port_id: str) -> None:
        others.get_port(port_id)
        quiet.update_port(port_id, {"binding:host_id": "h2"})

    meanwhile(world, bind_and_unbind)
    assert seen(world.plugin.get_port(port["id"])) == "h2 ovs ACTIVE r4"
    assert [outcome for _, _, outcome in world.observer.attempts] == ["committed", "inputs_changed", "committed"]


def test_4c_ten_attempts_and_no_more(world: World, caplog: pytest.LogCaptureFixture) -> None:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    meanwhile(world, *[moves_to(quiet, f"h{number}") for number in range(2, 40)])
    with caplog.at_level(logging.ERROR):
        port = world.create("h1")
    assert seen(port) == "h11 unbound DOWN r11" == world.committed(port)
    assert world.methods().count("bind_port") == 10
    assert world.observer.gave_up[-1] == (port["id"], 10)
    assert [number for number, _, _ in world.observer.attempts] == list(range(1, 11))
    assert "gave up binding port" in caplog.text


def test_4c_a_host_taken_away_during_the_last_attempt_is_no_reason_to_give_up(world: World) -> None:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    meanwhile(world, *[moves_to(quiet, f"h{number}") for number in range(2, 11)], moves_to(quiet, ""))
    port = unbound_port(world)
    assert seen(world.plugin.get_port(port["id"])) == "nowhere unbound DOWN r11"
    assert (port["id"], 10) not in world.observer.gave_up


def test_gone_a_port_deleted_during_its_first_attempt_is_returned_unbound(world: World) -> None:
    meanwhile(world, world.plugin.delete_port)
    port = world.create("h1")
    assert seen(port) == "h1 unbound DOWN r1"
    assert world.methods()[2:] == ["bind_port", "delete_port_precommit", "delete_port_postcommit"]
    assert world.rows("ports") == []
    assert world.observer.attempts == [(1, True, "deleted")]


def test_gone_after_an_update_the_unbound_port_of_the_update_is_returned(world: World) -> None:
    port = world.create("h1")
    meanwhile(world, world.plugin.delete_port)
    assert seen(world.move(port, "h2")) == "h2 unbound DOWN r3"


def test_gone_in_a_later_attempt_the_port_of_the_initial_transaction_is_returned(world: World) -> None:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    meanwhile(world, moves_to(quiet, "h2"), quiet.delete_port)
    assert seen(world.create("h1")) == "h1 unbound DOWN r1"


def test_gone_while_a_read_binds_it_the_state_read_is_returned(world: World) -> None:
    port = unbound_port(world)
    meanwhile(world, world.plugin.delete_port)
    assert [seen(found) for found in world.plugin.get_ports()] == ["h1 unbound DOWN r1"]
    assert world.plugin.get_ports({"id": port["id"]}) == []


def away_and_back(quiet: Ml2Plugin) -> Callable[[str], None]:
    def act(port_id: str) -> None:
        quiet.update_port(port_id, {"binding:host_id": "h2"})
        quiet.update_port(port_id, {"binding:host_id": "h1"})

    return act


def test_a_change_from_a_to_b_and_back_is_caught_by_the_generation(world: World) -> None:
    meanwhile(world, away_and_back(world.another_plugin(replace(DEFERRED, max_attempts=0))))
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r4"
    assert [outcome for _, _, outcome in world.observer.attempts] == ["inputs_changed", "committed"]


def test_a_change_from_a_to_b_and_back_is_missed_by_the_values() -> None:
    world = World(replace(DEFERRED, concurrency_check=ConcurrencyCheck.VALUES))
    meanwhile(world, away_and_back(world.another_plugin(replace(DEFERRED, max_attempts=0))))
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r4"
    assert [outcome for _, _, outcome in world.observer.attempts] == ["committed"]


def test_the_values_catch_a_changed_host() -> None:
    world = World(replace(DEFERRED, concurrency_check=ConcurrencyCheck.VALUES))
    meanwhile(world, moves_to(world.another_plugin(replace(DEFERRED, max_attempts=0)), "h2"))
    assert seen(world.create("h1")) == "h2 ovs ACTIVE r3"


def test_fifty_readers_of_a_hopeless_port_make_one_call_each_and_one_of_them_commits() -> None:
    world = World()
    port = unbound_port(world)
    world.sdn.hopeless = {"h1"}

    def next_reader(context: PortContext) -> None:
        if len(world.observer.readers) < 50:
            world.plugin.get_port(port["id"])

    world.sdn.then("bind_port", *[next_reader] * 50)
    assert seen(world.plugin.get_port(port["id"])) == "h1 binding_failed DOWN r2"
    assert world.methods().count("bind_port") == 50
    outcomes = [outcome for _, _, outcome in world.observer.attempts]
    assert outcomes == ["committed", *["unchanged_failure"] * 49]


def test_fifty_readers_of_an_unbound_port_make_one_binding() -> None:
    world = World()
    port = unbound_port(world)

    def next_reader(context: PortContext) -> None:
        if len(world.observer.readers) < 50:
            world.plugin.get_port(port["id"])
        world.sdn.bind(context)

    world.sdn.then("bind_port", *[next_reader] * 50)
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"
    assert world.methods().count("update_port_postcommit") == 1


def test_a_successful_attempt_replaces_a_failure_committed_meanwhile(world: World, others: Ml2Plugin) -> None:
    world.sdn.then("bind_port", lambda context: (others.get_port(context.current["id"]), world.sdn.bind(context)))
    world.sdn.then("bind_port", lambda context: None)
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r3"
    assert world.told()[-1] == (
        "update_port_postcommit out: h1 binding_failed DOWN r2 -> h1 ovs physnet1 by sdn ACTIVE r3"
    )


def test_the_generation_grows_with_inputs_and_bindings_and_not_with_failures(world: World) -> None:
    world.sdn.hopeless = {"bad"}
    port = world.create()
    grown = [world.generation(port)]
    for change in (
        lambda: world.rename(port),
        lambda: world.move(port, "bad"),  # input + failure
        lambda: world.rename(port, "again"),  # binding_failed -> unbound -> binding_failed
        lambda: world.move(port, "h1"),  # input + binding
        lambda: world.move(port, ""),  # input; the binding goes with it
    ):
        change()
        grown.append(world.generation(port))
    assert grown == [1, 1, 2, 2, 4, 5]

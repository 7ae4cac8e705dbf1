"""The cases of deferred and serialized binding, each as a log of driver calls.

| design | test |
| --- | --- |
| 3a create, with and without host | test_3a_... |
| 3b update of an unbound or failed port | test_3b_... |
| 3c update of a port that stays bound | test_3c_... |
| 3d update that unbinds (host, vnic_type, profile, host removed) | test_3d_... |
| 4a a binding is committed, a failure is committed, a read binds | test_4a_... |
| 5 delete | test_5_... |
| 6 reads bind, a failed row stays quiet | test_6_... |
| 7, 8 no unbind_port, no validate_bound_port | test_7_and_8_... |

4b, 4c and "the port is gone" need somebody else at work: test_plugin_concurrency.py.
"""

from dataclasses import replace

import pytest

from core.binding import DEFERRED, IN_TRANSACTION, SERIALIZED, BindingStrategy
from core.binding.policies import ReadsBind
from tests.core.worlds import World, seen

BIND_H1 = [
    "bind_port out: None -> h1 unbound DOWN r1",
    "update_port_precommit in: h1 unbound DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2",
    "update_port_postcommit out: h1 unbound DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2",
]


@pytest.fixture
def world(after_commit: BindingStrategy) -> World:
    return World(after_commit)


def test_3a_create_with_a_host_is_shown_unbound_and_4a_binds_it(world: World) -> None:
    port = world.create("h1")
    assert world.told() == [
        "create_port_precommit in: None -> h1 unbound DOWN r1",
        "create_port_postcommit out: None -> h1 unbound DOWN r1",
        *BIND_H1,
    ]
    assert seen(port) == "h1 ovs ACTIVE r2" == world.committed(port)
    assert port["binding:vif_details"] == {"for": "h1"}


def test_3a_create_without_a_host_is_unbound_and_asks_no_driver_to_bind(world: World) -> None:
    port = world.create()
    assert world.told() == [
        "create_port_precommit in: None -> nowhere unbound DOWN r1",
        "create_port_postcommit out: None -> nowhere unbound DOWN r1",
    ]
    assert seen(port) == "nowhere unbound DOWN r1"


def test_3b_update_that_gives_a_first_host_shows_the_port_unbound_before_and_after(world: World) -> None:
    port = world.create()
    world.told()
    moved = world.move(port, "h1")
    assert world.told() == [
        "update_port_precommit in: nowhere unbound DOWN r1 -> h1 unbound DOWN r2",
        "update_port_postcommit out: nowhere unbound DOWN r1 -> h1 unbound DOWN r2",
        "bind_port out: None -> h1 unbound DOWN r2",
        "update_port_precommit in: h1 unbound DOWN r2 -> h1 ovs physnet1 by sdn ACTIVE r3",
        "update_port_postcommit out: h1 unbound DOWN r2 -> h1 ovs physnet1 by sdn ACTIVE r3",
    ]
    assert seen(moved) == "h1 ovs ACTIVE r3" == world.committed(port)


def test_3b_update_of_a_failed_port_shows_binding_failed_before_and_unbound_after(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.told()
    world.move(port, "h2")
    assert world.told() == [
        "update_port_precommit in: h1 binding_failed DOWN r2 -> h2 unbound DOWN r3",
        "update_port_postcommit out: h1 binding_failed DOWN r2 -> h2 unbound DOWN r3",
        "bind_port out: None -> h2 unbound DOWN r3",
        "update_port_precommit in: h2 unbound DOWN r3 -> h2 ovs physnet1 by sdn ACTIVE r4",
        "update_port_postcommit out: h2 unbound DOWN r3 -> h2 ovs physnet1 by sdn ACTIVE r4",
    ]


def test_3b_any_update_of_a_failed_port_tries_again(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.told()
    world.sdn.hopeless = set()
    assert seen(world.rename(port)) == "h1 ovs ACTIVE r4"
    assert world.told()[0] == "update_port_precommit in: h1 binding_failed DOWN r2 -> h1 unbound DOWN r3"


def test_3c_update_of_something_else_leaves_a_bound_port_bound(world: World) -> None:
    port = world.create("h1")
    world.told()
    renamed = world.rename(port, "web")
    both = "h1 ovs physnet1 by sdn ACTIVE r2 -> h1 ovs physnet1 by sdn ACTIVE r3"
    assert world.told() == [f"update_port_precommit in: {both}", f"update_port_postcommit out: {both}"]
    assert (renamed["name"], world.sdn.contexts[-1].original["name"]) == ("web", "")


def test_3c_an_update_that_repeats_the_inputs_leaves_the_port_bound(world: World) -> None:
    port = world.create("h1", **{"binding:profile": {"a": 1}})
    world.told()
    inputs = {"binding:host_id": "h1", "binding:vnic_type": "normal", "binding:profile": {"a": 1}}
    assert seen(world.plugin.update_port(port["id"], inputs)) == "h1 ovs ACTIVE r3"
    assert "bind_port" not in world.methods()


def test_3d_a_new_host_is_shown_unbound_and_down_beside_the_old_binding(world: World) -> None:
    port = world.create("h1")
    world.told()
    moved = world.move(port, "h2")
    assert world.told() == [
        "update_port_precommit in: h1 ovs physnet1 by sdn ACTIVE r2 -> h2 unbound DOWN r3",
        "update_port_postcommit out: h1 ovs physnet1 by sdn ACTIVE r2 -> h2 unbound DOWN r3",
        "bind_port out: None -> h2 unbound DOWN r3",
        "update_port_precommit in: h2 unbound DOWN r3 -> h2 ovs physnet1 by sdn ACTIVE r4",
        "update_port_postcommit out: h2 unbound DOWN r3 -> h2 ovs physnet1 by sdn ACTIVE r4",
    ]
    assert moved["binding:vif_details"] == {"for": "h2"}


@pytest.mark.parametrize("change", [{"binding:vnic_type": "direct"}, {"binding:profile": {"slot": 3}}], ids=str)
def test_3d_another_input_unbinds_and_the_host_stays(world: World, change: dict[str, object]) -> None:
    port = world.create("h1")
    world.told()
    changed = world.plugin.update_port(port["id"], change)
    assert world.told()[1:3] == [
        "update_port_postcommit out: h1 ovs physnet1 by sdn ACTIVE r2 -> h1 unbound DOWN r3",
        "bind_port out: None -> h1 unbound DOWN r3",
    ]
    assert {**changed, **change} == changed


def test_3d_taking_the_host_away_unbinds_for_good(world: World) -> None:
    port = world.create("h1")
    world.told()
    assert seen(world.move(port, "")) == "nowhere unbound DOWN r3"
    assert world.told() == [
        "update_port_precommit in: h1 ovs physnet1 by sdn ACTIVE r2 -> nowhere unbound DOWN r3",
        "update_port_postcommit out: h1 ovs physnet1 by sdn ACTIVE r2 -> nowhere unbound DOWN r3",
    ]
    row = world.binding(port)
    assert (row["driver"], row["segment_id"], row["vif_details"]) == (None, None, "")


def test_4a_a_failed_attempt_is_committed_with_driver_calls_too(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    assert world.told()[2:] == [
        "bind_port out: None -> h1 unbound DOWN r1",
        "update_port_precommit in: h1 unbound DOWN r1 -> h1 binding_failed DOWN r2",
        "update_port_postcommit out: h1 unbound DOWN r1 -> h1 binding_failed DOWN r2",
    ]
    assert seen(port) == "h1 binding_failed DOWN r2" == world.committed(port)


def test_4a_a_read_binds_a_failed_port_and_shows_binding_failed_as_its_original(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.told()
    world.sdn.hopeless = set()
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r3"
    assert world.told() == [
        "bind_port out: None -> h1 unbound DOWN r2",
        "update_port_precommit in: h1 binding_failed DOWN r2 -> h1 ovs physnet1 by sdn ACTIVE r3",
        "update_port_postcommit out: h1 binding_failed DOWN r2 -> h1 ovs physnet1 by sdn ACTIVE r3",
    ]


def test_4a_a_status_of_none_leaves_the_status(world: World) -> None:
    world.sdn.then("bind_port", lambda context: context.set_binding(context.segments_to_bind[0].id, "ovs", {}))
    assert seen(world.create("h1")) == "h1 ovs DOWN r2"


def test_5_delete_shows_the_binding_and_no_original(world: World) -> None:
    port = world.create("h1")
    world.told()
    world.plugin.delete_port(port["id"])
    assert world.told() == [
        "delete_port_precommit in: None -> h1 ovs physnet1 by sdn ACTIVE r2",
        "delete_port_postcommit out: None -> h1 ovs physnet1 by sdn ACTIVE r2",
    ]
    assert {name: world.rows(name) for name in ("ports", "ml2_port_bindings", "ip_allocations")} == {
        "ports": [],
        "ml2_port_bindings": [],
        "ip_allocations": [],
    }


def test_5_deleting_a_port_that_is_gone_succeeds_without_a_driver_call(world: World) -> None:
    world.plugin.delete_port("never created")
    assert world.told() == []


def test_6_get_port_and_get_ports_bind_a_port_with_a_host(world: World, after_commit: BindingStrategy) -> None:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    one, other = (quiet.create_port({"network_id": world.network.id, "binding:host_id": host}) for host in ("h1", "h2"))
    world.told()
    assert seen(world.plugin.get_port(one["id"])) == "h1 ovs ACTIVE r2"
    assert world.told() == BIND_H1
    assert [seen(port) for port in world.plugin.get_ports()] == ["h1 ovs ACTIVE r2", "h2 ovs ACTIVE r2"]
    assert world.committed(other) == "h2 ovs ACTIVE r2"
    assert world.methods() == ["bind_port", "update_port_precommit", "update_port_postcommit"]
    assert world.observer.readers == [True, True]


def test_6_a_read_that_fails_again_on_a_failed_row_writes_nothing_and_calls_nobody(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.told()
    before = world.dump()
    assert seen(world.plugin.get_port(port["id"])) == "h1 binding_failed DOWN r2"
    assert world.told() == ["bind_port out: None -> h1 unbound DOWN r2"]
    assert world.observer.attempts[-1] == (1, False, "unchanged_failure")
    assert world.dump() == before


def test_6_a_read_leaves_bound_ports_and_ports_without_a_host_alone(world: World) -> None:
    world.create("h1"), world.create()
    world.told()
    assert [seen(port) for port in world.plugin.get_ports()] == ["h1 ovs ACTIVE r2", "nowhere unbound DOWN r1"]
    assert world.told() == []


@pytest.mark.parametrize("strategy", [DEFERRED, SERIALIZED], ids=lambda each: each.name)
def test_6_reads_that_bind_can_be_switched_off(strategy: BindingStrategy) -> None:
    world = World(replace(strategy, reads_bind=ReadsBind.NEVER))
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.told()
    world.sdn.hopeless = set()
    assert seen(world.plugin.get_port(port["id"])) == "h1 binding_failed DOWN r2"
    assert [seen(found) for found in world.plugin.get_ports()] == ["h1 binding_failed DOWN r2"]
    assert world.told() == []
    assert not [
        entry for entry in world.faults.statements if entry in ("get_port: network.read", "get_ports: network.read")
    ]
    assert seen(world.rename(port)) == "h1 ovs ACTIVE r4"


@pytest.mark.parametrize("strategy", [DEFERRED, SERIALIZED, IN_TRANSACTION], ids=lambda each: each.name)
def test_7_and_8_a_driver_is_never_asked_to_unbind_or_to_validate(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.rename(port)
    world.move(port, "h2")
    world.plugin.delete_port(port["id"])
    assert not {"unbind_port", "validate_bound_port"}.intersection(world.methods())


def test_a_lease_is_held_around_each_attempt_and_gone_afterwards() -> None:
    world = World(SERIALIZED)
    leases: list[int] = []
    world.sdn.then(
        "bind_port", lambda context: (leases.append(len(world.rows("port_binding_leases"))), world.sdn.bind(context))
    )
    world.create("h1")
    assert leases == [1]
    assert world.rows("port_binding_leases") == []

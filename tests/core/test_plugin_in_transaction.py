"""The cases as in-transaction binding shows them.

| design | test |
| --- | --- |
| create shows the port bound (or failed) | test_create_... |
| update: old binding as original, new one as current, the unbound state never shown | test_update_that_changes_... |
| rebinding when an input changed, or with a host and no successful binding | test_update_... |
| 3c stays bound | test_update_of_something_else_... |
| 5 delete | test_delete_... |
| reads never bind | test_reads_never_bind |
| generation and revision grow as they should | test_one_revision_..., test_the_generation_... |
"""

import pytest

from core.binding import IN_TRANSACTION
from tests.core.worlds import World, seen


@pytest.fixture
def world() -> World:
    return World(IN_TRANSACTION)


def test_create_binds_before_the_precommit_and_shows_the_port_bound(world: World) -> None:
    port = world.create("h1")
    assert world.told() == [
        "bind_port in: None -> h1 unbound DOWN r1",
        "create_port_precommit in: None -> h1 ovs physnet1 by sdn ACTIVE r1",
        "create_port_postcommit out: None -> h1 ovs physnet1 by sdn ACTIVE r1",
    ]
    assert seen(port) == "h1 ovs ACTIVE r1" == world.committed(port)


def test_create_shows_a_failed_port_failed(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    assert world.told()[1:] == [
        "create_port_precommit in: None -> h1 binding_failed DOWN r1",
        "create_port_postcommit out: None -> h1 binding_failed DOWN r1",
    ]
    assert world.committed(port) == "h1 binding_failed DOWN r1"


def test_create_without_a_host_asks_no_driver_to_bind(world: World) -> None:
    world.create()
    assert world.told() == [
        "create_port_precommit in: None -> nowhere unbound DOWN r1",
        "create_port_postcommit out: None -> nowhere unbound DOWN r1",
    ]


def test_update_that_changes_the_host_shows_old_and_new_binding_and_nothing_between(world: World) -> None:
    port = world.create("h1")
    world.told()
    both = "h1 ovs physnet1 by sdn ACTIVE r1 -> h2 ovs physnet1 by sdn ACTIVE r2"
    moved = world.move(port, "h2")
    assert world.told() == [
        "bind_port in: None -> h2 unbound DOWN r2",
        f"update_port_precommit in: {both}",
        f"update_port_postcommit out: {both}",
    ]
    assert seen(moved) == "h2 ovs ACTIVE r2" == world.committed(port)
    assert world.sdn.contexts[-1].original["binding:vif_details"] == {"for": "h1"}


def test_update_that_changes_the_host_to_a_hopeless_one_shows_the_failure(world: World) -> None:
    world.sdn.hopeless = {"h2"}
    port = world.create("h1")
    world.told()
    world.move(port, "h2")
    assert world.told()[1] == (
        "update_port_precommit in: h1 ovs physnet1 by sdn ACTIVE r1 -> h2 binding_failed DOWN r2"
    )


@pytest.mark.parametrize("change", [{"binding:vnic_type": "direct"}, {"binding:profile": {"slot": 3}}], ids=str)
def test_update_of_any_input_binds_again(world: World, change: dict[str, object]) -> None:
    port = world.create("h1")
    world.told()
    world.plugin.update_port(port["id"], change)
    assert world.methods() == ["bind_port", "update_port_precommit", "update_port_postcommit"]


def test_update_of_something_else_leaves_a_bound_port_bound(world: World) -> None:
    port = world.create("h1")
    world.told()
    world.rename(port)
    both = "h1 ovs physnet1 by sdn ACTIVE r1 -> h1 ovs physnet1 by sdn ACTIVE r2"
    assert world.told() == [f"update_port_precommit in: {both}", f"update_port_postcommit out: {both}"]


def test_update_of_something_else_binds_a_failed_port_with_a_host(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.told()
    world.sdn.hopeless = set()
    world.rename(port)
    assert world.told()[1] == (
        "update_port_precommit in: h1 binding_failed DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2"
    )


def test_update_that_takes_the_host_away_unbinds(world: World) -> None:
    port = world.create("h1")
    world.told()
    assert seen(world.move(port, "")) == "nowhere unbound DOWN r2"
    assert world.told()[0] == "update_port_precommit in: h1 ovs physnet1 by sdn ACTIVE r1 -> nowhere unbound DOWN r2"


def test_delete_shows_the_binding_and_no_original(world: World) -> None:
    port = world.create("h1")
    world.told()
    world.plugin.delete_port(port["id"])
    assert world.told() == [
        "delete_port_precommit in: None -> h1 ovs physnet1 by sdn ACTIVE r1",
        "delete_port_postcommit out: None -> h1 ovs physnet1 by sdn ACTIVE r1",
    ]


def test_reads_never_bind(world: World) -> None:
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.told()
    world.sdn.hopeless = set()
    assert seen(world.plugin.get_port(port["id"])) == "h1 binding_failed DOWN r1"
    assert [seen(found) for found in world.plugin.get_ports()] == ["h1 binding_failed DOWN r1"]
    assert world.told() == []


def test_one_revision_a_transaction(world: World) -> None:
    port = world.create("h1")
    assert [world.move(port, host)["revision_number"] for host in ("h2", "", "h3")] == [2, 3, 4]


def test_the_generation_counts_inputs_changed_and_bindings_made(world: World) -> None:
    port = world.create("h1")
    grown = [world.generation(port)]
    for change in (world.rename, lambda port: world.move(port, "h2"), lambda port: world.move(port, "")):
        change(port)
        grown.append(world.generation(port))
    assert grown == [2, 2, 4, 5]

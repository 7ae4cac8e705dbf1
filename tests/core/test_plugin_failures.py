"""The table of failures, each row as a log of driver calls and the state of the whole database.

| failure in | test |
| --- | --- |
| any precommit of create, update, delete | test_a_precommit_... |
| a conflict raised in a precommit | test_a_conflict_in_a_precommit_... |
| create_port_postcommit | test_create_postcommit_... |
| first update_port_postcommit | test_first_update_postcommit_... |
| delete_port_postcommit | test_delete_postcommit_... |
| precommit of 4a, in create and after update | test_precommit_of_4a_... |
| postcommit of 4a, in create and after update | test_postcommit_of_4a_... |
| any driver error while a read binds | test_while_a_read_binds_... |
| bind_port | test_bind_port_... |

`three` is each strategy with the drivers audit, acl, sdn; `three_deferred` those that bind after the commit.
"""

import logging
from dataclasses import replace

import pytest

from core.binding import DEFERRED, BindingStrategy
from core.exceptions import Deadlock, InvalidBinding, MechanismDriverError, PortNotFound
from tests.core.worlds import World, seen


class Refused(Exception):
    """What the drivers of these tests raise."""


@pytest.fixture
def three_deferred(after_commit: BindingStrategy) -> World:
    return World(after_commit, drivers=("audit", "acl", "sdn"))


def unbound_ports(world: World, *hosts: str) -> list[str]:
    """Committed ports with hosts and without bindings; their ids."""
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    made = [quiet.create_port({"network_id": world.network.id, "binding:host_id": host}) for host in hosts]
    world.told()
    return [port["id"] for port in made]


def test_a_precommit_of_create_that_fails_leaves_nothing(three: World) -> None:
    before = three.dump()
    three.drivers[1].then("create_port_precommit", Refused("no"))
    with pytest.raises(MechanismDriverError, match=r"create_port_precommit failed in acl: Refused: no") as caught:
        three.create("h1")
    assert three.dump() == before
    assert [entry for entry in three.methods() if "bind" not in entry] == [
        "audit.create_port_precommit",
        "acl.create_port_precommit",
    ]
    assert [name for name, _ in caught.value.failures] == ["acl"]


def test_a_precommit_of_update_that_fails_leaves_nothing_changed(three: World) -> None:
    port = three.create("h1")
    three.told()
    before = three.dump()
    three.drivers[0].then("update_port_precommit", Refused("no"))
    with pytest.raises(MechanismDriverError, match="update_port_precommit failed in audit"):
        three.move(port, "h2")
    assert three.dump() == before
    assert [entry for entry in three.methods() if "bind" not in entry] == ["audit.update_port_precommit"]


def test_a_precommit_of_delete_that_fails_leaves_the_port(three: World) -> None:
    port = three.create("h1")
    three.told()
    before = three.dump()
    three.drivers[2].then("delete_port_precommit", Refused("no"))
    with pytest.raises(MechanismDriverError, match="delete_port_precommit failed in sdn"):
        three.plugin.delete_port(port["id"])
    assert three.dump() == before
    assert three.methods() == [f"{name}.delete_port_precommit" for name in ("audit", "acl", "sdn")]


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_a_conflict_in_a_precommit_repeats_the_transaction(three: World, verb: str) -> None:
    port = three.create("h1")
    three.told()
    three.drivers[1].then(f"{verb}_port_precommit", Deadlock("chosen"))
    {
        "create": three.create,
        "update": lambda: three.rename(port),
        "delete": lambda: three.plugin.delete_port(port["id"]),
    }[verb]()
    phase = f"{verb}_port_precommit"
    assert three.methods() == [
        f"audit.{phase}", f"acl.{phase}",
        *[f"{name}.{phase}" for name in ("audit", "acl", "sdn")],
        *[f"{name}.{verb}_port_postcommit" for name in ("audit", "acl", "sdn")],
    ]  # fmt: skip
    assert three.observer.conflicts == [(f"{verb}_port", "deadlock", 0)]


def test_a_conflict_in_the_precommit_of_4a_repeats_only_that_transaction(three_deferred: World) -> None:
    three_deferred.drivers[1].then("update_port_precommit", Deadlock("chosen"))
    assert seen(three_deferred.create("h1")) == "h1 ovs ACTIVE r2"
    methods = three_deferred.methods()
    assert methods.count("sdn.bind_port") == 1
    assert methods.count("audit.update_port_precommit") == 2
    assert methods.count("sdn.update_port_postcommit") == 1
    assert three_deferred.observer.conflicts == [("commit_binding", "deadlock", 0)]


def test_a_conflict_in_a_postcommit_is_an_error_like_any_other(three: World) -> None:
    three.drivers[0].then("create_port_postcommit", Deadlock("not here"))
    with pytest.raises(MechanismDriverError, match="create_port_postcommit failed in audit: Deadlock"):
        three.create()


def test_create_postcommit_stops_at_the_first_failure_and_all_drivers_see_the_deletion(three: World) -> None:
    three.drivers[1].then("create_port_postcommit", Refused("no"))
    before = three.dump()
    with pytest.raises(MechanismDriverError, match="create_port_postcommit failed in acl: Refused: no"):
        three.create("h1")
    methods = three.methods()
    assert methods[methods.index("audit.create_port_postcommit") :] == [
        "audit.create_port_postcommit", "acl.create_port_postcommit",
        *[f"{name}.delete_port_precommit" for name in ("audit", "acl", "sdn")],
        *[f"{name}.delete_port_postcommit" for name in ("audit", "acl", "sdn")],
    ]  # fmt: skip
    pools = "ip_allocation_pools"
    assert {**three.dump(), pools: []} == {**before, pools: []}


def test_create_postcommit_that_fails_keeps_its_error_when_the_deletion_is_refused_too(
    three: World, caplog: pytest.LogCaptureFixture
) -> None:
    three.drivers[0].then("create_port_postcommit", Refused("first"))
    three.drivers[0].then("delete_port_precommit", Refused("second"))
    with caplog.at_level(logging.ERROR), pytest.raises(MechanismDriverError, match="first"):
        three.create("h1")
    assert "could not be deleted again" in caplog.text
    assert three.observer.errors == ["undo_create"]
    assert len(three.rows("ports")) == 1


def test_first_update_postcommit_that_fails_still_calls_all_and_the_update_stands(three: World) -> None:
    port = three.create("h1")
    three.told()
    three.drivers[0].then("update_port_postcommit", Refused("one"))
    three.drivers[1].then("update_port_postcommit", Refused("two"))
    with pytest.raises(MechanismDriverError, match="audit: Refused: one; acl: Refused: two"):
        three.rename(port, "kept")
    assert three.methods()[-3:] == [f"{name}.update_port_postcommit" for name in ("audit", "acl", "sdn")]
    assert three.rows("ports")[0]["name"] == "kept"


def test_first_update_postcommit_that_fails_leaves_the_port_unbound_and_a_later_read_heals_it(
    three_deferred: World,
) -> None:
    world = three_deferred
    port = world.create("h1")
    world.told()
    world.drivers[0].then("update_port_postcommit", Refused("no"))
    with pytest.raises(MechanismDriverError):
        world.move(port, "h2")
    assert "sdn.bind_port" not in world.methods()
    assert world.committed(port) == "h2 unbound DOWN r3"
    assert seen(world.plugin.get_port(port["id"])) == "h2 ovs ACTIVE r4"


def test_delete_postcommit_that_fails_is_logged_and_all_are_called(
    three: World, caplog: pytest.LogCaptureFixture
) -> None:
    port = three.create("h1")
    three.told()
    three.drivers[0].then("delete_port_postcommit", Refused("no"))
    with caplog.at_level(logging.ERROR):
        three.plugin.delete_port(port["id"])
    assert three.methods()[-3:] == [f"{name}.delete_port_postcommit" for name in ("audit", "acl", "sdn")]
    assert "driver audit failed after port" in caplog.text
    assert three.observer.errors == ["delete_port_postcommit"]
    assert three.rows("ports") == []


def test_precommit_of_4a_that_fails_in_create_deletes_the_port(three_deferred: World) -> None:
    world = three_deferred
    world.drivers[1].then("update_port_precommit", Refused("no"))
    with pytest.raises(MechanismDriverError, match="update_port_precommit failed in acl"):
        world.create("h1")
    assert world.rows("ports") == world.rows("ml2_port_bindings") == []
    told = world.told()
    assert not [entry for entry in told if "update_port_postcommit" in entry]
    assert told[-1] == "sdn.delete_port_postcommit out: None -> h1 unbound DOWN r1"


def test_precommit_of_4a_that_fails_after_an_update_leaves_the_port_unbound_on_its_new_host(
    three_deferred: World,
) -> None:
    world = three_deferred
    port = world.create("h1")
    world.told()
    world.drivers[0].then("update_port_precommit", lambda context: None, Refused("no"))
    with pytest.raises(MechanismDriverError, match="update_port_precommit failed in audit"):
        world.move(port, "h2")
    assert world.committed(port) == "h2 unbound DOWN r3"
    assert world.methods()[-2:] == ["sdn.bind_port", "audit.update_port_precommit"]
    assert world.rows("port_binding_leases") == []
    assert world.observer.attempts[-1] == (1, True, "error")


def test_postcommit_of_4a_that_fails_in_create_deletes_the_port(three_deferred: World) -> None:
    world = three_deferred
    world.drivers[0].then("update_port_postcommit", Refused("no"))
    with pytest.raises(MechanismDriverError, match="update_port_postcommit failed in audit"):
        world.create("h1")
    assert world.rows("ports") == []
    told = world.told()
    assert [entry.split()[0] for entry in told if "update_port_postcommit" in entry] == [
        f"{name}.update_port_postcommit" for name in ("audit", "acl", "sdn")
    ]
    assert told[-1] == "sdn.delete_port_postcommit out: None -> h1 ovs physnet1 by sdn ACTIVE r2"


def test_postcommit_of_4a_that_fails_after_an_update_leaves_the_binding(three_deferred: World) -> None:
    world = three_deferred
    port = world.create("h1")
    world.drivers[2].then("update_port_postcommit", lambda context: None, Refused("no"))
    with pytest.raises(MechanismDriverError, match="update_port_postcommit failed in sdn"):
        world.move(port, "h2")
    assert world.committed(port) == "h2 ovs ACTIVE r4"
    assert seen(world.plugin.get_port(port["id"])) == "h2 ovs ACTIVE r4"


@pytest.mark.parametrize(
    ("phase", "after"),
    [("update_port_precommit", "h1 unbound DOWN r1"), ("update_port_postcommit", "h1 ovs ACTIVE r2")],
)
def test_while_a_read_binds_a_driver_error_is_logged_and_the_state_read_returned(
    three_deferred: World, caplog: pytest.LogCaptureFixture, phase: str, after: str
) -> None:
    world = three_deferred
    (port_id,) = unbound_ports(world, "h1")
    world.drivers[0].then(phase, Refused("no"))
    with caplog.at_level(logging.ERROR):
        shown = world.plugin.get_port(port_id)
    assert seen(shown) == "h1 unbound DOWN r1"
    assert world.committed(shown) == after
    assert "could not be bound while it was read" in caplog.text
    assert world.observer.errors == ["read"]


def test_while_a_read_binds_a_list_never_fails_for_one_port(three_deferred: World) -> None:
    world = three_deferred
    unbound_ports(world, "h1", "h2", "h3")
    world.drivers[0].then("update_port_precommit", lambda context: None, Refused("no"))
    assert [seen(port) for port in world.plugin.get_ports()] == [
        "h1 ovs ACTIVE r2", "h2 unbound DOWN r1", "h3 ovs ACTIVE r2",
    ]  # fmt: skip
    assert world.observer.errors == ["read"]


def test_bind_port_that_raises_is_logged_and_the_next_driver_asked(
    three: World, caplog: pytest.LogCaptureFixture
) -> None:
    three.drivers[0].then("bind_port", Refused("no"))
    with caplog.at_level(logging.ERROR):
        port = three.create("h1")
    assert port["binding:vif_type"] == "ovs"
    assert three.binding(port)["driver"] == "sdn"
    assert "driver audit failed in bind_port for port" in caplog.text
    assert three.observer.errors == ["bind_port"]


def test_bind_port_that_raises_after_set_binding_has_set_nothing(three: World) -> None:
    def set_then_fail(context) -> None:
        context.set_binding(context.segments_to_bind[0].id, "bridge", {})
        raise Refused("after all")

    three.drivers[0].then("bind_port", set_then_fail)
    port = three.create("h1")
    assert (port["binding:vif_type"], three.binding(port)["driver"]) == ("ovs", "sdn")


def test_bind_port_that_sets_a_strange_segment_counts_as_failed_and_changes_nothing(three: World) -> None:
    strange: list[Exception] = []

    def wrong(context) -> None:
        try:
            context.set_binding("a segment of another network", "ovs", {})
        except InvalidBinding as error:
            strange.append(error)
            raise

    three.drivers[2].then("bind_port", wrong)
    assert three.create("h1")["binding:vif_type"] == "binding_failed"
    assert "one of network" in str(strange[0])


def test_bind_port_stops_at_the_first_driver_that_binds(three: World) -> None:
    three.drivers[0].then(
        "bind_port", lambda context: context.set_binding(context.segments_to_bind[0].id, "bridge", {})
    )
    port = three.create("h1")
    assert (port["binding:vif_type"], three.binding(port)["driver"]) == ("bridge", "audit")
    assert [entry for entry in three.methods() if "bind_port" in entry] == ["audit.bind_port"]


def test_a_conflict_in_bind_port_outside_a_transaction_only_passes_the_driver_over() -> None:
    world = World(DEFERRED, drivers=("audit", "sdn"))
    world.drivers[0].then("bind_port", Deadlock("of the driver's own"))
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r2"
    assert world.observer.conflicts == []


def test_updating_or_reading_a_port_that_is_gone_is_an_error(three: World) -> None:
    port = three.create("h1")
    three.plugin.delete_port(port["id"])
    before = three.dump()
    three.told()
    with pytest.raises(PortNotFound, match=port["id"]):
        three.rename(port)
    with pytest.raises(PortNotFound, match=port["id"]):
        three.plugin.get_port(port["id"])
    three.plugin.delete_port(port["id"])
    assert three.told() == []
    assert three.dump() == before

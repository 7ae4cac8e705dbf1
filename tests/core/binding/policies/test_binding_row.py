"""A port without a binding row, as of a plugin without bindings: who gives it one, and what two that do so meet."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.binding import DEFERRED, HAVANA, ICEHOUSE, BindingStrategy
from core.binding.policies import BindingRow, ConflictRepeats, PortAccess
from core.context import PortContext
from core.exceptions import Deadlock, DuplicateBindingRow, DuplicateKey, MissingParent, PortNotFound, StaleData
from core.records import PortDict
from tests.core.worlds import World, seen

ON_DEMAND = replace(DEFERRED, binding_row=BindingRow.ON_DEMAND)
UNLOCKED = replace(ON_DEMAND, first_read=PortAccess.PLAIN)
NOTHING = replace(ON_DEMAND, conflict_repeats=ConflictRepeats.NOTHING)
OPERATION = replace(ON_DEMAND, conflict_repeats=ConflictRepeats.OPERATION)
STRATEGIES = pytest.mark.parametrize("strategy", [ON_DEMAND, UNLOCKED, HAVANA, ICEHOUSE], ids=lambda each: each.name)
Call = Callable[[World, PortDict], PortDict]
READS: dict[str, Call] = {
    "get_port": lambda world, port: world.plugin.get_port(port["id"]),
    "get_device_details": lambda world, port: world.plugin.get_device_details(port["id"]),
}
CALLS: dict[str, Call] = READS | {
    "update_port": lambda world, port: world.rename(port),
    "update_port_status": lambda world, port: world.plugin.update_port_status(port["id"], "BUILD"),
}
INSERT = "binding.insert"


def without_row(strategy: BindingStrategy) -> tuple[World, PortDict]:
    """A port of which there is nothing but its row in `ports`."""
    world = World(strategy)
    port = world.create()
    world.drop_binding(port)
    world.told()
    world.faults.statements.clear()
    return world, port


def sent(world: World) -> list[str]:
    """The statements since the port was made."""
    return [entry.split(": ")[1] for entry in world.faults.statements]


@STRATEGIES
@pytest.mark.parametrize("call", CALLS)
def test_the_first_who_reads_the_port_gives_it_a_row_and_nobody_after_that(
    strategy: BindingStrategy, call: str
) -> None:
    world, port = without_row(strategy)
    for _ in range(2):
        assert seen(CALLS[call](world, port)).startswith("nowhere unbound")
        assert sent(world).count(INSERT) == 1
    row = world.binding(port)
    assert (row["host"], row["vnic_type"], row["vif_type"], row["binding_generation"]) == ("", "normal", "unbound", 0)


@STRATEGIES
def test_an_update_binds_such_a_port_like_any_other(strategy: BindingStrategy) -> None:
    world, port = without_row(strategy)
    assert world.move(port, "h1")["binding:vif_type"] == "ovs"
    assert world.told()[0 if strategy.where == "after_commit" else 1].startswith(
        "update_port_precommit in: nowhere unbound DOWN r1 -> h1"
    )


@STRATEGIES
def test_it_is_deleted_and_drivers_are_told(strategy: BindingStrategy) -> None:
    world, port = without_row(strategy)
    world.plugin.delete_port(port["id"])
    assert world.rows("ports") == []
    assert world.methods() == ["delete_port_precommit", "delete_port_postcommit"]


@pytest.mark.parametrize("call", CALLS)
def test_with_the_port_nobody_else_inserts_it_and_what_has_none_is_no_port(call: str) -> None:
    world, port = without_row(DEFERRED)
    with pytest.raises(PortNotFound):
        CALLS[call](world, port)
    world.plugin.delete_port(port["id"])
    assert len(world.rows("ports")) == 1
    assert not {INSERT, "port.exists"} & {*sent(world)}


@pytest.mark.parametrize("call", CALLS)
def test_a_port_that_does_not_exist_at_all_is_not_found_on_demand_either(call: str) -> None:
    world, port = without_row(ON_DEMAND)
    world.plugin.delete_port(port["id"])
    with pytest.raises(PortNotFound):
        CALLS[call](world, port)
    world.plugin.delete_port(port["id"])
    assert world.rows("ml2_port_bindings") == []


def test_who_finds_the_row_issues_the_same_statements_under_both_policies() -> None:
    issued = []
    for strategy in (DEFERRED, ON_DEMAND):
        world = World(strategy)
        port = world.create("h1")
        for call in CALLS.values():
            call(world, port)
        world.plugin.delete_port(port["id"])
        issued.append(world.faults.statements)
    assert issued[0] == issued[1]


def test_a_list_shows_the_port_as_it_will_be_with_its_row_and_inserts_none() -> None:
    world, port = without_row(ON_DEMAND)
    bound = world.create("h1")
    listed = world.plugin.get_ports()
    assert world.rows("ml2_port_bindings") == [world.binding(bound)]
    assert listed == [world.plugin.get_port(port["id"]), bound]
    assert listed == world.plugin.get_ports()


def test_a_list_of_a_hosts_ports_does_not_have_a_port_without_a_row() -> None:
    world, _ = without_row(ON_DEMAND)
    bound = world.create("h1")
    assert world.plugin.get_ports({"binding:host_id": "h1"}) == [bound]


def test_with_the_port_a_list_has_the_ports_that_have_both_rows() -> None:
    world, _ = without_row(DEFERRED)
    bound = world.create("h1")
    assert world.plugin.get_ports() == [bound]


def test_the_commit_of_a_binding_takes_a_port_that_has_lost_its_row_for_one_without_a_host() -> None:
    outcomes = []
    for strategy in (DEFERRED, ON_DEMAND):
        world, port = without_row(ON_DEMAND)
        other = world.another_plugin(strategy)
        world.plugin.get_port(port["id"])

        def lose_row(context: PortContext, world: World = world, port: PortDict = port) -> None:
            world.drop_binding(port)
            world.sdn.bind(context)

        world.sdn.then("bind_port", lose_row)
        other.update_port(port["id"], {"binding:host_id": "h1"})
        outcomes.append((world.observer.attempts[-1][-1], len(world.rows("ml2_port_bindings"))))
    assert outcomes == [("deleted", 0), ("inputs_changed", 1)]


# two at once


@pytest.mark.parametrize("strategy", [NOTHING, HAVANA, ICEHOUSE], ids=lambda each: each.name)
@pytest.mark.parametrize("call", CALLS)
def test_where_nothing_is_repeated_the_client_gets_the_duplicate_key(strategy: BindingStrategy, call: str) -> None:
    world, port = without_row(strategy)
    world.faults.add(call, INSERT, DuplicateKey)
    with pytest.raises(DuplicateBindingRow, match=f"binding row of port {port['id']}"):
        CALLS[call](world, port)
    assert world.told() == []
    assert world.observer.conflicts == []


@pytest.mark.parametrize("strategy", [ON_DEMAND, OPERATION], ids=lambda each: each.conflict_repeats)
@pytest.mark.parametrize("call", CALLS)
def test_where_conflicts_are_repeated_a_duplicate_key_is_one(strategy: BindingStrategy, call: str) -> None:
    world, port = without_row(strategy)
    world.faults.add(call, INSERT, DuplicateKey)
    world.runtime.while_sleeping.append(lambda: world.plugin.get_port(port["id"]))
    assert CALLS[call](world, port)["id"] == port["id"]
    assert len(world.runtime.sleeps) == 1
    assert len(world.rows("ml2_port_bindings")) == 1


def test_a_port_that_is_deleted_before_its_row_is_inserted_is_a_conflict_too() -> None:
    world, port = without_row(NOTHING)
    world.faults.add("get_port", INSERT, MissingParent)
    with pytest.raises(StaleData, match="was deleted"):
        world.plugin.get_port(port["id"])


@pytest.mark.parametrize("call", READS)
def test_a_read_is_repeated_after_a_conflict_unless_nothing_is(call: str) -> None:
    for strategy, repeats in ((ON_DEMAND, True), (OPERATION, True), (NOTHING, False)):
        world, port = without_row(strategy)
        world.faults.add(call, "port.read", Deadlock)
        if repeats:
            assert READS[call](world, port)["id"] == port["id"]
        else:
            with pytest.raises(Deadlock):
                READS[call](world, port)


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_deletion_in_doubt_happens_once_though_the_rows_insertion_is_undone_with_it(took_effect: bool) -> None:
    world, port = without_row(ON_DEMAND)
    world.faults.lose_commit("delete_port", took_effect=took_effect)
    world.plugin.delete_port(port["id"])
    assert world.rows("ports") == []
    assert world.methods().count("delete_port_postcommit") == 1

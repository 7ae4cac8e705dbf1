"""What each policy of a strategy changes of the plugin's work; the policies by themselves: tests/core/binding.

The strategy is `deferred` (or `in-transaction`) with one policy changed, so that a difference is that policy's.
"""

from dataclasses import replace
from typing import Any

import pytest

from core.binding import DEFERRED, HAVANA, ICEHOUSE, IN_TRANSACTION
from core.binding.policies import (
    AttemptedWhen,
    Columns,
    ConcurrencyCheck,
    ConflictRepeats,
    DeleteOrder,
    FailedRound,
    InputChange,
    PortAccess,
    ProcessLock,
    ReadsBind,
    UpdatePostcommitError,
)
from core.exceptions import Deadlock, MechanismDriverError
from core.plugin import Ml2Plugin
from tests.core.worlds import World, seen


def world_with(**policies: Any) -> World:
    """Deferred binding but for these policies."""
    return World(replace(DEFERRED, **policies))


def outcomes(world: World) -> list[str]:
    return [outcome for _, _, outcome in world.observer.attempts]


# failed rounds


@pytest.mark.parametrize(("policy", "rounds"), [(FailedRound.COMMIT, 1), (FailedRound.GO_ROUND, 10)])
def test_a_hopeless_host_costs_one_round_or_as_many_as_the_limit(policy: FailedRound, rounds: int) -> None:
    world = world_with(failed_round=policy)
    world.sdn.hopeless = {"h1"}
    assert seen(world.create("h1")) == "h1 binding_failed DOWN r2"
    methods = world.methods()
    assert (methods.count("bind_port"), methods.count("update_port_precommit")) == (rounds, 1)
    assert outcomes(world) == ["failed_round"] * (rounds - 1) + ["committed"]


def test_going_round_ends_with_the_first_driver_that_binds() -> None:
    world = world_with(failed_round=FailedRound.GO_ROUND)
    world.sdn.then("bind_port", *[lambda context: None] * 3)
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r2"
    assert outcomes(world) == ["failed_round"] * 3 + ["committed"]


@pytest.mark.parametrize(("shared", "rounds"), [(True, 3), (False, 4)])
def test_a_refused_commit_is_counted_with_failed_rounds_or_by_itself(shared: bool, rounds: int) -> None:
    world = world_with(failed_round=FailedRound.GO_ROUND, shared_limit=shared, max_attempts=3)
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    world.sdn.hopeless = {"h2"}
    world.sdn.then("bind_port", lambda context: _bound_too_late(quiet, world, context))
    assert seen(world.create("h1")) == "h2 binding_failed DOWN r3"
    assert len(outcomes(world)) == rounds
    assert outcomes(world)[0] == "inputs_changed"


def _bound_too_late(quiet: Ml2Plugin, world: World, context: Any) -> None:
    quiet.update_port(context.current["id"], {"binding:host_id": "h2"})
    world.sdn.bind(context)


# when a port is attempted


def test_where_binding_failed_is_final_no_update_or_read_heals_it_and_a_new_host_does() -> None:
    world = world_with(attempted_when=AttemptedWhen.UNBOUND, update_resets_failed=False)
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.sdn.hopeless = set()
    assert world.plugin.get_port(port["id"])["binding:vif_type"] == "binding_failed"
    assert world.rename(port)["binding:vif_type"] == "binding_failed"
    assert world.move(port, "h2")["binding:vif_type"] == "ovs"


def test_what_only_a_changed_input_attempts_stays_unbound_after_a_crash() -> None:
    world = world_with(attempted_when=AttemptedWhen.INPUTS_CHANGED)
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    port = quiet.create_port({"network_id": world.network.id, "binding:host_id": "h1"})
    assert world.plugin.get_port(port["id"])["binding:vif_type"] == "unbound"
    assert world.rename(port)["binding:vif_type"] == "unbound"
    assert world.move(port, "h2")["binding:vif_type"] == "ovs"


@pytest.mark.parametrize(("resets", "shown"), [(True, "unbound"), (False, "binding_failed")])
def test_an_update_of_a_failed_port_shows_drivers_what_the_policy_says(resets: bool, shown: str) -> None:
    world = world_with(update_resets_failed=resets)
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.sdn.contexts.clear()
    world.rename(port)
    assert world.sdn.contexts[0].vif_type == shown


# reads


@pytest.mark.parametrize(("policy", "vif_type"), [(ReadsBind.API, "ovs"), (ReadsBind.DEVICE_DETAILS, "unbound")])
def test_only_one_of_the_policies_lets_the_api_read_and_bind(policy: ReadsBind, vif_type: str) -> None:
    world = world_with(reads_bind=policy)
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    port = quiet.create_port({"network_id": world.network.id, "binding:host_id": "h1"})
    assert world.plugin.get_port(port["id"])["binding:vif_type"] == vif_type


# what an update does to a binding


@pytest.mark.parametrize(("sets", "status"), [(True, "DOWN"), (False, "ACTIVE")])
def test_a_port_that_is_unbound_goes_down_or_keeps_its_status(sets: bool, status: str) -> None:
    world = world_with(unbinding_sets_down=sets)
    port = world.create("h1")
    assert world.move(port, "")["status"] == status


def test_any_update_of_icehouse_binds_again_and_wipes_the_profile() -> None:
    world = World(ICEHOUSE)
    port = world.create("h1", **{"binding:profile": {"pci": 1}})
    world.told()
    assert world.rename(port)["binding:profile"] == {}
    assert world.methods().count("bind_port") == 1


def test_havana_binds_again_when_the_same_host_is_given_and_not_when_another_attribute_is() -> None:
    world = World(HAVANA)
    port = world.create("h1")
    world.told()
    world.rename(port)
    assert "bind_port" not in world.methods()
    world.move(port, "h1")
    assert world.methods().count("bind_port") == 1


def test_the_check_of_nothing_writes_over_the_binding_of_another() -> None:
    for check, host in ((ConcurrencyCheck.VALUES, "h2"), (ConcurrencyCheck.NONE, "h2")):
        world = world_with(concurrency_check=check)
        world.sdn.then("bind_port", lambda context, world=world: _moved_and_bound(world, context))
        port = world.create("h1")
        made = world.binding(port)["vif_details"]
        assert port["binding:host_id"] == host
        assert ("h2" in made) == (check is ConcurrencyCheck.VALUES)


def _moved_and_bound(world: World, context: Any) -> None:
    world.plugin.update_port(context.current["id"], {"binding:host_id": "h2"})
    world.sdn.bind(context)


# the bound driver


def test_the_bound_driver_is_told_in_the_transaction_that_removes_its_binding() -> None:
    world = world_with(unbinds_driver=True)
    port = world.create("h1")
    world.told()
    world.rename(port)
    assert "unbind_port" not in world.methods()
    world.move(port, "h2")
    assert world.methods()[:2] == ["unbind_port", "update_port_precommit"]
    world.plugin.delete_port(port["id"])
    assert world.methods() == ["delete_port_precommit", "unbind_port", "delete_port_postcommit"]
    assert world.sdn.contexts[-1].vif_type == "unbound"
    assert world.sdn.contexts[-2].vif_type == "ovs"


def test_a_driver_that_disowns_its_binding_has_the_port_bound_again() -> None:
    world = world_with(validates_binding=True)
    port = world.create("h1")
    world.told()
    world.rename(port)
    assert world.methods()[:2] == ["validate_bound_port", "update_port_precommit"]
    world.sdn.hopeless = {"h1"}
    bound = world.generation(port)
    assert world.rename(port)["binding:vif_type"] == "binding_failed"
    assert world.generation(port) == bound + 1


@pytest.mark.parametrize(("sets", "status"), [(True, "DOWN"), (False, "ACTIVE")])
def test_a_binding_that_its_driver_disowns_goes_as_any_other(sets: bool, status: str) -> None:
    world = world_with(validates_binding=True, unbinding_sets_down=sets)
    port = world.create("h1")
    world.sdn.hopeless = {"h1"}
    assert world.rename(port)["status"] == status


@pytest.mark.parametrize("host", ["", "h1"], ids=["unbound", "failed"])
def test_nobody_is_asked_or_told_about_a_port_that_nobody_has_bound(host: str) -> None:
    world = world_with(unbinds_driver=True, validates_binding=True)
    world.sdn.hopeless = {"h1"}
    port = world.create(host)
    world.told()
    world.rename(port)
    world.plugin.delete_port(port["id"])
    assert not {"unbind_port", "validate_bound_port"}.intersection(world.methods())
    assert world.sdn.contexts[-1].vif_type == ("binding_failed" if host else "unbound")


def test_an_error_of_unbind_port_is_logged_and_of_validate_bound_port_is_a_no() -> None:
    world = world_with(unbinds_driver=True, validates_binding=True)
    port = world.create("h1")
    world.sdn.then("validate_bound_port", RuntimeError("lost"))
    world.sdn.then("unbind_port", RuntimeError("lost"))
    assert seen(world.rename(port)).startswith("h1 ovs")
    assert world.observer.errors == ["validate_bound_port", "unbind_port"]


@pytest.mark.parametrize("order", DeleteOrder)
def test_drivers_are_told_of_a_deletion_in_their_order_or_backwards(order: DeleteOrder) -> None:
    world = World(replace(DEFERRED, delete_order=order), drivers=("audit", "sdn"))
    port = world.create("h1")
    world.told()
    world.plugin.delete_port(port["id"])
    told = [entry.split(".")[0] for entry in world.told()]
    assert told == (["audit", "sdn"] * 2 if order is DeleteOrder.FORWARD else ["sdn", "audit"] * 2)


# errors and conflicts


def test_an_error_after_an_update_is_logged_and_the_port_bound() -> None:
    world = world_with(update_postcommit_error=UpdatePostcommitError.LOG)
    port = world.create()
    world.sdn.then("update_port_postcommit", RuntimeError("lost"))
    assert world.move(port, "h1")["binding:vif_type"] == "ovs"
    assert world.observer.errors == ["update_port_postcommit"]
    loud = World(DEFERRED)
    port = loud.create()
    loud.sdn.then("update_port_postcommit", RuntimeError("lost"))
    with pytest.raises(MechanismDriverError):
        loud.move(port, "h1")


@pytest.mark.parametrize(
    ("policy", "binds", "ports"),
    [
        (ConflictRepeats.TRANSACTION, 1, 1),
        (ConflictRepeats.BINDING, 2, 1),
        (ConflictRepeats.OPERATION, 2, 2),
    ],
)
def test_a_conflict_of_the_bindings_commit_repeats_as_much_as_the_policy_says(
    policy: ConflictRepeats, binds: int, ports: int
) -> None:
    world = world_with(conflict_repeats=policy)
    world.faults.add("commit_binding", "commit", Deadlock)
    assert world.create("h1")["binding:vif_type"] == "ovs"
    assert world.methods().count("bind_port") == binds
    assert len(world.rows("ports")) == ports
    assert len(world.runtime.sleeps) == 1


@pytest.mark.parametrize("transaction", ["create_port", "commit_binding"])
def test_where_nothing_is_repeated_the_client_gets_the_conflict(transaction: str) -> None:
    world = world_with(conflict_repeats=ConflictRepeats.NOTHING)
    world.faults.add(transaction, "commit", Deadlock)
    with pytest.raises(Deadlock):
        world.create("h1")
    assert len(world.rows("ports")) == (transaction == "commit_binding")
    assert world.runtime.sleeps == []


def test_a_binding_that_is_repeated_too_often_is_given_up_and_the_port_stays() -> None:
    world = world_with(conflict_repeats=ConflictRepeats.BINDING)
    world.faults.add("commit_binding", "commit", Deadlock, times=100)
    assert world.create("h1")["binding:vif_type"] == "unbound"
    assert len(world.observer.gave_up) == 1


@pytest.mark.parametrize(
    ("lock", "held"),
    [
        (ProcessLock.ALL, 4),
        (ProcessLock.UPDATE_AND_DELETE, 2),
        (ProcessLock.DELETE_AND_STATUS, 1),
        (ProcessLock.NONE, 0),
    ],
)
def test_the_process_lock_is_held_around_the_transactions_that_it_covers(lock: ProcessLock, held: int) -> None:
    world = world_with(process_lock=lock)
    port = world.create("h1")
    world.move(port, "h2")
    world.plugin.delete_port(port["id"])
    assert world.runtime.locks == ["take db-access", "give db-access"] * held


@pytest.mark.parametrize(
    ("lock", "held"),
    [
        (ProcessLock.ALL, 1),
        (ProcessLock.UPDATE_AND_DELETE, 0),
        (ProcessLock.DELETE_AND_STATUS, 1),
        (ProcessLock.NONE, 0),
    ],
)
def test_the_process_lock_is_held_around_a_status_where_it_covers_that(lock: ProcessLock, held: int) -> None:
    world = world_with(process_lock=lock)
    port = world.create()
    world.plugin.update_port_status(port["id"], "ERROR")
    assert world.runtime.locks == ["take db-access", "give db-access"] * held


@pytest.mark.parametrize("columns", Columns)
@pytest.mark.parametrize("access", PortAccess)
def test_inside_the_ports_row_is_written_before_drivers_are_asked_where_reading_does_not_lock_it(
    access: PortAccess, columns: Columns
) -> None:
    world = World(replace(IN_TRANSACTION, first_read=access, updated_columns=columns))
    port = world.create("h1")
    world.faults.statements.clear()
    before: list[str] = []
    world.sdn.then("bind_port", lambda context: before.extend(world.faults.statements))
    world.move(port, "h2")
    wrote = [entry.split(": ")[1] for entry in before if entry.endswith(".update")]
    assert wrote == ([] if access is PortAccess.FOR_UPDATE else ["port.update", "binding.update"])


@pytest.mark.parametrize("columns", Columns)
@pytest.mark.parametrize("access", PortAccess)
def test_inside_every_way_to_read_and_write_ends_with_the_same_port(access: PortAccess, columns: Columns) -> None:
    world = World(replace(IN_TRANSACTION, first_read=access, updated_columns=columns))
    port = world.create("h1")
    assert seen(world.rename(port)) == world.committed(port) == "h1 ovs ACTIVE r2"
    assert seen(world.move(port, "h2")) == world.committed(port) == "h2 ovs ACTIVE r3"
    world.sdn.hopeless = {"h3"}
    assert seen(world.move(port, "h3")) == world.committed(port) == "h3 binding_failed DOWN r4"


def test_inside_what_only_a_changed_input_attempts_is_not_attempted_by_another_update() -> None:
    world = World(replace(IN_TRANSACTION, attempted_when=AttemptedWhen.INPUTS_CHANGED))
    world.sdn.hopeless = {"h1"}
    port = world.create("h1")
    world.sdn.hopeless = set()
    assert world.rename(port)["binding:vif_type"] == "unbound"
    assert world.move(port, "h2")["binding:vif_type"] == "ovs"


def test_in_transaction_binding_can_have_each_policy_of_the_first_transaction() -> None:
    world = World(replace(IN_TRANSACTION, input_change=InputChange.HOST_GIVEN, unbinds_driver=True))
    port = world.create("h1")
    world.told()
    world.move(port, "h1")
    assert world.methods()[:3] == ["unbind_port", "bind_port", "update_port_precommit"]

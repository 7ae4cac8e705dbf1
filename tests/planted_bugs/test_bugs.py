"""Each planted bug does harm in a small situation in which the right core does none.

That the soak and its checker find them is proved with the soak.
"""

from collections.abc import Callable
from typing import TypeVar

import pytest

from core.exceptions import Deadlock, MechanismDriverError
from tests.core.worlds import DEFERRED, World, seen
from tests.planted_bugs.bugs import BY_NAME
from tests.planted_bugs.planted import PlantedBug
from tests.planted_bugs.situations import (
    OFFSETS_MS,
    computed_for,
    meanwhile,
    moves_to,
    outcomes,
    quiet,
    races,
    unbound_port,
)
from tests.sim.model.tiny import Script, deletes, moves, reads

T = TypeVar("T")
_shown: set[str] = set()


def shows(name: str) -> pytest.MarkDecorator:
    """The test gets this bug."""
    _shown.add(name)
    return pytest.mark.parametrize("bug", [pytest.param(BY_NAME[name], id=name)])


def right_and_wrong(bug: PlantedBug, situation: Callable[[], T]) -> tuple[T, T]:
    """What the situation comes to with the right core and with the bug."""
    right = situation()
    with bug.planted():
        wrong = situation()
    assert situation() == right  # nothing of it is left
    return right, wrong


def test_every_bug_is_shown_to_do_harm() -> None:
    assert _shown == set(BY_NAME)


# the second transaction


@shows("commit without reading again")
def test_a_binding_committed_meanwhile_is_replaced_and_drivers_are_told_that_there_was_none(bug: PlantedBug) -> None:
    def situation() -> list[str]:
        world = World()
        meanwhile(world, world.another_plugin(DEFERRED).get_port)
        world.create("h1")
        return [told for told in world.told() if told.startswith("update_port_precommit")]

    bound = "update_port_precommit in: h1 unbound DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2"
    assert right_and_wrong(bug, situation) == ([bound], [bound, bound])


@shows("comparing only the host")
def test_a_profile_changed_during_an_attempt_is_overlooked(bug: PlantedBug) -> None:
    def situation() -> list[str]:
        world = World()
        other = quiet(world)
        meanwhile(world, lambda port_id: other.update_port(port_id, {"binding:profile": {"slot": 3}}))
        world.create("h1")
        return outcomes(world)

    assert right_and_wrong(bug, situation) == (["inputs_changed", "committed"], ["committed"])


@shows("comparing values")
def test_a_host_changed_away_and_back_is_overlooked(bug: PlantedBug) -> None:
    def situation() -> list[str]:
        world = World()
        other = quiet(world)
        meanwhile(world, lambda port_id: [moves_to(other, host)(port_id) for host in ("h2", "h1")])
        world.create("h1")
        return outcomes(world)

    assert right_and_wrong(bug, situation) == (["inputs_changed", "committed"], ["committed"])


@shows("no lock in the second transaction")
def test_two_results_are_both_committed(bug: PlantedBug) -> None:
    def situation() -> dict[str, int]:
        return races(_reads, _reads)

    right, wrong = right_and_wrong(bug, situation)
    assert right == {}
    assert set(wrong) == {"overwritten"}
    assert wrong["overwritten"] < len(OFFSETS_MS)  # one after the other they do no harm


@shows("a failure written over a success")
def test_a_failed_attempt_undoes_the_binding_of_another(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        other = world.another_plugin(DEFERRED)
        world.sdn.then("bind_port", lambda context: other.get_port(context.current["id"]))
        return world.committed(world.create("h1"))

    assert right_and_wrong(bug, situation) == ("h1 ovs ACTIVE r2", "h1 binding_failed ACTIVE r3")


@shows("answering one's own result")
def test_the_caller_is_given_a_binding_that_was_never_committed(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        meanwhile(world, moves_to(world.another_plugin(DEFERRED), "h2"))
        return seen(world.create("h1"))

    assert right_and_wrong(bug, situation) == ("h2 ovs ACTIVE r3", "h1 ovs ACTIVE r1")


@shows("revision not raised by a binding")
def test_the_bound_port_has_the_revision_of_the_unbound_one(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        return world.committed(world.create("h1"))

    assert right_and_wrong(bug, situation) == ("h1 ovs ACTIVE r2", "h1 ovs ACTIVE r1")


# the transactions that change and delete


@shows("no lock in the first transaction")
def test_a_new_host_is_mixed_with_the_binding_for_the_old_one(bug: PlantedBug) -> None:
    def situation() -> dict[str, int]:
        return races(_reads, _moves)

    right, wrong = right_and_wrong(bug, situation)
    assert right == {}
    assert wrong["mixed"] > 0


@shows("original taken after the change")
def test_drivers_are_not_told_of_the_host_that_a_port_leaves(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        port = world.create("h1")
        world.told()
        world.move(port, "h2")
        return world.told()[0]

    assert right_and_wrong(bug, situation) == (
        "update_port_precommit in: h1 ovs physnet1 by sdn ACTIVE r2 -> h2 unbound DOWN r3",
        "update_port_precommit in: h2 unbound DOWN r3 -> h2 unbound DOWN r3",
    )


@shows("delete without the lock")
def test_a_binding_committed_before_the_delete_is_never_told_of(bug: PlantedBug) -> None:
    def situation() -> dict[str, int]:
        return races(_reads, _deletes)

    right, wrong = right_and_wrong(bug, situation)
    assert right == {}
    assert set(wrong) == {"overwritten"}


@shows("delete hides the binding")
def test_after_a_delete_drivers_cannot_see_what_was_bound(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        world.plugin.delete_port(world.create("h1")["id"])
        return world.told()[-1]

    assert right_and_wrong(bug, situation) == (
        "delete_port_postcommit out: None -> h1 ovs physnet1 by sdn ACTIVE r2",
        "delete_port_postcommit out: None -> h1 unbound ACTIVE r2",
    )


# changed inputs


@shows("unbinding forgotten")
def test_the_binding_for_the_old_host_stays_on_the_new_one(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        world.move(world.create("h1"), "h2")
        return computed_for(world)

    assert right_and_wrong(bug, situation) == (
        'on h2, bound with {"for":"h2"}',
        'on h2, bound with {"for":"h1"}',
    )


@shows("generation not raised on an unbound port")
def test_a_result_for_the_old_host_is_committed_on_the_new_one(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        meanwhile(world, moves_to(quiet(world), "h2"))
        world.create("h1")
        return computed_for(world)

    assert right_and_wrong(bug, situation) == (
        'on h2, bound with {"for":"h2"}',
        'on h2, bound with {"for":"h1"}',
    )


@shows("status left when unbound")
def test_an_unbound_port_stays_active(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        return seen(world.move(world.create("h1"), ""))

    assert right_and_wrong(bug, situation) == ("nowhere unbound DOWN r3", "nowhere unbound ACTIVE r3")


# attempts


@shows("retry with the old inputs")
def test_the_old_host_is_attempted_until_the_attempts_are_used_up(bug: PlantedBug) -> None:
    def situation() -> list[str]:
        world = World()
        meanwhile(world, moves_to(quiet(world), "h2"))
        world.create("h1")
        return [told.split()[4] for told in world.told() if told.startswith("bind_port")]

    assert right_and_wrong(bug, situation) == (["h1", "h2"], ["h1"] * 10)


@shows("get-port binding without looking again")
def test_a_read_puts_the_port_back_to_the_host_that_it_had_seen(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        port = unbound_port(world)
        meanwhile(world, moves_to(quiet(world), "h2"))
        world.plugin.get_port(port["id"])
        return world.committed(port)

    assert right_and_wrong(bug, situation) == ("h2 ovs ACTIVE r3", "h1 ovs ACTIVE r2")


@shows("attempts without limit")
def test_as_many_attempts_are_made_as_others_change_the_port(bug: PlantedBug) -> None:
    def situation() -> int:
        world = World()
        other = quiet(world)
        meanwhile(world, *[moves_to(other, f"h{number}") for number in range(2, 17)])
        world.create("h1")
        return world.methods().count("bind_port")

    assert right_and_wrong(bug, situation) == (10, 16)


@shows("binding_failed is final")
def test_a_read_leaves_a_port_alone_whose_binding_has_failed(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        world.sdn.hopeless = {"h1"}
        port = world.create("h1")
        world.sdn.hopeless = set()
        return seen(world.plugin.get_port(port["id"]))

    assert right_and_wrong(bug, situation) == ("h1 ovs ACTIVE r3", "h1 binding_failed DOWN r2")


# notifications


@shows("postcommit after a roll-back")
def test_drivers_are_told_of_an_update_that_was_rolled_back(bug: PlantedBug) -> None:
    def situation() -> tuple[list[str], list[str]]:
        world = World()
        port = world.create("h1")
        world.told()
        world.faults.add("update_port", "commit", Deadlock)
        world.rename(port)
        repeated = world.methods()
        world.sdn.then("update_port_precommit", RuntimeError("refused"))
        with pytest.raises(MechanismDriverError):
            world.rename(port)
        return repeated, world.methods()

    before, after = "update_port_precommit", "update_port_postcommit"
    assert right_and_wrong(bug, situation) == (
        ([before, before, after], [before]),
        ([before, before, after, after], [before, after]),
    )


@shows("notification twice")
def test_drivers_are_told_twice_of_a_binding(bug: PlantedBug) -> None:
    def situation() -> int:
        world = World()
        world.create("h1")
        return world.methods().count("update_port_postcommit")

    assert right_and_wrong(bug, situation) == (1, 2)


@shows("postcommit inside the transaction")
def test_drivers_are_told_of_a_binding_before_it_is_committed(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        world.create("h1")
        return world.told()[-1]

    change = "h1 unbound DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2"
    assert right_and_wrong(bug, situation) == (
        f"update_port_postcommit out: {change}",
        f"update_port_postcommit in: {change}",
    )


# repetitions


@shows("a retry keeps a half-built context")
def test_a_repeated_update_undoes_what_others_did_meanwhile(bug: PlantedBug) -> None:
    def situation() -> str:
        world = World()
        port = world.create()
        world.faults.add("update_port", "commit", Deadlock)
        world.runtime.while_sleeping.append(lambda: world.rename(port, "web"))
        world.move(port, "h1")
        return str(world.rows("ports")[0]["name"])

    assert right_and_wrong(bug, situation) == ("web", "")


@shows("a retry repeats the whole create")
def test_a_conflict_while_a_binding_is_committed_makes_a_second_port(bug: PlantedBug) -> None:
    def situation() -> list[str]:
        world = World()
        world.faults.add("commit_binding", "commit", Deadlock)
        world.create("h1")
        return sorted(row["vif_type"] for row in world.rows("ml2_port_bindings"))

    assert right_and_wrong(bug, situation) == (["ovs"], ["ovs", "unbound"])


def _reads(script: Script) -> None:
    reads(script, 0)()


def _moves(script: Script) -> None:
    moves(script, 0, "host-1")()


def _deletes(script: Script) -> None:
    deletes(script, 0)()

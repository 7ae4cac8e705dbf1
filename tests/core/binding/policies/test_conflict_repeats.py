"""How much of its work a request does again: each transaction by itself, or together with what is around it."""

from dataclasses import replace

import pytest

from core.binding import DEFERRED
from core.binding.policies import ConflictRepeats
from core.exceptions import Deadlock
from tests.core.worlds import World

TRANSACTION, BINDING, OPERATION, NOTHING = ConflictRepeats


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [(TRANSACTION, True, True), (BINDING, True, False), (OPERATION, False, False), (NOTHING, False, False)],
)
def test_which_transactions_are_repeated_by_themselves(policy: ConflictRepeats, first: bool, second: bool) -> None:
    assert (policy.first_transaction, policy.second_transaction) == (first, second)


@pytest.mark.parametrize(("policy", "ports"), [(TRANSACTION, 1), (BINDING, 1), (OPERATION, 2)])
def test_only_a_whole_request_that_is_repeated_makes_a_port_with_another_id(
    policy: ConflictRepeats, ports: int
) -> None:
    world = World(replace(DEFERRED, conflict_repeats=policy))
    world.faults.add("create_port", "commit", Deadlock)
    world.create()
    told = {context.current["id"] for context in world.sdn.contexts}
    assert (len(told), len(world.rows("ports"))) == (ports, 1)


@pytest.mark.parametrize("operation", ["update_port", "delete_port", "update_port_status"])
@pytest.mark.parametrize("policy", [TRANSACTION, BINDING, OPERATION])
def test_every_request_that_writes_is_repeated_after_a_conflict_and_paused_once(
    operation: str, policy: ConflictRepeats
) -> None:
    world = World(replace(DEFERRED, conflict_repeats=policy))
    port = world.create("h1")
    world.faults.add(operation, "commit", Deadlock)
    if operation == "update_port":
        assert world.rename(port, "web")["name"] == "web"
    elif operation == "delete_port":
        world.plugin.delete_port(port["id"])
        assert world.rows("ports") == []
    else:
        assert world.plugin.update_port_status(port["id"], "ERROR")["status"] == "ERROR"
    assert len(world.runtime.sleeps) == 1

"""Forced deadlocks: who can lose one, what the server does, what the core repeats."""

from typing import Any

import pytest

from tests.sim.model.faults.faulty import ran
from tests.sim.model.tiny import scripted, tiny

UPDATE = {"operation": "update_port", "change": "name"}


def load(operation: dict[str, Any] = UPDATE, count: int = 1) -> dict[str, Any]:
    return {"operations": [operation], "ports": {"initial": 1}, "arrivals": {"storm": {"at_s": 0, "count": count}}}


def test_the_loser_is_rolled_back_and_the_transaction_repeated() -> None:
    with ran(workload=load(), faults=[{"deadlock": {"operation": 0, "nth": 0}}]) as run:
        assert run.conflicts() == [("update_port", "deadlock")]
        assert run.operations("outcome") == [("ok",)]
        assert run.ports[0].name == "renamed-by-0"
        assert run.told == ["0 deadlock in api-0: update_port loses a deadlock (operation 0, visit 0)"]


def test_its_locks_go_to_those_who_wait() -> None:
    slow = {"round_trip_s": 0.001}
    with ran(workload=load(count=2), database=slow, faults=[{"deadlock": {"operation": 0, "nth": 0}}]) as run:
        waits = run.system.tables.lock_waits.frame()
        assert waits[["waiter", "holder", "outcome"]].values.tolist() == [[1, 0, "granted"]]
        assert [number for (number,) in run.operations("operation")] == [1, 0]


@pytest.mark.parametrize("operation", ["get_port", "get_ports"])
def test_who_holds_no_lock_can_lose_none(operation: str) -> None:
    with ran(workload=load({"operation": operation}), faults=[{"deadlock": {"probability": 1}}]) as run:
        assert (run.conflicts(), run.told) == ([], [])


def test_only_the_named_transactions_lose() -> None:
    faults = [{"deadlock": {"probability": 1, "transactions": ["commit_binding"]}}]
    with ran(database={"conflict_retries": 2}, faults=faults) as run:
        assert run.conflicts() == [("commit_binding", "deadlock")] * 2
        assert run.operations("outcome", "bound") == [("ok", 0)]  # the core gives up after the third


def test_in_transaction_binding_asks_the_controller_again() -> None:
    scenario = tiny(faults=[{"deadlock": {"at_s": 0.5}}])  # the first statement after the remote call
    with scripted(scenario, "in-transaction") as script:
        network = script.system.world.network_of(0).id
        attributes = {"network_id": network, "binding:host_id": "host-1"}
        script.at(0, "create", lambda: script.plugin.create_port(attributes))
        script.run()
        assert len(list(script.system.controllers["sdn"].table.entries())) == 2


def test_the_fault_frees_what_a_real_deadlock_would() -> None:
    with ran(workload=load(count=30), faults=[{"deadlock": {"probability": 0.2}}]) as run:
        assert run.system.server.open_transactions() == []
        assert run.operations("outcome") == [("ok",)] * 30
        assert len(run.told) == len(run.conflicts()) > 5

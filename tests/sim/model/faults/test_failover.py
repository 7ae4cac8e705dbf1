"""Fail-over: what becomes of transactions wherever they are, what happens in the pause, and what after it."""

from typing import Any

import pytest

from tests.sim.model.faults.faulty import Told, ran
from tests.sim.model.tiny import controller, moves, scripted, tiny

RENAME = {"operation": "update_port", "change": "name"}


def load(at_s: float, count: int = 1) -> dict[str, Any]:
    return {"operations": [RENAME], "ports": {"initial": 1}, "arrivals": {"storm": {"at_s": at_s, "count": count}}}


def failover(at_s: float, pause_s: float = 2) -> list[dict[str, Any]]:
    return [{"failover": {"at_s": at_s, "pause_s": pause_s}}]


def test_transactions_of_the_pause_are_refused_and_repeated_until_there_is_a_server() -> None:
    with ran(workload=load(1), faults=failover(0.5, pause_s=7.7), horizon={"duration_s": 2}) as run:
        assert set(run.conflicts()) == {("update_port", "connection_lost")}
        ((outcome, ended_s),) = run.operations("outcome", "ended_s")
        assert outcome == "ok"
        assert 8.2 <= ended_s < 18.2  # a back-off is at most 10 s
        assert run.told == [
            "0.5 failover: the server dies: 0 open transactions end, 0 of them just committed; none for 7.7 s"
        ]


def test_the_holder_of_a_lock_and_those_who_wait_for_it_lose_all_they_have() -> None:
    scenario = tiny(workload={"ports": {"initial": 1}}, faults=failover(0.5, pause_s=0.1))
    with scripted(scenario, "in-transaction") as script:
        told = Told(script.system)
        script.at(0, "holds", moves(script, 0, "host-2"))
        script.at(100, "waits", moves(script, 0, "host-3"))
        script.run(until_s=0.55)
        assert script.system.server.open_transactions() == []
        assert "2 open transactions end, 0 of them just committed" in told.lines[0]
        log = script.run()
        assert sorted(line.split()[:2] for line in log) == [["holds", "done"], ["waits", "done"]]
        frame = script.system.tables.conflicts.frame()
        assert frame["kind"].tolist() == ["connection_lost"] * 2
        # The holder was in a remote call of 1 s and finds out at its next statement; the waiter at once.
        assert frame["at_s"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize("round_trip_s", [0, 0.02])
@pytest.mark.parametrize("profile", ["innodb", "postgresql", "sqlite"])
def test_at_whatever_instant_the_server_dies_all_locks_go_and_each_create_happens_once(
    profile: str, round_trip_s: float
) -> None:
    slow = {"profile": profile, "round_trip_s": round_trip_s, "execution_s": 0.02, "commit_s": 0.1, "commit_slots": 1}
    creates = {"operations": [{"operation": "create_port", "bind": False}], "arrivals": {"storm": {"count": 4}}}
    committed = 0
    for at_ms in range(5, 600, 23):
        changes = {"database": slow, "topology": {"subnets_per_tenant": 0}, "faults": failover(at_ms / 1000, 0.05)}
        with ran(workload=creates, seed=at_ms, **changes) as run:
            assert run.operations("outcome") == [("ok",)] * 4
            assert [port.revision_number for port in run.ports.values()] == [1] * 4
            server = run.system.server
            assert server.open_transactions() == []
            # The row of the pool of addresses is what they waited for.
            assert server.committed("SELECT next_offset - first_offset FROM ip_allocation_pools")[0] == (4,)
            committed += "1 of them just committed" in run.told[0]
    assert committed >= 1  # a COMMIT that was under way has taken effect, and was not made again


def test_a_commit_under_way_has_an_outcome_that_its_client_does_not_know() -> None:
    took: set[bool] = set()
    for seed in range(8):
        with ran(workload=load(0), database={"commit_s": 1}, faults=failover(0.5, pause_s=0.1), seed=seed) as run:
            assert run.conflicts() == [("update_port", "commit_outcome_unknown")]
            took.add("1 of them just committed" in run.told[0])
            assert run.ports[0].revision_number == 3
            assert run.system.server.feed.commits == 1
    assert took == {True, False}


def test_deferred_binding_comes_through_a_fail_over_during_its_remote_call() -> None:
    with ran(faults=failover(0.5, pause_s=3), controllers=controller()) as run:
        assert {transaction for transaction, _ in run.conflicts()} == {"commit_binding"}
        assert run.operations("outcome", "bound") == [("ok", 1)]
        assert run.system.tables.driver_calls.frame()["method"].tolist().count("bind_port") == 1


def test_the_pause_is_the_published_one_unless_it_is_given() -> None:
    (fault,) = tiny(faults=[{"failover": {"at_s": 1}}]).faults
    assert fault.chosen.pause_s == 7.7

"""Crashes: what is left in the database, at controllers and with clients, wherever an API process dies."""

from typing import Any

import pytest

from sim.scenario import Strategy
from tests.sim.model.faults.faulty import Told, ran
from tests.sim.model.tiny import controller, moves, reads, scripted, tiny

NO_RESTART = {"restart_after_s": None}


def crash(point: str, nth: int = 0) -> list[dict[str, Any]]:
    """The first operation's process dies at a point."""
    return [{"crash": {"point": point, "operation": 0, "nth": nth, **NO_RESTART}}]


def test_the_server_releases_the_locks_of_the_dead_and_the_controller_goes_on() -> None:
    scenario = tiny(
        api={"processes": 2},
        workload={"ports": {"initial": 1}},
        faults=[{"crash": {"at_s": 0.5, "process": 0, **NO_RESTART}}],
    )
    with scripted(scenario, "in-transaction") as script:
        told = Told(script.system)
        script.at(0, "dies", moves(script, 0, "host-2"), process=0)
        script.at(100, "waits", moves(script, 0, "host-3"), process=1)
        assert script.run(until_s=1.2) == []
        hosts = [entry.host for _, entry in script.system.controllers["sdn"].table.entries()]
        assert hosts == ["host-0", "host-2"]  # reserved at 1 s for an operation that died at 0.5 s
        assert script.run() == ["waits done at 1500"]
        assert told.lines == ["0.5 crash in api-0: api-0 dies"]


@pytest.mark.parametrize(
    ("point", "nth", "left"),
    [
        ("before_commit", 0, "nothing"),
        ("after_commit", 0, "unbound"),
        ("before_postcommit", 0, "unbound"),
        ("in_driver_call", 0, "unbound, reserved"),
        ("between_transactions", 0, "unbound, reserved"),
        ("before_commit", 1, "unbound, reserved"),
        ("before_postcommit", 1, "bound, reserved"),
        ("in_driver_call", 1, "bound, confirmed"),
    ],
)
def test_what_a_create_leaves_behind_depends_on_where_it_died(point: str, nth: int, left: str) -> None:
    controllers = controller(latency={"bind": 1, "confirm": 1})
    with ran(faults=crash(point, nth), controllers=controllers) as run:
        found = ["bound" if port.binding.is_successful else "unbound" for port in run.ports.values()]
        found += ["confirmed" if entry.confirmed else "reserved" for entry in run.entries.values()]
        assert ", ".join(found) == left.replace("nothing", "")
        assert run.operations("outcome") == [("died",)]
        assert run.ending.quiescent
        assert run.ending.lost["missing.after_read"] == (None if "unbound" in left else 0)  # nobody is left to read
        assert len(run.told) == 1
        assert point.replace("_", " ") in run.told[0]
        assert f"operation 0, visit {nth}" in run.told[0]


def test_in_transaction_binding_dies_with_its_transaction() -> None:
    with ran("in-transaction", faults=crash("in_driver_call")) as run:
        assert run.ports == {}
        assert [entry.confirmed for entry in run.entries.values()] == [False]
        assert run.ending.lost["orphaned"] == 1


def test_a_lease_stays_until_it_expires() -> None:
    variant = Strategy(name="leased", base="serialized", lease_s=5)
    scenario = tiny(
        api={"processes": 2},
        workload={"ports": {"initial": 1, "bound": False}},
        faults=[{"crash": {"point": "holding_lease", "operation": 0, "nth": 0, **NO_RESTART}}],
    )
    with scripted(scenario, variant) as script:
        told = Told(script.system)
        script.at(0, "dies", reads(script, 0), process=0)
        script.at(1000, "waits", reads(script, 0), process=1)
        (line,) = script.run()
        assert line.startswith("waits done at ")
        assert 6000 <= float(line.split()[-1]) < 6200  # the lease ended at 5 s, then it is polled for, then 1 s of bind
        assert told.lines[0].startswith("0 crash in api-0: api-0 dies holding lease")
        assert script.system.server.committed("SELECT COUNT(*) FROM port_binding_leases") == [(0,)]


def test_no_lease_is_held_after_the_attempt() -> None:
    update = {"operation": "update_port", "change": "name"}
    load = {"operations": [update], "ports": {"initial": 1, "bound": True}}
    with ran("serialized", workload=load, faults=[{"crash": {"point": "holding_lease", "probability": 1}}]) as run:
        assert (run.operations("outcome"), run.told) == ([("ok",)], [])


@pytest.mark.parametrize("kind", ["threads", "eventlet"])
def test_requests_wait_for_the_fresh_process(kind: str) -> None:
    load = {"arrivals": {"storm": {"at_s": 0.3, "count": 3}}}
    dies = {"crash": {"at_s": 0.2, "process": 0, "restart_after_s": 1}}
    with ran(workload=load, api={"kind": kind}, faults=[dies]) as run:
        assert run.operations("outcome", "started_s", "api_process") == [("ok", 1.2, 0)] * 3
        assert run.told == ["0.2 crash in api-0: api-0 dies", "1.2 restart in api-0: api-0 starts again"]
        assert run.system.recorder.counts == {"fault-crash": 1, "fault-restart": 1}


def test_the_fresh_process_has_nothing_of_the_dead_one() -> None:
    with ran(faults=[{"crash": {"at_s": 0.2, "process": 0, "restart_after_s": 1}}]) as run:
        (fresh,) = run.system.api.processes
        assert [worker.request for worker in fresh.workers] == [None] * 8
        assert list(run.system.pools) == [fresh]
        assert run.system.pools[fresh].resource.in_use == 0
        assert fresh.locks == {}
        assert fresh.started == 16  # numbers of workers, which keys of draws are made of, are never used again


def test_without_any_process_requests_stay_and_the_run_ends() -> None:
    load = {"arrivals": {"storm": {"at_s": 0.3, "count": 3}}}
    with ran(workload=load, faults=[{"crash": {"at_s": 0.2, "process": 0, **NO_RESTART}}]) as run:
        assert not run.ending.quiescent
        assert run.ending.stall == []
        assert run.operations("outcome", "api_process") == [("unanswered", -1)] * 3
        assert set(run.ending.lost.values()) == {None}


def test_what_is_to_restart_does_so_for_the_reads_at_rest() -> None:
    with ran(faults=[{"crash": {"point": "after_commit", "operation": 0, "restart_after_s": 5000}}]) as run:
        assert (run.ending.lost["missing"], run.ending.lost["missing.after_read"]) == (1, 0)


def test_clients_repeat_what_died() -> None:
    load = {"client": {"retries": 1, "retry_pause_s": 2}}
    dies = {"crash": {"point": "after_commit", "operation": 0, "restart_after_s": 1}}
    with ran(workload=load, faults=[dies]) as run:
        assert run.operations("operation", "outcome") == [(0, "died"), (1, "ok")]
        assert sorted(run.ports) == [0, 1]
        assert run.ending.lost["missing"] == 1  # the first one's, until it is read


def test_the_worker_of_a_journal_starts_again_with_its_process() -> None:
    journal = [{"name": "odl", "kind": "journal", "controller": "sdn"}]
    load = {"arrivals": {"storm": {"at_s": 0.1, "count": 1}}}
    dies = {"crash": {"at_s": 5, "process": 0, "restart_after_s": 1}}
    with ran(workload=load, drivers=journal, faults=[dies], horizon={"duration_s": 8}) as run:
        assert [entry.confirmed for entry in run.entries.values()] == [True]
        assert run.ending.quiescent
        assert run.ending.virtual_us == 8_000_000  # the old worker would have looked at 10 s


def test_a_dead_process_does_not_die_again() -> None:
    twice = [{"crash": {"at_s": at_s, "process": 0, **NO_RESTART}} for at_s in (0.1, 0.2)]
    with ran(workload={"arrivals": {"constant": {"rate_per_s": 1}}}, faults=twice) as run:
        assert len(run.told) == 1


def test_every_suspension_point_can_be_the_last() -> None:
    slow = {"round_trip_s": 0.001, "execution_s": 0.001, "commit_s": 0.002}
    seen = 0
    for nth in range(200):
        with ran("serialized", database=slow, faults=crash("anywhere", nth)) as run:
            assert run.system.server.open_transactions() == []
            if not run.told:
                assert run.operations("outcome") == [("ok",)]
                break
            assert run.operations("outcome") == [("died",)]
            seen += 1
    assert 30 < seen < 200  # round trips, executions and flushes of six transactions, and a bind

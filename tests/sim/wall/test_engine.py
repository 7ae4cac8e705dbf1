"""The whole wall-clock engine, with processes, threads, drivers that sleep, and an SQLite file as its database."""

import multiprocessing
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import run as run_in_virtual_time
from sim.history import check
from sim.metrics import Tables
from sim.running import Run
from sim.scenario import ScenarioError
from sim.scenario.strategies import ERAS
from sim.wall import WallError
from tests.sim.wall.broken_probe import BrokenProbe
from tests.sim.wall.on_sqlite import run_on_sqlite, small

STRATEGIES = ("in-transaction", "deferred", "serialized")
_LATENCY = {"bind": 0.02, "confirm": 0.005, "drop": 0.005}


def _offered(tables: Tables) -> list[tuple[int, ...]]:
    """What was asked for and when: operation, kind, port, intended start, of operations in their order."""
    rows = tables.operations.to_numpy()
    rows = rows[np.argsort(rows["operation"])]
    names = tables.operations.codes("kind").names
    return [(row["operation"], names[row["kind"]], row["port"], row["intended_us"]) for row in rows]


def _kept(run: Run) -> dict[str, str]:
    """The verdicts on what the strategy promises."""
    assert run.history is not None
    return {verdict.name: verdict.word for verdict in check(run.history).promised}


def _came_to_rest(run: Run) -> bool:
    """Whatever the machine is busy with: a run on a loaded one may be 'saturated'."""
    assert run.history is not None
    return run.history.facts.quiescent


def _faults(run: Run) -> list[str]:
    """The kinds of faults that took effect, in their order."""
    assert run.history is not None
    faults = run.history.tables.faults
    return [faults.codes("kind").names[code] for code in faults.column("kind").tolist()]


def _outcomes(run: Run) -> set[str]:
    table = run.tables.operations
    return {table.codes("outcome").names[code] for code in table.column("outcome").tolist()}


def test_the_levels_of_hierarchical_bindings_are_witnessed_too(tmp_path: Path) -> None:
    segments = [{"network_type": "vxlan"}, {"network_type": "vlan", "physical_network": "rack"}]
    drivers = [{"name": "tor", "kind": "switch", "continues_to": 1}, {"name": "ovs", "kind": "agent"}]
    run = run_on_sqlite(tmp_path, small(topology={"segments": segments}, drivers=drivers, controllers=[]), history=True)
    assert _came_to_rest(run)
    assert set(_kept(run).values()) == {"ok"}
    assert run.history is not None
    states = run.history.tables.states
    bound = states.column("driver") == states.codes("driver").find("ovs")
    assert bound.any()
    assert (states.column("upper_levels")[bound] >= 0).all()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_keeps_its_promises_and_serves_what_virtual_time_would(tmp_path: Path, strategy: str) -> None:
    run = run_on_sqlite(tmp_path, small(), strategy=strategy, history=True)
    assert _came_to_rest(run)
    assert set(_kept(run).values()) == {"ok"}
    assert _offered(run.tables) == _offered(run_in_virtual_time(small(), strategy=strategy).tables)
    assert multiprocessing.active_children() == []


def _causes(run: Run) -> set[str]:
    """Why properties did not hold, whoever promises them."""
    assert run.history is not None
    return {finding.cause for finding in check(run.history).findings}


@pytest.mark.parametrize("strategy", ERAS)
def test_what_releases_of_neutron_write_is_in_the_history_as_the_database_has_it(tmp_path: Path, strategy: str) -> None:
    run = run_on_sqlite(tmp_path, small(horizon={"duration_s": 0.8}), strategy=strategy, history=True)
    assert _came_to_rest(run)
    assert len(run.history.tables.commits) > 5  # type: ignore[union-attr]
    assert not _causes(run) & {"aborted read", "diverged, told of something else"}


def _generations(run: Run) -> list[int]:
    """Of the bindings that initial ports have, 0 where there is no row."""
    assert run.history is not None
    writes, states = run.history.tables.writes, run.history.tables.states
    initial = writes.column("state")[writes.column("commit") == 0]
    return [int(states.column("generation")[state]) for state in initial]


@pytest.mark.parametrize("strategy", ["havana", "icehouse", "deferred"])
def test_ports_without_binding_rows_are_in_real_time_what_they_are_in_virtual_time(
    tmp_path: Path, strategy: str
) -> None:
    ports = {"initial": 3, "bound": False, "with_host": False}
    script = [
        {"at_s": 0.0, "operation": "update_port", "port": 0, "host": 1},
        {"at_s": 0.2, "operation": "get_device_details", "port": 0},
        {"at_s": 0.0, "operation": "get_port", "port": 1},
        {"at_s": 0.2, "operation": "delete_port", "port": 2},
    ]
    scenario = small(workload={"arrivals": {"script": script}, "operations": [], "ports": ports})
    run = run_on_sqlite(tmp_path, scenario, strategy=strategy, history=True)
    virtual = run_in_virtual_time(scenario, strategy=strategy, seed=1, history=True)
    assert _came_to_rest(run)
    assert _generations(run) == _generations(virtual)
    assert _causes(run) == _causes(virtual)
    assert len(run.history.tables.commits) == len(virtual.history.tables.commits)  # type: ignore[union-attr]
    assert _outcomes(run) == _outcomes(virtual) == {"ok"}


VARIED: dict[str, dict[str, Any]] = {
    "a storm": {"workload": {"arrivals": {"storm": {"count": 12}}}},
    "closed clients": {"workload": {"arrivals": {"closed": {"clients": 3, "think_time_s": 0.03}}}},
    "batches": {"workload": {"arrivals": {"batches": {"rate_per_s": 10, "size": {"constant": {"value": 3}}}}}},
    "creation, follow-ups and deletion": {
        "workload": {
            "operations": [
                {
                    "operation": "create_port",
                    "then": [
                        {"operation": "get_port", "after_s": 0.02},
                        {"operation": "delete_port", "after_s": 0.05},
                    ],
                }
            ]
        }
    },
    "lists of many ports": {
        "workload": {"operations": [{"operation": "get_ports"}], "ports": {"initial": 60, "bound": False}}
    },
    "some ports more often than others": {"workload": {"ports": {"initial": 6, "bound": True, "zipf_s": 1.2}}},
    "a journal": {
        "drivers": [{"name": "sdn", "kind": "journal", "controller": "sdn"}],
    },
    "agents": {"drivers": [{"name": "ovs", "kind": "agent"}], "controllers": []},
    "errors of a controller": {"controllers": [{"name": "sdn", "latency": _LATENCY, "error_probability": 0.3}]},
    "time-outs of a controller": {
        "controllers": [{"name": "sdn", "latency": {**_LATENCY, "bind": 0.2}, "timeout_s": 0.05}]
    },
    "impatient clients": {
        "workload": {"client": {"timeout_s": 0.03, "on_timeout": "repeat", "retries": 2, "retry_pause_s": 0.01}},
    },
    "calls that take no time": {"controllers": [{"name": "sdn", "latency": {"bind": 0.01, "confirm": 0, "drop": 0}}]},
    "a script": {
        "workload": {
            "arrivals": {
                "script": [
                    {"at_s": 0.05, "operation": "update_port", "port": 1, "host": 2},
                    {"at_s": 0.06, "operation": "get_port", "port": 1},
                ]
            },
            "operations": [],
        }
    },
    "no workers to spare": {"api": {"processes": 1, "threads": 1}},
    "steady state": {
        "horizon": {"kind": "steady_state", "duration_s": 0.4, "warm_up_s": 0.1},
        "workload": {"operations": [{"operation": "get_port"}]},
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("what", VARIED)
def test_whatever_is_modelled_runs_in_real_time_and_comes_to_rest(tmp_path: Path, what: str) -> None:
    changes = {"horizon": {"duration_s": 0.3}, **VARIED[what]}
    run = run_on_sqlite(tmp_path, small(**changes), history=True)
    assert len(run.tables.operations)
    assert _came_to_rest(run)
    assert "violated" not in _kept(run).values()


def test_arrivals_keep_their_schedule_while_everything_stalls(tmp_path: Path) -> None:
    scenario = small(
        api={"processes": 1, "threads": 1},
        workload={"operations": [{"operation": "update_port", "change": "host"}]},
        controllers=[{"name": "sdn", "latency": {**_LATENCY, "bind": 0.1}}],
    )
    run = run_on_sqlite(tmp_path, scenario)
    assert _offered(run.tables) == _offered(run_in_virtual_time(scenario, strategy="deferred").tables)
    rows = run.tables.operations.to_numpy()
    waited_us = rows["started_us"] - rows["intended_us"]
    assert waited_us.max() > 400_000


def test_drivers_sleep_as_long_as_is_drawn(tmp_path: Path) -> None:
    run = run_on_sqlite(tmp_path, small(controllers=[{"name": "sdn", "latency": {**_LATENCY, "bind": 0.06}}]))
    calls = run.table("driver_calls")
    binds = calls[calls["method"] == "bind_port"]
    assert len(binds)
    assert (binds["ended_s"] - binds["began_s"]).min() >= 0.06


def test_everything_that_was_in_use_is_given_back(tmp_path: Path) -> None:
    levels = run_on_sqlite(tmp_path, small()).table("levels")
    last = levels.groupby("resource").last()
    assert {"api.workers", "db.pool of api-0", "db.pool of api-1"} <= set(last.index)
    assert (last[["in_use", "queued"]] == 0).all(axis=None)


@pytest.mark.slow
def test_a_second_run_on_the_same_database_begins_with_tables_made_anew(tmp_path: Path) -> None:
    runs = [run_on_sqlite(tmp_path, small(), replication=0, history=True) for _ in range(2)]
    assert _offered(runs[0].tables) == _offered(runs[1].tables)
    assert [set(_kept(run).values()) for run in runs] == [{"ok"}, {"ok"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["before_commit", "after_commit", "in_driver_call", "between_transactions", "before_postcommit"]
)
def test_a_process_that_dies_at_a_point_leaves_the_promises_whole(tmp_path: Path, point: str) -> None:
    scenario = small(
        workload={"operations": [{"operation": "update_port", "change": "host"}]},
        faults=[{"crash": {"point": point, "probability": 0.15, "restart_after_s": 0.1}}],
    )
    run = run_on_sqlite(tmp_path, scenario, history=True)
    assert "died" in _outcomes(run)
    assert {"crash", "restart"} <= set(_faults(run))
    assert _came_to_rest(run)
    assert set(_kept(run).values()) == {"ok"}


def test_a_process_that_never_comes_back_leaves_the_rest_to_the_others(tmp_path: Path) -> None:
    scenario = small(faults=[{"crash": {"at_s": 0.1, "process": 0, "restart_after_s": None}}])
    run = run_on_sqlite(tmp_path, scenario, history=True)
    assert _came_to_rest(run)
    assert set(_kept(run).values()) == {"ok"}


@pytest.mark.slow
def test_with_no_process_left_the_run_ends_without_answers(tmp_path: Path) -> None:
    scenario = small(
        horizon={"drain_limit_s": 0.3},
        api={"processes": 1},
        faults=[{"crash": {"at_s": 0.1, "process": 0, "restart_after_s": None}}],
    )
    run = run_on_sqlite(tmp_path, scenario)
    assert run.outcome != "ok"


def test_a_bug_in_a_worker_ends_the_run_with_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(WallError, match=r"a worker of API process \d failed: ZeroDivisionError: a bug in") as failure:
        run_on_sqlite(tmp_path, small(), probe=BrokenProbe)
    assert "broken_probe.py" in failure.value.details
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run_on_sqlite(tmp_path, small(horizon={"duration_s": 0.1}))
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(("run.sqlite", "pymp-"))] == []


def test_what_cannot_be_had_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="eventlet"):
        run_on_sqlite(tmp_path, small(api={"kind": "eventlet"}))
    assert [path.name for path in tmp_path.iterdir()] == ["run.sqlite"]


def test_agents_report_and_do_what_follows_on_a_notification(tmp_path: Path) -> None:
    follows = [{"operation": "update_port_status", "status": "BUILD", "from": "notified", "after_s": 0.05}]
    scenario = small(
        workload={"operations": [{"operation": "update_port", "change": "host", "then": follows}]},
        agents={"report_interval_s": 0.2, "down_time_s": 30}, drivers=[{"name": "ovs", "kind": "agent"}],
        controllers=[], faults=[{"agent": {"host": 1, "at_s": 0.1, "for_s": 0.2}}],
    )  # fmt: skip
    run = run_on_sqlite(tmp_path, scenario, strategy="neutron-2026.1", history=True)
    assert _outcomes(run) == {"ok"}
    kinds = run.tables.operations.frame()["kind"].value_counts()
    assert kinds["update_port_status"] > kinds["update_port"] / 2
    assert kinds["report_state"] >= 8
    assert _came_to_rest(run)
    assert _faults(run) == ["agent", "agent"]

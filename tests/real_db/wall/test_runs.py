"""Whole runs in real time on a real PostgreSQL and a real MariaDB."""

import multiprocessing

import numpy as np
import pytest

from sim import run as run_in_virtual_time
from sim.history import check
from sim.metrics import Tables
from sim.metrics.time_parts import PARTS, time_parts
from sim.running import Run
from sim.scenario import Scenario, load_scenario
from sim.servers import RunDatabase
from sim.wall import run, scaled_in_time
from tests.sim.wall.on_sqlite import small

pytestmark = pytest.mark.databases

STRATEGIES = ("in-transaction", "deferred", "serialized")
BIND_S = 0.04
LATENCY = {"bind": BIND_S, "confirm": 0.01, "drop": 0.01}
WRITERS = [
    {"operation": "update_port", "change": "host", "weight": 3},
    {"operation": "create_port"},
    {"operation": "get_port"},
]


def _scenario() -> Scenario:
    """About thirty operations on six ports, of which most must wait for others."""
    return small(
        horizon={"duration_s": 0.8},
        workload={"operations": WRITERS},
        controllers=[{"name": "sdn", "latency": LATENCY}],
    )


def _offered(tables: Tables) -> list[tuple[int, ...]]:
    rows = tables.operations.to_numpy()
    rows = rows[np.argsort(rows["operation"])]
    names = tables.operations.codes("kind").names
    return [(row["operation"], names[row["kind"]], row["port"], row["intended_us"]) for row in rows]


def _asked_hosts(run: Run) -> dict[int, str]:
    """The host that each operation asked for, by its number."""
    assert run.history is not None
    told = run.history.tables
    names = told.words.arguments.names
    return {call["operation"]: names[call["arguments"]] for call in told.calls.to_numpy() if call["arguments"] >= 0}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_keeps_its_promises_with_the_workload_of_virtual_time(
    database: RunDatabase, strategy: str
) -> None:
    real = run(_scenario(), database=database, strategy=strategy, history=True)
    virtual = run_in_virtual_time(_scenario(), strategy=strategy, history=True)
    assert real.outcome == "ok"
    assert real.history is not None
    assert {verdict.word for verdict in check(real.history).promised} == {"ok"}
    assert _offered(real.tables) == _offered(virtual.tables)
    assert _asked_hosts(real) == _asked_hosts(virtual)
    assert (database.sessions(), database.locks(), multiprocessing.active_children()) == ([], 0, [])


@pytest.mark.parametrize("strategy", ["havana", "juno", "neutron-2026.1"])
def test_nobody_reads_what_a_release_of_neutron_is_not_known_to_have_written(
    database: RunDatabase, strategy: str
) -> None:
    real = run(_scenario(), database=database, strategy=strategy, history=True)
    assert real.history is not None
    causes = {finding.cause for finding in check(real.history).findings}
    assert not causes & {"aborted read", "diverged, told of something else"}


@pytest.mark.parametrize(("strategy", "errors"), [("havana", 1), ("icehouse", 1), ("in-transaction", 0), ("juno", 0)])
def test_an_agent_meets_the_binding_row_that_an_update_inserts(
    database: RunDatabase, strategy: str, errors: int
) -> None:
    scenario = load_scenario("eras/duplicate_binding_row")
    real = run(scaled_in_time(scenario, 0.1), database=database, strategy=strategy, history=True)
    assert real.history is not None
    assert {verdict.word for verdict in check(real.history).promised} <= {"ok"}
    table = real.tables.operations
    found = [table.codes("error").name(code) for code in table.column("error").tolist() if code >= 0]
    assert found == ["DuplicateBindingRow"] * errors


def test_arrivals_keep_their_schedule_while_the_system_stalls(database: RunDatabase) -> None:
    scenario = small(
        api={"processes": 1, "threads": 1},
        workload={"operations": [{"operation": "update_port", "change": "host"}]},
        controllers=[{"name": "sdn", "latency": {**LATENCY, "bind": 0.15}}],
    )
    real = run(scenario, database=database, strategy="in-transaction")
    assert _offered(real.tables) == _offered(run_in_virtual_time(scenario, strategy="in-transaction").tables)
    rows = real.tables.operations.to_numpy()
    assert (rows["started_us"] - rows["intended_us"]).max() > 500_000


def test_what_drivers_take_is_slept_and_the_parts_of_every_time_add_up(database: RunDatabase) -> None:
    real = run(_scenario(), database=database, strategy="in-transaction")
    calls = real.table("driver_calls")
    binds = calls[calls["method"] == "bind_port"]
    assert (binds["ended_s"] - binds["began_s"]).min() >= BIND_S
    rows = real.tables.transactions.to_numpy()
    lasted_us = rows["ended_us"] - rows["began_us"]
    parts_us = rows["sql_us"] + rows["lock_wait_us"] + rows["driver_us"] + rows["own_us"]
    assert np.abs(lasted_us - parts_us).max() <= 1_000
    assert rows["driver_us"].max() >= BIND_S * 1e6
    parts = time_parts(real.tables)
    operations = real.tables.operations.to_numpy()
    latency_us = np.sort(operations["ended_us"] - operations["intended_us"])
    assert np.abs(np.sort(parts[[f"{part}_us" for part in PARTS]].sum(axis=1)) - latency_us).max() <= 1


def test_who_waits_for_a_row_is_seen_and_for_how_long(database: RunDatabase) -> None:
    """One port, held by each writer in turn while its controller binds it."""
    scenario = small(
        workload={
            "operations": [{"operation": "update_port", "change": "host"}],
            "ports": {"initial": 1, "bound": True},
        },
        controllers=[{"name": "sdn", "latency": {**LATENCY, "bind": 0.1}}],
    )
    waits = run(scenario, database=database, strategy="in-transaction").table("lock_waits")
    longest_s = (waits["to_s"] - waits["from_s"]).max()
    assert longest_s >= 0.1
    assert (waits["waiter"] != waits["holder"]).all()


def test_levels_go_up_under_load_and_down_to_nothing(database: RunDatabase) -> None:
    levels = run(_scenario(), database=database, strategy="in-transaction").table("levels")
    by_resource = levels.groupby("resource")
    assert (by_resource.last()[["in_use", "queued"]] == 0).all(axis=None)
    assert {"api.workers", "db.pool of api-0", "db.pool of api-1"} <= set(by_resource.groups)
    assert by_resource["in_use"].max()["api.workers"] > 1


def test_a_time_scale_shortens_the_run_and_not_the_workload(database: RunDatabase) -> None:
    real = run(scaled_in_time(_scenario(), 0.5), database=database, strategy="deferred")
    virtual = run_in_virtual_time(_scenario(), strategy="deferred")
    assert [row[:3] for row in _offered(real.tables)] == [row[:3] for row in _offered(virtual.tables)]
    halves = [2 * row[3] for row in _offered(real.tables)]
    assert np.abs(np.array(halves) - [row[3] for row in _offered(virtual.tables)]).max() <= 2


def test_replications_begin_with_tables_made_anew(database: RunDatabase) -> None:
    runs = [run(_scenario(), database=database, strategy="deferred", replication=number) for number in (0, 1, 0)]
    assert _offered(runs[0].tables) == _offered(runs[2].tables) != _offered(runs[1].tables)
    assert [found.outcome for found in runs] == ["ok"] * 3

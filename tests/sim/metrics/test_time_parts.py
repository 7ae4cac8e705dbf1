from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiment import Settings, compare
from sim.metrics import Table, Tables
from sim.metrics.measure import check_names, measure
from sim.metrics.time_parts import PARTS, parts_of_operations, time_parts
from sim.results import load_run
from sim.scenario import load_scenario
from sim.simulation import run
from tests.sim.model.faults.faulty import ran

S = 1_000_000  # us in a second
MS = 1_000
SHIPPED = (
    "boot_storm", "controller_brownout", "delete_during_bind", "eventlet_lock_wait", "get_port_stampede", "hot_port",
    "live_migration", "rally_create_port",
)  # fmt: skip
STRATEGIES = ("in-transaction", "deferred", "serialized")
SHORT = ["horizon.duration_s=8"]
STORM = {"arrivals": {"storm": {"at_s": 0, "count": 2}}}
AGENT: dict[str, Any] = {"drivers": [{"name": "ovs", "kind": "agent"}], "controllers": []}


def parts_ms(tables: Tables) -> list[dict[str, float]]:
    """The parts of each operation that are not 0, in ms."""
    found = time_parts(tables)
    return [{part: row[f"{part}_us"] / MS for part in PARTS if row[f"{part}_us"]} for _, row in found.iterrows()]


def rows_of(table: Table, operation: int) -> list[dict[str, int]]:
    """The rows of one operation."""
    names = [column.name for column in table.columns]
    found = (dict(zip(names, row, strict=True)) for row in table.rows())
    return [row for row in found if row["operation"] == operation]


def painted(tables: Tables, operation: int) -> dict[str, int]:
    """The parts of one operation by painting each of its microseconds, later coats on top: slow, and another way."""
    (row,) = rows_of(tables.operations, operation)
    transactions = rows_of(tables.transactions, operation)
    zero_us = row["intended_us"]
    colours = np.full(row["ended_us"] - zero_us, "cpu", dtype=object)

    def paint(colour: str, from_us: int, to_us: int) -> None:
        colours[from_us - zero_us : to_us - zero_us] = colour

    paint("queue", zero_us, row["started_us"])
    for call in rows_of(tables.driver_calls, operation):
        if not call["in_transaction"]:
            paint("controller", call["began_us"], call["ended_us"])
    for pause in rows_of(tables.conflicts, operation):
        paint("backoff", pause["at_us"], pause["at_us"] + max(pause["backoff_us"], 0))
    lease = tables.words.transactions.find("acquire_lease")
    for earlier, later in pairwise(transactions):
        if earlier["name"] == later["name"] == lease and later["retry"] == 0:
            paint("lease_wait", earlier["ended_us"], later["began_us"] - later["pool_wait_us"])
    for each in transactions:
        until_us = each["began_us"]
        paint("pool_wait", until_us - each["pool_wait_us"], until_us)
        for part in ("sql", "lock_wait", "driver", "own"):
            from_us, until_us = until_us, until_us + each[f"{part}_us"]
            paint({"driver": "controller", "own": "cpu"}.get(part, part), from_us, until_us)
    return {part: int((colours == part).sum()) for part in PARTS}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", SHIPPED)
def test_the_parts_of_every_answered_operation_add_up_to_its_latency_and_none_is_negative(
    name: str, strategy: str
) -> None:
    finished = run(load_scenario(name, SHORT), strategy=strategy)
    found, rows = time_parts(finished.tables), finished.tables.operations.frame()
    parts = found[[f"{part}_us" for part in PARTS]]
    assert (parts.sum(axis=1) == found.latency_us).all()
    assert (parts >= 0).all(axis=None)
    answered = rows[rows.ended_s.notna() & (rows.outcome != "no_target")].set_index("operation")
    latency_us = ((answered.ended_s - answered.intended_s) * S).round().astype("int64")
    assert found.set_index("operation").latency_us.equals(latency_us.rename("latency_us"))


@pytest.mark.parametrize(
    ("name", "strategy"),
    [
        ("hot_port", "serialized"),
        ("eventlet_lock_wait", "in-transaction"),
        ("get_port_stampede", "deferred"),
        ("rally_create_port", "deferred"),
    ],
)
def test_painting_each_microsecond_gives_the_same_parts(name: str, strategy: str) -> None:
    finished = run(load_scenario(name, SHORT), strategy=strategy)
    parts = parts_of_operations(finished.tables)
    for place in range(0, len(parts["operation"]), 1 + len(parts["operation"]) // 12):
        expected = painted(finished.tables, int(parts["operation"][place]))
        assert {part: int(parts[part][place]) for part in PARTS} == expected


def test_cpu_is_what_the_scenario_charges_where_nothing_waits_for_a_processor() -> None:
    costs = {"cpu_s": 0.003, "cpu_s_per_statement": 0.001}
    with ran(api=costs, database={"round_trip_s": 0.002, "commit_s": 0.005}) as outcome:
        tables = outcome.system.tables
        (parts,), transactions = parts_ms(tables), tables.transactions.frame()
    statements, commits = transactions.statements.sum(), len(transactions)
    assert statements > 3
    assert commits == 2
    assert parts == {"cpu": 3 + statements, "sql": 2 * (statements + commits) + 5 * commits, "controller": 1000}


def test_a_call_in_a_transaction_counts_without_the_database_in_it() -> None:
    with ran("in-transaction", database={"round_trip_s": 0.002}) as outcome:
        tables = outcome.system.tables
        (parts,), transactions = parts_ms(tables), tables.transactions.frame()
    assert parts == {"sql": 2 * (transactions.statements.sum() + 1), "controller": 1000}


@pytest.mark.parametrize("strategy", ["in-transaction", "deferred"])
def test_what_a_driver_looks_up_in_the_database_is_sql_whoever_has_the_transaction(strategy: str) -> None:
    with ran(strategy, database={"round_trip_s": 0.002}, **AGENT) as outcome:
        tables = outcome.system.tables
        (parts,), transactions = parts_ms(tables), tables.transactions.frame()
        calls = tables.driver_calls.frame()
    assert (calls.ended_s > calls.began_s).any()
    assert parts == {"sql": 2 * (transactions.statements.sum() + len(transactions))}


def test_a_request_without_a_free_worker_queues() -> None:
    with ran(workload=STORM, api={"threads": 1}) as outcome:
        first, second = parts_ms(outcome.system.tables)
    assert first == {"controller": 1000}
    assert second == {"controller": 1000, "queue": 1000}


def test_who_waits_for_a_connection_or_for_a_row_is_told_apart() -> None:
    scarce = {"pool": {"size": 1, "max_overflow": 0}}
    with ran("in-transaction", workload=STORM, database=scarce) as outcome:
        assert parts_ms(outcome.system.tables) == [{"controller": 1000}, {"controller": 1000, "pool_wait": 1000}]
    one_subnet = {"tenants": 1}
    with ran("in-transaction", workload=STORM, topology=one_subnet) as outcome:
        assert parts_ms(outcome.system.tables) == [{"controller": 1000}, {"controller": 1000, "lock_wait": 1000}]


def test_a_connection_that_never_came_was_waited_for() -> None:
    scarce = {"pool": {"size": 1, "max_overflow": 0, "timeout_s": 0.4}}
    with ran("in-transaction", workload=STORM, database=scarce) as outcome:
        assert outcome.operations("outcome") == [("error",), ("ok",)]
        assert parts_ms(outcome.system.tables) == [{"pool_wait": 400}, {"controller": 1000}]


def test_a_pause_after_a_conflict_is_a_back_off_and_not_a_wait_for_the_lease() -> None:
    broken = {"connection": {"when": "statement", "transactions": ["acquire_lease"], "at_s": 0}}
    with ran("serialized", faults=[broken]) as outcome:
        conflicts = outcome.system.tables.conflicts.frame()
        (parts,) = parts_ms(outcome.system.tables)
    assert len(conflicts) == 1
    assert parts == {"backoff": round(conflicts.backoff_s.sum() * 1e3, 3), "controller": 1000}


def test_operations_that_died_have_no_parts_and_disturb_nobody() -> None:
    crash = {"crash": {"at_s": 0.5, "process": 0, "restart_after_s": 1}}
    with ran("deferred", faults=[crash]) as outcome:
        died = outcome.operations("outcome")
        found = time_parts(outcome.system.tables)
    assert died == [("died",)]
    assert found.empty
    assert list(found.columns) == ["operation", "kind", "class", "latency_us", *(f"{part}_us" for part in PARTS)]


def test_a_result_that_was_loaded_has_the_same_parts_run_by_run(tmp_path: Path) -> None:
    scenario = load_scenario("hot_port", SHORT)
    settings = Settings(replications=2, seed=3, workers=1, output=tmp_path / "result")
    compare(scenario, strategies=["deferred", "serialized"], settings=settings)
    loaded = time_parts(load_run(tmp_path / "result"))
    for strategy in ("deferred", "serialized"):
        for replication in (0, 1):
            live = time_parts(run(scenario, strategy=strategy, seed=3, replication=replication).tables)
            chosen = loaded[(loaded.strategy == strategy) & (loaded.replication == replication)]
            numbers = ["operation", "latency_us", *(f"{part}_us" for part in PARTS)]
            assert chosen[numbers].astype("int64").reset_index(drop=True).equals(live[numbers])


def test_the_means_of_the_parts_add_up_to_the_mean_latency() -> None:
    finished = run(load_scenario("hot_port", SHORT), strategy="serialized")
    values = measure(finished)
    check_names(values)
    means = [values[f"latency_part_s.{part}.mean"] for part in PARTS]
    assert sum(mean for mean in means if mean is not None) == pytest.approx(values["latency_s.all.mean"], rel=1e-8)


def test_a_saturated_run_has_no_parts_of_latencies(hand: Any) -> None:
    hand.operation()
    values = measure(hand.facts(outcome="saturated", unfinished=7))
    assert values["latency_part_s.cpu.mean"] is None
    assert values.reasons["latency_part_s.cpu.mean"] == "saturated"


def test_a_run_without_answers_has_no_parts(hand: Any) -> None:
    hand.operation(ended=None, outcome="unanswered")
    values = measure(hand.facts())
    assert values["latency_part_s.queue.mean"] is None
    assert values.reasons["latency_part_s.queue.mean"] == "no observations"

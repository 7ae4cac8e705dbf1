"""Whole runs on a cluster: retries by cause, what writing to one node saves, promises that hold, the same bytes."""

from functools import cache

import pytest

from sim.history import check
from sim.metrics.measure import measure
from sim.running import Run
from sim.scenario import load_scenario
from sim.simulation import run

SMALL = ["horizon.duration_s=30"]
ALL_NODES: tuple[str, ...] = ()
ONE_NODE = ("database.galera.single_writer=true",)
WAITING = ("database.galera.sync_wait=true",)
SLOW = ("database.galera.apply_s=0.05", "database.galera.replication_s=0.02")
"""A cluster that lags: 20 ms to the furthest node, 50 ms to apply (assumptions)."""


@cache
def played(strategy: str, *overrides: str) -> Run:
    return run(load_scenario("galera_writers", [*SMALL, *overrides]), strategy=strategy, seed=1, history=True)


def value(finished: Run, metric: str) -> float:
    return measure(finished).values.get(metric) or 0.0


@pytest.mark.parametrize("strategy", ["in-transaction", "deferred"])
def test_a_single_writer_has_no_conflicts_and_writers_everywhere_do(strategy: str) -> None:
    assert value(played(strategy, *ONE_NODE), "retries_count.conflict.total") == 0
    assert value(played(strategy, *ALL_NODES), "retries_count.conflict.total") > 0


def test_locks_held_during_binds_are_what_makes_conflicts() -> None:
    inside, deferred = (
        value(played(strategy, *ALL_NODES), "retries_count.brute_force_abort.total")
        for strategy in ("in-transaction", "deferred")
    )
    assert inside > 4 * deferred


def test_certification_and_brute_force_are_told_apart_and_add_up() -> None:
    finished = played("deferred", *SLOW)
    refused, aborted, deadlocks, every = (
        value(finished, f"retries_count.{cause}.total")
        for cause in ("certification_failure", "brute_force_abort", "deadlock", "conflict")
    )
    assert refused > 0
    assert aborted > 0
    assert deadlocks == 0
    assert refused + aborted == every
    assert value(finished, "noted_count.galera_certification_failures.total") == refused


@pytest.mark.parametrize("setting", [ALL_NODES, ONE_NODE, WAITING, SLOW])
def test_what_is_promised_on_a_cluster_is_kept(setting: tuple[str, ...]) -> None:
    history = played("deferred", *setting).history
    assert history is not None
    verdicts = check(history).verdicts
    kept = history.facts.promises
    assert ("isolation" in kept) == ("answers" in kept) == (setting in (ONE_NODE, WAITING))
    assert [name for name in kept if verdicts[name].findings] == []


def test_reads_on_a_node_that_lags_are_found_and_are_old() -> None:
    history = played("deferred", *SLOW).history
    assert history is not None
    assert {finding.cause for finding in check(history).verdicts["isolation"].findings} == {"old read"}


def test_the_same_seed_gives_the_same_tables() -> None:
    first = played("in-transaction", *ALL_NODES)
    again = run(load_scenario("galera_writers", SMALL), strategy="in-transaction", seed=1)
    tables = zip(first.tables.all(), again.tables.all(), strict=True)
    assert all((one.to_numpy() == other.to_numpy()).all() for one, other in tables)


def test_a_run_is_at_rest_only_when_every_node_has_applied_everything() -> None:
    lagging = ["database.profile=galera", "database.galera.apply_s=40"]
    scenario = load_scenario("scenarios/findings/orphaned_by_deletion.yaml", lagging)
    finished = run(scenario, strategy="deferred", seed=1)
    assert finished.outcome == "ok"
    assert finished.virtual_us > 40_000_000

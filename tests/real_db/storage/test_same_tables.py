"""Whole scenarios over a real engine: it never has to wait, and the tables are those of SQLite, byte for byte."""

import json
from typing import Any

import pytest

from sim.running import Run
from sim.scenario import Scenario, load_scenario
from sim.servers import RunDatabase
from sim.simulation import run

pytestmark = pytest.mark.databases

STRATEGIES = ("in-transaction", "deferred", "serialized")
SCENARIOS = (
    "boot_storm",
    "hot_port",
    "live_migration",
    "delete_during_bind",
    "get_port_stampede",
    "eventlet_lock_wait",
)
FAULTS = (
    "faults=[{crash: {at_s: 2, process: 0, restart_after_s: 1}}, {crash: {point: before_commit, probability: 0.02}},"
    " {deadlock: {probability: 0.05}}, {failover: {at_s: 4, pause_s: 1}},"
    " {connection: {when: during_commit, probability: 0.05}}]"
)


def told(finished: Run) -> dict[str, Any]:
    """Every byte of every table with the words that its codes stand for, the history, and what was lost."""
    assert finished.history is not None
    tables = [*finished.tables.all(), *finished.history.tables.all()]
    words = [[c.name, list(c.codes.names)] for table in tables for c in table.columns if c.codes is not None]
    rows = {f"{place} {table.name}": table.to_numpy().tobytes() for place, table in enumerate(tables)}
    return {**rows, "words": json.dumps(words), "outcome": finished.outcome, "lost": finished.lost}


def small(name: str, *overrides: str) -> Scenario:
    return load_scenario(name, ["horizon.duration_s=8", *overrides])


def check_same(scenario: Scenario, strategy: str, database: RunDatabase) -> None:
    expected = run(scenario, strategy=strategy, seed=3, history=True)
    found = run(scenario, strategy=strategy, seed=3, history=True, storage=database)
    assert told(found) == told(expected)
    assert len(expected.tables.transactions) > 5


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_has_the_same_tables_over_postgresql(name: str, strategy: str, postgresql: RunDatabase) -> None:
    check_same(small(name, "database.profile=postgresql"), strategy, postgresql)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_crashes_deadlocks_and_a_failover_are_the_same_over_an_engine(strategy: str, database: RunDatabase) -> None:
    profile = "postgresql" if database.kind == "postgresql" else "innodb"
    check_same(small("hot_port", f"database.profile={profile}", FAULTS), strategy, database)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", SCENARIOS[:3])
def test_a_scenario_has_the_same_tables_over_mariadb(name: str, strategy: str, mariadb: RunDatabase) -> None:
    check_same(small(name), strategy, mariadb)


def test_the_profile_of_another_engine_may_lock_more_and_gives_its_own_tables(postgresql: RunDatabase) -> None:
    check_same(small("boot_storm"), "in-transaction", postgresql)

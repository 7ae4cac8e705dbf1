"""run(): one seed, one result; the same load for every strategy; what it refuses."""

import os
import subprocess
import sys
from typing import Any

import pytest

from sim.running import Run, replication_seed
from sim.simulation import run
from tests.sim.model.tiny import tiny

STRATEGIES = ("in-transaction", "deferred", "serialized")
MIXED: dict[str, Any] = {
    "workload": {
        "arrivals": {"batches": {"rate_per_s": 2, "size": {"geometric": {"mean": 4}}}},
        "operations": [
            {"operation": "create_port", "then": [{"operation": "update_port", "after_s": 0.3, "from": "start"}]},
            {"operation": "update_port"},
            {"operation": "delete_port", "weight": 0.2},
            {"operation": "get_ports", "filter": "host"},
        ],
        "ports": {"initial": 10, "zipf_s": 1.0},
        "client": {"timeout_s": 3, "on_timeout": "repeat", "retries": 1},
    },
    "horizon": {"duration_s": 8},
    "api": {"processes": 2, "threads": 3, "cpu_s": 0.001, "cpu_s_per_statement": 0.0001},
    "database": {"round_trip_s": 0.0005, "execution_s": {"exponential": {"mean_s": 0.001}}, "commit_s": 0.002},
    "controllers": [
        {"name": "sdn", "concurrency": 4, "latency": {"bind": {"lognormal": {"median_s": 0.3, "p95_s": 1}}}}
    ],
}
DIGEST = """
import hashlib
from sim.simulation import run
from tests.sim.model.tiny import tiny
from tests.sim.test_simulation import MIXED
for strategy in ("in-transaction", "deferred", "serialized"):
    made = run(tiny(**MIXED), strategy=strategy, seed=5)
    rows = b"".join(table.to_numpy().tobytes() for table in made.tables.all())
    words = repr([made.tables.words, made.lost, made.counts, made.outcome]).encode()
    windows = b"".join(window.tobytes() for window in made.windows.values())
    print(hashlib.sha256(rows + windows).hexdigest(), len(rows), made.lost, made.counts, made.tables.words.rows.names)
"""


def digest(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True, env=environment, timeout=120
    )
    return done.stdout


def test_one_seed_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    first, second = digest("1"), digest("2")
    assert len(first.splitlines()) == 3
    assert first == second


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {name: run(tiny(**MIXED), strategy=name, seed=3) for name in STRATEGIES}


def first_sends(made: Run) -> dict[int, tuple[Any, ...]]:
    """What arrives by itself: not what depends on answers, that is repeats."""
    frame = made.tables.operations.frame()
    frame = frame[frame["repeat"] == 0]
    columns = frame[["operation", "kind", "port", "tenant", "intended_s"]]
    return {row[0]: row[1:] for row in columns.itertuples(index=False)}


def test_every_strategy_sees_the_same_arrivals_and_targets(runs: dict[str, Run]) -> None:
    reference, *others = (first_sends(made) for made in runs.values())
    assert len(reference) > 40
    assert all(other == reference for other in others)


def test_every_strategy_sees_the_same_remote_latencies(runs: dict[str, Run]) -> None:
    """Where a call did not queue at the controller and was the operation's first, its length is the same."""
    lengths: dict[int, set[int]] = {}
    shared = 0
    for made in runs.values():
        calls = made.tables.driver_calls.frame()
        binds = calls[calls["method"] == "bind_port"].drop_duplicates("operation")
        for operation, began_s, ended_s in binds[["operation", "began_s", "ended_s"]].itertuples(index=False):
            lengths.setdefault(operation, set()).add(round((ended_s - began_s) * 1e6))
    for found in lengths.values():
        shared += len(found) == 1
    assert shared > len(lengths) / 2


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_cores_own_strategies_lose_no_binding_in_the_database(runs: dict[str, Run], name: str) -> None:
    lost = runs[name].lost
    assert {key: lost[key] for key in ("overwritten", "stale", "missing")} == {
        "overwritten": 0,
        "stale": 0,
        "missing": 0,
    }
    assert lost["orphaned"] is not None


def test_replications_draw_arrivals_of_their_own() -> None:
    intended = [
        run(tiny(**MIXED), replication=number).tables.operations.column("intended_us").tolist() for number in (0, 1)
    ]
    assert intended[0] != intended[1]
    assert replication_seed(1, 0) != replication_seed(0, 1)


def test_the_run_says_what_it_is(runs: dict[str, Run]) -> None:
    made = runs["deferred"]
    assert (made.strategy, made.seed, made.replication, made.outcome) == ("deferred", 3, 0, "ok")
    assert made.client_timeout_us == 3_000_000
    assert made.load_end_us == 8_000_000
    assert made.virtual_us > made.load_end_us
    assert set(made.windows) == {"unbound", "double_owner"}
    assert made.counts["commits"] > 0


def test_without_a_name_the_first_strategy_runs() -> None:
    assert run(tiny(strategies=["deferred", "in-transaction"])).strategy == "deferred"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"strategy": "hopeful"}, "strategy is 'hopeful'; for scenario unnamed it can be in-transaction, deferred"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_sentence(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        run(tiny(), **given)


def test_too_much_load_is_saturated_and_says_from_when() -> None:
    made = run(
        tiny(
            workload={"arrivals": {"constant": {"rate_per_s": 10}}},
            horizon={"duration_s": 60},
            controllers=[{"name": "sdn", "concurrency": 2, "timeout_s": 1000, "latency": {"bind": 1}}],
            database={"pool": {"timeout_s": 1000}},
            api={"threads": 1000},
        )
    )
    assert made.outcome == "saturated"
    assert made.saturated_from_us is not None
    assert made.unfinished > 100


def test_progress_is_told_about_once_a_virtual_second() -> None:
    seen: list[tuple[int, int]] = []
    run(tiny(**MIXED), progress=lambda virtual_us, answered: seen.append((virtual_us, answered)))
    assert [virtual_us for virtual_us, _ in seen[:8]] == [n * 1_000_000 for n in range(1, 9)]
    assert seen == sorted(seen)

from typing import Any

import numpy as np
import pytest

from sim.experiment.jobs import Job, Report
from sim.metrics import RunFacts, Tables
from sim.scenario import Scenario, parse_scenario

S = 1_000_000  # us in a second
SLOWNESS = {"in-transaction": 1.0, "deferred": 0.6, "serialized": 1.05}


def pretend(job: Job, report: Report) -> RunFacts:
    """A runner without a simulator: latencies from the draw, scaled by strategy; serialized saturates when asked to."""
    draws, tables = np.random.default_rng([job.seed, job.draw]), Tables.empty()
    words, scale = tables.words, SLOWNESS[job.strategy] * draws.uniform(0.9, 1.1)
    slow = job.strategy == "in-transaction" and "slow" in job.scenario.question
    for number, length in enumerate(draws.lognormal(-1.0, 0.3, size=50) * scale):
        tables.operations.append(
            number, words.kinds.code("create_port"), words.classes.code("boot"), number, 0, 0, -1, 0,
            number * S, number * S, number * S + round(length * S), 0, -1, 1, 0,
        )  # fmt: skip
        report(number * S, number + 1)
    return RunFacts(
        scenario=job.scenario.name, strategy=job.strategy, seed=job.seed, replication=job.draw, tables=tables,
        virtual_us=60 * S, load_end_us=50 * S, outcome="saturated" if slow else "ok",
        saturated_from_us=20 * S if slow else None, unfinished=30 if slow else 0,
        lost=dict.fromkeys(("overwritten", "stale", "missing", "orphaned", "unbacked"), 0) | {"diverged": 2},
    )  # fmt: skip


def breaks(job: Job, report: Report) -> RunFacts:
    raise ZeroDivisionError(f"no values for {job.strategy}")


def scenario_data(**changes: Any) -> dict[str, Any]:
    return {
        "question": "which is faster?",
        "horizon": {"duration_s": 50.0},
        "workload": {
            "arrivals": {"poisson": {"rate_per_s": 1.0}},
            "operations": [{"operation": "create_port", "bind": True}],
        },
        "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
        "controllers": [{"name": "sdn", "latency": {"bind": {"lognormal": {"median_s": 0.5, "p95_s": 1.0}}}}],
        "primary_metric": "latency_s.create_port.p95",
        **changes,
    }


@pytest.fixture
def runner() -> Any:
    return pretend


@pytest.fixture
def broken_runner() -> Any:
    return breaks


@pytest.fixture
def scenario() -> Scenario:
    return parse_scenario(scenario_data(), name="by_hand.yaml")


@pytest.fixture
def slow_scenario() -> Scenario:
    return parse_scenario(scenario_data(question="is it too slow?"), name="slow.yaml")

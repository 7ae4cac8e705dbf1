"""How often `bindsim diff` calls a change where there is none: on results of the simulator that differ in the seed."""

from pathlib import Path

import pytest

from sim.experiment import compare
from sim.experiment.diffing import diff_results, noise_of_pairs
from sim.results import LoadedRun, load_run
from sim.scenario import parse_scenario

DIFFS = 40
SCENARIO = {
    "question": "does diff cry wolf?",
    "horizon": {"duration_s": 4.0},
    "workload": {
        "arrivals": {"poisson": {"rate_per_s": 4.0}},
        "ports": {"initial": 10},
        "operations": [
            {"operation": "create_port", "bind": True},
            {"operation": "update_port", "change": "host", "weight": 0.5},
            {"operation": "delete_port", "weight": 0.3},
        ],
    },
    "topology": {"tenants": 5},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    "controllers": [
        {"name": "sdn", "error_probability": 0.02, "latency": {"bind": {"lognormal": {"median_s": 0.3, "p95_s": 0.9}}}}
    ],
    "primary_metric": "latency_s.create_port.p95",
}


def saved(folder: Path, seed: int, strategies: tuple[str, ...] = ("deferred",)) -> LoadedRun:
    scenario = parse_scenario(SCENARIO)
    compare(scenario, strategies=strategies, replications=8, seed=seed, workers=1, output=folder / str(seed))
    return load_run(folder / str(seed))


@pytest.mark.slow
def test_at_most_one_in_twenty_diffs_of_two_seeds_calls_a_change(tmp_path: Path) -> None:
    """Over all metrics at once, rare counts and quantiles alike, with both ways to learn the noise.

    Of 40 diffs 2 may err; more than 6 do with probability 0.003 at that rate.
    """
    noise = noise_of_pairs(saved(tmp_path, 9_999, ("deferred", "deferred")))
    alarms = {"spread": 0, "pairs": 0}
    for seed in range(0, 2 * DIFFS, 2):
        before, after = saved(tmp_path, seed), saved(tmp_path, seed + 1)
        found = diff_results(before, after)
        assert not found.paired
        assert len(found.differences) > 50
        alarms["spread"] += bool(found.changes)
        alarms["pairs"] += bool(diff_results(before, after, noise=noise).changes)
    assert max(alarms.values()) <= 6, alarms

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiment import compare, pooled, pooled_quantile
from sim.experiment.pooled import LEAST
from sim.metrics.registry import UnknownMetric
from sim.results import LoadedRun, load_run
from sim.scenario import Scenario, load_scenario
from sim.simulation import run


def replications(count: int, *, seed: int = 1) -> list[np.ndarray]:
    draws = np.random.default_rng(seed)
    return [draws.integers(1, 10_000, size=draws.integers(5, 60)) for _ in range(count)]


def nearest_rank(values: list[int], percent: int) -> int:
    return sorted(values)[-(-percent * len(values) // 100) - 1]


@pytest.mark.parametrize("percent", [1, 50, 95, 99, 100])
def test_the_pooled_quantile_is_the_nearest_rank_of_everything_together(percent: int) -> None:
    found = replications(25)
    together = [int(value) for each in found for value in each]
    assert pooled_quantile(found, percent).value == nearest_rank(together, percent)
    assert pooled_quantile(found, percent).label == "pooled"


def test_it_is_not_the_mean_of_the_replications_own() -> None:
    found = pooled_quantile([np.array([1] * 99), np.array([100])], 50)
    assert (found.value, found.observations, found.replications) == (1.0, 100, 2)


@pytest.mark.parametrize("percent", [50, 95])
def test_the_interval_is_that_of_whole_replications_drawn_again(percent: int) -> None:
    observations, draws = replications(LEAST, seed=3), np.random.default_rng(8)
    found = pooled_quantile(observations, percent)
    drawn = []
    for _ in range(1500):
        chosen = draws.integers(0, LEAST, size=LEAST)
        drawn.append(nearest_rank([int(v) for place in chosen for v in observations[place]], percent))
    low, high = np.quantile(drawn, [0.025, 0.975])
    width = found.high - found.low
    assert found.low == pytest.approx(low, abs=0.15 * width)
    assert found.high == pytest.approx(high, abs=0.15 * width)
    assert found.low <= found.value <= found.high


def test_the_interval_is_the_same_every_time() -> None:
    assert pooled_quantile(replications(30), 95) == pooled_quantile(replications(30), 95)


def test_below_twenty_replications_there_is_no_interval_and_the_reason() -> None:
    found = pooled_quantile(replications(LEAST - 1), 95)
    assert (found.low, found.high) == (None, None)
    assert found.note == "no interval: the bootstrap by replication takes at least 20 replications"


def test_replications_without_observations_and_values_without_spread_are_no_trouble() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert pooled_quantile([empty] * 25, 95).note == "no observations"
    found = pooled_quantile([np.array([7, 7])] * 20 + [empty] * 5, 95, scale=2.0)
    assert (found.value, found.low, found.high) == (3.5, 3.5, 3.5)


@pytest.mark.parametrize("percent", [0, 101])
def test_a_share_that_is_none_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 100"):
        pooled_quantile(replications(2), percent)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    """Two real replications under one strategy."""
    folder = tmp_path_factory.mktemp("pooled") / "kept"
    compare(
        load_scenario("hot_port", ["horizon.duration_s=8"]), strategies=["deferred"], replications=2, workers=1,
        output=folder,
    )  # fmt: skip
    return load_run(folder)


@pytest.mark.parametrize(
    "metric",
    [
        "latency_s.all.p95", "latency_s.update_port.p50", "latency_s.rename.p99", "hold_time_s.p95",
        "hold_time_s.sql.p95", "lock_wait_s.p99", "pool_wait_s.p50", "driver_call_s.bind_port.p95",
    ],
)  # fmt: skip
def test_of_one_replication_it_is_that_replications_own_value(kept: LoadedRun, metric: str, tmp_path: Path) -> None:
    compare(
        load_scenario("hot_port", ["horizon.duration_s=8"]), strategies=["deferred"], replications=1, workers=1,
        output=tmp_path / "one",
    )  # fmt: skip
    one = load_run(tmp_path / "one")
    assert pooled(one, metric, "deferred").value == one.details["strategies"]["deferred"]["values"][metric][0]


def test_saved_tables_give_what_live_ones_give(kept: LoadedRun) -> None:
    scenario = load_scenario("hot_port", ["horizon.duration_s=8"])
    live = [run(scenario, strategy="deferred", replication=number).tables.transactions for number in range(2)]
    lengths = [table.column("ended_us") - table.column("began_us") for table in live]
    found = pooled(kept, "hold_time_s.p95", "deferred")
    assert found == pooled_quantile(lengths, 95, scale=1e6)
    assert found.observations == sum(map(len, lengths))


def test_of_a_saturated_strategy_no_latency_is_given(slow_scenario: Scenario, runner: Any, tmp_path: Path) -> None:
    compare(slow_scenario, replications=2, workers=1, runner=runner, output=tmp_path / "kept")
    result = load_run(tmp_path / "kept")
    assert pooled(result, "latency_s.create_port.p95", "in-transaction").note == "saturated in 2 of 2"
    assert pooled(result, "latency_s.create_port.p95", "deferred").value is not None


def test_the_warm_up_is_left_out_here_too(tmp_path: Path) -> None:
    changes = ["horizon.duration_s=8", "horizon.kind=steady_state", "horizon.warm_up_s=4"]
    compare(
        load_scenario("hot_port", changes), strategies=["deferred"], replications=1, workers=1, output=tmp_path / "kept"
    )
    result = load_run(tmp_path / "kept")
    own = result.details["strategies"]["deferred"]["values"]
    for metric in ("latency_s.update_port.p50", "hold_time_s.p95", "driver_call_s.bind_port.p95"):
        assert pooled(result, metric, "deferred").value == own[metric][0]


@pytest.mark.parametrize(
    ("metric", "strategy", "told"),
    [
        ("latency_s.all.mean", "deferred", "cannot be pooled: it must be a p50, p95 or p99 of latency_s"),
        ("unbound_window_s.p95", "deferred", "cannot be pooled"),
        ("latency_s.all.p95", "hasty", "has no strategy 'hasty'; it has deferred"),
    ],
)
def test_what_cannot_be_pooled_is_refused(kept: LoadedRun, metric: str, strategy: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pooled(kept, metric, strategy)
    with pytest.raises(UnknownMetric):
        pooled(kept, "latency_s.all.p96", "deferred")

import numpy as np
import pytest

from sim.experiment.warm_up import BATCH, LEAST_OPERATIONS, Averaged, TooShort, find_warm_up, mser5
from sim.metrics.steady import Series
from sim.scenario import Horizon

S = 1_000_000


def slow_start(length: int, settled: int, *, seed: int = 1, noise: float = 0.05) -> np.ndarray:
    """Noise around 1 s, over which the first `settled` operations fall from 3 s."""
    values = 1.0 + noise * np.random.default_rng(seed).normal(size=length)
    values[:settled] += np.linspace(2.0, 0.0, settled)
    return values * S


def by_definition(series: np.ndarray) -> int:
    batches = [float(np.mean(series[i : i + BATCH])) for i in range(0, len(series) - BATCH + 1, BATCH)]
    errors = {}
    for cut in range(len(batches) - 4):
        left = np.array(batches[cut:])
        errors[cut] = ((left - left.mean()) ** 2).sum() / len(left) ** 2
    return BATCH * min(errors, key=lambda cut: errors[cut])


@pytest.mark.parametrize("seed", range(8))
def test_mser5_is_what_its_definition_says(seed: int) -> None:
    series = slow_start(403, 60, seed=seed, noise=0.4)
    assert mser5(series) == by_definition(series)


def test_a_slow_start_is_cut_about_where_it_ends() -> None:
    cut = mser5(slow_start(1000, 150))
    assert cut is not None
    assert 120 <= cut <= 160
    assert cut % BATCH == 0


def test_of_a_series_without_a_slow_start_little_is_cut() -> None:
    cuts = [mser5(slow_start(1000, 0, seed=seed)) for seed in range(20)]
    assert np.median([cut for cut in cuts if cut is not None]) < 100


def test_a_constant_series_is_not_cut() -> None:
    assert mser5(np.full(200, 2.0)) == 0


def test_a_large_common_part_costs_no_digits() -> None:
    series = slow_start(500, 80)
    assert mser5(series + 1e12) == mser5(series)


@pytest.mark.parametrize("series", [slow_start(300, 280), np.arange(300.0) ** 2])
def test_a_cut_in_the_second_half_is_refused(series: np.ndarray) -> None:
    assert mser5(series) is None


def averaged(*replications: np.ndarray, outcome: str = "ok", spacing_s: tuple[float, ...] = ()) -> Averaged:
    found = Averaged()
    spaces = spacing_s or (1.0,) * len(replications)
    for latencies, space in zip(replications, spaces, strict=True):
        starts = (np.arange(len(latencies)) * space * S).astype(np.int64)
        found.add(Series(starts, latencies.astype(np.int64)), outcome=outcome)
    return found


def horizon(**given: float) -> Horizon:
    return Horizon(kind="steady_state", duration_s=1000.0, **given)


def test_the_series_are_averaged_over_replications_as_long_as_the_shortest() -> None:
    found = averaged(np.array([1.0, 2.0, 6.0]), np.array([3.0, 6.0]))
    assert list(found.mean) == [2.0, 4.0]


def test_one_cut_holds_for_all_strategies_and_is_the_largest() -> None:
    early, late = averaged(slow_start(1000, 50)), averaged(slow_start(1000, 200))
    both = find_warm_up(horizon(), {"early": early, "late": late})
    alone = find_warm_up(horizon(), {"late": late})
    assert both == alone
    assert both.cut_us == both.operations * S
    assert both.cut_us > find_warm_up(horizon(), {"early": early}).cut_us


def test_in_time_the_cut_is_late_enough_for_every_replication() -> None:
    series = [slow_start(1000, 150, seed=seed) for seed in range(2)]
    found = find_warm_up(horizon(), {"a": averaged(*series, spacing_s=(1.0, 3.0))})
    assert found.operations % BATCH == 0
    assert found.cut_us == 3 * S * found.operations


def test_a_refused_cut_of_one_strategy_is_refused_for_all() -> None:
    found = find_warm_up(horizon(), {"a": averaged(slow_start(1000, 50)), "b": averaged(slow_start(1000, 900))})
    assert found.cut_us is None
    assert found.data()["cut_s"] is None


def test_saturated_strategies_take_no_part() -> None:
    stable, grows = averaged(slow_start(1000, 50)), averaged(np.arange(1000.0) * S, outcome="saturated")
    assert find_warm_up(horizon(), {"a": stable, "b": grows}) == find_warm_up(horizon(), {"a": stable})
    assert find_warm_up(horizon(), {"b": grows}).cut_us is None


def test_too_few_operations_are_refused_in_words() -> None:
    short = {"a": averaged(slow_start(LEAST_OPERATIONS - 1, 10))}
    with pytest.raises(TooShort, match="of a has 99 operations to find the warm-up from; it takes 100"):
        find_warm_up(horizon(), short)


def test_a_given_warm_up_is_taken_whatever_the_series() -> None:
    found = find_warm_up(horizon(warm_up_s=12.5), {"a": averaged(slow_start(50, 10))})
    assert (found.cut_us, found.operations, found.data()["by"]) == (12_500_000, 13, "given")

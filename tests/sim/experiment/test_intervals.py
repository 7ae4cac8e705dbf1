import numpy as np
import pytest
from scipy import stats

from sim.experiment.intervals import ratio_interval, t_interval, upper_limit_when_none_seen


def test_the_t_interval_is_that_of_scipy() -> None:
    values = [3.1, 2.9, 4.0, 3.3, 3.8, 2.5]
    low, high = stats.t.interval(0.95, 5, loc=np.mean(values), scale=stats.sem(values))
    found = t_interval(values)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_there_is_no_interval_below_five_replications() -> None:
    found = t_interval([1.0, 2.0, 3.0, 4.0])
    assert (found.mean, found.low, found.high, found.excludes_zero) == (2.5, None, None, False)


def test_values_without_spread_have_an_interval_without_width() -> None:
    found = t_interval([2.0] * 5)
    assert (found.low, found.high) == (2.0, 2.0)


def test_a_t_interval_covers_the_mean_about_95_times_in_100() -> None:
    draws = np.random.default_rng(11)
    found = [t_interval(list(draws.normal(5.0, 2.0, size=10))) for _ in range(400)]
    covered = sum(each.low <= 5.0 <= each.high for each in found) / 400
    assert 0.92 < covered < 0.98


def test_a_constant_ratio_is_found_whatever_the_scale_of_the_pairs() -> None:
    below = [1.0, 10.0, 100.0, 3.0, 7.0]
    found = ratio_interval([value / 2 for value in below], below)
    assert found.mean == found.low == found.high == 0.5


@pytest.mark.parametrize("trials", [1, 10, 1000, 1_000_000])
def test_the_limit_for_nothing_seen_is_that_of_clopper_and_pearson(trials: int) -> None:
    exact = stats.binomtest(0, trials, alternative="less").proportion_ci(0.95, method="exact").high
    assert upper_limit_when_none_seen(trials) == pytest.approx(exact, rel=1e-8)


def test_without_trials_nothing_is_excluded() -> None:
    assert upper_limit_when_none_seen(0) == 1.0

import numpy as np
import pytest
from scipy import stats

from sim.experiment.intervals import (
    LEAST_REPLICATIONS,
    half_width,
    ratio_interval,
    replications_for,
    replications_needed,
    t_interval,
    upper_limit_when_none_seen,
)


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


@pytest.mark.parametrize(("deviation", "half"), [(1.0, 0.3), (2.5, 0.1), (0.2, 0.05)])
def test_the_replications_for_a_half_width_are_the_fewest_that_have_it(deviation: float, half: float) -> None:
    count = replications_for(deviation, half)
    assert half_width(deviation, count) < half <= half_width(deviation, count - 1)
    assert half_width(deviation, count) == pytest.approx(stats.t.ppf(0.975, count - 1) * deviation / np.sqrt(count))


def test_replications_needed_are_those_whose_interval_lies_on_one_side_of_the_limit() -> None:
    values = [1.0, 3.0, 2.0, 4.0, 2.5, 1.5]
    deviation, mean = np.std(values, ddof=1), np.mean(values)
    for limit in (mean - 0.4, mean + 0.4):
        count = replications_needed(values, limit)
        assert half_width(deviation, count) < 0.4 <= half_width(deviation, count - 1)


def test_values_on_one_side_without_spread_need_no_more_than_the_least() -> None:
    assert replications_needed([2.0] * 3, 1.0) == LEAST_REPLICATIONS


def test_one_value_has_no_spread_to_go_by() -> None:
    assert replications_needed([2.0], 1.0) == LEAST_REPLICATIONS


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 1.999], [2.0, 2.0, 2.0]])
def test_a_mean_at_the_limit_would_need_more_than_anybody_runs(values: list[float]) -> None:
    assert replications_needed(values, 2.0) is None


def test_as_many_replications_as_were_said_decide_about_half_of_the_time() -> None:
    # The mean of the guess is right; whether its half-width suffices hangs on the new mean, which falls on either side.
    draws, decided, asked = np.random.default_rng(5), 0, 0
    for _ in range(300):
        count = replications_needed(list(draws.normal(0.5, 1.0, size=20)), 0.0)
        if count is not None and count <= 400:
            asked += 1
            decided += t_interval(list(draws.normal(0.5, 1.0, size=count))).excludes_zero
    assert asked > 250
    assert 0.3 < decided / asked < 0.8

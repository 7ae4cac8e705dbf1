"""Differences of series that are written down or drawn here, and how often they err."""

from collections.abc import Mapping
from math import nan, sqrt

import numpy as np
import pytest

from sim.experiment.diffing.differences import Difference, differences, holm
from sim.experiment.diffing.noise import Spread
from sim.experiment.diffing.series import Key, Values

P95 = "latency_s.create_port.p95"
GOOD = "goodput_per_s.all.mean"
NOISE = (0.0, 0.01, -0.01, 0.005, -0.005, 0.002)


def key(metric: str = P95, number: int = 0) -> Key:
    return Key("", f"strategy-{number}", metric)


def one(before: Values, after: Values, *, metric: str = P95, spread: Spread | None, paired: bool = True) -> Difference:
    (found,) = differences({key(metric): (before, after)}, {key(metric): spread}, paired=paired)
    return found


def around(middle: float) -> Values:
    return tuple(middle + noise for noise in NOISE)


def test_holm_corrects_the_smallest_most_and_keeps_the_order() -> None:
    """The example in Holm's paper, by hand: 4 x 0.01, 3 x 0.02, 2 x 0.03, and never below the one before."""
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("metric", "word"), [(P95, "worse"), (GOOD, "better"), ("hold_share_ratio.sql.mean", "higher")]
)
def test_a_difference_beyond_noise_is_called_by_its_direction(metric: str, word: str) -> None:
    found = one(around(1.0), around(2.0), metric=metric, spread=Spread(0.01, 9))
    assert (found.word, found.is_change, found.is_regression) == (word, True, word == "worse")
    assert found.interval is not None
    assert found.interval.mean == pytest.approx(1.0)


def test_a_difference_that_is_certain_but_within_the_noise_is_no_change() -> None:
    found = one(around(1.0), around(1.1), spread=Spread(0.5, 9))
    assert found.p is not None
    assert (found.p < 0.001, found.word, found.is_within_noise) == (True, "no change", True)
    assert found.floor == pytest.approx(2.262 * 0.5 * sqrt(1 / 6), rel=1e-3)


def test_a_difference_beyond_the_floor_that_may_be_zero_is_no_change() -> None:
    found = one((1.0, 1.0, 1.0, 1.0, 1.0), (0.0, 3.0, 0.0, 3.0, 0.0), spread=Spread(0.0, 9), paired=False)
    assert found.word == "no change"


def test_the_same_values_are_no_change_even_without_any_noise() -> None:
    assert one(around(1.0), around(1.0), spread=None).word == "no change"
    assert one((1.0,), (1.0,), spread=None).word == "no change"


def test_what_never_varies_changes_when_it_differs() -> None:
    for paired in (True, False):
        assert one((1.0,) * 5, (2.0,) * 5, spread=Spread(0.0, 4), paired=paired).word == "worse"


def test_what_a_mean_loses_in_its_last_digit_is_no_difference() -> None:
    never = Spread(0.0, 7)
    assert one((0.0071,) * 8, (nan, *(0.0071,) * 5, nan), spread=never).word == "no change"
    assert one((0.3,) * 6, (0.1 + 0.2,) * 6, spread=never).word == "no change"


def test_few_replications_are_decided_by_known_noise_alone() -> None:
    assert one((1.0,), (2.0,), spread=None).word == "undecided"
    assert one((1.0,), (2.0,), spread=Spread(0.1, 9)).word == "worse"
    assert one((1.0,), (1.2,), spread=Spread(0.1, 9)).word == "no change"


def test_lost_values_are_a_regression_where_a_direction_is_better() -> None:
    lost = one(around(1.0), (*around(1.0)[:1], *[None] * 5), spread=Spread(0.1, 9))
    assert (lost.word, lost.is_regression, lost.after) == ("no value any more", True, None)
    rarely = one(around(1.0), (*around(1.0)[:5], None), spread=Spread(0.1, 9))
    assert (rarely.word, rarely.is_change) == ("undecided", False)
    assert one((None,) * 6, around(1.0), spread=None).word == "has a value now"
    assert one((None,) * 6, (None,) * 6, spread=None).word == "no change"
    first = one((1.0,) * 5, (None,) * 5, metric="saturated_from_s.first", spread=None)
    assert not first.is_regression


def test_replications_that_observed_nothing_are_left_out() -> None:
    seldom = one((*around(1.0), nan), (nan, *around(1.0)), spread=Spread(0.1, 9))
    assert (seldom.word, seldom.before, seldom.paired) == ("no change", pytest.approx(1.0, abs=0.01), False)
    assert one((*around(1.0), nan), (nan, *around(2.0)), spread=Spread(0.1, 9)).word == "worse"
    assert one(around(1.0), (nan,) * 6, spread=Spread(0.1, 9)).word == "no value any more"
    assert one((nan,) * 6, (nan,) * 6, spread=None).word == "no change"


def test_welch_is_scipys() -> None:
    from scipy import stats

    draws = np.random.default_rng(3)
    before, after = tuple(draws.normal(1, 0.1, 8)), tuple(draws.normal(1.3, 0.4, 11))
    found = one(before, after, spread=Spread(0.1, 7), paired=False)
    own = stats.ttest_ind(after, before, equal_var=False)
    interval = own.confidence_interval(0.95)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((interval.low, interval.high))
    assert found.p == pytest.approx(own.pvalue)


def aa(draws: np.random.Generator, *, replications: int, series: int = 20) -> Mapping[Key, tuple[Values, Values]]:
    """Series of one and the same thing: means of skewed values, which depend on each other as metrics do."""
    shape = (series, replications)
    sides = []
    for _ in range(2):
        common = draws.normal(size=replications)
        sides.append(np.exp(0.15 * (common + draws.normal(size=shape))))
    return {key(number=n): (tuple(sides[0][n]), tuple(sides[1][n])) for n in range(series)}


@pytest.mark.parametrize("paired", [True, False])
def test_at_most_one_in_twenty_diffs_of_the_same_thing_calls_a_change(paired: bool) -> None:
    """400 A/A diffs of 20 series, noise from the spread of A: 5 % may err; 8.5 % would be 3 standard errors more."""
    from statistics import stdev

    draws, alarms = np.random.default_rng(17), 0
    for _ in range(400):
        pairs = aa(draws, replications=8)
        spreads = {each: Spread(sqrt(2) * stdev(before), len(before) - 1) for each, (before, _) in pairs.items()}
        alarms += any(found.is_change for found in differences(pairs, spreads, paired=paired))
    assert alarms <= 0.085 * 400


def test_so_it_is_for_single_replications_with_noise_from_ten_aa_runs() -> None:
    """The same rate, 400 diffs: the spread is estimated from ten pairs each time."""
    from statistics import stdev

    draws, alarms = np.random.default_rng(18), 0
    for _ in range(400):
        learned = aa(draws, replications=10)
        spreads = {
            each: Spread(stdev(b - a for a, b in zip(one, two, strict=True)), 9) for each, (one, two) in learned.items()
        }
        alarms += any(found.is_change for found in differences(aa(draws, replications=1), spreads, paired=True))
    assert alarms <= 0.085 * 400


def test_a_shift_of_three_standard_deviations_is_found_among_twenty_series() -> None:
    """With eight replications a side the test of one series has a power above 0.9 at that distance, corrected."""
    from statistics import stdev

    draws, found_it = np.random.default_rng(19), 0
    for _ in range(50):
        pairs = dict(aa(draws, replications=8))
        before, after = pairs[key(number=3)]
        pairs[key(number=3)] = (before, tuple(value + 3 * stdev(before) for value in after))
        spreads = {each: Spread(sqrt(2) * stdev(a), len(a) - 1) for each, (a, _) in pairs.items()}
        changed = [found.key for found in differences(pairs, spreads, paired=False) if found.is_change]
        found_it += key(number=3) in changed
    assert found_it >= 40

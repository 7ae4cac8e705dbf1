"""Every distribution against scipy.stats or against its own definition.

Statistical tests would reject a perfect implementation with probability 1e-6 each; the draws are keyed, so no outcome
changes from run to run.
"""

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.kernel import Constant, Distribution, Draws, Empirical, Exponential, Gamma, Lognormal, Mixture, Pareto

ERROR_RATE = 1e-6
SIGMA = math.log(3.0) / stats.norm.ppf(0.95)

# Ours, and scipy's with the same parameters.
PAIRS: dict[str, tuple[Distribution, Any]] = {
    "exponential": (Exponential(mean_s=0.4), stats.expon(scale=0.4)),
    "exponential shifted": (Exponential(mean_s=0.4, shift_s=0.1), stats.expon(loc=0.1, scale=0.4)),
    "lognormal": (Lognormal(median_s=0.5, p95_s=1.5), stats.lognorm(SIGMA, scale=0.5)),
    "lognormal shifted": (Lognormal(median_s=0.5, p95_s=1.5, shift_s=0.2), stats.lognorm(SIGMA, 0.2, 0.5)),
    "gamma": (Gamma(mean_s=2.0, cv=0.5), stats.gamma(4.0, scale=0.5)),
    "gamma wide, shifted": (Gamma(mean_s=2.0, cv=2.0, shift_s=1.0), stats.gamma(0.25, loc=1.0, scale=8.0)),
    "pareto": (Pareto(minimum_s=0.1, alpha=2.5), stats.pareto(2.5, scale=0.1)),
    "pareto shifted": (Pareto(minimum_s=0.1, alpha=2.5, shift_s=1.0), stats.pareto(2.5, loc=1.0, scale=0.1)),
    "empirical": (Empirical((1.0, 2.0)), stats.uniform(1.0, 1.0)),
}
MIXTURE = Mixture(((3.0, Lognormal(0.5, 1.5)), (1.0, Exponential(4.0, shift_s=1.0))), shift_s=0.25)
ALL: dict[str, Distribution] = {
    **{name: ours for name, (ours, _) in PAIRS.items()},
    "constant": Constant(0.5, shift_s=0.25),
    "empirical with ties": Empirical((0.1, 0.2, 0.2, 0.2, 3.0), shift_s=0.5),
    "mixture": MIXTURE,
    "mixture with an atom": Mixture(((1.0, Constant(0.2)), (9.0, Exponential(0.5)))),
    "mixture apart": Mixture(((1.0, Empirical((0.1, 0.2))), (1.0, Empirical((5.0, 6.0))))),
}
paired = pytest.mark.parametrize(("ours", "reference"), PAIRS.values(), ids=PAIRS.keys())
every = pytest.mark.parametrize("ours", ALL.values(), ids=ALL.keys())


@paired
def test_quantiles_are_those_of_scipy(ours: Distribution, reference: Any) -> None:
    for u in (1e-9, 0.001, 0.05, 0.5, 0.9, 0.999, 1 - 1e-9):
        assert ours.quantile(u) == pytest.approx(reference.ppf(u), rel=1e-7)


@paired
def test_shares_are_those_of_scipy(ours: Distribution, reference: Any) -> None:
    for x_s in (0.0, 0.05, 0.1, 0.3, 1.0, 1.05, 2.0, 30.0):
        assert ours.cdf(x_s) == pytest.approx(reference.cdf(x_s), abs=1e-12)


@paired
def test_the_mean_is_that_of_scipy(ours: Distribution, reference: Any) -> None:
    assert ours.mean_s == pytest.approx(reference.mean())


@paired
def test_keyed_draws_follow_the_distribution(ours: Distribution, reference: Any) -> None:
    draws = Draws(31)
    purpose = draws.purpose("latency")
    sample = [ours.quantile_us(draws.uniform(purpose, i)) / 1e6 for i in range(20_000)]
    assert stats.kstest(sample, reference.cdf).pvalue > ERROR_RATE


def test_keyed_draws_follow_a_mixture() -> None:
    draws = Draws(32)
    sample = [MIXTURE.quantile_us(draws.uniform(1, i)) / 1e6 for i in range(5_000)]
    first, second = stats.lognorm(SIGMA, 0.25, 0.5), stats.expon(1.25, 4.0)
    assert stats.kstest(sample, lambda x: 0.75 * first.cdf(x) + 0.25 * second.cdf(x)).pvalue > ERROR_RATE


@every
def test_the_mean_is_the_integral_of_the_quantiles(ours: Distribution) -> None:
    steps = 4_000
    middles = (np.arange(steps) + 0.5) / steps
    assert ours.mean_s == pytest.approx(np.mean([ours.quantile(float(u)) for u in middles]), rel=0.01)


@every
@settings(derandomize=True, max_examples=60, deadline=None)
@given(u=st.floats(1e-6, 1 - 1e-6))
def test_a_quantile_is_where_the_share_reaches_u(ours: Distribution, u: float) -> None:
    x_s = ours.quantile(u)
    assert ours.cdf(x_s + 1e-6) >= u - 1e-9
    assert ours.cdf(x_s - 1e-6) <= u + 1e-9


@every
@settings(derandomize=True, max_examples=60, deadline=None)
@given(pair=st.tuples(st.floats(2.0**-53, 1 - 2.0**-53), st.floats(2.0**-53, 1 - 2.0**-53)))
def test_a_larger_u_never_gives_a_shorter_duration(ours: Distribution, pair: tuple[float, float]) -> None:
    low, high = sorted(pair)
    assert 0 <= ours.quantile_us(low) <= ours.quantile_us(high)


@every
def test_draws_are_whole_microseconds_nearest_to_the_quantile(ours: Distribution) -> None:
    for u in np.linspace(0.01, 0.99, 23):
        drawn_us = ours.quantile_us(float(u))
        assert isinstance(drawn_us, int)
        assert abs(drawn_us - ours.quantile(float(u)) * 1e6) <= 0.5


@every
def test_the_ends_of_the_unit_interval_give_finite_durations(ours: Distribution) -> None:
    for u in (2.0**-53, 1 - 2.0**-53):
        assert ours.shift_s <= ours.quantile(u) < math.inf


@every
def test_a_distribution_survives_pickling_and_equals_its_like(ours: Distribution) -> None:
    ours.quantile(0.5)
    copy = pickle.loads(pickle.dumps(ours))  # results and jobs travel between processes
    assert copy == ours
    assert copy.quantile(0.3) == ours.quantile(0.3)


def test_the_shift_moves_median_and_mean_alike() -> None:
    plain, shifted = Lognormal(0.5, 1.5), Lognormal(0.5, 1.5, shift_s=0.2)
    assert shifted.quantile(0.5) == pytest.approx(0.7)
    assert shifted.mean_s - plain.mean_s == pytest.approx(0.2)


def test_the_lognormal_has_the_median_and_95th_percentile_asked_for() -> None:
    ours = Lognormal(median_s=0.5, p95_s=1.5)
    assert (ours.quantile(0.5), ours.quantile(0.95)) == (pytest.approx(0.5), pytest.approx(1.5))


def test_the_gamma_has_the_mean_and_variation_asked_for() -> None:
    ours = Gamma(mean_s=2.0, cv=0.5)
    reference = stats.gamma(ours.shape, scale=ours.scale_s)
    assert (reference.mean(), reference.std() / reference.mean()) == (pytest.approx(2.0), pytest.approx(0.5))


def test_a_pareto_with_a_heavy_tail_has_an_infinite_mean() -> None:
    assert Pareto(minimum_s=0.1, alpha=1.0).mean_s == math.inf


def test_an_empirical_distribution_is_linear_between_its_quantiles() -> None:
    ours = Empirical((1.0, 2.0, 6.0))
    assert [ours.quantile(u) for u in (0.25, 0.5, 0.75)] == [1.5, 2.0, 4.0]
    assert ours.mean_s == 2.75


def test_weights_of_a_mixture_need_not_add_up_to_one() -> None:
    one, other = Constant(1.0), Constant(2.0)
    assert Mixture(((3.0, one), (1.0, other))) == Mixture(((0.75, one), (0.25, other)))


def test_a_mixture_jumps_from_one_atom_to_the_next_at_its_weight() -> None:
    ours = Mixture(((3.0, Constant(1.0)), (1.0, Constant(2.0))))
    assert [ours.quantile_us(u) for u in (0.01, 0.749, 0.751, 0.99)] == [1_000_000, 1_000_000, 2_000_000, 2_000_000]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(-0.1), "Constant: value_s is -0.1; it must be at least 0"),
        (lambda: Constant(1.0, shift_s=-1.0), "Constant: shift_s is -1.0; it must be at least 0"),
        (lambda: Constant(math.nan), "Constant: value_s is nan; it must be a finite number"),
        (lambda: Exponential(0.0), "Exponential: mean_s is 0.0; it must be above 0"),
        (lambda: Exponential(math.inf), "Exponential: mean_s is inf; it must be a finite number"),
        (lambda: Lognormal(0.0, 1.0), "Lognormal: median_s is 0.0; it must be above 0"),
        (lambda: Lognormal(1.0, 0.5), "Lognormal: p95_s is 0.5; it must be at least 1"),
        (lambda: Gamma(-1.0, 0.5), "Gamma: mean_s is -1.0; it must be above 0"),
        (lambda: Gamma(1.0, 0.0), "Gamma: cv is 0.0; it must be above 0"),
        (lambda: Pareto(0.0, 2.0), "Pareto: minimum_s is 0.0; it must be above 0"),
        (lambda: Pareto(1.0, 0.4), "Pareto: alpha is 0.4; it must be at least 0.5"),
        (lambda: Empirical((1.0,)), "Empirical: quantiles_s has 1 values; it needs at least 2"),
        (lambda: Empirical((1.0, 0.5)), r"Empirical: quantiles_s\[1\] is 0.5; it must be at least 1"),
        (lambda: Empirical((-1.0, 0.5)), r"Empirical: quantiles_s\[0\] is -1.0; it must be at least 0"),
        (lambda: Mixture(()), "Mixture: components is empty; it needs at least 1"),
        (lambda: Mixture(((0.0, Constant(1.0)),)), "Mixture: weight of component 0 is 0.0; it must be above 0"),
    ],
)
def test_parameters_out_of_range_are_refused_in_one_sentence(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()

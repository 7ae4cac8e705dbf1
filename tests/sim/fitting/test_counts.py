"""Fits of counts, and the measured ones in ranges."""

import numpy as np
import pytest

from sim.fitting import Column, CountFit, fit_counts
from sim.scenario import CountDist, ScenarioError


def column_of(values: list[int] | np.ndarray) -> Column:
    return Column(
        values=np.sort(np.array(values, dtype=float)), file="sizes.csv", name="size", where="", rows=len(values),
        without=0, sha256="ab" * 32,
    )  # fmt: skip


def drawn(spec: dict, rows: int = 20_000) -> np.ndarray:
    counts = CountDist.model_validate(spec)
    return np.array([counts.quantile(u) for u in np.random.default_rng(6).uniform(size=rows)])


def likeliest(fit: CountFit) -> dict:
    return fit.candidates[0].spec


def test_the_parameters_that_counts_were_drawn_with_come_back() -> None:
    geometric = likeliest(fit_counts(column_of(drawn({"geometric": {"mean": 4.0}}))))
    assert geometric["geometric"]["mean"] == pytest.approx(4.0, rel=0.03)
    pareto = likeliest(fit_counts(column_of(drawn({"pareto": {"alpha": 1.2, "maximum": 100}}))))
    assert pareto["pareto"] == {"alpha": pytest.approx(1.2, rel=0.03), "maximum": 100}


@pytest.mark.parametrize("spec", [{"geometric": {"mean": 4.0}}, {"pareto": {"alpha": 1.2, "maximum": 100}}])
def test_the_distance_is_that_of_the_distribution_that_draws(spec: dict) -> None:
    """0.012 is 1.6 / sqrt(20,000): 99 of 100 samples are nearer to where they come from."""
    best = fit_counts(column_of(drawn(spec))).best
    assert (list(best.spec), best.is_good) == (list(spec), True)
    assert best.distance < 0.012


def test_given_ranges_stand_for_their_means_and_the_most_for_all_above() -> None:
    sizes = [1] * 50 + [2] * 30 + [7] * 6 + [8] * 4 + [50] * 5 + [90] * 5
    fit = fit_counts(column_of(sizes), most=40, ranges=[(7, 8), (9, 39)])
    assert fit.empirical.spec == {"empirical": {"counts": [1, 2, 7, 40], "weights": [0.5, 0.3, 0.1, 0.1]}}
    assert fit.cut == 10


def test_without_ranges_small_counts_stay_alone_and_large_ones_share() -> None:
    spec = fit_counts(column_of(drawn({"pareto": {"alpha": 1.2, "maximum": 1000}}))).empirical.spec["empirical"]
    assert spec["counts"][:6] == [1, 2, 3, 4, 5, 6]
    assert min(spec["weights"]) >= 0.01
    assert sum(spec["weights"]) == pytest.approx(1, abs=0.001)
    assert CountDist.model_validate({"empirical": spec}).mean == pytest.approx(
        drawn({"pareto": {"alpha": 1.2, "maximum": 1000}}).mean(), rel=0.02
    )


def test_equal_counts_are_a_constant() -> None:
    assert fit_counts(column_of([3] * 30)).spec == {"constant": {"value": 3}}


@pytest.mark.parametrize("wrong", [0.0, 2.5])
def test_what_is_no_count_is_refused(wrong: float) -> None:
    with pytest.raises(ScenarioError, match=f"'size' has 1 values that are no whole numbers from 1, such as {wrong:g}"):
        fit_counts(column_of(np.array([1.0] * 30 + [wrong])))

"""Distributions as a scenario writes them, and the kernel's objects that they become."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.kernel import distributions
from sim.scenario import CountDist, Dist

UNIFORM = st.floats(min_value=1e-9, max_value=1 - 1e-9)


def test_a_plain_number_is_a_constant() -> None:
    assert Dist.model_validate(0.25).build() == distributions.Constant(0.25)


@pytest.mark.parametrize(
    ("spec", "built"),
    [
        ({"constant": {"value_s": 1, "shift_s": 2}}, distributions.Constant(1, shift_s=2)),
        ({"exponential": {"mean_s": 2}}, distributions.Exponential(2)),
        ({"lognormal": {"median_s": 1, "p95_s": 3, "shift_s": 0.1}}, distributions.Lognormal(1, 3, shift_s=0.1)),
        ({"gamma": {"mean_s": 2, "cv": 0.5}}, distributions.Gamma(2, 0.5)),
        ({"pareto": {"minimum_s": 2, "alpha": 1.5}}, distributions.Pareto(2, 1.5)),
        ({"empirical": {"quantiles_s": [1, 2, 4]}}, distributions.Empirical((1, 2, 4))),
        (
            {"mixture": [{"weight": 3, "constant": {"value_s": 1}}, {"weight": 1, "exponential": {"mean_s": 2}}]},
            distributions.Mixture(((3, distributions.Constant(1)), (1, distributions.Exponential(2)))),
        ),
    ],
)
def test_each_kind_builds_the_kernels_distribution(spec: dict[str, Any], built: distributions.Distribution) -> None:
    assert Dist.model_validate(spec).build() == built


@pytest.mark.parametrize(
    "spec",
    [
        -1, True, "fast", None, float("nan"), {}, {"constant": {"value_s": 1}, "exponential": {"mean_s": 1}},
        {"lognormal": {"median_s": 2, "p95_s": 1}}, {"empirical": {"quantiles_s": [2, 1]}}, {"pareto": {"minimum_s": 1,
        "alpha": 1}}, {"mixture": []}, {"gamma": {"mean_s": 0, "cv": 1}}, {"lognormal": {"median_s": 1, "p95_s": 2,
        "shift_s": -1}}, {"mixture": [{"weight": 0, "constant": {"value_s": 1}}]},
    ],
)  # fmt: skip
def test_nonsense_is_refused(spec: Any) -> None:
    with pytest.raises(ValidationError):
        Dist.model_validate(spec)


@pytest.mark.parametrize("spec", [4, {"constant": 4}, {"constant": {"value": 4}}])
def test_a_plain_count_is_a_constant(spec: Any) -> None:
    count = CountDist.model_validate(spec)
    assert (count.quantile(0.01), count.quantile(0.99), count.mean) == (4, 4, 4)


@pytest.mark.parametrize(
    "spec",
    [
        {"geometric": {"mean": 3.8}},
        {"geometric": {"mean": 1}},
        {"empirical": {"counts": [1, 3, 40], "weights": [0.6, 0.3, 0.1]}},
        {"empirical": {"counts": [1, 3], "weights": [1, 0]}},
        {"pareto": {"alpha": 1.2, "maximum": 40}},
        {"pareto": {"alpha": 0.5, "maximum": 1}},
    ],
)
def test_the_mean_is_that_of_what_is_drawn(spec: dict[str, Any]) -> None:
    count, draws = CountDist.model_validate(spec), 40_000
    assert sum(count.quantile((n + 0.5) / draws) for n in range(draws)) / draws == pytest.approx(count.mean, rel=2e-3)


@given(u=UNIFORM, alpha=st.floats(min_value=0.05, max_value=20), maximum=st.integers(min_value=1, max_value=1000))
def test_a_heavy_tailed_count_stays_within_its_limits(u: float, alpha: float, maximum: int) -> None:
    assert 1 <= CountDist.model_validate({"pareto": {"alpha": alpha, "maximum": maximum}}).quantile(u) <= maximum


@pytest.mark.parametrize(
    "spec",
    [
        0, 1.5, True, {}, {"geometric": {"mean": 0.5}}, {"empirical": {"counts": [1], "weights": [0]}},
        {"empirical": {"counts": [2, 1], "weights": [1, 1]}}, {"empirical": {"counts": [1, 2], "weights": [1]}},
    ],
)  # fmt: skip
def test_nonsense_counts_are_refused(spec: Any) -> None:
    with pytest.raises(ValidationError):
        CountDist.model_validate(spec)

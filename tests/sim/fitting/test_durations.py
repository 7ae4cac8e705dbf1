"""Fits of data that were drawn from known distributions: the parameters come back, and the right one is chosen."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.fitting import Column, fit_durations, read_column
from sim.fitting.blocks import block
from sim.fitting.estimators import ESTIMATORS, NoFit
from sim.fitting.laws import law_of
from sim.scenario import Dist
from sim.scenario.yaml_text import parse

SPECS = {
    "exponential": {"exponential": {"mean_s": 0.3}},
    "exponential, shifted": {"exponential": {"mean_s": 0.3, "shift_s": 0.1}},
    "lognormal": {"lognormal": {"median_s": 0.5, "p95_s": 1.5}},
    "lognormal, shifted": {"lognormal": {"median_s": 0.5, "p95_s": 1.5, "shift_s": 0.2}},
    "gamma": {"gamma": {"mean_s": 0.4, "cv": 0.5}},
    "gamma, shifted": {"gamma": {"mean_s": 0.4, "cv": 0.5, "shift_s": 0.3}},
    "pareto": {"pareto": {"minimum_s": 0.2, "alpha": 2.5}},
    "two lognormals": {
        "mixture": [
            {"weight": 0.8, "lognormal": {"median_s": 0.4, "p95_s": 0.6}},
            {"weight": 0.2, "lognormal": {"median_s": 1.5, "p95_s": 2.5}},
        ]
    },
}

Make = Callable[..., Column]


def column_of(values: np.ndarray) -> Column:
    return Column(
        values=np.sort(values), file="data.csv", name="s", where="", rows=len(values), without=0, sha256="ab" * 32
    )


def drawn(name: str, *, rows: int = 20_000, seed: int = 5) -> Column:
    return column_of(law_of(SPECS[name]).rvs(size=rows, random_state=np.random.default_rng(seed)))


def numbers(spec: object) -> list[float]:
    if isinstance(spec, dict):
        return [number for held in spec.values() for number in numbers(held)]
    return [number for held in spec for number in numbers(held)] if isinstance(spec, list) else [float(spec)]


@pytest.mark.parametrize("name", SPECS)
def test_the_parameters_that_data_were_drawn_with_come_back(name: str) -> None:
    spec = ESTIMATORS[name](drawn(name).values)
    assert numbers(spec) == pytest.approx(numbers(SPECS[name]), rel=0.06)


@pytest.mark.parametrize("name", [name for name in SPECS if name != "gamma, shifted"])
def test_the_distribution_that_data_were_drawn_from_is_chosen(name: str) -> None:
    fit = fit_durations(drawn(name))
    assert fit.best.name == name
    assert fit.best.is_good
    assert fit.best.distance < 0.012  # 1.6 / sqrt(20,000): 99 of 100 samples are nearer
    assert max(map(abs, fit.best.errors.values())) < 0.05


@pytest.mark.parametrize("name", SPECS)
def test_what_judges_a_spec_and_what_draws_from_it_are_the_same_distribution(name: str) -> None:
    law, kernel = law_of(SPECS[name]), Dist.model_validate(SPECS[name]).build()
    at = np.array([0.21, 0.35, 0.6, 1.1, 2.9])
    assert law.cdf(at) == pytest.approx([kernel.cdf(x) for x in at], abs=1e-9)
    slope = (law.cdf(at + 1e-6) - law.cdf(at - 1e-6)) / 2e-6
    assert np.exp(law.logpdf(at)) == pytest.approx(slope, rel=1e-4, abs=1e-9)


def test_the_likelihood_of_the_fit_is_not_below_that_of_the_truth() -> None:
    for name, spec in SPECS.items():
        data = drawn(name, rows=5_000)
        found = law_of(ESTIMATORS[name](data.values)).logpdf(data.values).sum()
        truth = law_of(spec).logpdf(data.values).sum()
        assert np.isneginf(truth) or found >= truth - 0.01, name


def test_data_that_no_candidate_describes_are_given_as_quantiles() -> None:
    draws = np.random.default_rng(2)
    fit = fit_durations(column_of(np.concatenate([draws.uniform(1, 1.1, 4_000), draws.uniform(3, 3.1, 4_000)])))
    assert not any(candidate.is_good for candidate in fit.candidates)
    assert fit.best is fit.empirical
    assert "empirical" in fit.spec


@pytest.mark.parametrize("name", ["lognormal", "two lognormals", "gamma"])
def test_the_measured_quantiles_and_their_mean_are_within_one_percent(name: str) -> None:
    data = drawn(name, rows=4_000)
    fit = fit_durations(data)
    built = Dist.model_validate(fit.empirical.spec).build()
    for share in (0.5, 0.75, 0.9, 0.95, 0.99):
        assert built.quantile(share) == pytest.approx(np.quantile(data.values, share), rel=0.01)
    assert built.mean_s == pytest.approx(data.values.mean(), rel=0.01)


def test_equal_values_are_a_constant() -> None:
    fit = fit_durations(column_of(np.full(50, 0.25)))
    assert fit.spec == {"constant": {"value_s": 0.25}}


def test_zeros_leave_out_what_cannot_be_zero() -> None:
    fit = fit_durations(column_of(np.concatenate([np.zeros(10), np.random.default_rng(1).exponential(1.0, 990)])))
    assert fit.skipped["lognormal"] == "10 values are 0"
    assert fit.best.name == "exponential"


def test_a_tail_without_a_mean_is_no_pareto() -> None:
    values = np.sort(np.random.default_rng(1).pareto(0.7, 1_000) + 1)
    with pytest.raises(NoFit, match=r"exponent would be 0.7.*above 1"):
        ESTIMATORS["pareto"](values)


def test_repeated_values_do_not_become_a_part_of_their_own() -> None:
    draws = np.random.default_rng(4)
    values = np.sort(np.concatenate([np.full(500, 1.0), draws.lognormal(0, 0.5, 500)]))
    with pytest.raises(NoFit, match="shrink to a single value"):
        ESTIMATORS["two lognormals"](values)


def test_the_same_data_give_the_same_digits() -> None:
    assert fit_durations(drawn("two lognormals")).spec == fit_durations(drawn("two lognormals")).spec


@pytest.mark.slow
def test_the_bootstrapped_p_value_is_small_in_one_of_twenty_true_cases() -> None:
    """Data from an exponential: p at most 0.05 in 5 % of 200 samples.

    Between 2 and 20 of them: outside lies a share below 0.002 of binomial(200, 0.05).
    """
    small = 0
    for seed in range(200):
        data = column_of(np.random.default_rng(seed).exponential(1.0, 60))
        fit = fit_durations(data, bootstrap=39, seed=seed)
        small += fit.bootstrap is not None and fit.candidates[0].name == "exponential" and fit.bootstrap[1] <= 0.05
    assert 2 <= small <= 20


def test_a_wrong_distribution_has_a_small_bootstrapped_p_value() -> None:
    draws = np.random.default_rng(2)
    fit = fit_durations(column_of(draws.uniform(1, 3, 500)), bootstrap=39)
    assert fit.bootstrap is not None
    assert fit.bootstrap[1] <= 0.05


@pytest.mark.parametrize("name", SPECS)
def test_the_block_is_yaml_that_a_scenario_takes(name: str) -> None:
    fit = fit_durations(drawn(name, rows=500))
    for spec in (fit.spec, fit.empirical.spec):
        text = block(spec, fit.column, ["bindsim", "fit", "data.csv", "--where", "a > 1"])
        data = parse(text)[0]
        assert Dist.model_validate(data) == Dist.model_validate(spec)
        assert '# bindsim fit data.csv --where "a > 1"\n# 500 rows of the file with SHA-256\n# abab' in text
        assert max(map(len, text.splitlines())) <= 100


def test_a_file_is_read_in_its_unit_filtered_and_identified(tmp_path: Path) -> None:
    text = "op,ms\n" + "".join(f"{'a' if n % 2 else 'b'},{n}\n" for n in range(1, 101)) + "a,\n"
    (tmp_path / "x.csv").write_text(text)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    plain, packed = (read_column(tmp_path / name, "ms", where="op == 'a'", unit="ms") for name in ("x.csv", "x.csv.gz"))
    assert plain.values.tolist() == packed.values.tolist() == pytest.approx([n / 1000 for n in range(1, 101, 2)])
    assert (plain.rows, plain.without) == (101, 1)
    assert plain.sha256 != packed.sha256

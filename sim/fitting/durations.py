"""Durations: every distribution of a scenario fitted to a column, compared, and one of them chosen.

`fit_durations` is called by `bindsim fit` and by notebooks. The rule of choice: of the candidates that are good enough
(`Candidate.is_good`) the one with the smallest BIC; where none is, the measured quantiles themselves.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.fitting.columns import Column, Numbers
from sim.fitting.estimators import ESTIMATORS, NoFit, shortened
from sim.fitting.laws import Law, Spec, law_of
from sim.fitting.quantiles import MEASURED, Measured, empirical_spec, measured
from sim.metrics.statistics import rounded
from sim.scenario import Dist

CONSTANT, EMPIRICAL = "constant", "empirical"
LARGEST_DISTANCE = 0.05  # of the distribution functions, no unit: assumption, what a look at two curves shows
LARGEST_ERROR = 0.05  # of p50, p95 and p99, a share: the smallest effect that scenarios call one (min_effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One distribution with what speaks for and against it.

    `errors` has, for p50, p95, p99 and mean, the value of the spec over that of the data, minus 1. `distance` is
    Kolmogorov and Smirnov's: the largest difference of the two distribution functions. The likelihood is in natural
    logarithms, None for one that has no density.
    """

    name: str
    spec: Spec
    parameters: int
    log_likelihood: float | None
    rows: int
    distance: float
    errors: dict[str, float]
    is_good: bool

    @property
    def aic(self) -> float | None:
        """Akaike's criterion, 2 k - 2 log L; smaller is better."""
        return None if self.log_likelihood is None else rounded(2 * self.parameters - 2 * self.log_likelihood)

    @property
    def bic(self) -> float | None:
        """Schwarz's criterion, k log n - 2 log L; smaller is better."""
        if self.log_likelihood is None:
            return None
        return rounded(self.parameters * float(np.log(self.rows)) - 2 * self.log_likelihood)

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "name": self.name,
            "spec": self.spec,
            "parameters": self.parameters,
            "log_likelihood": self.log_likelihood,
            "aic": self.aic,
            "bic": self.bic,
            "distance": self.distance,
            "errors": self.errors,
            "good_enough": self.is_good,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationFit:
    """All candidates, the likeliest (by BIC) first; `skipped` says why others are none."""

    column: Column
    candidates: tuple[Candidate, ...]
    skipped: dict[str, str]
    empirical: Candidate
    bootstrap: tuple[int, float] | None = None  # how often, and the p-value of the first candidate's distance

    @property
    def best(self) -> Candidate:
        """The likeliest that is good enough, else the measured quantiles."""
        return next((candidate for candidate in self.candidates if candidate.is_good), self.empirical)

    @property
    def spec(self) -> Spec:
        """The best one, as a scenario writes it."""
        return self.best.spec


def fit_durations(column: Column, *, bootstrap: int = 0, seed: int = 1) -> DurationFit:
    """Fit every distribution to a column of seconds.

    `bootstrap` says how many samples of the likeliest candidate are drawn and fitted again, for a p-value of its
    distance that takes the fitting into account; 0: none.
    """
    data = measured(column.values)
    if column.values[0] == column.values[-1]:
        only = _constant(data)
        return DurationFit(column=column, candidates=(only,), skipped={}, empirical=_empirical(data))
    specs, skipped = _specs(column.values)
    candidates = sorted((_candidate(name, spec, data) for name, spec in specs.items()), key=_by_bic)
    chance = _chance(candidates[0], column.values, bootstrap, seed) if bootstrap and candidates else None
    return DurationFit(
        column=column, candidates=tuple(candidates), skipped=skipped, empirical=_empirical(data), bootstrap=chance,
    )  # fmt: skip


def _specs(values: Numbers) -> tuple[dict[str, Spec], dict[str, str]]:
    specs, skipped = dict[str, Spec](), dict[str, str]()
    for name, estimate in ESTIMATORS.items():
        try:
            specs[name] = estimate(values)
        except NoFit as reason:
            skipped[name] = str(reason)
    return specs, skipped


def _by_bic(candidate: Candidate) -> tuple[float, str]:
    return candidate.bic if candidate.bic is not None else float("inf"), candidate.name


def _constant(data: Measured) -> Candidate:
    spec = {"constant": {"value_s": float(data.values[0])}}
    return Candidate(
        name=CONSTANT, spec=spec, parameters=1, log_likelihood=None, rows=len(data.values), distance=0.0,
        errors=dict.fromkeys((*MEASURED, "mean"), 0.0), is_good=True,
    )  # fmt: skip


def _candidate(name: str, spec: Spec, data: Measured) -> Candidate:
    law = law_of(spec)
    logs = law.logpdf(data.values)
    distance, drawn = _distance(law, data.values), Dist.model_validate(spec).build()
    quantiles = {word: drawn.quantile(share) for word, share in MEASURED.items()}
    errors = data.errors({**quantiles, "mean": drawn.mean_s})
    good = distance <= LARGEST_DISTANCE and all(
        abs(errors[word]) <= LARGEST_ERROR or data.may_be(word, value) for word, value in quantiles.items()
    )
    return Candidate(
        name=name, spec=spec, parameters=_count(spec), log_likelihood=rounded(float(logs.sum())),
        rows=len(data.values), distance=distance, errors=errors, is_good=good,
    )  # fmt: skip


def _count(spec: Spec) -> int:
    """The numbers in a spec; the weights of a mixture are one fewer, since they add up to 1."""
    (body,) = spec.values()
    if isinstance(body, dict):
        return len(body)
    return sum(1 + len(next(held for held in part.values() if isinstance(held, dict))) for part in body) - 1


def _empirical(data: Measured) -> Candidate:
    spec = empirical_spec(data)
    drawn = Dist.model_validate(spec).build()
    quantiles = {word: drawn.quantile(share) for word, share in MEASURED.items()}
    unique, counts = np.unique(data.values, return_counts=True)
    gaps = np.abs([drawn.cdf(value) for value in unique] - np.cumsum(counts) / len(data.values))
    return Candidate(
        name=f"{EMPIRICAL} ({len(spec['empirical']['quantiles_s'])})", spec=spec,
        parameters=len(spec["empirical"]["quantiles_s"]), log_likelihood=None, rows=len(data.values),
        distance=rounded(float(gaps.max())), errors=data.errors({**quantiles, "mean": drawn.mean_s}), is_good=True,
    )  # fmt: skip


def _distance(law: Law, values: Numbers) -> float:
    from scipy import stats

    def share(x: Any) -> Any:
        return law.cdf(x)

    return rounded(float(stats.ks_1samp(values, share, method="asymp").statistic))


def _chance(candidate: Candidate, values: Numbers, repetitions: int, seed: int) -> tuple[int, float]:
    """How many samples could be fitted, and the share of them (and the data) that lie at least as far from their fit.

    A parametric bootstrap: the p-value of the distance when the parameters come from the same data.
    """
    draws, law, estimate = np.random.default_rng(seed), law_of(candidate.spec), ESTIMATORS[candidate.name]
    distances = []
    for _ in range(repetitions):
        sample = np.sort(law.rvs(size=len(values), random_state=draws))
        try:
            distances.append(_distance(law_of(estimate(sample)), sample))
        except NoFit:
            continue
    further = sum(distance >= candidate.distance for distance in distances)
    return len(distances), shortened((1 + further) / (1 + len(distances)))

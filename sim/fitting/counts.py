"""Counts: the distributions of whole numbers that a scenario has, fitted to a column of them (sizes of batches).

`fit_counts` is called by `bindsim fit --counts`. Large counts may be taken together in ranges, each standing for its
mean, and what is above `most` may count as `most`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, floor, log
from typing import Any

import numpy as np

from sim.fitting.columns import Column, Numbers
from sim.fitting.durations import LARGEST_DISTANCE, LARGEST_ERROR, Candidate
from sim.fitting.estimators import shortened
from sim.fitting.laws import Spec
from sim.fitting.quantiles import MEASURED, Measured
from sim.metrics.statistics import rounded
from sim.scenario import CountDist, Problem, ScenarioError

_LEAST_SHARE = 0.01  # of the values in a range of its own, where no ranges are given: assumption
_ALONE = 6  # counts up to here are never taken together: most batches are that small

Range = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFit:
    """All candidates, the likeliest (by BIC) first; the measured counts beside them."""

    column: Column
    candidates: tuple[Candidate, ...]
    skipped: dict[str, str]
    empirical: Candidate
    cut: int  # how many values were above `most`
    bootstrap: None = None

    @property
    def best(self) -> Candidate:
        """The likeliest that is good enough, else the measured counts."""
        return next((candidate for candidate in self.candidates if candidate.is_good), self.empirical)

    @property
    def spec(self) -> Spec:
        """The best one, as a scenario writes it."""
        return self.best.spec


def fit_counts(column: Column, *, most: int | None = None, ranges: Sequence[Range] = ()) -> CountFit:
    """Fit every distribution of counts. `ranges` (both ends included) ascend and do not overlap.

    Raises ScenarioError for values that are no whole numbers from 1.
    """
    values = column.values
    if (wrong := values[(values < 1) | (values != np.floor(values))]).size:
        told = f"'{column.name}' has {wrong.size:,} values that are no whole numbers from 1, such as {wrong[0]:g}"
        raise ScenarioError([Problem(column.file, (), f"{told}; --where can leave them out")])
    cut = 0 if most is None else int((values > most).sum())
    kept = values if most is None else np.minimum(values, most)
    fitted = _constant(kept) if kept[0] == kept[-1] else _fitted(kept)
    chosen = [_candidate(name, spec, kept) for name, spec in fitted.items()]
    return CountFit(
        column=column, candidates=tuple(sorted(chosen, key=lambda each: (each.bic or 0.0, each.name))), skipped={},
        empirical=_candidate("empirical", _empirical(kept, ranges), kept), cut=cut,
    )  # fmt: skip


def _constant(values: Numbers) -> dict[str, Spec]:
    return {"constant": {"constant": {"value": int(values[0])}}}


def _fitted(values: Numbers) -> dict[str, Spec]:
    return {"geometric": {"geometric": {"mean": shortened(values.mean())}}, "pareto": {"pareto": _pareto(values)}}


def _pareto(values: Numbers) -> dict[str, Any]:
    """Maximum likelihood: P(N = n) = n ** -alpha - (n + 1) ** -alpha, and the rest at the maximum."""
    from scipy.optimize import minimize_scalar

    counts, times = np.unique(values, return_counts=True)
    maximum = int(counts[-1])

    def surprise(alpha: float) -> float:
        return -float(times @ np.log(_pareto_shares(counts, maximum, alpha)))

    found = minimize_scalar(surprise, bounds=(0.01, 20))
    return {"alpha": shortened(float(found.x)), "maximum": maximum}


def _pareto_shares(counts: Numbers, maximum: int, alpha: float) -> Numbers:
    shares: Numbers = np.where(counts == maximum, counts**-alpha, counts**-alpha - (counts + 1) ** -alpha)
    return shares


def _empirical(values: Numbers, ranges: Sequence[Range]) -> Spec:
    counts, times = np.unique(values.astype(int), return_counts=True)
    groups = _groups(counts.tolist(), times.tolist(), ranges)
    pairs = [(group, times[(counts >= group[0]) & (counts <= group[1])].sum()) for group in groups]
    means = [floor(float(values[(values >= low) & (values <= high)].mean()) + 0.5) for (low, high), _ in pairs]
    weights = [float(f"{total / len(values):.4f}") or shortened(total / len(values)) for _, total in pairs]
    return {"empirical": {"counts": means, "weights": weights}}


def _groups(counts: list[int], times: list[int], ranges: Sequence[Range]) -> list[Range]:
    """Ranges that hold every count: the given ones, and each other count alone; or ranges that hold enough."""
    if ranges:
        alone = [(count, count) for count in counts if not any(low <= count <= high for low, high in ranges)]
        held = [(low, high) for low, high in ranges if any(low <= count <= high for count in counts)]
        return sorted([*alone, *held])
    least, groups, total, start = _LEAST_SHARE * sum(times), list[Range](), 0, None
    for count, seen in zip(counts, times, strict=True):
        start, total = count if start is None else start, total + seen
        if total >= least or count <= _ALONE:
            groups.append((start, count))
            total, start = 0, None
    if start is not None:
        low = groups.pop()[0] if groups and groups[-1][0] > _ALONE else start
        groups.append((low, counts[-1]))
    return groups


def _candidate(name: str, spec: Spec, values: Numbers) -> Candidate:
    drawn, data = CountDist.model_validate(spec), Measured(values)
    counts, times = np.unique(values, return_counts=True)
    quantiles = {word: float(drawn.quantile(share)) for word, share in MEASURED.items()}
    errors = data.errors({**quantiles, "mean": drawn.mean})
    distance = rounded(float(np.abs(_cumulative(spec, counts) - np.cumsum(times) / len(values)).max()))
    near = all(abs(errors[word]) <= LARGEST_ERROR or data.may_be(word, found) for word, found in quantiles.items())
    return Candidate(
        name=name, spec=spec, parameters=len(next(iter(spec.values()))), rows=len(values), distance=distance,
        log_likelihood=_likelihood(spec, counts, times.astype(float)), errors=errors,
        is_good=name == "empirical" or (near and distance <= LARGEST_DISTANCE),
    )  # fmt: skip


def _cumulative(spec: Spec, counts: Numbers) -> Numbers:
    ((kind, held),) = spec.items()
    if kind == "geometric":
        shares = 1 - (1 - 1 / held["mean"]) ** counts
    elif kind == "pareto":
        shares = np.where(counts >= held["maximum"], 1.0, 1 - (counts + 1) ** -held["alpha"])
    elif kind == "constant":
        shares = counts >= held["value"]
    else:
        weights = np.array(held["weights"])
        shares = np.array([weights[np.array(held["counts"]) <= count].sum() for count in counts]) / weights.sum()
    return np.asarray(shares, dtype=np.float64)


def _likelihood(spec: Spec, counts: Numbers, times: Numbers) -> float | None:
    ((kind, held),) = spec.items()
    if kind == "geometric":
        logs = -log(held["mean"]) + (counts - 1) * np.log(-expm1(-log(held["mean"])))
    elif kind == "pareto":
        logs = np.log(_pareto_shares(counts, held["maximum"], held["alpha"]))
    else:
        return None
    return rounded(float(times @ logs))

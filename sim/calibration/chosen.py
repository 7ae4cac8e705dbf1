"""The distribution that a scenario gets for what was measured, and how near it comes.

The best of sim.fitting where one is good enough; else a few of the measured quantiles, which keep the measured mean:
the means decide how busy a machine is.
"""

from dataclasses import dataclass

import numpy as np

from sim.fitting import DurationFit
from sim.fitting.columns import Numbers
from sim.fitting.durations import EMPIRICAL
from sim.fitting.estimators import shortened
from sim.fitting.laws import Spec
from sim.fitting.quantiles import MEASURED, measured
from sim.scenario import Dist

FEW, MANY = 21, 101
"""How many quantiles: for what is a small part of a sum, and for what may be most of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`distance` is Kolmogorov's and Smirnov's; `errors` those of p50, p95, p99 and the mean, as shares."""

    name: str
    spec: Spec
    distance: float
    errors: dict[str, float]


def chosen(fit: DurationFit, quantiles: int = FEW) -> Chosen:
    """What a scenario gets for a fit."""
    if fit.best is not fit.empirical:
        best = fit.best
        return Chosen(name=best.name, spec=best.spec, distance=best.distance, errors=best.errors)
    values = fit.column.values
    spec: Spec = {"empirical": {"quantiles_s": _quantiles(values, quantiles)}}
    drawn, data = Dist.model_validate(spec).build(), measured(values)
    found = {word: drawn.quantile(share) for word, share in MEASURED.items()} | {"mean": drawn.mean_s}
    return Chosen(
        name=f"{EMPIRICAL} ({quantiles})", spec=spec, distance=_distance(values, spec["empirical"]["quantiles_s"]),
        errors=data.errors(found),
    )  # fmt: skip


def _quantiles(values: Numbers, count: int) -> list[float]:
    """The last one is what gives the mean: few values of thousands decide what the largest is."""
    found = np.quantile(values, np.linspace(0, 1, count))
    rest = np.trapezoid(found[:-1]) / (count - 1)
    last = 2 * (count - 1) * (values.mean() - rest) - found[-2]
    return [shortened(float(value)) for value in (*found[:-1], max(found[-2], last))]


def _distance(values: Numbers, quantiles: list[float]) -> float:
    """The largest difference of the two distribution functions, looked at where the data are."""
    shares = np.interp(values, quantiles, np.linspace(0, 1, len(quantiles)))
    ranks = np.searchsorted(values, values, side="right") / len(values)
    return float(np.abs(shares - ranks).max())

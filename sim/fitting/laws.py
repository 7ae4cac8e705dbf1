"""Laws: the distributions of a scenario as scipy has them, for many values at once.

Used by the other modules of sim.fitting. A law is made from what a scenario writes, so that what is judged is what
will be drawn from; tests hold it against sim.kernel's distributions, which draw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np

from sim.fitting.columns import Numbers

Z95 = NormalDist().inv_cdf(0.95)
Spec = dict[str, Any]
"""A distribution as a scenario writes it: {"lognormal": {"median_s": ..., "p95_s": ...}}."""


class Law(Protocol):
    """What scipy's frozen distributions have, as far as it is needed here."""

    def logpdf(self, x: Numbers) -> Numbers:
        """The logarithm of the density, x in seconds."""
        ...

    def cdf(self, x: Numbers) -> Numbers:
        """The share that does not exceed x seconds."""
        ...

    def rvs(self, size: int, random_state: np.random.Generator) -> Numbers:
        """Independent draws in seconds."""
        ...


def law_of(spec: Spec) -> Law:
    """The law of a spec of one key; KeyError for one that no law is known for."""
    ((kind, parameters),) = spec.items()
    law: Law = _mixture(parameters) if kind == "mixture" else _LAWS[kind](parameters)
    return law


def _exponential(p: Mapping[str, float]) -> Any:
    from scipy import stats

    return stats.expon(loc=p.get("shift_s", 0.0), scale=p["mean_s"])


def _lognormal(p: Mapping[str, float]) -> Any:
    from scipy import stats

    sigma = log(p["p95_s"] / p["median_s"]) / Z95
    return stats.lognorm(sigma, loc=p.get("shift_s", 0.0), scale=p["median_s"])


def _gamma(p: Mapping[str, float]) -> Any:
    from scipy import stats

    return stats.gamma(p["cv"] ** -2, loc=p.get("shift_s", 0.0), scale=p["mean_s"] * p["cv"] ** 2)


def _pareto(p: Mapping[str, float]) -> Any:
    from scipy import stats

    return stats.pareto(p["alpha"], scale=p["minimum_s"])


_LAWS = {"exponential": _exponential, "lognormal": _lognormal, "gamma": _gamma, "pareto": _pareto}


@dataclass(frozen=True, slots=True)
class _Mixed:
    """Several laws by weight; the weights add up to 1."""

    weights: tuple[float, ...]
    laws: tuple[Law, ...]

    def logpdf(self, x: Numbers) -> Numbers:
        parts = [np.log(weight) + law.logpdf(x) for weight, law in zip(self.weights, self.laws, strict=True)]
        return np.asarray(np.logaddexp.reduce(parts), dtype=np.float64)

    def cdf(self, x: Numbers) -> Numbers:
        parts = [weight * law.cdf(x) for weight, law in zip(self.weights, self.laws, strict=True)]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)

    def rvs(self, size: int, random_state: np.random.Generator) -> Numbers:
        of_each = random_state.multinomial(size, self.weights)
        return np.concatenate([law.rvs(int(n), random_state) for n, law in zip(of_each, self.laws, strict=True)])


def _mixture(components: list[dict[str, Any]]) -> _Mixed:
    total = sum(component["weight"] for component in components)
    weights = tuple(component["weight"] / total for component in components)
    parts = ({key: held for key, held in component.items() if key != "weight"} for component in components)
    return _Mixed(weights, tuple(law_of(part) for part in parts))

"""Estimators: maximum likelihood for each distribution that a scenario has. One function a candidate.

sim.fitting.durations tries them all. Each takes ascending values in seconds, not all equal, and gives the spec with
five significant digits, or raises NoFit with the reason. Closed forms and scipy's own fits where there are any; a shift
is found on the profile likelihood.
"""

from collections.abc import Callable
from math import exp, sqrt

import numpy as np

from sim.fitting.columns import Numbers
from sim.fitting.laws import Z95, Spec
from sim.fitting.mixing import NoMixture, two_normals

DIGITS = 5  # significant digits of a parameter; finer than any data deserve, coarse enough to be read
# The likelihood of a shifted law can grow without bound as the shift approaches the smallest value: a spike on one
# value, not a fit. So the shift stays this share of the distance from minimum to median away; one at that edge is none.
_GAP = 1e-3
_STEPS = 60  # of the grid on which the profile likelihood is first looked at


class NoFit(Exception):
    """This distribution cannot be fitted to these values; the text says why."""


def shortened(value: float) -> float:
    """`value` with as many digits as a spec has."""
    return float(f"{value:.{DIGITS}g}")


def exponential(values: Numbers) -> Spec:
    """The mean."""
    return {"exponential": {"mean_s": shortened(values.mean())}}


def shifted_exponential(values: Numbers) -> Spec:
    """The smallest value is the shift, the mean above it the mean."""
    shift = values[0]
    if shift == 0:
        raise NoFit("the smallest value is 0")
    return {"exponential": {"mean_s": shortened(values.mean() - shift), "shift_s": shortened(shift)}}


def lognormal(values: Numbers) -> Spec:
    """Mean and standard deviation of the logarithms."""
    _needs_positive(values)
    return _lognormal_spec(values, 0.0)


def shifted_lognormal(values: Numbers) -> Spec:
    """The same above the shift that makes the likelihood largest."""
    _needs_positive(values)
    return _lognormal_spec(values, _best_shift(values, _lognormal_likelihood))


def _lognormal_spec(values: Numbers, shift: float) -> Spec:
    logs = np.log(values - shift)
    return {"lognormal": _lognormal_parameters(logs.mean(), logs.std()) | _shift(shift)}


def _lognormal_parameters(mu: float, sigma: float) -> dict[str, float]:
    return {"median_s": shortened(exp(mu)), "p95_s": shortened(exp(mu + Z95 * sigma))}


def _lognormal_likelihood(values: Numbers) -> float:
    logs = np.log(values)
    return float(-len(logs) * np.log(logs.std()) - logs.sum())


def gamma(values: Numbers) -> Spec:
    """scipy's fit, location fixed at 0."""
    _needs_positive(values)
    return _gamma_spec(values, 0.0)


def shifted_gamma(values: Numbers) -> Spec:
    """The same above the shift that makes the likelihood largest."""
    _needs_positive(values)
    return _gamma_spec(values, _best_shift(values, _gamma_likelihood))


def _gamma_spec(values: Numbers, shift: float) -> Spec:
    shape, scale = _gamma_parameters(values - shift)
    return {"gamma": {"mean_s": shortened(shape * scale), "cv": shortened(1 / sqrt(shape))} | _shift(shift)}


def _gamma_parameters(values: Numbers) -> tuple[float, float]:
    from scipy import stats

    shape, _, scale = stats.gamma.fit(values, floc=0)
    return float(shape), float(scale)


def _gamma_likelihood(values: Numbers) -> float:
    from scipy.special import gammaln

    shape, scale = _gamma_parameters(values)
    each = (shape - 1) * np.log(values).mean() - values.mean() / scale - gammaln(shape) - shape * np.log(scale)
    return float(len(values) * each)


def pareto(values: Numbers) -> Spec:
    """The smallest value is the minimum; the exponent is one over the mean logarithm above it."""
    _needs_positive(values)
    alpha = 1 / float(np.log(values / values[0]).mean())
    if shortened(alpha) <= 1:
        raise NoFit(f"its exponent would be {alpha:.2g}; a scenario needs one above 1, so that there is a mean")
    return {"pareto": {"minimum_s": shortened(values[0]), "alpha": shortened(alpha)}}


def two_lognormals(values: Numbers) -> Spec:
    """Two lognormals by weight: expectation and maximisation on the logarithms."""
    _needs_positive(values)
    try:
        parts = two_normals(np.log(values))
    except NoMixture as problem:
        raise NoFit(str(problem)) from None
    return {
        "mixture": [
            {"weight": shortened(part.weight), "lognormal": _lognormal_parameters(part.mean, part.deviation)}
            for part in parts
        ]
    }


def _needs_positive(values: Numbers) -> None:
    if values[0] <= 0:
        raise NoFit(f"{int((values <= 0).sum()):,} values are 0")


def _shift(shift: float) -> dict[str, float]:
    return {"shift_s": shortened(shift)} if shift else {}


def _best_shift(values: Numbers, likelihood: Callable[[Numbers], float]) -> float:
    """The shift with the largest likelihood, an inner one: on a grid first, then between its neighbours."""
    from scipy.optimize import minimize_scalar

    most = values[0] - _GAP * (float(np.median(values)) - values[0])
    # Finer towards the smallest value, where the likelihood changes fastest.
    grid = most * (1 - np.linspace(1, 0, _STEPS) ** 2)
    found = [likelihood(values - shift) for shift in grid]
    best = int(np.argmax(found))
    if best in (0, _STEPS - 1):
        raise NoFit("no shift makes it likelier" if best == 0 else "its shift would be the smallest value itself")
    between = (float(grid[best - 1]), float(grid[best + 1]))
    refined = minimize_scalar(lambda shift: -likelihood(values - shift), bounds=between, method="bounded")
    return shortened(float(refined.x))


ESTIMATORS: dict[str, Callable[[Numbers], Spec]] = {
    "exponential": exponential,
    "exponential, shifted": shifted_exponential,
    "lognormal": lognormal,
    "lognormal, shifted": shifted_lognormal,
    "gamma": gamma,
    "gamma, shifted": shifted_gamma,
    "pareto": pareto,
    "two lognormals": two_lognormals,
}
"""By the name that is printed."""

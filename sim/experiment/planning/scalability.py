"""The Universal Scalability Law, fitted to throughput over the number of clients, processes or operations at once.

X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1))  (Gunther, 1993): gamma is the throughput of one, alpha the share
that is done one after the other (contention), beta what each pair costs (coherency). The peak is at
N = sqrt((1 - alpha) / beta). The fit (scipy.optimize.curve_fit, least squares of relative residuals) is refused in
words where a coefficient comes out negative, where it explains little, or where there is too little to fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Any

from sim.metrics.statistics import rounded

LEAST_POINTS = 5  # for three coefficients
LEAST_R_SQUARED = 0.9  # no unit; assumption
_NEGATIVE = -1e-6  # a coefficient below is negative, and not zero up to the precision of the fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalability:
    """A fit with its residuals (measured over fitted, less 1), or why there is none."""

    over: str
    why_not: str = ""
    gamma: float | None = None
    alpha: float | None = None
    beta: float | None = None
    r_squared: float | None = None
    sizes: tuple[float, ...] = ()
    throughputs: tuple[float, ...] = ()
    residuals: tuple[float, ...] = ()

    @property
    def peak(self) -> float | None:
        """The size with the highest throughput; None where it never falls or nothing was fitted."""
        if self.why_not or self.alpha is None or self.beta is None or self.beta <= 0 or self.alpha >= 1:
            return None
        return sqrt((1 - self.alpha) / self.beta)

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "over": self.over, "why_not": self.why_not, "gamma": self.gamma, "alpha": self.alpha, "beta": self.beta,
            "r_squared": self.r_squared, "peak": None if self.peak is None else rounded(self.peak),
            "sizes": list(self.sizes), "throughputs_per_s": list(self.throughputs), "residuals": list(self.residuals),
        }  # fmt: skip


def law(size: Any, gamma: float, alpha: float, beta: float) -> Any:
    """X(N)."""
    return gamma * size / (1 + alpha * (size - 1) + beta * size * (size - 1))


def fit(sizes: Sequence[float], throughputs: Sequence[float], *, over: str) -> Scalability:
    """The law fitted to throughputs, operations a second, at sizes of at least 1. `over` says what N is."""
    pairs = sorted((size, value) for size, value in zip(sizes, throughputs, strict=True) if size >= 1 and value > 0)
    if len({size for size, _ in pairs}) < LEAST_POINTS:
        few = f"{len({size for size, _ in pairs})} sizes of 1 or more with a throughput; it takes {LEAST_POINTS}"
        return Scalability(over=over, why_not=few)
    found = _curve(pairs)
    if found is None:
        return Scalability(over=over, why_not="the least squares did not converge")
    return _judged(pairs, found, over)


def _curve(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float] | None:
    import warnings

    import numpy as np
    from scipy.optimize import OptimizeWarning, curve_fit

    sizes, values = (np.array(column) for column in zip(*pairs, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)  # no covariance: it is not used
        try:
            found, _ = curve_fit(law, sizes, values, p0=(values[0] / sizes[0], 0.01, 1e-5), sigma=values, maxfev=20_000)
        except RuntimeError:
            return None
    gamma, alpha, beta = (float(each) for each in found)
    return gamma, alpha, beta


def _judged(pairs: Sequence[tuple[float, float]], found: tuple[float, float, float], over: str) -> Scalability:
    fitted = [float(law(size, *found)) for size, _ in pairs]
    mean = fmean(value for _, value in pairs)
    unexplained = sum((value - guess) ** 2 for (_, value), guess in zip(pairs, fitted, strict=True))
    spread = sum((value - mean) ** 2 for _, value in pairs)
    r_squared = 1 - unexplained / spread if spread else 0.0
    gamma, alpha, beta = found
    return Scalability(
        over=over, why_not=_why_refused(found, r_squared), gamma=rounded(gamma), alpha=rounded(alpha),
        beta=rounded(beta), r_squared=rounded(r_squared), sizes=tuple(rounded(size) for size, _ in pairs),
        throughputs=tuple(rounded(value) for _, value in pairs),
        residuals=tuple(rounded(value / guess - 1) for (_, value), guess in zip(pairs, fitted, strict=True)),
    )  # fmt: skip


def _why_refused(found: tuple[float, float, float], r_squared: float) -> str:
    for name, value in zip(("gamma", "alpha", "beta"), found, strict=True):
        if value < _NEGATIVE:
            return f"its coefficient {name} comes out negative ({value:.3g}), which means nothing"
    if r_squared < LEAST_R_SQUARED:
        return f"it explains too little of the throughput (R squared {r_squared:.2f}, at least {LEAST_R_SQUARED})"
    return ""

"""What is measured of a column: quantiles, mean, how sure they are, and the empirical distribution made of them.

Used by sim.fitting.durations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np

from sim.fitting.columns import Numbers
from sim.fitting.estimators import shortened
from sim.fitting.laws import Spec
from sim.metrics.statistics import rounded

MEASURED = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
"""The quantiles that fits are held against."""
_TOLERANCE = 0.01  # of the median to the 99th percentile, and of the mean, in the empirical distribution: a share
_CHECKED = np.linspace(0.5, 0.99, 50)  # every whole percent
_SIZES = (11, 21, 41, 51, 101, 201, 401, 501, 1001)  # how many quantiles an empirical distribution may have
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The data, ascending, s."""

    values: Numbers

    def quantile(self, share: float) -> float:
        """Nearest rank, as all percentiles of bindsim are."""
        return float(self.values[max(0, ceil(round(share * len(self.values), 9)) - 1)])

    def errors(self, found: Mapping[str, float]) -> dict[str, float]:
        """Each found value over the measured one, minus 1; the absolute value where 0 was measured."""
        own = {word: self.quantile(share) for word, share in MEASURED.items()} | {"mean": float(self.values.mean())}
        return {word: rounded(value / own[word] - 1 if own[word] else value) for word, value in found.items()}

    def may_be(self, word: str, value: float) -> bool:
        """Whether a value lies in the 95 % interval of a quantile that the order statistics of the data give."""
        from scipy.stats import binom

        count, share = len(self.values), MEASURED[word]
        low = int(binom.ppf((1 - _CONFIDENCE) / 2, count, share)) - 1
        high = int(binom.ppf((1 + _CONFIDENCE) / 2, count, share))
        if high >= count:  # too few values for an upper end: nothing can be said against a larger one
            return bool(value >= self.values[max(0, low)])
        return bool(self.values[max(0, low)] <= value <= self.values[high])


def measured(values: Numbers) -> Measured:
    """The data as they are looked at here."""
    return Measured(values)


def empirical_spec(data: Measured) -> Spec:
    """As few quantiles as give p50 to p99 and the mean within 1 %; the largest number when none does."""
    for size in _SIZES:
        spec = _spec(data, size)
        if _is_near(spec, data):
            break
    return {"empirical": {"quantiles_s": spec}}


def _spec(data: Measured, size: int) -> list[float]:
    return [shortened(value) for value in np.quantile(data.values, np.linspace(0, 1, size))]


def _is_near(spec: list[float], data: Measured) -> bool:
    at = np.linspace(0, 1, len(spec))
    own = np.quantile(data.values, _CHECKED)
    means = np.array([np.trapezoid(spec, at), data.values.mean()])
    gaps = np.abs(np.interp(_CHECKED, at, spec) - own) <= _TOLERANCE * own
    return bool(gaps.all() and abs(means[0] - means[1]) <= _TOLERANCE * means[1])

"""Intervals over replications, and limits for what was never seen.

The unit is the replication: operations inside one are not independent of each other. No interval is given for
fewer than five replications.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, log, log1p, sqrt

from sim.metrics.statistics import rounded

CONFIDENCE = 0.95
LEAST_REPLICATIONS = 5  # below, a t interval is as wide as it is untrustworthy


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval; `low` and `high` are None where there are too few values for one."""

    mean: float
    low: float | None
    high: float | None
    count: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval is known and lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def lies_within(self, limit: float) -> bool:
        """Whether the interval is known and no part of it is further from zero than `limit`."""
        return self.low is not None and self.high is not None and -limit <= self.low and self.high <= limit


def t_interval(values: Sequence[float]) -> Interval:
    """Student's t interval for the mean of `values`, which must not be empty.

    mean +- t(0.975, n - 1) * s / sqrt(n), with s the standard deviation over n - 1. Valid for values that are
    independent and not far from normal; the values here are summaries of whole replications.
    """
    count, mean = len(values), sum(values) / len(values)
    if count < LEAST_REPLICATIONS:
        return Interval(rounded(mean), None, None, count)
    half = _t_quantile(count - 1) * sqrt(sum((value - mean) ** 2 for value in values) / (count - 1) / count)
    return Interval(rounded(mean), rounded(mean - half), rounded(mean + half), count)


def ratio_interval(numerators: Sequence[float], denominators: Sequence[float]) -> Interval:
    """The geometric mean of paired ratios, with the t interval of their logarithms.

    All values must be positive.
    """
    logs = t_interval([log(above / below) for above, below in zip(numerators, denominators, strict=True)])
    low, high = (None if bound is None else rounded(exp(bound)) for bound in (logs.low, logs.high))
    return Interval(rounded(exp(logs.mean)), low, high, logs.count)


def upper_limit_when_none_seen(trials: int) -> float:
    """The exact one-sided 95 % upper limit of a probability when none of `trials` independent trials showed
    it.

    Clopper and Pearson (1934) for no event: 1 - 0.05 ** (1 / n), of which 3 / n is the well-known
    approximation.
    """
    return 1.0 if trials < 1 else rounded(-expm1(log1p(-CONFIDENCE) / trials))


def _t_quantile(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + CONFIDENCE / 2))

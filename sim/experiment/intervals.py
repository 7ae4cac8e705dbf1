"""Intervals over replications, and limits for what was never seen.

The unit is the replication: operations inside one are not independent of each other. No interval is given for
fewer than five replications.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, log, log1p, sqrt
from statistics import fmean, stdev

from sim.metrics.statistics import rounded

CONFIDENCE = 0.95
LEAST_REPLICATIONS = 5  # below, a t interval is as wide as it is untrustworthy
MOST_TOLD = 10_000  # replications; beyond, the answer to "how many more" is that no number of use would do


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval; `low` and `high` are None where there are too few values for one."""

    mean: float
    low: float | None
    high: float | None
    count: int

    @property
    def half(self) -> float | None:
        """Half its width; None where it is not known."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

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
    half = half_width(sqrt(sum((value - mean) ** 2 for value in values) / (count - 1)), count)
    return Interval(rounded(mean), rounded(mean - half), rounded(mean + half), count)


def half_width(deviation: float, count: int) -> float:
    """Half the t interval of a mean of `count` values (at least 2) whose standard deviation is `deviation`."""
    return _t_quantile(count - 1) * deviation / sqrt(count)


def replications_for(deviation: float, half: float) -> int | None:
    """How many replications have an interval whose half-width is below `half`, at this standard deviation.

    At least LEAST_REPLICATIONS; None when it would be more than MOST_TOLD.
    """
    counts = range(LEAST_REPLICATIONS, MOST_TOLD + 1)
    place = bisect_left(counts, True, key=lambda count: half_width(deviation, count) < half)
    return counts[place] if place < len(counts) else None


def replications_needed(values: Sequence[float], limit: float) -> int | None:
    """How many replications in all until the t interval of their mean lies on one side of `limit`.

    From the mean and the spread of `values` so far, so it is a guess, and a rough one while they are few; with fewer
    than two there is no spread, and the answer is the least that has an interval. None when more than MOST_TOLD would
    be needed, since the mean is so close to the limit. `values` must not be empty; a missing one is the caller's to
    deal with: no number of replications brings it back.
    """
    if len(values) < 2:
        return LEAST_REPLICATIONS
    return replications_for(stdev(values), abs(fmean(values) - limit))


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

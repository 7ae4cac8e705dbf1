"""The difference of one metric between two results, with its interval, against the noise; and which are changes.

The rule: a change is a mean difference that is not zero and exceeds the noise floor. Whether it is zero is tested by
Student's t on the paired differences where both results drew the same, else by Welch's; the p-values are corrected with
Holm's method over all series that are looked at, which holds whatever depends on what, so at most one in twenty diffs
of results that differ in nothing but their draws calls anything a change. Where replications are too few for that test,
the spread of A/A differences takes its place. Whether values are missing more often is tested by Fisher's exact test,
and such a series counts as two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isclose, isnan, sqrt
from statistics import fmean, stdev
from typing import Any

from sim.experiment.diffing.noise import Spread
from sim.experiment.diffing.series import Key, Values
from sim.experiment.intervals import CONFIDENCE, LEAST_REPLICATIONS, Interval, t_interval
from sim.experiment.verdict import WORSE, direction
from sim.metrics.registry import lookup
from sim.metrics.statistics import SIGNIFICANT_DIGITS, rounded

SAME, UNDECIDED, LOST, GAINED = "no change", "undecided", "no value any more", "has a value now"
_ALLOWED = 1 - CONFIDENCE  # how often diffs of the same thing may call something a change


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """B minus A of one series.

    `word` is better, worse, higher, lower, no change, undecided (too few replications), or about values that only one
    side has. `floor` is the noise floor in the metric's unit, None when it is not known; `p` is corrected.
    """

    key: Key
    before: float | None
    after: float | None
    interval: Interval | None
    paired: bool
    floor: float | None
    p: float | None
    word: str

    @property
    def is_change(self) -> bool:
        """Whether something differs for another reason than noise."""
        return self.word not in (SAME, UNDECIDED)

    @property
    def is_regression(self) -> bool:
        """Whether it is a change for the worse, or a metric with a better direction lost its values."""
        return self.word == WORSE or (self.word == LOST and lookup(self.key.metric).better != "neither")

    @property
    def is_within_noise(self) -> bool:
        """Whether it surely differs from zero, by less than the noise floor."""
        return self.word == SAME and self.p is not None and self.p <= _ALLOWED

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        interval = self.interval
        return {
            **({"point": self.key.point} if self.key.point else {}),
            "strategy": self.key.strategy,
            "metric": self.key.metric,
            "a": self.before,
            "b": self.after,
            "difference": None if interval is None else interval.mean,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
            "paired": self.paired,
            "noise_floor": self.floor,
            "p": self.p,
            "result": self.word,
        }


@dataclass(frozen=True, slots=True)
class _Tested:
    """A series before the p-values are corrected. `p` is None where nothing can be said; no interval: values lack."""

    p: float | None
    interval: Interval | None = None
    floor: float | None = None
    lacking: float = 0.0  # the share of values that B lacks less that of A, where that is what was tested
    unknown: bool = False  # whether runs that ended badly have no value


def differences(
    pairs: Mapping[Key, tuple[Values, Values]], spreads: Mapping[Key, Spread | None], *, paired: bool
) -> tuple[Difference, ...]:
    """One a series, in their order. `paired`: replication i of both drew the same."""
    tested = {key: _tested(*pair, spreads.get(key), paired=paired) for key, pair in pairs.items()}
    values = {key: found.p for key, found in tested.items() if found.p is not None}
    corrected = dict(zip(values, holm(list(values.values())), strict=True))
    return tuple(_difference(key, pairs[key], tested[key], corrected.get(key), paired=paired) for key in pairs)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's corrected p-values (1979), in the order given: refusing those at most 0.05 errs in one family of 20."""
    count, largest, corrected = len(p_values), 0.0, [0.0] * len(p_values)
    for rank, place in enumerate(sorted(range(count), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (count - rank) * p_values[place]))
        corrected[place] = rounded(largest)
    return corrected


def _difference(key: Key, pair: tuple[Values, Values], tested: _Tested, p: float | None, *, paired: bool) -> Difference:
    before, after = (_mean(values) for values in pair)
    return Difference(
        key=key, before=before, after=after, interval=tested.interval, floor=tested.floor, p=p,
        paired=paired and not any(map(_lacks, pair)), word=_word(key, tested, p),
    )  # fmt: skip


def _mean(values: Values) -> float | None:
    """Of those that observed anything; None where a run that ended badly has no value."""
    known = _present(values)
    return None if None in values or not known else rounded(fmean(known))


def _present(values: Values) -> list[float]:
    return [value for value in values if value is not None and not isnan(value)]


def _lacks(values: Values) -> int:
    return len(values) - len(_present(values))


def _word(key: Key, tested: _Tested, p: float | None) -> str:
    if tested.interval is None:
        if p is not None and p <= _ALLOWED:
            return LOST if tested.lacking > 0 else GAINED
        return UNDECIDED if tested.unknown and tested.lacking else SAME
    if p is None:
        return SAME if tested.interval.mean == 0 else UNDECIDED
    beyond = tested.floor is not None and abs(tested.interval.mean) > tested.floor
    return direction(lookup(key.metric), tested.interval.mean) if p <= _ALLOWED and beyond else SAME


def _tested(before: Values, after: Values, spread: Spread | None, *, paired: bool) -> _Tested:
    one, two = _present(before), _present(after)
    if not _lacks(before) and not _lacks(after):
        return _by_values(one, two, spread, paired=paired)
    unknown = None in before or None in after
    missing = _by_absence(before, after, unknown=unknown)
    if unknown or not one or not two:
        return missing
    valued = _by_values(one, two, spread, paired=False)
    if valued.p is None or (missing.p is not None and missing.p <= valued.p):
        return missing if missing.p is not None and missing.p <= _ALLOWED else valued
    return replace(valued, p=min(1.0, 2 * valued.p))


def _by_absence(before: Values, after: Values, *, unknown: bool) -> _Tested:
    """Whether one side lacks values more often than the other."""
    import numpy as np
    from scipy.stats import fisher_exact

    table = np.array([[_lacks(values), len(_present(values))] for values in (before, after)])
    p = min(1.0, 2 * float(fisher_exact(table).pvalue))
    lacking = _lacks(after) / len(after) - _lacks(before) / len(before)
    return _Tested(p, lacking=lacking, unknown=unknown)


def _by_values(one: list[float], two: list[float], spread: Spread | None, *, paired: bool) -> _Tested:
    interval, own = _paired(one, two) if paired else _welch(one, two)
    floor, noise = _against(interval.mean, spread, len(one), len(two))
    return _Tested(None if noise is None else noise if own is None else own, interval, floor)


def _paired(before: list[float], after: list[float]) -> tuple[Interval, float | None]:
    changes = [_apart(two, one) for one, two in zip(before, after, strict=True)]
    interval = t_interval(changes)
    if len(changes) < LEAST_REPLICATIONS:
        return interval, None
    return interval, _p_value(fmean(changes), stdev(changes) / sqrt(len(changes)), len(changes) - 1)


def _welch(before: list[float], after: list[float]) -> tuple[Interval, float | None]:
    """The difference of the means with Welch's interval."""
    difference, count = _apart(fmean(after), fmean(before)), min(len(before), len(after))
    if count < LEAST_REPLICATIONS:
        return Interval(rounded(difference), None, None, count), None
    parts = [stdev(values) ** 2 / len(values) for values in (before, after)]
    error = sqrt(sum(parts))
    if not error:
        return Interval(rounded(difference), rounded(difference), rounded(difference), count), float(not difference)
    weights = zip(parts, (before, after), strict=True)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in weights)
    half = _t_quantile(freedom) * error
    interval = Interval(rounded(difference), rounded(difference - half), rounded(difference + half), count)
    return interval, _p_value(difference, error, freedom)


def _apart(one: float, other: float) -> float:
    """One less the other; 0 where they differ in less than the nine digits that values have."""
    return 0.0 if isclose(one, other, rel_tol=10.0**-SIGNIFICANT_DIGITS) else one - other


def _against(difference: float, spread: Spread | None, one: int, two: int) -> tuple[float | None, float | None]:
    """The noise floor of a difference of two means, and the p-value of this one being noise."""
    if spread is None:
        return None, None
    error = spread.deviation * sqrt((1 / one + 1 / two) / 2)
    return rounded(_t_quantile(spread.freedom) * error), _p_value(difference, error, spread.freedom)


def _p_value(difference: float, error: float, freedom: float) -> float:
    from scipy.special import stdtr

    ratio = abs(difference) / error if error else inf if difference else 0.0
    return float(2 * stdtr(freedom, -ratio))


def _t_quantile(freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + CONFIDENCE / 2))

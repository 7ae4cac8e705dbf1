"""Objectives against what was measured: pass, fail, inconclusive or unknown, each with its reason and its numbers.

`Comparison.judged` and the command line call it; it computes from samples alone. The rules, in this order:

- one that demands none (`== 0`, `<= 0`): any seen is a fail; none seen in N operations is a pass that states the exact
  upper limit, unless more operations are demanded than there were;
- no value of the metric: an upper limit on what a saturated (or stalled) run has no value of is missed, since it grew
  for as long as there was load; everything else is unknown;
- one replication: its value is judged, and the answer says so;
- two to four have no interval, so nothing can be said;
- from five on: pass where the whole 95 % interval keeps the objective, fail where the whole interval misses it,
  inconclusive otherwise, with how many replications more would decide.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from sim.experiment.intervals import (
    LEAST_REPLICATIONS,
    MOST_TOLD,
    Interval,
    replications_needed,
    upper_limit_when_none_seen,
)
from sim.experiment.samples import Samples
from sim.experiment.verdict import number
from sim.metrics.registry import lookup
from sim.metrics.statistics import rounded
from sim.scenario import Objective, Scenario

PASS, FAIL, INCONCLUSIVE, UNKNOWN = "pass", "fail", "inconclusive", "unknown"
_ENDLESS = ("saturated", "stalled")  # outcomes of runs whose latencies have no end
_Answer = tuple[str, str, int | None]  # the word, the reason, how many replications more


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An objective under one strategy. `word` is one of this module's; `more` is in replications, None: not known."""

    objective: Objective
    strategy: str
    word: str
    reason: str
    interval: Interval | None = None
    more: int | None = None

    @property
    def sentence(self) -> str:
        """What is demanded of whom, and what was found."""
        return f"{self.word}: {self.objective} of {self.strategy}: {self.reason}"

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        mean, low, high = (None, None, None) if self.interval is None else _bounds(self.interval)
        return {
            "objective": self.objective.text,
            "strategy": self.strategy,
            "result": self.word,
            "mean": mean,
            "low": low,
            "high": high,
            "replications_more": self.more,
            "reason": self.reason,
        }


def _bounds(interval: Interval) -> tuple[float, float | None, float | None]:
    return interval.mean, interval.low, interval.high


def judge_all(samples: Samples, scenario: Scenario, asked: Iterable[Objective] = ()) -> tuple[Judged, ...]:
    """The scenario's own objectives, then those asked for beside it, each under every strategy that it is for."""
    demanded = dict.fromkeys((*_own(scenario, samples), *_of_all(asked, samples)))
    return tuple(judge_objective(samples, objective, strategy) for objective, strategy in demanded)


def _own(scenario: Scenario, samples: Samples) -> Iterator[tuple[Objective, str]]:
    for threshold in scenario.thresholds:
        for objective in threshold.objectives:
            for strategy in samples.strategies:
                # A strategy that is compared with itself is called name#2 the second time.
                if not threshold.strategies or strategy.partition("#")[0] in threshold.strategies:
                    yield objective, strategy


def _of_all(asked: Iterable[Objective], samples: Samples) -> Iterator[tuple[Objective, str]]:
    return ((objective, strategy) for objective in asked for strategy in samples.strategies)


def judge_objective(samples: Samples, objective: Objective, strategy: str) -> Judged:
    """One objective under one strategy."""
    word, reason, more = _answer(samples, objective, strategy)
    interval = samples.estimate(objective.metric, strategy).interval
    return Judged(objective=objective, strategy=strategy, word=word, reason=reason, interval=interval, more=more)


def _answer(samples: Samples, objective: Objective, strategy: str) -> _Answer:
    values = samples.values(objective.metric, strategy)
    if _demands_none(objective) and any(values):
        return FAIL, _seen(samples, objective, strategy), None
    interval = samples.estimate(objective.metric, strategy).interval
    if interval is None:
        return _without_value(samples, objective, strategy)
    if _demands_none(objective) and lookup(objective.metric).family.is_count:
        return _none_seen(samples, objective, strategy)
    return _by_interval(objective, interval, values)


def _demands_none(objective: Objective) -> bool:
    """No metric is ever below zero, so one value above it settles the question."""
    return objective.limit == 0 and objective.comparison in ("==", "<=")


def _seen(samples: Samples, objective: Objective, strategy: str) -> str:
    values = samples.values(objective.metric, strategy)
    hit = sum(1 for value in values if value)
    total = sum(value for value in values if value is not None)
    if lookup(objective.metric).family.is_count:
        return f"{total:,.0f} seen in {samples.operations(strategy):,} operations, in {hit} of {_replications(values)}"
    return f"above 0 in {hit} of {_replications(values)}"


def _none_seen(samples: Samples, objective: Objective, strategy: str) -> _Answer:
    operations, values = samples.operations(strategy), samples.values(objective.metric, strategy)
    if not operations:
        return INCONCLUSIVE, "none seen, but there were no operations", None
    limit = number(1000 * upper_limit_when_none_seen(operations))
    seen = f"none seen in {operations:,} operations"
    demanded = objective.operations or 0
    if operations < demanded:
        missing = demanded - operations
        more = ceil(missing * len(values) / operations)
        told = f"{missing:,} operations more are demanded, about {more:,} replications more"
        return INCONCLUSIVE, f"{seen}; {told}", more
    exact = "exact one-sided 95 % limit, for independent operations"
    return PASS, f"{seen}; at most {limit} in 1,000 operations ({exact})", None


def _without_value(samples: Samples, objective: Objective, strategy: str) -> _Answer:
    note = samples.estimate(objective.metric, strategy).note
    endless = [outcome for outcome in samples.outcomes(strategy) if outcome.outcome in _ENDLESS]
    if note.startswith(_ENDLESS) and endless and objective.is_upper_limit:
        return FAIL, f"{note} replications, so it has no bound there", None
    return UNKNOWN, f"no value: {note}", None


def _by_interval(objective: Objective, interval: Interval, values: Sequence[float | None]) -> _Answer:
    known = [value for value in values if value is not None]
    found, count = _quantity(interval.mean, objective), _replications(values, of=len(known))
    if len(values) == 1:
        word = PASS if objective.holds(interval.mean) else FAIL
        return word, f"{found} ({count}: its value is judged, without an interval)", None
    if interval.low is None or interval.high is None:
        needed = replications_needed(known, objective.limit) or LEAST_REPLICATIONS
        few = f"{count} have no interval, at least {LEAST_REPLICATIONS} do"
        return INCONCLUSIVE, f"{found}; {few}", needed - len(known)
    bounds = f"{_quantity(interval.low, objective)} to {_quantity(interval.high, objective)}"
    found = f"{found} (95 % interval {bounds}, {count})"
    word = _word(objective, interval.low, interval.high)
    if word != INCONCLUSIVE:
        return word, found, None
    more, told = _more(objective, known)
    return INCONCLUSIVE, f"{found} holds the limit; {told}", more


def _word(objective: Objective, low: float, high: float) -> str:
    """What an interval says: all of it keeps the objective, none of it does, or neither."""
    if objective.comparison == "==":
        inside = low <= objective.limit <= high
        return FAIL if not inside else PASS if low == high else INCONCLUSIVE
    kept = objective.holds(low), objective.holds(high)
    return PASS if all(kept) else INCONCLUSIVE if any(kept) else FAIL


def _more(objective: Objective, values: Sequence[float]) -> tuple[int | None, str]:
    """How many replications more would decide, as a number and in words."""
    if objective.comparison == "==":
        return None, "an interval never equals a number, so no replications decide this"
    needed = replications_needed(values, objective.limit)
    if needed is None:
        return None, f"more than {MOST_TOLD:,} replications would be needed: it is too close to the limit"
    more = max(1, needed - len(values))
    return more, f"about {more:,} replication{'s' if more > 1 else ''} more would decide"


def _quantity(value: float, objective: Objective) -> str:
    unit = lookup(objective.metric).unit
    return f"{number(rounded(value))}{f' {unit}' if unit else ''}"


def _replications(values: Sequence[object], *, of: int | None = None) -> str:
    """How many there are; where only some had a value, how many did."""
    some = "" if of is None or of == len(values) else f"{of} of "
    return f"{some}{len(values)} replication{'s' if len(values) > 1 else ''}"

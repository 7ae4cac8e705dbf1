"""Comparison: what `compare` gives back. Values, differences, the verdict, and DataFrames of them.

A plain object that reports print and sim.results stores; it runs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.experiment.intervals import Interval, upper_limit_when_none_seen
from sim.experiment.jobs import Outcome
from sim.experiment.objectives import Judged, judge_all
from sim.experiment.precision import Precision
from sim.experiment.samples import Estimate, Samples
from sim.experiment.verdict import BETTER, INCONCLUSIVE, Verdict, direction, judge
from sim.experiment.verification import Verification
from sim.experiment.warm_up import WarmUp
from sim.metrics.registry import lookup
from sim.scenario import Objective, Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Row:
    """One metric over the strategies: estimates, paired differences against the first, and which is best."""

    metric: str
    estimates: dict[str, Estimate]
    differences: dict[str, Estimate]  # without the first strategy
    best: str | None

    @property
    def none_seen(self) -> list[str]:
        """The strategies under which a count stayed zero in every replication."""
        if not lookup(self.metric).family.is_count:
            return []
        return [strategy for strategy, estimate in self.estimates.items() if estimate.mean == 0]


class Comparison:
    """Strategies of one scenario over paired replications.

    `verification` has the checker's verdicts where they were asked for; `origin` is the scenario as `bindsim run` is
    told it; `precision` is what decided the number of replications, None where that was given; `asked` are objectives
    beside the scenario's own.
    """

    def __init__(
        self, scenario: Scenario, outcomes: Sequence[Outcome], *, seed: int, origin: Sequence[str] = (),
        precision: Precision | None = None, warm_up: WarmUp | None = None, asked: Sequence[Objective] = (),
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.seed = seed
        self.precision = precision
        self.warm_up = warm_up
        self.samples = Samples(outcomes)
        self._asked = tuple(asked)
        checked = [outcome.checked for outcome in outcomes if outcome.checked is not None]
        self.verification = Verification(checked, origin=origin or (scenario.name,)) if checked else None

    @property
    def strategies(self) -> tuple[str, ...]:
        """The strategies' names; the first is the one that the others are compared with."""
        return self.samples.strategies

    @property
    def replications(self) -> int:
        """Replications of each strategy."""
        return len(self.samples.outcomes(self.strategies[0]))

    @property
    def is_settled(self) -> bool:
        """Whether there are values: not where the warm-up of a steady-state scenario was refused."""
        return self.warm_up is None or self.warm_up.cut_us is not None

    @property
    def verdict(self) -> Verdict:
        """The judgement on the scenario's primary metric and min_effect alone."""
        metric, effect = self.scenario.primary_metric, self.scenario.min_effect
        return judge(self.samples, metric=metric, min_effect=effect)

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Every objective, the scenario's own first, under every strategy that it is for."""
        return judge_all(self.samples, self.scenario, self._asked)

    def row(self, metric: str) -> Row:
        """One metric over all strategies."""
        first, *rivals = self.strategies
        estimates = {strategy: self.samples.estimate(metric, strategy) for strategy in self.strategies}
        differences = {rival: self.samples.difference(metric, rival, first) for rival in rivals}
        return Row(metric, estimates, differences, self._best(metric))

    def _best(self, metric: str) -> str | None:
        """The strategy that is better than every other, each paired interval excluding zero."""
        if lookup(metric).better == "neither":
            return None
        for one in self.strategies:
            others = [other for other in self.strategies if other != one]
            if others and all(self._is_better(metric, one, other) for other in others):
                return one
        return None

    def _is_better(self, metric: str, one: str, other: str) -> bool:
        difference = self.samples.difference(metric, one, other).interval
        if difference is None or not difference.excludes_zero:
            return False
        return direction(lookup(metric), difference.mean) == BETTER

    def upper_limit(self, strategy: str) -> float:
        """Of the share of operations that show what was never seen: the exact one-sided 95 % limit."""
        return upper_limit_when_none_seen(self.samples.operations(strategy))

    def frame(self) -> "pd.DataFrame":
        """One row a metric and strategy: mean, 95 % interval, paired difference.

        Units are in the metrics' names.
        """
        import pandas as pd

        return pd.DataFrame(self.summary_rows())

    def values(self) -> "pd.DataFrame":
        """One row a metric, strategy and replication: the replication's own value, NaN where it has none."""
        import pandas as pd

        return pd.DataFrame(
            {"metric": metric, "strategy": strategy, "replication": number, "value": value}
            for metric in self.samples.metrics()
            for strategy in self.strategies
            for number, value in enumerate(self.samples.values(metric, strategy))
        )

    def summary_rows(self) -> list[dict[str, Any]]:
        """The rows of summary.csv."""
        return [
            _summary_row(row, strategy) for row in map(self.row, self.samples.metrics()) for strategy in self.strategies
        ]

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json: what was asked, the verdict, how runs ended, every replication's values."""
        judged = self.judged
        return {
            "scenario": self.scenario.name,
            "question": self.scenario.question,
            "primary_metric": self.scenario.primary_metric,
            "seed": self.seed,
            "replications": self.replications,
            **({} if self.precision is None else {"precision": self._precision_data(self.precision)}),
            **({} if self.warm_up is None else {"warm_up": self.warm_up.data()}),
            "verdict": _verdict_data(self.verdict),
            "strategies": {strategy: self._strategy_summary(strategy) for strategy in self.strategies},
            **({"objectives": [each.data() for each in judged]} if judged else {}),
            **({} if self.verification is None else {"verification": self.verification.data()}),
        }

    def _precision_data(self, precision: Precision) -> dict[str, Any]:
        missing = [{"metric": known.metric, "strategy": known.strategy} for known in precision.missing(self.samples)]
        unknown = [
            {"metric": known.metric, "strategy": known.strategy} for known in precision.without_values(self.samples)
        ]
        return {
            **precision.data(),
            "reached": precision.is_reached(self.samples),
            "not_reached": missing,
            "without_values": unknown,
        }

    def _strategy_summary(self, strategy: str) -> dict[str, Any]:
        metrics = self.samples.metrics()
        return {
            "operations": self.samples.operations(strategy),
            "none_seen_upper_limit_per_operation": self.upper_limit(strategy),
            "runs": [_run_data(outcome) for outcome in self.samples.outcomes(strategy)],
            "values": {metric: self.samples.values(metric, strategy) for metric in metrics},
        }

    def __repr__(self) -> str:
        return f"<comparison of {self.scenario.name}: {self.verdict.sentence}>"

    def _repr_html_(self) -> str:
        from sim.experiment.in_notebooks import comparison_html

        return comparison_html(self)


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    words = {judgement.strategy: judgement.word for judgement in verdict.judgements}
    more = {each.strategy: each.more for each in verdict.judgements if each.word == INCONCLUSIVE}
    return {
        "metric": verdict.metric, "first": verdict.first, "words": words, "more_replications": more,
        "sentence": verdict.sentence,
    }  # fmt: skip


def _run_data(outcome: Outcome) -> dict[str, Any]:
    start = outcome.saturated_from_us
    return {
        "replication": outcome.replication,
        "outcome": outcome.outcome,
        "virtual_s": outcome.virtual_us / 1e6,
        "saturated_from_s": None if start is None else start / 1e6,
        "unfinished": outcome.unfinished,
        "stall": list(outcome.stall),
    }


def _summary_row(row: Row, strategy: str) -> dict[str, Any]:
    metric, estimate = lookup(row.metric), row.estimates[strategy]
    difference = row.differences.get(strategy, Estimate(None)).interval
    return {
        "metric": row.metric,
        "unit": metric.unit,
        "better": metric.better,
        "strategy": strategy,
        **_bounds("", estimate.interval),
        **_bounds("difference_", difference),
        "best": row.best == strategy,
        "note": estimate.note,
    }


def _bounds(prefix: str, interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {f"{prefix}{name}": None for name in ("mean", "low", "high")}
    return {f"{prefix}mean": interval.mean, f"{prefix}low": interval.low, f"{prefix}high": interval.high}

"""When there are enough replications: the stopping rule of `--precision`.

Asked by sim.experiment.rounds, by sweeps and by plans after each round of replications. Pure: it looks at values and
says how many more to run; it runs nothing.

The rule. Start with `START` replications of every strategy. A metric is *precise* under a strategy when the half-width
of the 95 % t interval of its mean is below `share` of the mean or below the metric's absolute floor (`bindsim metrics`
lists the floors). Stop when every chosen metric is precise under every strategy. Otherwise run as many more as the
worst of them would need at its present mean and spread, at least one, at most as many as there are, never beyond
`most`. All strategies get the same number, since differences are paired. A metric without values under a strategy
(saturated, not at rest, never observed) is left out: more replications would not bring the values back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sim.experiment.intervals import LEAST_REPLICATIONS, MOST_TOLD, Interval, half_width, replications_for
from sim.experiment.samples import Samples
from sim.metrics.registry import lookup
from sim.scenario import Scenario

START = 10  # replications of the first round; assumption: enough for a first look at the spread
MOST = 200  # replications; the usual limit, an assumption about patience
_ENDLESS = MOST_TOLD  # replications; stands for more than anybody will run


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How well one metric is known under one strategy.

    `interval` is None where values are missing; `wanted` is the half-width that is small enough, in the metric's unit.
    """

    metric: str
    strategy: str
    interval: Interval | None
    wanted: float = 0.0

    @property
    def is_precise(self) -> bool:
        """Whether the half-width is below what is wanted."""
        half = None if self.interval is None else self.interval.half
        return half is not None and half < self.wanted

    def more(self) -> int:
        """How many replications more it would take at the present mean and spread; endless: too many to say."""
        if self.interval is None or self.interval.half is None:
            return LEAST_REPLICATIONS
        deviation = self.interval.half / half_width(1.0, self.interval.count)
        needed = replications_for(deviation, self.wanted)
        return _ENDLESS if needed is None else needed - self.interval.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """What is asked for: `share` of the mean, for which `metrics` (none: the scenario's), with how many at `most`.

    ValueError for a share outside 0 to 1, or a limit below the first round.
    """

    share: float
    metrics: tuple[str, ...] = ()
    most: int = MOST

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"precision is {self.share:g}; it must be above 0 and below 1, such as 0.05")
        if self.most < START:
            raise ValueError(f"most is {self.most}; it must be at least {START}, the replications of the first round")

    def of(self, scenario: Scenario) -> "Precision":
        """The same with the scenario's metrics where none were chosen."""
        return self if self.metrics else replace(self, metrics=judged_metrics(scenario))

    def more(self, samples: Samples | None) -> int:
        """How many replications of every strategy to run now; None for no samples yet. 0: precise, or the limit."""
        if samples is None:
            return START
        count = len(samples.outcomes(samples.strategies[0]))
        wished = max((max(1, known.more()) for known in self.missing(samples)), default=0)
        return max(0, min(wished, count, self.most - count))

    def is_reached(self, samples: Samples) -> bool:
        """Whether every chosen metric that has values is precise under every strategy, and there is one that has."""
        return self.has_values(samples) and not list(self.missing(samples))

    def has_values(self, samples: Samples) -> bool:
        """Whether any chosen metric has values under any strategy."""
        return any(known.interval is not None for known in self.known(samples))

    def missing(self, samples: Samples) -> Iterator[Known]:
        """What has values and is not precise yet."""
        return (known for known in self.known(samples) if known.interval is not None and not known.is_precise)

    def without_values(self, samples: Samples) -> Iterator[Known]:
        """What cannot become precise, since values are missing."""
        return (known for known in self.known(samples) if known.interval is None)

    def known(self, samples: Samples) -> Iterator[Known]:
        """Every chosen metric under every strategy."""
        for metric in self.metrics:
            for strategy in samples.strategies:
                yield self._known(metric, strategy, samples.estimate(metric, strategy).interval)

    def _known(self, metric: str, strategy: str, found: Interval | None) -> Known:
        if found is None:
            return Known(metric=metric, strategy=strategy, interval=None)
        wanted = max(self.share * abs(found.mean), lookup(metric).family.floor.value)
        return Known(metric=metric, strategy=strategy, interval=found, wanted=wanted)

    def data(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        return {"share": self.share, "metrics": list(self.metrics), "most": self.most}


def judged_metrics(scenario: Scenario) -> tuple[str, ...]:
    """The metrics that something is said about: the primary one, and those of the thresholds."""
    demanded = [objective.metric for threshold in scenario.thresholds for objective in threshold.objectives]
    return tuple(dict.fromkeys((scenario.primary_metric, *demanded)))

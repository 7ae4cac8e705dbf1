"""Sweep: what `sweep` gives back. A comparison at every point, or how the point failed; DataFrames of them.

A plain object that reports print and sim.results stores; it runs nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.experiment.comparison import Comparison
from sim.experiment.precision import Precision
from sim.experiment.sweeps.settings import Shard
from sim.metrics.registry import lookup
from sim.scenario import Scenario
from sim.scenario.experiments import Axis

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a point failed: a sentence, the command that shows it again, and the traceback where there is one."""

    message: str
    command: str
    details: str = ""

    def data(self) -> dict[str, Any]:
        """As it stands in summary.json."""
        return {"message": self.message, "command": self.command}


@dataclass(frozen=True, kw_only=True)
class SweptPoint:
    """One point. It has a comparison or a failure."""

    number: int
    settings: dict[str, Any]
    scenario: Scenario
    comparison: Comparison | None = None
    failure: Failure | None = None

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of summary.csv that are about this point; none for one that failed."""
        return [] if self.comparison is None else self.comparison.summary_rows()


@dataclass(frozen=True, kw_only=True)
class SweptOver:
    """What a sweep asks: the scenario, what is varied, and what is compared."""

    scenario: Scenario
    axes: tuple[Axis, ...]
    strategies: tuple[str, ...]
    metric: str
    seed: int
    precision: Precision | None = None
    shard: Shard | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The varied paths."""
        return tuple(path for axis in self.axes for path in axis.paths)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Strategies of one scenario at every point. `run` and `cached` count replications."""

    over: SweptOver
    points: tuple[SweptPoint, ...]
    run: int = 0
    cached: int = 0

    @property
    def scenario(self) -> Scenario:
        """The scenario that is varied."""
        return self.over.scenario

    @property
    def failures(self) -> tuple[SweptPoint, ...]:
        """The points that failed."""
        return tuple(point for point in self.points if point.failure is not None)

    def point(self, settings: dict[str, Any]) -> SweptPoint:
        """The point with these values, a value for each varied path; KeyError when there is none."""
        for point in self.points:
            if point.settings == settings:
                return point
        raise KeyError(f"no point has {settings}; points differ in {', '.join(self.over.paths)}")

    def frame(self) -> "pd.DataFrame":
        """One row a point, metric and strategy: the varied paths, then as in a comparison's frame.

        Units are in the metrics' names. A point that failed has one row a strategy, without values, whose note says so.
        """
        import pandas as pd

        return pd.DataFrame(self.summary_rows())

    def summary_rows(self) -> list[dict[str, Any]]:
        """The rows of summary.csv."""
        columns = next((list(point.rows[0]) for point in self.points if point.rows), _LEAST_COLUMNS)
        return [
            {**_cells(point.settings), **row}
            for point in self.points
            for row in (point.rows or self._failed_rows(point, columns))
        ]

    def _failed_rows(self, point: SweptPoint, columns: Sequence[str]) -> list[dict[str, Any]]:
        metric = lookup(self.over.metric)
        told = {"metric": metric.name, "unit": metric.unit, "better": metric.better, "best": False, "note": "failed"}
        empty: dict[str, Any] = dict.fromkeys(columns)
        return [{**empty, **told, "strategy": strategy} for strategy in self.over.strategies]

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json: what was asked, and of each point the verdict and how its runs ended."""
        over = self.over
        return {
            "scenario": over.scenario.name,
            "question": over.scenario.question,
            "primary_metric": over.scenario.primary_metric,
            "metric": over.metric,
            "seed": over.seed,
            "strategies": list(over.strategies),
            "vary": [axis.data() for axis in over.axes],
            **({} if over.precision is None else {"precision": over.precision.data()}),
            **({} if over.shard is None else {"shard": str(over.shard)}),
            "failures": len(self.failures),
            "points": [self._point_data(point) for point in self.points],
        }

    def _point_data(self, point: SweptPoint) -> dict[str, Any]:
        told = {"number": point.number, "settings": point.settings}
        if point.comparison is None:
            return {**told, "failure": None if point.failure is None else point.failure.data()}
        found = point.comparison.summary()
        strategies = {name: self._strategy_data(point.comparison, name) for name in point.comparison.strategies}
        return {**told, "replications": found["replications"], "verdict": found["verdict"], "strategies": strategies}

    def _strategy_data(self, comparison: Comparison, strategy: str) -> dict[str, Any]:
        metrics = dict.fromkeys((comparison.scenario.primary_metric, self.over.metric))
        return {
            "operations": comparison.samples.operations(strategy),
            "ended": dict(Counter(outcome.outcome for outcome in comparison.samples.outcomes(strategy))),
            "values": {metric: comparison.samples.values(metric, strategy) for metric in metrics},
        }

    def __repr__(self) -> str:
        return f"<sweep of {self.scenario.name} over {', '.join(self.over.paths)}: {len(self.points)} points>"

    def _repr_html_(self) -> str:
        shown = self.frame().query("metric == @self.over.metric")
        said = f"{self.scenario.name}: {len(self.points)} points, {len(self.failures)} failed."
        return f"<p>{said}</p>{shown.to_html(index=False)}"


_LEAST_COLUMNS = ("metric", "unit", "better", "strategy", "mean", "low", "high", "best", "note")


def _cells(settings: dict[str, Any]) -> dict[str, Any]:
    """Values for a table: what is not a single value is written as YAML would be."""
    import json

    return {path: json.dumps(value) if isinstance(value, (dict, list)) else value for path, value in settings.items()}

"""Validation: measured and predicted side by side, with errors, intervals, and whether they are near enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.experiment.intervals import Interval
from sim.experiment.samples import Samples
from sim.scenario import Scenario
from sim.validation.cell import Cell, Pairing, Runs
from sim.validation.targets import COUNTS, METRICS, Target, allowed, targets_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One metric of one cell. `error` is predicted over measured, minus 1; the difference where 0 was measured.

    `spread` is how far the two measurements of the same runs lie apart, in the metric's unit. `is_near` is None where
    nothing was asked, or one of the two has no value.
    """

    strategy: str
    load: float
    metric: str
    measured: Interval | None
    predicted: Interval | None
    spread: float | None
    target: Target | None
    is_near: bool | None
    note: str = ""

    @property
    def error(self) -> float | None:
        """As a share of the measured value."""
        if self.measured is None or self.predicted is None:
            return None
        difference = self.predicted.mean - self.measured.mean
        return difference / self.measured.mean if self.measured.mean else difference

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "strategy": self.strategy, "load": self.load, "metric": self.metric,
            "measured": _interval(self.measured), "predicted": _interval(self.predicted), "error": self.error,
            "spread": self.spread, "allowed_share": None if self.target is None else self.target.share,
            "is_near": self.is_near, "note": self.note,
        }  # fmt: skip


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    return None if interval is None else {"mean": interval.mean, "low": interval.low, "high": interval.high}


class Validation:
    """What was measured and predicted for a scenario on one database."""

    def __init__(
        self, scenario: Scenario, runs: Sequence[Runs], *, capacities: Mapping[str, float], version: str, kind: str,
        seed: int,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.capacities = dict(capacities)
        self.version = version
        self.kind = kind
        self.seed = seed
        self._runs = list(runs)

    @property
    def cells(self) -> list[Cell]:
        """Every strategy at every load."""
        return [each.cell for each in self._runs]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every metric of every cell."""
        return tuple(row for runs in self._runs for row in _rows(runs))

    def of(self, cell: Cell) -> list[Row]:
        """The rows of one cell."""
        return [row for row in self.rows if (row.strategy, row.load) == (cell.strategy, cell.load)]

    @property
    def missed(self) -> list[Row]:
        """What is not near enough."""
        return [row for row in self.rows if row.is_near is False]

    def frame(self) -> "pd.DataFrame":
        """One row a metric, strategy and load."""
        import pandas as pd

        return pd.DataFrame([row.data() for row in self.rows])

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "scenario": self.scenario.name, "database": self.version, "kind": self.kind, "seed": self.seed,
            "replications": len(self._runs[0].outcomes[Pairing.MEASURED]) if self._runs else 0,
            "capacities_per_s": self.capacities,
            "cells": [
                {"strategy": c.strategy, "load": c.load, "rate_per_s": c.rate_per_s, "blocks": c.blocks}
                for c in self.cells
            ],
            "rows": [row.data() for row in self.rows],
        }  # fmt: skip


def _rows(runs: Runs) -> Iterator[Row]:
    cell = runs.cell
    samples = {pairing: Samples(outcomes) for pairing, outcomes in runs.outcomes.items()}
    for metric in _metrics(samples):
        row = _row(cell, metric, samples)
        if row is not None:
            yield row


def _metrics(samples: Mapping[Pairing, Samples]) -> list[str]:
    seen = dict.fromkeys(name for each in samples.values() for name in each.metrics())
    return [*(name for name in METRICS if name in seen), *(name for name in seen if name.startswith(COUNTS))]


def _row(cell: Cell, metric: str, samples: Mapping[Pairing, Samples]) -> Row | None:
    found = {pairing: each.estimate(metric, cell.strategy) for pairing, each in samples.items()}
    measured, predicted = found[Pairing.MEASURED].interval, found[Pairing.PREDICTED].interval
    if metric.startswith(COUNTS) and not any(each and each.mean for each in (measured, predicted)):
        return None
    again = found[Pairing.AGAIN].interval
    spread = None if measured is None or again is None else abs(again.mean - measured.mean)
    target = targets_of(metric, cell.load)
    return Row(
        strategy=cell.strategy, load=cell.load, metric=metric, measured=measured, predicted=predicted, spread=spread,
        target=target, is_near=_is_near(target, cell.load, measured, predicted, spread),
        note=found[Pairing.MEASURED].note or found[Pairing.PREDICTED].note,
    )  # fmt: skip


def _is_near(
    target: Target | None, load: float, measured: Interval | None, predicted: Interval | None, spread: float | None
) -> bool | None:
    if target is None or measured is None or predicted is None:
        return None
    if target.inside_interval:
        return _overlap(measured, predicted)
    return abs(predicted.mean - measured.mean) <= allowed(target, load, measured.mean, spread)


def _overlap(measured: Interval, predicted: Interval) -> bool | None:
    """Whether the predicted mean lies in the measured interval; None without one."""
    if measured.low is None or measured.high is None:
        return None
    return measured.low <= predicted.mean <= measured.high

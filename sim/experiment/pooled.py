"""Pooled quantiles: of all observations of all replications together, always labelled 'pooled'.

For reports, notebooks and `bindsim compare --pooled`. What summaries give is the mean over replications of each one's
own quantile, with a t interval: the estimate of choice, but of a short run a p99 hangs on few observations. The pooled
quantile uses all of them at once; each counts the same, so a replication with more operations weighs more. Its interval
is bootstrapped by replication (observations in one are not independent of each other): whole replications are drawn
with replacement, and the middle 95 % of the quantiles of what was drawn is the interval (scipy.stats.bootstrap,
percentile method, fixed seed). Below LEAST replications there is none: too few different samples can be drawn, and the
interval comes out too narrow. docs/statistics.md says how often it holds what it should.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiment.intervals import CONFIDENCE
from sim.metrics.facts import Micros
from sim.metrics.registry import Metric, lookup
from sim.metrics.statistics import rounded
from sim.results import LoadedRun

if TYPE_CHECKING:
    import pandas as pd

LEAST = 20  # replications for an interval
RESAMPLES = 1999  # of the bootstrap; the digits that people read no longer move
_SEED = 1  # of the bootstrap alone: it has nothing to do with that of the runs
PERCENTS = {"p50": 50, "p95": 95, "p99": 99}
_ENDLESS = ("saturated", "stalled")  # outcomes of runs whose latencies are not given
_TOO_FEW = f"no interval: the bootstrap by replication takes at least {LEAST} replications"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A pooled quantile in the unit of its observations; `low` and `high` are None without an interval, `note` why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    observations: int = 0
    replications: int = 0
    note: str = ""
    label: str = "pooled"


def pooled_quantile(observations: Sequence[Micros], percent: int, *, scale: float = 1.0) -> Quantile:
    """The nearest-rank quantile of all observations together, divided by `scale`.

    `observations` holds one array of whole numbers (microseconds) for each replication, `percent` is above 0 and up to
    100: 95 is the p95. ValueError for another.
    """
    if not 0 < percent <= 100:
        raise ValueError(f"percent is {percent}; it must be above 0 and at most 100")
    counts: dict[str, Any] = {"observations": sum(map(len, observations)), "replications": len(observations)}
    if not counts["observations"]:
        return Quantile(value=None, note="no observations", **counts)
    pool = _Pool(observations, percent)
    value = rounded(float(pool.quantiles(np.arange(len(observations)))) / scale)
    if len(observations) < LEAST:
        return Quantile(value=value, note=_TOO_FEW, **counts)
    low, high = pool.interval()
    return Quantile(value=value, low=rounded(low / scale), high=rounded(high / scale), **counts)


def can_be_pooled(metric: str) -> bool:
    """Whether a metric is a quantile whose observations are in the tables."""
    known = lookup(metric)
    return known.statistic in PERCENTS and known.family.name in _TABLES


def pooled(result: LoadedRun, metric: str, strategy: str) -> Quantile:
    """A metric of the registry that is a quantile, over all replications of a saved result, in the metric's unit.

    Of latency_s, hold_time_s, lock_wait_s, pool_wait_s and driver_call_s, whose observations are in the tables;
    ValueError for another metric, or a strategy that the result does not have. Without a value, `note` says why.
    """
    known = lookup(metric)
    if not can_be_pooled(metric):
        names = ", ".join(_TABLES)
        raise ValueError(f"'{metric}' cannot be pooled: it must be a p50, p95 or p99 of {names}")
    runs = _runs(result, strategy)
    reason = _why_not(result, known, runs)
    if reason:
        return Quantile(value=None, note=reason, replications=len(runs))
    return pooled_quantile(_observations(result, known, strategy, runs), PERCENTS[known.statistic], scale=1e6)


class _Pool:
    """The observations of all replications, sorted, of which quantiles of many resamples are found at once."""

    def __init__(self, observations: Sequence[Micros], percent: int) -> None:
        self._sorted = [np.sort(np.asarray(each, dtype=np.int64)) for each in observations]
        self._values = np.unique(np.concatenate(self._sorted))
        self._sizes = np.array([len(each) for each in self._sorted])
        self._percent = percent

    def interval(self) -> tuple[float, float]:
        """The bootstrapped 95 % interval."""
        from scipy.stats import bootstrap

        found = bootstrap(
            (np.arange(len(self._sorted)),), self.quantiles, vectorized=True, n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE, method="percentile", random_state=np.random.default_rng(_SEED),
        ).confidence_interval  # fmt: skip
        return float(found.low), float(found.high)

    def quantiles(self, drawn: Any, axis: int = -1) -> Any:
        """The quantile of each sample of replications; `drawn` holds their numbers along the last axis.

        Bisection over all values at once: a sample's quantile is the smallest value that enough of it do not exceed.
        """
        weights = (np.asarray(drawn)[..., None] == np.arange(len(self._sorted))).sum(axis=-2)
        ranks = -(-self._percent * (weights @ self._sizes) // 100)
        low, high = np.zeros(ranks.shape, dtype=np.int64), np.full(ranks.shape, len(self._values) - 1)
        while (low < high).any():
            middle = (low + high) // 2
            enough = self._at_most(self._values[middle], weights) >= ranks
            low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
        return self._values[low].astype(float)

    def _at_most(self, values: Any, weights: Any) -> Any:
        """How many observations of each sample do not exceed its value."""
        counts = (np.searchsorted(each, values, side="right") for each in self._sorted)
        return sum(weights[..., place] * count for place, count in enumerate(counts))


_TABLES = {
    "latency_s": "operations", "hold_time_s": "transactions", "lock_wait_s": "transactions",
    "pool_wait_s": "transactions", "driver_call_s": "driver_calls",
}  # fmt: skip


def _runs(result: LoadedRun, strategy: str) -> list[dict[str, Any]]:
    strategies: dict[str, Any] = result.details.get("strategies", {})
    if strategy not in strategies:
        raise ValueError(f"{result.folder} has no strategy '{strategy}'; it has {', '.join(strategies) or 'none'}")
    runs: list[dict[str, Any]] = strategies[strategy]["runs"]
    return runs


def _why_not(result: LoadedRun, metric: Metric, runs: Sequence[dict[str, Any]]) -> str:
    """Why there is no value; empty when there is one."""
    if result.details.get("warm_up", {"cut_s": 0})["cut_s"] is None:
        from sim.experiment.warm_up import UNSETTLED

        return UNSETTLED
    ended = [run["outcome"] for run in runs if run["outcome"] in _ENDLESS]
    return f"{max(ended)} in {len(ended)} of {len(runs)}" if ended and metric.family.name == "latency_s" else ""


def _observations(result: LoadedRun, metric: Metric, strategy: str, runs: Sequence[dict[str, Any]]) -> list[Micros]:
    """One array a replication, in microseconds."""
    rows = result.table(_TABLES[metric.family.name])
    rows = _measured(result, rows[rows["strategy"] == strategy])
    rows = rows.assign(us=_lengths(metric, rows, {run["replication"]: run["virtual_s"] for run in runs}))
    rows = rows[rows["us"].notna()]
    by_replication = dict(iter(rows.groupby("replication")["us"]))
    none = np.zeros(0, dtype=np.int64)
    return [np.asarray(by_replication.get(run["replication"], none), dtype=np.int64) for run in runs]


def _measured(result: LoadedRun, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Without the warm-up of a steady-state scenario, and what began after the arrivals stopped."""
    if "warm_up" not in result.details:
        return rows
    began = rows["intended_s" if "intended_s" in rows else "began_s"]
    until_s = result.manifest["scenario"]["horizon"]["duration_s"]
    chosen: pd.DataFrame = rows[(began >= result.details["warm_up"]["cut_s"]) & (began < until_s)]
    return chosen


def _lengths(metric: Metric, rows: "pd.DataFrame", ends_s: dict[int, float]) -> "pd.Series[float]":
    """Each row's observation in microseconds, NaN for a row that is none."""
    if metric.family.name == "latency_s":
        ended = rows["ended_s"].fillna(rows["replication"].map(ends_s))
        length = (ended - rows["intended_s"]).where(rows["outcome"] != "no_target")
        about = rows["kind"] == metric.key if (rows["kind"] == metric.key).any() else rows["class"] == metric.key
        length = length if metric.key == "all" else length.where(about)
    elif metric.family.name == "driver_call_s":
        length = (rows["ended_s"] - rows["began_s"]).where(rows["method"] == metric.key)
    elif metric.family.name == "hold_time_s" and not metric.key:
        length = rows["ended_s"] - rows["began_s"]
    else:
        length = rows[f"{metric.key}_s" if metric.key else metric.family.name]
    return (length * 1e6).round()

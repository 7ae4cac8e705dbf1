"""Latencies as HdrHistogram percentile files (.hgrm), to lay beside those that production measurements give.

`bindsim export --format hdr` writes them; docs/exports.md says how they are read. Values are recorded in whole
microseconds with three significant digits and written in milliseconds. Latency runs from the intended start, as
everywhere, so nothing is left to correct for coordinated omission.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hdrh.histogram import HdrHistogram

from sim.report.export.recorded import strategy_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import LoadedRun

SIGNIFICANT_DIGITS = 3
UNIT = "ms"
_US_IN_MS = 1000.0
_TICKS_PER_HALF_DISTANCE = 5  # rows until the distance to 100 % has halved; HdrHistogram's usual number


@dataclass(frozen=True, slots=True, kw_only=True)
class HdrFile:
    """One percentile file: its name, what it holds, and how many operations it leaves out."""

    name: str
    strategy: str
    what: str  # a kind of operation, or 'hold_time'
    values: int
    unanswered: int  # of this kind; they have no latency that could be recorded
    content: bytes

    def data(self) -> dict[str, Any]:
        """Its line in index.json."""
        told = {"file": self.name, "strategy": self.strategy, "what": self.what, "unit": UNIT}
        return {**told, "values": self.values, "unanswered": self.unanswered}


def hdr_files(result: "LoadedRun", *, strategy: str | None = None, replication: int | None = None) -> list[HdrFile]:
    """Latency of each kind of operation and transactions' hold time, for each strategy; replications together.

    `strategy` and `replication` choose one. What has no value has no file. ResultError for what the result does not
    have.
    """
    return list(_files(result, strategy, replication))


def _files(result: "LoadedRun", strategy: str | None, replication: int | None) -> Iterator[HdrFile]:
    names = [strategy_of(result, strategy)] if strategy else list(dict.fromkeys(result.manifest["run"]["strategies"]))
    for name in names:
        operations = _rows(result, "operations", name, replication)
        sent = operations[operations["outcome"] != "no_target"]
        for kind in sorted(set(sent["kind"])):
            of_kind = sent[sent["kind"] == kind]
            latency_s = of_kind["ended_s"] - of_kind["intended_s"]
            yield from _file(name, kind, latency_s.dropna(), unanswered=int(latency_s.isna().sum()))
        transactions = _rows(result, "transactions", name, replication)
        yield from _file(name, "hold_time", transactions["ended_s"] - transactions["began_s"])


def _rows(result: "LoadedRun", table: str, strategy: str, replication: int | None) -> "pd.DataFrame":
    rows = result.table(table)
    rows = rows[rows["strategy"] == strategy]
    return rows if replication is None else rows[rows["replication"] == replication]


def _file(strategy: str, what: str, seconds: "pd.Series[float]", *, unanswered: int = 0) -> Iterator[HdrFile]:
    if len(seconds):
        yield HdrFile(
            name=f"{strategy}.{what}.hgrm", strategy=strategy, what=what, values=len(seconds), unanswered=unanswered,
            content=percentiles((seconds * 1e6).round().astype("int64")),
        )  # fmt: skip


def percentiles(values_us: "pd.Series[int]") -> bytes:
    """The percentile distribution of whole microseconds, in milliseconds, as HdrHistogram prints it."""
    histogram = HdrHistogram(1, max(2, int(values_us.max())), SIGNIFICANT_DIGITS)
    for value, count in values_us.value_counts(sort=False).sort_index().items():
        histogram.record_value(int(str(value)), int(count))
    text = io.BytesIO()
    histogram.output_percentile_distribution(text, _US_IN_MS, _TICKS_PER_HALF_DISTANCE)
    return text.getvalue().replace(*_deviation(histogram))


def _deviation(histogram: HdrHistogram) -> tuple[bytes, bytes]:
    """The library prints the standard deviation without dividing it by the unit, unlike every other value."""
    return _deviation_text(histogram.get_stddev()), _deviation_text(histogram.get_stddev() / _US_IN_MS)


def _deviation_text(value: float) -> bytes:
    return f"StdDeviation   = {value:12.{SIGNIFICANT_DIGITS}f}]".encode()

"""One run's tables as rows of plain values, wherever they come from: a live run or a result that was loaded.

The exports read it. Times are whole microseconds of virtual time, -1 for never; names are text, None for none.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.metrics import Tables
from sim.results import ResultError

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import LoadedRun

TABLE_NAMES = ("operations", "attempts", "transactions", "driver_calls", "lock_waits", "levels", "conflicts")

Row = dict[str, Any]


class RecordedRun:
    """The tables of one run."""

    def __init__(self, frames: dict[str, "pd.DataFrame"]) -> None:
        self._frames = frames
        self.end_us = max((_end_us(frame) for frame in frames.values()), default=0)
        """The last instant of which anything was recorded."""

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table in the order of recording."""
        frame = self._frames[table]
        columns = [_values(frame, name) for name in frame.columns]
        names = [f"{name[:-2]}_us" if name.endswith("_s") else name for name in frame.columns]
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True))


def recorded_run(source: "Tables | LoadedRun", *, strategy: str | None = None, replication: int = 0) -> RecordedRun:
    """The tables of a live run, or of one replication of a strategy of a result; by default of its first strategy.

    ResultError for a strategy or replication that the result does not have.
    """
    if isinstance(source, Tables):
        return RecordedRun({table.name: table.frame() for table in source.all()})
    name = strategy_of(source, strategy)
    frames = {table: _chosen(source.table(table), name, replication) for table in TABLE_NAMES}
    if frames["operations"].empty:
        had = sorted(set(source.table("operations")["replication"]))
        told = f"{had[0]} to {had[-1]}" if had else "none"
        raise ResultError(f"{source.folder} holds no operations of '{name}', replication {replication}; it has {told}")
    return RecordedRun(frames)


def strategy_of(result: "LoadedRun", strategy: str | None) -> str:
    """The strategy that is meant. ResultError when the result has none of that name."""
    known = list(dict.fromkeys(result.manifest["run"]["strategies"]))
    if strategy is None:
        return str(known[0])
    if strategy not in known:
        raise ResultError(f"{result.folder} has no strategy '{strategy}'; it has {', '.join(known)}")
    return strategy


def _chosen(frame: "pd.DataFrame", strategy: str, replication: int) -> "pd.DataFrame":
    chosen = frame[(frame["strategy"] == strategy) & (frame["replication"] == replication)]
    return chosen.drop(columns=["strategy", "replication"])


def _end_us(frame: "pd.DataFrame") -> int:
    times = frame[[name for name in frame.columns if name.endswith("_s") and name != "backoff_s"]]
    latest = times.max().max() if len(frame) else 0
    return 0 if latest != latest else round(float(latest) * 1e6)  # a column without any time gives NaN


def _values(frame: "pd.DataFrame", name: str) -> list[Any]:
    column = frame[name]
    if name.endswith("_s"):
        return [int(value) for value in (column * 1e6).round().fillna(-1)]
    if column.dtype.kind in "iub":
        return [int(value) for value in column]
    return [None if value != value or value is None else str(value) for value in column]

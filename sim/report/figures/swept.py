"""What a sweep found, as series over one varied path: the data behind figures over load and concurrency.

The figures of sweeps read it. A result is a Sweep, a sweep's folder that was loaded, or a plan, whose runs at the loads
that all its replications were run at are the points of a sweep. It draws nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from sim.report.figures.planned import curve_of

if TYPE_CHECKING:
    import pandas as pd

_TITLES: Final = {
    "workload.rate_per_s": "load, arrivals/s", "workload.clients": "clients",
    "workload.time_scale": "load, a multiple of the trace's", "workload.batch_scale": "size of the storm, a multiple",
}  # fmt: skip

Numbers = np.ndarray[Any, np.dtype[np.float64]]


class LoadedSweep(Protocol):
    """What `load_run` gives for a sweep, as far as it matters here."""

    summary: "pd.DataFrame"


class LiveSweep(Protocol):
    """What `sweep` gives, as far as it matters here."""

    def frame(self) -> "pd.DataFrame":
        """The rows of summary.csv."""


SweepResult = LoadedSweep | LiveSweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric of one strategy over the varied path: mean and 95 % interval, NaN where there is none.

    `label` names the strategy, and the other varied values where there are several series of a strategy.
    """

    strategy: str
    label: str
    over: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers
    notes: tuple[str, ...]

    @property
    def known(self) -> Any:
        """Where there is a value: an array of bools."""
        return ~np.isnan(self.mean)

    @property
    def saturated(self) -> Numbers:
        """The values of the path at which there is no value because of saturation or a stall."""
        lost = np.array([("saturated" in note or "stalled" in note) for note in self.notes], dtype=bool)
        found: Numbers = self.over[lost & ~self.known]
        return found


def rows_of(result: SweepResult) -> "pd.DataFrame":
    """One row a point, metric and strategy. ValueError for a result that varies nothing."""
    curve = curve_of(result)
    rows = curve if curve is not None else result.frame() if hasattr(result, "frame") else result.summary
    if "metric" not in rows.columns or not paths_in(rows):
        raise ValueError("this result varies nothing; the figure needs one of `bindsim sweep` or `bindsim plan`")
    return rows


def paths_in(rows: "pd.DataFrame") -> list[str]:
    """The varied paths, in the order of the sweep."""
    columns = list(rows.columns)
    return columns[: columns.index("metric")] if "metric" in columns else []


def title_of(path: str) -> str:
    """What an axis calls a path."""
    return _TITLES.get(path, path)


def path_over(rows: "pd.DataFrame", asked: str | None) -> str:
    """The path of the horizontal axis: the one asked for, else the first that varies numbers. ValueError for none."""
    numeric = [path for path in paths_in(rows) if rows[path].dtype.kind in "iuf"]
    if asked is None and numeric:
        return numeric[0]
    if asked not in numeric:
        known = ", ".join(numeric) or "none"
        raise ValueError(f"over is {asked!r}; numbers are varied in: {known}")
    return asked


def chosen_rows(rows: "pd.DataFrame", where: Mapping[str, Any] | None) -> "pd.DataFrame":
    """The rows at the given values of varied paths. ValueError where there are none."""
    for path, value in (where or {}).items():
        if path not in paths_in(rows):
            raise ValueError(f"where names {path!r}; varied are: {', '.join(paths_in(rows))}")
        if not (rows[path] == value).any():
            raise ValueError(f"where says {path} is {value!r}; it takes {sorted(set(rows[path]))}")
        rows = rows[rows[path] == value]
    return rows


def series_of(
    result: SweepResult, metric: str, *, over: str | None = None, where: Mapping[str, Any] | None = None
) -> list[Series]:
    """The series of a metric: one a strategy and combination of the other varied values, in the order of the sweep.

    ValueError for a metric or a path that the sweep does not have.
    """
    rows = chosen_rows(rows_of(result), where)
    path = path_over(rows, over)
    own = rows[rows["metric"] == metric]
    if own.empty:
        raise ValueError(f"the sweep has no metric {metric!r}; its summary names those that it has")
    others = [each for each in paths_in(rows) if each != path and own[each].nunique() > 1]
    grouped = own.groupby(["strategy", *others], sort=False, observed=True)
    return [_series(key, group, path, others) for key, group in grouped]


def _series(key: Any, rows: "pd.DataFrame", path: str, others: Sequence[str]) -> Series:
    ordered = rows.sort_values(path)
    strategy, *values = key
    told = [f"{name.rpartition('.')[2]} {value}" for name, value in zip(others, values, strict=True)]
    mean, low, high = (ordered[name].to_numpy(dtype=float) for name in ("mean", "low", "high"))
    return Series(
        strategy=str(strategy), label=", ".join([str(strategy), *told]), over=ordered[path].to_numpy(dtype=float),
        mean=mean, low=np.where(np.isnan(low), mean, low), high=np.where(np.isnan(high), mean, high),
        notes=tuple("" if note != note else str(note) for note in ordered["note"]),
    )  # fmt: skip

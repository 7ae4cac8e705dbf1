"""Repeated work over concurrency: bindings attempted again, and transactions repeated after conflicts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from sim.report.figures.metric_over import draw_band, finish
from sim.report.figures.style import drawn_on, is_narrow, series_style
from sim.report.figures.swept import Series, SweepResult, path_over, rows_of, series_of, title_of

_CAUSES: Final = {
    "retries_count.inputs_changed.total": "inputs changed",
    "retries_count.conflict.total": "conflicts",
}
_OPERATIONS: Final = "operations_count.all.total"


def retries_over(
    result: SweepResult, ax: Axes | None = None, *, over: str | None = None, where: Mapping[str, Any] | None = None
) -> Axes:
    """Retries in 100 operations by cause and strategy over a varied path; bands are 95 % intervals of the counts.

    A cause that never occurs under a strategy has no line. `over` and `where` as in `metric_over`. ValueError for what
    the sweep does not have.
    """
    found = list(_series(result, over, where))
    with drawn_on(ax) as axes:
        for place, series in enumerate(found):
            draw_band(series, axes, series_style(place))
        if not found:
            axes.annotate("nothing was repeated", (0.5, 0.5), xycoords="axes fraction", ha="center")
        axes.set_xlabel(title_of(path_over(rows_of(result), over)))
        axes.set_ylabel("retries in 100" if is_narrow(axes) else "retries in 100 operations")
        if found:
            finish(axes, found)
    return axes


def _series(result: SweepResult, over: str | None, where: Mapping[str, Any] | None) -> Iterator[Series]:
    operations = {each.label: each for each in series_of(result, _OPERATIONS, over=over, where=where)}
    present = set(rows_of(result)["metric"])
    for metric, cause in _CAUSES.items():
        if metric in present:
            for series in series_of(result, metric, over=over, where=where):
                if np.nansum(series.mean) > 0:
                    yield per_hundred(series, operations[series.label], cause)


def per_hundred(series: Series, operations: Series, cause: str) -> Series:
    """A count as what happens in 100 operations; its label names the cause too, if there is one."""
    scale = 100 / operations.mean
    return replace(
        series, label=f"{series.label}, {cause}" if cause else series.label, mean=series.mean * scale,
        low=np.maximum(0, series.low * scale), high=series.high * scale,
    )  # fmt: skip

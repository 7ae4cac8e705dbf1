"""Any metric over any number that a sweep varies: means with their 95 % intervals, one line a strategy."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.metrics.registry import lookup
from sim.report.figures.style import SeriesStyle, drawn_on, is_narrow, plain_number, series_style, strategy_style
from sim.report.figures.swept import Series, SweepResult, path_over, rows_of, series_of, title_of

_BAND: Final = 0.16  # opacity of an interval


def metric_over(
    result: SweepResult, ax: Axes | None = None, *, metric: str, over: str | None = None,
    where: Mapping[str, Any] | None = None,
) -> Axes:  # fmt: skip
    """A metric over a varied path, with bands of 95 % intervals over the replications of each point.

    `over` is the path of the horizontal axis (default: the first that varies numbers); `where` fixes others, such as
    {"topology.subnets_per_tenant": 1}. Saturated points have no value and are marked at the upper edge. ValueError for
    a metric or path that the sweep does not have.
    """
    found = series_of(result, metric, over=over, where=where)
    with drawn_on(ax) as axes:
        for series, style in zip(found, styles_of(found), strict=True):
            draw_band(series, axes, style)
        axes.set_xlabel(title_of(path_over(rows_of(result), over)))
        axes.set_ylabel(_title(metric))
        finish(axes, found)
    return axes


def styles_of(found: Sequence[Series]) -> list[SeriesStyle]:
    """A style for each series: the strategy's own where a strategy has only one."""
    names = [series.strategy for series in found]
    if len(set(names)) == len(names):
        return [strategy_style(name, names) for name in names]
    return [series_style(place) for place in range(len(found))]


def draw_band(series: Series, axes: Axes, style: SeriesStyle) -> None:
    """A line with its band; both break where there is no value."""
    axes.fill_between(series.over, series.low, series.high, color=style.colour, alpha=_BAND, linewidth=0)
    axes.plot(
        series.over, series.mean, color=style.colour, linestyle=style.line, marker=style.marker, label=series.label
    )


def finish(axes: Axes, found: Sequence[Series], *, from_zero: bool = True) -> None:
    """Ticks, legend, and what was saturated at the upper edge."""
    if from_zero and axes.get_yscale() == "linear":
        axes.set_ylim(0, 1.04 * axes.get_ylim()[1])
    axes.xaxis.set_major_formatter(plain_number)
    axes.yaxis.set_major_formatter(plain_number)
    if all(np.equal(np.mod(series.over, 1), 0).all() for series in found):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    mark_saturated(axes, found)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.01), ncols=1 if is_narrow(axes) else 3, borderaxespad=0
    )  # fmt: skip


def mark_saturated(axes: Axes, found: Sequence[Series]) -> None:
    """A cross at the upper edge for each point without a value because the system was saturated, a row a strategy."""
    marked = [(series, style) for series, style in zip(found, styles_of(found), strict=True) if len(series.saturated)]
    for row, (series, style) in enumerate(marked):
        axes.plot(
            series.saturated, np.full(len(series.saturated), 0.97 - 0.05 * row), color=style.colour, marker="x",
            markeredgewidth=2, markersize=7, linestyle="none", transform=axes.get_xaxis_transform(), clip_on=False,
            label=f"{series.label} saturated",
        )  # fmt: skip


def _title(metric: str) -> str:
    unit = lookup(metric).unit
    return f"{metric}, {unit}" if unit else metric

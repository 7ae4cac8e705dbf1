"""Latency percentiles over load, with the knee of each strategy marked (the rule is in sim.report.figures.knee)."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from sim.experiment.verdict import number
from sim.report.figures.knee import Knee, knee_of
from sim.report.figures.metric_over import finish, styles_of
from sim.report.figures.style import MUTED, SeriesStyle, drawn_on, is_narrow
from sim.report.figures.swept import Series, SweepResult, path_over, rows_of, series_of, title_of

_SHADE: Final = 0.13  # opacity between p50 and p99


def latency_over_load(
    result: SweepResult, ax: Axes | None = None, *, operation: str | None = None, over: str | None = None,
    where: Mapping[str, Any] | None = None,
) -> Axes:  # fmt: skip
    """p95 of the latency over load as a line for each strategy, from p50 to p99 shaded; knees marked.

    `operation` is a kind or class of operation (default: that of the sweep's first latency); `over` and `where` as in
    `metric_over`. Values are means over the replications. ValueError for what the sweep does not have.
    """
    what = _operation(result, operation)
    found = {
        each: series_of(result, f"latency_s.{what}.{each}", over=over, where=where) for each in ("p50", "p95", "p99")
    }
    with drawn_on(ax) as axes:
        axes.set_yscale("log")
        for low, middle, high, style in zip(*found.values(), styles_of(found["p95"]), strict=True):
            _draw(axes, low, middle, high, style)
        axes.set_xlabel(title_of(path_over(rows_of(result), over)))
        axes.set_ylabel(f"{what} latency, s" if is_narrow(axes) else f"latency of {what}, s: p95, shaded p50 to p99")
        finish(axes, found["p95"])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        _mark_knees(axes, found["p95"])
    return axes


def latency_over_load_message(
    result: SweepResult, *, operation: str | None = None, over: str | None = None,
    where: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """What the figure shows, in a sentence with its numbers."""
    what = _operation(result, operation)
    series = series_of(result, f"latency_s.{what}.p95", over=over, where=where)
    return f"p95 of {what}: {'; '.join(_told(each) for each in series)}."


def knee(series: Series) -> Knee | None:
    """The knee of a series of p95 over load; what lies above its first saturated load does not count."""
    saturated = list(series.saturated)
    known = series.known & (series.over < min(saturated, default=inf))
    return knee_of(list(series.over[known]), list(series.mean[known]), saturated=saturated)


def _operation(result: SweepResult, asked: str | None) -> str:
    if asked is not None:
        return asked
    names = [name for name in rows_of(result)["metric"].unique() if name.startswith("latency_s.")]
    kinds = [name.split(".")[1] for name in names]
    return str(next((kind for kind in kinds if kind != "all"), "all"))


def _draw(axes: Axes, low: Series, middle: Series, high: Series, style: SeriesStyle) -> None:
    axes.fill_between(middle.over, low.mean, high.mean, color=style.colour, alpha=_SHADE, linewidth=0)
    axes.plot(
        middle.over, middle.mean, color=style.colour, linestyle=style.line, marker=style.marker, label=middle.label
    )


def _mark_knees(axes: Axes, found: Sequence[Series]) -> None:
    for row, (style, turn) in enumerate(_knees(found)):
        axes.plot(
            [turn.load], [turn.latency_s], marker="o", markersize=13, markerfacecolor="none", markeredgewidth=2,
            color=style.colour, linestyle="none",
        )  # fmt: skip
        axes.axvline(turn.load, color=style.colour, linewidth=0.9, linestyle=(0, (2, 3)), zorder=0)
        axes.annotate(
            f"knee {number(turn.load)}", (turn.load, 0.02 + 0.07 * row), (5, 0), xycoords=axes.get_xaxis_transform(),
            textcoords="offset points", color=style.colour, fontsize=11,
        )  # fmt: skip
    axes.tick_params(axis="y", which="minor", color=MUTED.light)
    axes.yaxis.set_minor_formatter("")


def _knees(found: Sequence[Series]) -> Iterator[tuple[SeriesStyle, Knee]]:
    for series, style in zip(found, styles_of(found), strict=True):
        turn = knee(series)
        if turn is not None:
            yield style, turn


def _told(series: Series) -> str:
    turn = knee(series)
    if turn is None:
        return f"{series.label} neither doubles nor saturates"
    if turn.saturates:
        return f"{series.label} saturates above {number(turn.load)}"
    return f"{series.label} has doubled at {number(turn.load)} ({number(turn.latency_s)} s)"

"""Predicted against measured: one point a time of a cell, on the line where both are equal, with the allowed band."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from sim.report.figures.style import MUTED, as_svg, drawn_on, plain_number, series_style
from sim.validation import Row, Validation

_BAND = 0.10  # share: what is asked of p50, p95 and hold times at loads that are not high
_TIMES = ("latency_s.all.p50", "latency_s.all.p95", "latency_s.all.p99", "hold_time_s.p50", "hold_time_s.p95")


def predicted_against_measured(found: Sequence[Validation], ax: Axes | None = None) -> Axes:
    """Latencies and hold times of every validation, strategy and load, in milliseconds on logarithmic axes."""
    with drawn_on(ax, height_px=520) as axes:
        points = [(each, row) for each in found for row in each.rows if _is_drawn(row)]
        if not points:
            raise ValueError("nothing to draw: no time was both measured and predicted")
        _draw_band(axes, [_ms(value) for _, row in points for value in _pair(row)])
        groups = dict.fromkeys((each.kind, row.strategy) for each, row in points)
        for place, (kind, strategy) in enumerate(groups):
            chosen = [row for each, row in points if (each.kind, row.strategy) == (kind, strategy)]
            style = series_style(place)
            axes.plot(
                [_ms(_pair(row)[0]) for row in chosen], [_ms(_pair(row)[1]) for row in chosen], linestyle="none",
                marker=style.marker, color=style.colour, label=f"{kind}, {strategy}", fillstyle="none",
            )  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="measured, ms", ylabel="predicted, ms")
        axes.xaxis.set_major_formatter(plain_number)
        axes.yaxis.set_major_formatter(plain_number)
        axes.legend(loc="upper left")
    return axes


def predicted_svg(found: Sequence[Validation]) -> str:
    """The figure as SVG, the same text for the same numbers."""
    figure = predicted_against_measured(found).get_figure(root=True)
    assert figure is not None
    return as_svg(figure)


def _is_drawn(row: Row) -> bool:
    return row.metric in _TIMES and row.measured is not None and row.predicted is not None and min(_pair(row)) > 0


def _pair(row: Row) -> tuple[float, float]:
    assert row.measured is not None and row.predicted is not None  # noqa: PT018
    return row.measured.mean, row.predicted.mean


def _ms(seconds: float) -> float:
    return seconds * 1e3


def _draw_band(axes: Axes, values: Sequence[float]) -> None:
    ends = [min(values) / 1.5, max(values) * 1.5]
    axes.plot(ends, ends, color=MUTED.light, linewidth=1, label="equal")
    axes.fill_between(
        ends, [end * (1 - _BAND) for end in ends], [end * (1 + _BAND) for end in ends], color=MUTED.light, alpha=0.2,
        linewidth=0, label=f"within {_BAND:.0%}",
    )  # fmt: skip

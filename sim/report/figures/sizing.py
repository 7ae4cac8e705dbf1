"""The load that each size carries: over the number that was varied, or one row a configuration where it is none."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.report.figures.planned import PlanResult, plan_data
from sim.report.figures.style import SeriesStyle, drawn_on, is_narrow, plain_number, strategy_style
from sim.report.figures.swept import title_of

_NO_PATHS: Final = (
    "strategy", "ending", "mean", "low", "high", "met_in_95_percent", "replications", "found", "none", "all",
)  # fmt: skip
_ROW_PX: Final = 26

Size = dict[str, Any]


def sizing(result: PlanResult, ax: Axes | None = None) -> Axes:
    """Mean load with its 95 % interval for each size and strategy.

    A size without a mean, because some replication met the objectives at no load or at every one, is not drawn.
    ValueError for a result that is no plan, or a plan in which no size was varied.
    """
    data = plan_data(result)
    sizes: list[Size] = data["sizing"]
    if not sizes:
        raise ValueError("this plan varies no size; `bindsim plan --vary api.processes=1..8` does")
    paths = [name for name in sizes[0] if name not in _NO_PATHS]
    number_line = len(paths) == 1 and all(isinstance(size[paths[0]], Real) for size in sizes)
    with drawn_on(ax, **({} if number_line else {"height_px": 110 + _ROW_PX * len(sizes)})) as axes:
        if number_line:
            _over_numbers(axes, sizes, paths[0], title_of(data["scale"]["path"]))
        else:
            _in_rows(axes, sizes, paths, title_of(data["scale"]["path"]))
    return axes


def _strategies(sizes: Sequence[Size]) -> list[tuple[str, SeriesStyle, list[Size]]]:
    names = list(dict.fromkeys(size["strategy"] for size in sizes))
    return [
        (name, strategy_style(name, names), [size for size in sizes if size["strategy"] == name and _known(size)])
        for name in names
    ]


def _known(size: Size) -> bool:
    return size["mean"] is not None


def _reach(sizes: Sequence[Size]) -> Any:
    """The lengths of error bars; none where there is no interval."""
    low = [size["mean"] - (size["mean"] if size["low"] is None else size["low"]) for size in sizes]
    high = [(size["mean"] if size["high"] is None else size["high"]) - size["mean"] for size in sizes]
    return np.array([low, high])


def _over_numbers(axes: Axes, sizes: Sequence[Size], path: str, load: str) -> None:
    for name, style, own in _strategies(sizes):
        axes.errorbar(
            [size[path] for size in own], [size["mean"] for size in own], yerr=_reach(own), color=style.colour,
            linestyle=style.line, marker=style.marker, capsize=4, label=name,
        )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(plain_number)
    if all(float(size[path]).is_integer() for size in sizes):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(path)
    axes.set_ylabel(load)
    _legend(axes)


def _in_rows(axes: Axes, sizes: Sequence[Size], paths: Sequence[str], load: str) -> None:
    labels = list(dict.fromkeys(_label(size, paths) for size in sizes))
    for name, style, own in _strategies(sizes):
        rows = [labels.index(_label(size, paths)) for size in own]
        axes.errorbar(
            [size["mean"] for size in own], rows, xerr=_reach(own), color=style.colour, linestyle="none",
            marker=style.marker, capsize=4, label=name,
        )  # fmt: skip
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(plain_number)
    axes.set_xlabel(load)
    _legend(axes)


def _label(size: Size, paths: Sequence[str]) -> str:
    return ", ".join(f"{path.rpartition('.')[2]} {size[path]}" for path in paths)


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=1 if is_narrow(axes) else 3, borderaxespad=0)

"""The break-even map: in which cells the second strategy is faster, as a heat map with its numbers.

Blue is faster, vermillion slower, by the logarithm of the ratio; what its 95 % interval leaves open stays pale.
Cells in which a strategy was saturated are hatched and say which. The words carry the meaning, the colours repeat it.
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, Final, Protocol

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.report.figures.style import BLUE, INK, MUTED, VERMILLION, drawn_on, is_narrow, plain_number

_DARKEST: Final = 0.55  # opacity of the strongest cell, so that ink stays readable on it
_FULL_AT: Final = log(8)  # a ratio of 8 or 1/8 has the strongest colour

Cell = Mapping[str, Any]


class LoadedMap(Protocol):
    """A map's folder that was loaded."""

    details: dict[str, Any]


class LiveMap(Protocol):
    """What `compare().map` gives, as far as it matters here."""

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json."""


def break_even_figure(result: LoadedMap | LiveMap, ax: Axes | None = None) -> Axes:
    """The map as a grid: bind latency upwards, subnets across; ratio and 95 % interval in each cell."""
    data = map_data(result)
    cells: Sequence[Cell] = data["cells"]
    medians = sorted({cell["bind_median_s"] for cell in cells})
    columns = list(dict.fromkeys(cell["subnets"] for cell in cells))
    with drawn_on(ax, height_px=110 + 62 * len(medians)) as axes:
        for cell in cells:
            place = columns.index(cell["subnets"]), medians.index(cell["bind_median_s"])
            _draw(axes, cell, place, replications=data["replications"])
        _dress(axes, data, medians, columns)
    return axes


def break_even_message(result: LoadedMap | LiveMap) -> str:
    """What the figure shows, in a sentence with its numbers."""
    data = map_data(result)
    faster = [cell for cell in data["cells"] if _is_faster(cell)]
    alone = [cell for cell in data["cells"] if set(_saturated(cell)) == {data["first"]}]
    carried = f"; in {len(alone)} only {data['first']} is saturated" if alone else ""
    return f"{data['second']} is faster than {data['first']} in {len(faster)} of {len(data['cells'])} cells{carried}."


def map_data(result: LoadedMap | LiveMap) -> dict[str, Any]:
    """The contents of the map's summary.json. ValueError for a result that is no map."""
    data = result.details if hasattr(result, "details") else result.summary()
    if "cells" not in data:
        raise ValueError("this result is no break-even map; `bindsim compare` without a scenario makes one")
    return data


def _is_faster(cell: Cell) -> bool:
    high = cell["ratio_high"]
    return high is not None and bool(high < 1)


def _saturated(cell: Cell) -> dict[str, int]:
    found: dict[str, int] = cell["saturated"] or {}
    return found


def _draw(axes: Axes, cell: Cell, place: tuple[int, int], *, replications: int) -> None:
    colour, opacity = _shade(cell)
    column, row = place
    corner = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, alpha=opacity, edgecolor="none"))
    if _saturated(cell):
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", hatch="//", hatchcolor=MUTED.light, linewidth=0))
    axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor=MUTED.light, linewidth=0.8))
    box = {"facecolor": "#fefefe", "edgecolor": "none", "pad": 3.0} if _saturated(cell) else None
    words = _saturated_words(cell, replications) or _words(cell, narrow=is_narrow(axes))
    axes.text(column, row, words, ha="center", va="center", color=INK.light, bbox=box)


def _shade(cell: Cell) -> tuple[str, float]:
    ratio, low, high = cell["ratio"], cell["ratio_low"], cell["ratio_high"]
    if ratio is None or low is None or low <= 1 <= high:
        return MUTED.light, 0.08
    strength = min(1.0, abs(log(ratio)) / _FULL_AT)
    return (BLUE.light if ratio < 1 else VERMILLION.light), 0.12 + (_DARKEST - 0.12) * strength


def _saturated_words(cell: Cell, replications: int) -> str:
    return "\n".join(f"{name}\nsaturated {count}/{replications}" for name, count in _saturated(cell).items())


def _words(cell: Cell, *, narrow: bool) -> str:
    if cell["ratio"] is None:
        return str(cell["note"] or "no value")
    ratio = f"{cell['ratio']:.2f}"
    if cell["ratio_low"] is None:
        return ratio
    between = f"[{cell['ratio_low']:.2f}, {cell['ratio_high']:.2f}]"
    return f"{ratio}\n{between}" if narrow else f"{ratio}  {between}"


def _dress(axes: Axes, data: dict[str, Any], medians: Sequence[float], columns: Sequence[str]) -> None:
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(-0.5, len(medians) - 0.5)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(medians)), [plain_number(median) for median in medians])
    axes.set_ylabel("median of the bind latency, s")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    told = f"p95 of create_port: {data['second']} as a multiple of {data['first']} [95 % interval]"
    if is_narrow(axes):
        told = f"p95: {data['second']} /\n{data['first']} [95 %]"
    axes.set_title(told, loc="left")

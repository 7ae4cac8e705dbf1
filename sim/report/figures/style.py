"""How figures look: axes to draw on, and what a figure function needs of palette and SVG, in one place.

Every module of sim.report.figures begins here. `new_axes` uses no pyplot, so nothing is kept in a global list; in a
notebook the axes show themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from math import floor, log10
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections import register_projection

from sim.report.figures.palette import (
    BLUE,
    COLOURS,
    GREEN,
    GRID,
    INK,
    MUTED,
    OCHRE,
    PAPER,
    PURPLE,
    SERIES,
    SLATE,
    VERMILLION,
    Colour,
    SeriesStyle,
    series_style,
    strategy_style,
)
from sim.report.figures.svg import FONTS, as_svg

__all__ = [
    "BLUE", "COLOURS", "FONTS", "GREEN", "GRID", "INK", "MUTED", "NARROW_PX", "OCHRE", "PAPER", "PURPLE", "SERIES",
    "SLATE", "VERMILLION", "WIDE_PX", "Colour", "SeriesStyle", "as_svg", "drawn_on", "is_narrow", "new_axes",
    "plain_number", "series_style", "strategy_style", "width_px",
]  # fmt: skip

WIDE_PX: Final = 880  # a figure on a page of full width
NARROW_PX: Final = 340  # the same figure on a telephone: drawn again, since shrunk text cannot be read
_HEIGHT_PX: Final = 380
_DPI: Final = 72  # so that a point is a pixel of the SVG
_PROJECTION: Final = "bindsim"

_RC: Final[Any] = {
    "font.family": ["DejaVu Sans"], "font.size": 12,
    "axes.titlesize": 12, "axes.labelsize": 12, "xtick.labelsize": 11, "ytick.labelsize": 11, "legend.fontsize": 11,
    "text.color": INK.light, "axes.labelcolor": INK.light, "xtick.labelcolor": INK.light, "ytick.labelcolor": INK.light,
    "axes.edgecolor": MUTED.light, "xtick.color": MUTED.light, "ytick.color": MUTED.light,
    "axes.facecolor": "none", "figure.facecolor": "none", "savefig.facecolor": "none",
    "axes.grid": True, "axes.axisbelow": True, "grid.color": GRID.light, "grid.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False,
    "axes.unicode_minus": False, "axes.formatter.useoffset": False,
    "lines.linewidth": 2, "lines.markersize": 5, "hatch.linewidth": 0.7, "hatch.color": INK.light,
    "legend.frameon": False, "legend.labelcolor": INK.light,
    "path.simplify": True, "path.simplify_threshold": 0.2,
}  # fmt: skip


class _ShownAxes(Axes):
    """Axes that show their figure where a notebook prints them."""

    name = _PROJECTION

    def _repr_svg_(self) -> str:
        """An image, so that pages which allow no foreign HTML show it too; ids differ between figures of a page."""
        figure = self.get_figure(root=True)
        if figure is None:
            return ""
        name = f"figure-{sha256(as_svg(figure).encode()).hexdigest()[:8]}"
        return as_svg(figure, name=name)


register_projection(_ShownAxes)


def new_axes(*, width_px: float = WIDE_PX, height_px: float = _HEIGHT_PX) -> Axes:
    """Empty axes in a figure of their own, in the style of all figures; sizes in pixels of the SVG."""
    with rc_context(_RC):
        size = (width_px / _DPI, height_px / _DPI)
        return Figure(figsize=size, dpi=_DPI, layout="constrained").add_subplot(projection=_PROJECTION)


def width_px(ax: Axes) -> float:
    """The width of the figure that the axes are in, in pixels of the SVG."""
    figure = ax.get_figure(root=True)
    return WIDE_PX if figure is None else float(figure.get_size_inches()[0]) * _DPI


def is_narrow(ax: Axes) -> bool:
    """Whether there is only a telephone's width, so that labels must be few and short."""
    return width_px(ax) < 1.5 * NARROW_PX


def plain_number(value: float, _place: object = None) -> str:
    """A number for ticks and labels without exponent, with three significant digits; also a matplotlib formatter."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - floor(log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@contextmanager
def drawn_on(ax: Axes | None, *, height_px: float = _HEIGHT_PX) -> Iterator[Axes]:
    """The axes that a figure function draws on: those given, or new ones. What is drawn inside has the style of all.

    def hold_time_ecdf(result: LoadedRun, ax: Axes | None = None) -> Axes:
        with drawn_on(ax) as axes:
            axes.plot(...)
        return axes
    """
    axes = new_axes(height_px=height_px) if ax is None else ax
    with rc_context(_RC):
        yield axes

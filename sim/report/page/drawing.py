"""A figure function as a block of the page: drawn twice, for wide and for narrow pages, with its message above it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from sim.report.figures.style import NARROW_PX, WIDE_PX, as_svg, new_axes
from sim.report.page.blocks import FigureBlock, Grid

Draw = Callable[[Any, Axes | None], Axes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that a page can hold.

    `message` says what this result's data show, `reading` how the picture is read, `height_px` what it needs on a wide
    and on a narrow page, `numbers` what it draws as a table.
    """

    name: str
    title: str
    draw: Draw
    message: Callable[[Any], str]
    reading: str | Callable[[Any], str]
    height_px: Callable[[Any], float] = lambda _: 380.0
    numbers: Callable[[Any], Grid] | None = None


def figure_block(figure: Figure, result: Any) -> FigureBlock:
    """The figure of a result."""
    message = figure.message(result)
    reading = figure.reading if isinstance(figure.reading, str) else figure.reading(result)
    drawn = [
        as_svg(
            _root(figure.draw(result, new_axes(width_px=width, height_px=figure.height_px(result)))),
            name=f"{figure.name}-{kind}", title=f"{figure.title}. {message}", description=reading,
        )
        for kind, width in (("wide", WIDE_PX), ("narrow", NARROW_PX))
    ]  # fmt: skip
    return FigureBlock(
        anchor=figure.name, title=figure.title, message=message, reading=reading, wide=drawn[0], narrow=drawn[1],
        numbers=None if figure.numbers is None else figure.numbers(result),
    )  # fmt: skip


def _root(axes: Axes) -> Any:
    return axes.get_figure(root=True)

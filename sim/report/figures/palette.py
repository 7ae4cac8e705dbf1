"""Colours, line styles, markers and hatches of all figures.

Every colour has a form for light and one for dark pages; each reads as text on its page (contrast 4.5 to 1 or better)
and differs from the others for colour-blind readers (tests/sim/report/figures/test_palette.py measures both). No figure
tells things apart by colour alone. The hues follow Okabe and Ito, darkened until they can carry text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A colour by its name on the page, where CSS knows it as `--name`. Figures draw with `light`."""

    name: str
    light: str
    dark: str


BLUE: Final = Colour(name="blue", light="#0068b8", dark="#5aaaf0")
VERMILLION: Final = Colour(name="vermillion", light="#c8400f", dark="#ff8f57")
GREEN: Final = Colour(name="green", light="#00705a", dark="#2fbf93")
PURPLE: Final = Colour(name="purple", light="#a8468c", dark="#f3b9dd")
OCHRE: Final = Colour(name="ochre", light="#4d3800", dark="#f5dc7a")
SLATE: Final = Colour(name="slate", light="#475360", dark="#98a4b0")

INK: Final = Colour(name="ink", light="#1b1f24", dark="#e8ebef")
MUTED: Final = Colour(name="muted", light="#57606a", dark="#a3adb8")
GRID: Final = Colour(name="grid", light="#d8dee4", dark="#363d46")
PAPER: Final = Colour(name="paper", light="#fefefe", dark="#14181d")

SERIES: Final = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE, SLATE)
COLOURS: Final = (*SERIES, INK, MUTED, GRID, PAPER)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesStyle:
    """How a series looks: `colour` for matplotlib, and what tells it apart without colour."""

    colour: str
    line: str | tuple[float, tuple[float, ...]]
    marker: str
    hatch: str


_Line = str | tuple[float, tuple[float, ...]]
_LINES: Final[tuple[_Line, ...]] = (
    "-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (8, 2, 1, 2, 1, 2)), (0, (3, 1)),
)  # fmt: skip
_MARKERS: Final = ("o", "s", "^", "D", "v", "X")
_HATCHES: Final = ("", "////", "....", "\\\\\\\\", "xxxx", "----")
_STYLES: Final = tuple(
    SeriesStyle(colour=colour.light, line=line, marker=marker, hatch=hatch)
    for colour, line, marker, hatch in zip(SERIES, _LINES, _MARKERS, _HATCHES, strict=True)
)
_FIXED: Final = {"deferred": 0, "in-transaction": 1, "serialized": 2}  # the same in every figure of every page


def series_style(number: int) -> SeriesStyle:
    """The style of the n-th series, from 0; they repeat after the sixth."""
    return _STYLES[number % len(_STYLES)]


def strategy_style(name: str, strategies: Sequence[str] = ()) -> SeriesStyle:
    """The style of a strategy: fixed for the built-in ones; of others by their place among those in `strategies`."""
    if name in _FIXED:
        return series_style(_FIXED[name])
    others = [each for each in strategies if each not in _FIXED]
    place = others.index(name) if name in others else 0
    return series_style(len(_FIXED) + place)

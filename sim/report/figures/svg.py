"""as_svg: a matplotlib figure as inline SVG that follows the page's theme and is the same bytes every time.

The HTML page calls it, and so do notebooks. Text stays text; colours of the palette become CSS variables with the light
colour as fall-back, so that the figure also works outside the page.
"""

import io
import re
from html import escape
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.figure import Figure

from sim.report.figures.palette import COLOURS, INK, PAPER

FONTS: Final = "'DejaVu Sans', Verdana, Geneva, sans-serif"  # Verdana has DejaVu's widths, which the layout relies on
_SAVING: Final[Any] = {"svg.fonttype": "none", "svg.hashsalt": "bindsim"}
_VARIABLES: Final = {
    **{colour.light: f"var(--{colour.name}, {colour.light})" for colour in COLOURS},
    "#000000": f"var(--{INK.name}, {INK.light})",  # what matplotlib takes where nobody chose a colour
    "#ffffff": f"var(--{PAPER.name}, {PAPER.light})",
}

_TAG = re.compile(r"<[^>]*>")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_ID = re.compile(r'(\bid="|url\(#|href="#)')
_FONT_FAMILY = re.compile(r"font-family: [^;\"]*;? ?")
_NO_ROTATION = re.compile(r' transform="rotate\(-?0 [^"]*"')
_WHITE_SPACE = re.compile(r"\s*\n\s*")


def as_svg(figure: Figure, *, name: str = "figure", title: str = "", description: str = "") -> str:
    """The figure as one `<svg>` element.

    `name` makes its ids unique within a page. `title` and `description` are for screen readers.
    """
    text = io.StringIO()
    with rc_context(_SAVING):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    body = text.getvalue().partition("</defs>")[2].rpartition("</svg>")[0]
    body = _TAG.sub(lambda tag: _tidied(tag[0], name), body)
    return f"{_opening(figure, name, title)}{_description(description)}{_WHITE_SPACE.sub(' ', body)}</svg>"


def _opening(figure: Figure, name: str, title: str) -> str:
    width, height = (round(72 * inches, 2) for inches in figure.get_size_inches())
    label = f' aria-label="{escape(title)}"' if title else ""
    style = f"max-width: 100%; height: auto; font-family: {FONTS}; stroke-linejoin: round; stroke-linecap: butt"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img"'
        f' id="{escape(name)}"{label} width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
        f' style="{style}">'
    )


def _description(text: str) -> str:
    return f"<desc>{escape(text)}</desc>" if text else ""


def _tidied(tag: str, name: str) -> str:
    tag = _ID.sub(rf"\g<1>{name}-", tag)
    tag = _COLOUR.sub(lambda colour: _VARIABLES.get(colour[0], colour[0]), tag)
    tag = _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), tag)
    return _NO_ROTATION.sub("", _FONT_FAMILY.sub("", tag))

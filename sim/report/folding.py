"""Text in 80 columns: what every page of text for a terminal does. Used by the other modules of sim.report."""

from textwrap import TextWrapper

WIDTH = 80


def folded(text: str, *, indent: str = "", first: str = "") -> list[str]:
    """Lines of at most WIDTH columns; names such as in-transaction stay whole."""
    return TextWrapper(WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False).wrap(text)


def cut(text: str, width: int) -> str:
    """At most `width` characters."""
    return f"{text[: width - 1]}~" if len(text) > width else text

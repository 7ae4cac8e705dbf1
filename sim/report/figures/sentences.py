"""Words for the sentences under figures: lists, times, counts. Pure functions; figures and the page use them."""

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; empty for nothing."""
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def counted(count: int, word: str) -> str:
    """`1 run`, `2 runs`, `1,234 runs`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"

"""Small HTML tables and sentences for notebooks, without pandas. Called by `_repr_html_` of results and experiments."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def page_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table with the first row's keys as its header; numbers with three significant digits; empty for no rows."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in rows[0])
    body = "".join(f"<tr>{''.join(map(_cell, row.values()))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def sentence(text: str) -> str:
    """A paragraph; nothing for an empty text."""
    return f"<p>{escape(text)}</p>" if text else ""


def _cell(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f'<td style="text-align: left">{escape("" if value is None else str(value))}</td>'
    return f"<td>{short_number(value)}</td>"


def short_number(value: float) -> str:
    """Three significant digits, without an exponent from 0.0001 on; whole numbers with separators."""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"

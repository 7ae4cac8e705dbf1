"""The tables of all processes as one set of tables, in the order of time, with one vocabulary."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from sim.metrics import Tables
from sim.metrics.codes import Codes
from sim.metrics.table import Table
from sim.wall.event_log import Event

_TIMES = ("ended_us", "to_us", "at_us")  # what a table is ordered by, the first that it has


def tables_in(events: Iterable[Event]) -> tuple[Tables, dict[str, int]]:
    """The tables that one process has noted, and what it counted."""
    words: dict[str, list[str]] = {}
    rows: dict[str, list[bytes]] = {}
    counts: dict[str, int] = {}
    for event in events:
        if event.what == "rows":
            for name, part in event.arguments[0].items():
                rows.setdefault(name, []).append(part)
            for name, new in event.arguments[1].items():
                words.setdefault(name, []).extend(new)
        elif event.what == "counts":
            counts = event.arguments[0]
    return _tables(words, rows), counts


def _tables(words: dict[str, list[str]], rows: dict[str, list[bytes]]) -> Tables:
    empty = Tables.empty()
    for each in fields(empty.words):
        codes: Codes = getattr(empty.words, each.name)
        for name in words.get(each.name, codes.names):
            codes.code(name)
    made = {table.name: Table(table.name, table.columns, b"".join(rows.get(table.name, []))) for table in empty.all()}
    return Tables(words=empty.words, **made)


def merged(parts: Iterable[Tables]) -> Tables:
    """One set of tables with the rows of all."""
    result = Tables.empty()
    several = [part.all() for part in parts]
    made = {
        table.name: _merged(table, [tables[place] for tables in several]) for place, table in enumerate(result.all())
    }
    return Tables(words=result.words, **made)


def _merged(empty: Table, tables: list[Table]) -> Table:
    rows = [_recoded(table, empty) for table in tables if len(table)]
    if not rows:
        return empty
    together = np.concatenate(rows)
    time = next(name for name in _TIMES if name in (together.dtype.names or ()))
    together = together[np.argsort(together[time], kind="stable")]
    return Table(empty.name, empty.columns, together.tobytes())


def _recoded(table: Table, target: Table) -> np.ndarray[Any, Any]:
    """The rows with the codes of the target's vocabulary."""
    rows = table.to_numpy().copy()
    for own, its in zip(table.columns, target.columns, strict=True):
        if own.codes is not None and its.codes is not None and len(own.codes):
            codes = np.array([its.codes.code(name) for name in own.codes.names] + [-1])
            rows[own.name] = codes[rows[own.name]]
    return rows


def counted(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    """What all processes have counted, added up."""
    total: dict[str, int] = {}
    for name, count in _items(parts):
        total[name] = total.get(name, 0) + count
    return total


def _items(parts: Iterable[dict[str, int]]) -> Iterator[tuple[str, int]]:
    for part in parts:
        yield from part.items()

"""Histories in which one answer or read is that of an earlier state: what is wrong by the order of events alone.

Used by the test of what is still found where no instants of commits are known.
"""

from collections.abc import Callable
from dataclasses import fields
from random import Random
from typing import Any

from sim.history import History, HistoryTables
from sim.history.rows import GONE, Answered, Read
from sim.history.view import View
from tests.sim.history.blurred import rows_of, with_rows

Stale = Callable[[History, Random], History | None]
"""Makes something in a history stale; None if there is nothing that could be."""


def stale_answer(history: History, random: Random) -> History | None:
    """An answer shows the port as it was one commit earlier than it could have been."""
    view = View(history)

    def earlier(row: Answered) -> int:
        return _before(view, view.states[row.state].port, row.state, view.shown_alike)

    return _changed(history, "answered", rows_of(Answered, history.tables.answered), earlier, random)


def stale_read(history: History, random: Random) -> History | None:
    """A statement returns the port as it was one commit earlier than what it returned."""
    view = View(history)

    def earlier(row: Read) -> int:
        return _before(view, row.port, row.state, view.content)

    return _changed(history, "reads", rows_of(Read, history.tables.reads), earlier, random)


def _before(view: View, port: int, state: int, alike: list[int]) -> int:
    """The version before the last one that is like a state; its absence if there is none."""
    versions = view.versions_of(port)
    like = versions.like(state, alike)
    return versions.all[like[-1] - 1].state if like and like[-1] else GONE


def _changed(
    history: History, table: str, rows: list[Any], earlier: Callable[..., int], random: Random
) -> History | None:
    """The history with one row's state exchanged for an earlier one; None if no row has one."""
    places = [place for place, row in enumerate(rows) if earlier(row) != GONE]
    if not places:
        return None
    place = random.choice(places)
    rows[place] = rows[place]._replace(state=earlier(rows[place]))
    tables = {each.name: getattr(history.tables, each.name) for each in fields(HistoryTables)}
    return History(history.facts, HistoryTables(**{**tables, table: with_rows(history.tables, table, rows)}))

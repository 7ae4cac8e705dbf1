"""Histories: what a run recorded, the checker, and its explanations. The only door to this package.

    verdicts = check(history)

The engines' recording layers write with a HistoryWriter; nothing here runs anything or knows an engine.
"""

from sim.history.checker import Report, check
from sim.history.history import Facts, History
from sim.history.tables import HistoryTables
from sim.history.verdict import OK, UNKNOWN, VIOLATED, Event, Finding, Verdict
from sim.history.writer import HistoryWriter

__all__ = [
    "OK",
    "UNKNOWN",
    "VIOLATED",
    "Event",
    "Facts",
    "Finding",
    "History",
    "HistoryTables",
    "HistoryWriter",
    "Report",
    "Verdict",
    "check",
]

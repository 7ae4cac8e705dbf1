"""The tables of a history and their vocabulary: columnar, appended in place, under 1 KB an operation.

The model's recording layer appends; sim/history/view.py reads them for the checker, sim.results keeps them on disk.
docs/checker.md describes every column.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from core.constants import VIF_TYPE_BINDING_FAILED, VIF_TYPE_UNBOUND
from core.events import ATTEMPT_OUTCOMES
from sim.history import rows
from sim.metrics import Codes, Column, Table
from sim.scenario.kinds import KINDS

ANSWERS = ("ok", "error")
RETURNS = ("ok", "error", "conflict")
CHANGES = ("reserved", "confirmed", "refused", "dropped")
METHODS = (
    "create_port_precommit",
    "update_port_precommit",
    "delete_port_precommit",
    "create_port_postcommit",
    "update_port_postcommit",
    "delete_port_postcommit",
    "bind_port",
)
WORDS_OF = {
    "port": "ports", "name": "names", "status": "statuses", "device_id": "device_ids", "device_owner": "device_owners",
    "host": "hosts", "vnic_type": "vnic_types", "profile": "profiles", "vif_type": "vif_types",
    "vif_details": "vif_details", "driver": "drivers", "segment": "segments", "upper_levels": "upper_levels",
    "kind": "kinds", "arguments": "arguments", "error": "errors", "method": "methods", "where": "places",
    "statement": "statements",
    "controller": "controllers", "what": "changes", "token": "tokens", "detail": "details",
}  # fmt: skip
"""The vocabulary of each column that holds codes, where its name alone says so."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words that codes stand for."""

    ports: Codes = field(default_factory=Codes)
    names: Codes = field(default_factory=Codes)
    statuses: Codes = field(default_factory=Codes)
    device_ids: Codes = field(default_factory=Codes)
    device_owners: Codes = field(default_factory=Codes)
    hosts: Codes = field(default_factory=lambda: Codes(("",)))
    vnic_types: Codes = field(default_factory=Codes)
    profiles: Codes = field(default_factory=Codes)
    vif_types: Codes = field(default_factory=lambda: Codes((VIF_TYPE_UNBOUND, VIF_TYPE_BINDING_FAILED)))
    vif_details: Codes = field(default_factory=Codes)
    drivers: Codes = field(default_factory=Codes)
    segments: Codes = field(default_factory=Codes)
    upper_levels: Codes = field(default_factory=Codes)
    kinds: Codes = field(default_factory=lambda: Codes(KINDS))
    arguments: Codes = field(default_factory=Codes)
    answers: Codes = field(default_factory=lambda: Codes(ANSWERS))
    errors: Codes = field(default_factory=Codes)
    transactions: Codes = field(default_factory=Codes)
    ends: Codes = field(default_factory=lambda: Codes(("commit", "rollback")))
    methods: Codes = field(default_factory=lambda: Codes(METHODS))
    returns: Codes = field(default_factory=lambda: Codes(RETURNS))
    attempt_outcomes: Codes = field(default_factory=lambda: Codes(ATTEMPT_OUTCOMES))
    places: Codes = field(default_factory=Codes)
    statements: Codes = field(default_factory=Codes)
    controllers: Codes = field(default_factory=Codes)
    changes: Codes = field(default_factory=lambda: Codes(CHANGES))
    tokens: Codes = field(default_factory=Codes)
    fault_kinds: Codes = field(default_factory=Codes)
    details: Codes = field(default_factory=Codes)


_OTHER_WORDS = {
    ("answers", "outcome"): "answers",
    ("commits", "name"): "transactions",
    ("ends", "name"): "transactions",
    ("ends", "outcome"): "ends",
    ("returns", "outcome"): "returns",
    ("attempts", "outcome"): "attempt_outcomes",
    ("faults", "kind"): "fault_kinds",
}

ROWS: dict[str, tuple[type[Any], str]] = {
    "states": (rows.State, "iibbihiibibihiii"),
    "calls": (rows.Call, "qqibiihi"),
    "answers": (rows.Answer, "qqibh"),
    "answered": (rows.Answered, "ii"),
    "commits": (rows.Commit, "qqqiih"),
    "writes": (rows.Write, "iii"),
    "ends": (rows.Ended, "qqiihhb"),
    "callbacks": (rows.Callback, "qqiihbii"),
    "returns": (rows.Return, "iqqbbii"),
    "attempts": (rows.Attempt, "qqqiihbbb"),
    "give_ups": (rows.GiveUp, "qqiii"),
    "logged": (rows.Logged, "qqiih"),
    "reads": (rows.Read, "qqqiibii"),
    "sent": (rows.Sent, "qqibi"),
    "changes": (rows.Change, "qqihbiiii"),
    "faults": (rows.Fault, "qqbih"),
    "bindable": (rows.Bindable, "ib"),
}
"""Each table's row and the width of its columns, as struct's letters."""


@dataclass(frozen=True, slots=True)
class HistoryTables:
    """The tables of one run. Make one with `HistoryTables.empty()`."""

    words: Words
    states: Table
    calls: Table
    answers: Table
    answered: Table
    commits: Table
    writes: Table
    ends: Table
    callbacks: Table
    returns: Table
    attempts: Table
    give_ups: Table
    logged: Table
    reads: Table
    sent: Table
    changes: Table
    faults: Table
    bindable: Table

    @classmethod
    def empty(cls) -> "HistoryTables":
        """Tables without rows, with a vocabulary of their own."""
        words = Words()
        return cls(words, *(Table(name, columns(name, words)) for name in ROWS))

    def all(self) -> tuple[Table, ...]:
        """The tables in the order of ROWS."""
        return tuple(getattr(self, each.name) for each in fields(self)[1:])

    @property
    def size_bytes(self) -> int:
        """Bytes of all rows and, as far as they are text, of the words."""
        return sum(table.size_bytes for table in self.all()) + sum(map(_text_bytes, self._vocabularies()))

    def _vocabularies(self) -> Iterator[Codes]:
        return (getattr(self.words, each.name) for each in fields(self.words))


def columns(table: str, words: Words) -> tuple[Column, ...]:
    """The columns of a table, those of codes with their vocabulary."""
    return tuple(
        [column if name is None else Column(*column[:2], getattr(words, name)) for column, name in _template(table)]
    )


@cache
def _template(table: str) -> tuple[tuple[Column, str | None], ...]:
    """The columns of a table without words, each with the name of its vocabulary."""
    row, widths = ROWS[table]
    return tuple(
        (Column(name, width), _OTHER_WORDS.get((table, name), WORDS_OF.get(name)))
        for name, width in zip(row._fields, widths, strict=True)
    )


def _text_bytes(codes: Codes) -> int:
    return sum(map(len, codes.names))

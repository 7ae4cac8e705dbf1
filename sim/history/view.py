"""A history made ready for the checker: rows as NamedTuples, and who belongs to whom. Built once a check.

The properties share one view. It decides nothing; what two rows have to do with each other is looked up, never guessed.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

from sim.history.evidence import Evidence, Reader, first_writes
from sim.history.history import History
from sim.history.rows import (
    GONE,
    Answer,
    Answered,
    Attempt,
    Bindable,
    Call,
    Callback,
    Change,
    Commit,
    Ended,
    Fault,
    GiveUp,
    Logged,
    Read,
    Return,
    Sent,
    State,
    Write,
)
from sim.history.verdict import Event, Finding
from sim.history.versions import ABSENT, Version, Versions
from sim.metrics import Table

R = TypeVar("R")
_new: Any = tuple.__new__  # what a NamedTuple's _make does, without its call

COMMIT_OUTCOME_UNKNOWN = "commit_outcome_unknown"  # the kind of conflict of which only the database knows how it ended

SHOWN = 12  # leading columns of a state that an answer shows: all but driver, segment, upper levels and generation


class View:
    """The rows of a history and what the checker asks about them. States are compared by `content`."""

    def __init__(self, history: History) -> None:
        self.facts = history.facts
        self.words = history.tables.words
        self.tables = history.tables

    @cached_property
    def states(self) -> list[State]:
        """By number."""
        return _rows(State, self.tables.states)

    @cached_property
    def calls(self) -> list[Call]:
        """In the order of happening, as all that follow."""
        return _rows(Call, self.tables.calls)

    @cached_property
    def answers(self) -> list[Answer]:
        """Rows of `answers`."""
        return _rows(Answer, self.tables.answers)

    @cached_property
    def commits(self) -> list[Commit]:
        """Rows of `commits`; those of a port in the order in which they took effect."""
        return _rows(Commit, self.tables.commits)

    @cached_property
    def writes(self) -> list[Write]:
        """Rows of `writes`."""
        return _rows(Write, self.tables.writes)

    @cached_property
    def ends(self) -> list[Ended]:
        """Rows of `ends`."""
        return _rows(Ended, self.tables.ends)

    @cached_property
    def callbacks(self) -> list[Callback]:
        """Rows of `callbacks`."""
        return _rows(Callback, self.tables.callbacks)

    @cached_property
    def attempts(self) -> list[Attempt]:
        """Rows of `attempts`."""
        return _rows(Attempt, self.tables.attempts)

    @cached_property
    def give_ups(self) -> list[GiveUp]:
        """Rows of `give_ups`."""
        return _rows(GiveUp, self.tables.give_ups)

    @cached_property
    def logged(self) -> list[Logged]:
        """Rows of `logged`."""
        return _rows(Logged, self.tables.logged)

    @cached_property
    def reads(self) -> list[Read]:
        """Rows of `reads`."""
        return _rows(Read, self.tables.reads)

    @cached_property
    def sent(self) -> list[Sent]:
        """Rows of `sent`."""
        return _rows(Sent, self.tables.sent)

    @cached_property
    def changes(self) -> list[Change]:
        """Rows of `changes`."""
        return _rows(Change, self.tables.changes)

    @cached_property
    def faults(self) -> list[Fault]:
        """Rows of `faults`."""
        return _rows(Fault, self.tables.faults)

    @cached_property
    def bindable(self) -> list[Bindable]:
        """Rows of `bindable`."""
        return _rows(Bindable, self.tables.bindable)

    # what belongs together

    @cached_property
    def content(self) -> list[int]:
        """For each state the number of the first one with the same content."""
        first: dict[State, int] = {}
        return [first.setdefault(state, number) for number, state in enumerate(self.states)]

    @cached_property
    def shown_alike(self) -> list[int]:
        """For each state the number of the first one that an answer shows in the same way."""
        first: dict[tuple[int, ...], int] = {}
        return [first.setdefault(state[:SHOWN], number) for number, state in enumerate(self.states)]

    def same(self, one: int, other: int) -> bool:
        """Whether two states have the same content."""
        if one == GONE or other == GONE:
            return one == other
        return self.content[one] == self.content[other]

    @cached_property
    def versions(self) -> dict[int, Versions]:
        """Every port's committed states, their instants bounded by all that was read."""
        return self._committed if self.is_exact else self._known[0]

    @cached_property
    def is_exact(self) -> bool:
        """Whether every commit of a transaction has an instant."""
        return all(commit.first == commit.last for commit in self.commits if commit.transaction >= 0)

    @property
    def evidence(self) -> Evidence:
        """What the reads tell of instants, and which of them nothing explains."""
        return self._known[1]

    @cached_property
    def _known(self) -> tuple[dict[int, Versions], Evidence]:
        reads: Iterable[tuple[int, Read]] = enumerate(self.reads)
        if not self.is_exact:
            reads = sorted(reads, key=lambda each: each[1].last)
        evidence = Reader(self._committed, self.content).evidence(reads, first_writes(self.sent))
        return self._committed, evidence

    @cached_property
    def _committed(self) -> dict[int, Versions]:
        found: dict[int, list[Version]] = defaultdict(list)
        for commit, port, state in self.writes:
            row = self.commits[commit]
            found[port].append(Version(state, commit, row.first, row.last))
        return {port: Versions(versions) for port, versions in found.items()}

    @cached_property
    def ever_committed(self) -> set[tuple[int, int]]:
        """Every port with every vif_details that it ever had."""
        written = (write for write in self.writes if write.state != GONE)
        return {(write.port, self.states[write.state].vif_details) for write in written}

    @cached_property
    def replaced(self) -> list[Version]:
        """For each row in `writes` the version that it replaced."""
        last: dict[int, Version] = {}
        found = []
        for commit, port, state in self.writes:
            found.append(last.get(port, ABSENT))
            row = self.commits[commit]
            last[port] = Version(state, commit, row.first, row.last)
        return found

    @cached_property
    def write_of(self) -> dict[tuple[int, int], int]:
        """The row in `writes` of a commit and a port."""
        return {(write.commit, write.port): index for index, write in enumerate(self.writes)}

    def earliest(self, index: int) -> int:
        """The first position at which a row of `writes` may have taken effect."""
        commit, port, _ = self.writes[index]
        versions = self.versions[port]
        if self.is_exact or not versions.is_possible:
            return self.commits[commit].first
        return versions.firsts[bisect_left(versions.all, commit, key=lambda version: version.commit)]

    def versions_of(self, port: int) -> Versions:
        """A port's committed states; one that never existed has its absence alone."""
        return self.versions.get(port) or Versions()

    @cached_property
    def writes_of(self) -> dict[int, list[int]]:
        """A commit's rows in `writes`."""
        return _grouped((write.commit, index) for index, write in enumerate(self.writes))

    @cached_property
    def commit_of(self) -> dict[int, int]:
        """A transaction's commit; those that wrote no port have none."""
        return {row.transaction: index for index, row in enumerate(self.commits) if row.transaction >= 0}

    @cached_property
    def return_of(self) -> dict[int, Return]:
        """How a callback ended; those of processes that died in it have none."""
        return {row.callback: row for row in _rows(Return, self.tables.returns)}

    @cached_property
    def answer_of(self) -> dict[int, int]:
        """An operation's row in `answers`; those that were never answered have none."""
        return {answer.operation: index for index, answer in enumerate(self.answers)}

    @cached_property
    def answered(self) -> dict[int, list[int]]:
        """The states in an operation's answer."""
        return _grouped(_rows(Answered, self.tables.answered))

    @cached_property
    def callbacks_of(self) -> dict[int, list[int]]:
        """An operation's callbacks."""
        return _grouped((row.operation, index) for index, row in enumerate(self.callbacks))

    @cached_property
    def commits_of(self) -> dict[int, list[int]]:
        """An operation's commits."""
        return _grouped((row.operation, index) for index, row in enumerate(self.commits))

    @cached_property
    def logged_of(self) -> dict[int, list[int]]:
        """An operation's rows in `logged`."""
        return _grouped((row.operation, index) for index, row in enumerate(self.logged))

    @cached_property
    def give_ups_of(self) -> dict[tuple[int, int], list[tuple[int, GiveUp]]]:
        """An operation's and a port's rows in `give_ups`, with their indexes."""
        found: dict[tuple[int, int], list[tuple[int, GiveUp]]] = defaultdict(list)
        for index, row in enumerate(self.give_ups):
            found[row.operation, row.port].append((index, row))
        return found

    @cached_property
    def attempts_of(self) -> dict[int, list[int]]:
        """A port's rows in `attempts`."""
        return _grouped((row.port, index) for index, row in enumerate(self.attempts))

    @cached_property
    def changes_of(self) -> dict[int, list[int]]:
        """A port's rows in `changes`."""
        return _grouped((row.port, index) for index, row in enumerate(self.changes))

    @cached_property
    def attempts_by(self) -> dict[tuple[int, int], list[int]]:
        """An operation's and a port's rows in `attempts`."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, row in enumerate(self.attempts):
            found[row.operation, row.port].append(index)
        return found

    @cached_property
    def postcommits(self) -> frozenset[int]:
        """The codes of the three postcommit methods."""
        return frozenset(self.words.methods.find(f"{kind}_port_postcommit") for kind in ("create", "update", "delete"))

    @cached_property
    def bind_of_token(self) -> dict[tuple[int, int], int]:
        """The bind_port call that set a token of a controller, by port and token."""
        found = {}
        for call, returned in self.return_of.items():
            if returned.vif_details >= 0:
                details = json.loads(self.words.vif_details.name(returned.vif_details) or "{}")
                token = self.words.tokens.find(str(details.get("token", "")))
                found[(self.states[self.callbacks[call].state].port, token)] = call
        return found

    @cached_property
    def in_doubt(self) -> dict[int, int]:
        """The operations that did not learn what a COMMIT of theirs had done, each with the row in `ends`.

        The core looks whether it took effect, but what others have done to the port since can hide that from it.
        """
        unknown = self.words.ends.find(COMMIT_OUTCOME_UNKNOWN)
        return {row.operation: index for index, row in enumerate(self.ends) if row.outcome == unknown}

    def doubted(self, finding: Finding, operation: int) -> Finding:
        """The finding, not decided if its operation did not learn what a COMMIT of it had done."""
        end = self.in_doubt.get(operation)
        if end is None:
            return finding
        says = f"{finding.says} Its client did not learn what a COMMIT had done, so that it could not know better."
        return replace(finding, events=(*finding.events, Event("ends", end)), says=says, certain=False)

    @cached_property
    def further_bindings(self) -> frozenset[int]:
        """The operations that made an inactive binding of a port, beside its own."""
        kind = self.words.kinds.find("create_port_binding")
        return frozenset(call.operation for call in self.calls if call.kind == kind)

    def activates(self, commit: int) -> bool:
        """Whether a commit put an inactive binding in the place of a port's own."""
        return self.commits[commit].name == self.words.transactions.find("activate_port_binding")

    def is_answered(self, operation: int) -> bool:
        """Whether the operation came to its end. Background work (-1) never does."""
        return operation in self.answer_of


def _rows(kind: type[R], table: Table) -> list[R]:
    """The rows of a table as NamedTuples."""
    return list(map(partial(_new, kind), table.rows()))


def _grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found

"""Puts together, when a run is over, what its processes have noted: tables, followed bindings, and the history.

The events of all processes are gone through in the order of their positions; commits in the order in which COMMIT was
sent, which for each port is that in which they took effect, because row locks let nobody send one in between.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from core.context import BindingResult
from core.records import Port, PortBinding
from sim.history import HistoryWriter
from sim.history.rows import GONE
from sim.history.writer import flat_port
from sim.model.bindings import BindingTracker, Computed
from sim.model.notices import Notices
from sim.wall.event_log import Event, at_us, read_events
from sim.wall.in_doubt import WallCommit, commits_of

_POSITIONS = {"read": 0, "attempt": 0}  # events that name an earlier position: which argument it is
_BEFORE_THE_RUN = 2  # positions that the initial commit takes


class Noted(NamedTuple):
    """All events of a run in order, and the commits that took effect."""

    events: list[Event]
    commits: list[WallCommit]


def noted(logs: list[Path], *, final: Mapping[str, Port], end: int) -> Noted:
    """Reads the event logs of a run. `final` are the ports that the database has at rest, at the position `end`."""
    events = sorted(chain.from_iterable(map(read_events, logs)))
    return Noted(events, commits_of(events, final=final, end=end))


def follow(found: Noted, tracker: BindingTracker, notices: Notices, *, until: int) -> None:
    """Lets the tracker and the notices see what happened before the position `until`."""
    latest_us: dict[str, int] = {}
    for position, what, arguments in _with_commits(found):
        if position >= until:
            return
        if what == "commit":
            _commit(arguments[0], tracker, latest_us)
        elif what == "told":
            tracker.told_of(arguments[0], arguments[1])
        elif what == "notice":
            driver, row, deleted = arguments
            if deleted:
                notices.forget(driver, row)
            else:
                notices.told(driver, _port(row), deleted=False)


def _with_commits(found: Noted) -> Iterator[Event]:
    """The events, with each commit where COMMIT was sent."""
    commits = {commit.sent: commit for commit in found.commits}
    for event in found.events:
        if event.what != "committing":
            yield event
        elif event.position in commits:
            yield Event(event.position, "commit", (commits[event.position],))


def _commit(commit: WallCommit, tracker: BindingTracker, latest_us: dict[str, int]) -> None:
    made = None if commit.made is None else Computed(*commit.made)
    for port_id, values in commit.left:
        at = latest_us[port_id] = max(at_us(commit.known), latest_us.get(port_id, 0))
        if values is None:
            tracker.deleted(port_id, at)
        else:
            tracker.committed(port_id, PortBinding(*values[7:]), values[6], made, at)


def _port(row: tuple[Any, ...]) -> Port:
    return Port._make((*row[:9], PortBinding(*row[9]), ()))


class HistoryReplay:
    """Writes the history of a run. `rank` says which position of the history one of the run has become."""

    def __init__(self, found: Noted, initial: Mapping[str, Port]) -> None:
        self._found = found
        self._now_us = 0
        self._rows: dict[int, int] = {}  # driver calls by their positions
        self.writer = HistoryWriter(lambda: self._now_us)
        first = ((port_id, flat_port(port)) for port_id, port in initial.items())
        self.writer.commit(first, transaction=-1, operation=-1, name="initial", sent=0)
        self._ranks = {position: place + _BEFORE_THE_RUN for place, position in enumerate(self._positions())}
        self._write: Mapping[str, Callable[..., None]] = {
            "call": self._call, "answer": self._answer, "refusal": self.writer.refusal_by,
            "ended": self.writer.transaction_ended, "read": self._read, "wrote": self.writer.wrote,
            "returned": self._returned, "attempt": self._attempt, "gave_up": self.writer.gave_up,
            "logged": self.writer.logged, "change": self._change, "fault": self.writer.fault,
        }  # fmt: skip

    def rank(self, position: int) -> int:
        """The history's position of one of the run's."""
        return self._ranks[position]

    def run(self) -> HistoryWriter:
        """Writes everything; the writer, behind the last position."""
        for event in _with_commits(self._found):
            self._place(event.position)
            if event.what == "commit":
                self._commit(event.arguments[0])
            elif event.what == "callback":
                self._callback(event.position, *event.arguments)
            elif event.what in self._write:
                self._write[event.what](*event.arguments)
        self.writer.position = len(self._ranks) + _BEFORE_THE_RUN
        return self.writer

    def _positions(self) -> list[int]:
        """Every position that is written, in order."""
        found = {event.position for event in self._found.events}
        found.update(commit.known for commit in self._found.commits)
        for event in self._found.events:
            if event.what in _POSITIONS:
                found.add(event.arguments[_POSITIONS[event.what]])
        return sorted(found)

    def _place(self, position: int) -> None:
        self.writer.position = self._ranks[position] - 1
        self._now_us = at_us(position)

    def _call(
        self, operation: int, kind: str, port_id: str | None, client: int, process: int, arguments: object
    ) -> None:
        self.writer.call(operation, kind, port_id=port_id, client=client, process=process, arguments=arguments)

    def _answer(self, operation: int, shown: list[tuple[Any, ...]]) -> None:
        self.writer.answer_states(operation, shown)

    def _read(self, sent: int, transaction: int, operation: int, statement: str, port_id: str, state: Any) -> None:
        number = GONE if state == GONE else self.writer.state(state)
        self.writer.read(self._ranks[sent], transaction, operation, statement, port_id, number)

    def _callback(self, position: int, *arguments: Any) -> None:
        self._rows[position] = self.writer.callback_states(*arguments)

    def _returned(
        self, callback: int, outcome: int, result: tuple[Any, ...] | None, continued_from: str | None
    ) -> None:
        bound = None if result is None else BindingResult(*result)
        self.writer.returned(self._rows[callback], outcome, bound, continued_from)

    def _attempt(
        self, began: int, operation: int, port_id: str, number: int, reader: int, bound: int, outcome: str
    ) -> None:
        self.writer.attempt(
            self._ranks[began], operation, port_id, number, reader=bool(reader), bound=bool(bound), outcome=outcome
        )

    def _change(
        self, controller: str, what: str, port_id: str, host: str | None, token: str | None, revision: int,
        operation: int,
    ) -> None:  # fmt: skip
        self.writer.change(
            controller, what, port_id=port_id, host=host, token=token, revision=revision, operation=operation
        )

    def _commit(self, commit: WallCommit) -> None:
        self._place(commit.known)
        self.writer.commit(
            commit.left, transaction=commit.transaction, operation=commit.operation, name=commit.name,
            sent=self._ranks[commit.sent],
        )  # fmt: skip

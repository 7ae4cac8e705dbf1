"""The rows of a history by name, and when its commits may have taken effect: all that the oracle knows of a history.

Nothing here is clever: every question is answered by looking at everything, once. It shares no code with sim/history
but the names of rows.
"""

from collections.abc import Callable, Iterator
from functools import partial
from math import inf
from typing import NamedTuple

from sim.history import History
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
    GiveUp,
    Logged,
    Read,
    Return,
    Sent,
    State,
    Write,
)

INPUTS = ("host", "vnic_type", "profile")
BINDING = ("vif_type", "vif_details", "driver", "segment")
SHOWN = State._fields[:12]
Word = str


class Place(NamedTuple):
    """A committed state of a port in the order of commits."""

    write: int
    state: int
    commit: Commit


Instants = tuple[int, ...]
"""For each of a port's places the instant at which it began."""


class Demand(NamedTuple):
    """The states in force at some moment from `first` to `last` have to be right."""

    first: int
    last: int
    is_right: Callable[[list[int]], bool]


class Truth:
    """The rows, as lists by table."""

    def __init__(self, history: History) -> None:
        tables = history.tables
        self.facts = history.facts
        self.words = tables.words
        self.states = list(map(State._make, tables.states.rows()))
        self.calls = list(map(Call._make, tables.calls.rows()))
        self.answers = list(map(Answer._make, tables.answers.rows()))
        self.answered = list(map(Answered._make, tables.answered.rows()))
        self.commits = list(map(Commit._make, tables.commits.rows()))
        self.writes = list(map(Write._make, tables.writes.rows()))
        self.ends = list(map(Ended._make, tables.ends.rows()))
        self.callbacks = list(map(Callback._make, tables.callbacks.rows()))
        self.returns = list(map(Return._make, tables.returns.rows()))
        self.attempts = list(map(Attempt._make, tables.attempts.rows()))
        self.give_ups = list(map(GiveUp._make, tables.give_ups.rows()))
        self.logged = list(map(Logged._make, tables.logged.rows()))
        self.reads = list(map(Read._make, tables.reads.rows()))
        self.sent = list(map(Sent._make, tables.sent.rows()))
        self.changes = list(map(Change._make, tables.changes.rows()))
        self.bindable = list(map(Bindable._make, tables.bindable.rows()))
        self._parts: dict[tuple[int, tuple[str, ...]], tuple[int, ...] | None] = {}
        self._explanations: dict[int, list[Instants]] = {}
        self._earliest: dict[int, float] = {}

    # states

    def state(self, number: int) -> State | None:
        """A state by its number."""
        return None if number == GONE else self.states[number]

    def part(self, number: int, names: tuple[str, ...]) -> tuple[int, ...] | None:
        """Some columns of a state."""
        if (number, names) not in self._parts:
            state = self.state(number)
            self._parts[number, names] = None if state is None else tuple(getattr(state, name) for name in names)
        return self._parts[number, names]

    def is_bound(self, number: int) -> bool:
        """Whether a state is that of a port that a driver has bound."""
        state = self.state(number)
        return state is not None and self.words.vif_types.name(state.vif_type) not in ("unbound", "binding_failed")

    def is_failed(self, number: int) -> bool:
        """Whether a state is 'binding_failed'."""
        state = self.state(number)
        return state is not None and self.words.vif_types.name(state.vif_type) == "binding_failed"

    def has_host(self, number: int) -> bool:
        """Whether a state has a host."""
        state = self.state(number)
        return state is not None and self.words.hosts.name(state.host) != ""

    # commits

    def places(self, port: int) -> list[Place]:
        """A port's committed states, beginning with its absence."""
        absent = Place(-1, GONE, Commit(-1, -1, 0, -1, -1, 0))
        return [absent, *self._written(port)]

    def _written(self, port: int) -> Iterator[Place]:
        for index, write in enumerate(self.writes):
            if write.port == port:
                yield Place(index, write.state, self.commits[write.commit])

    def before(self, index: int) -> int:
        """The state that a row of `writes` replaced."""
        return [place for place in self.places(self.writes[index].port) if place.write < index][-1].state

    def instants(self, port: int) -> list[Instants]:
        """All ways in which a port's commits can have taken effect, in their order, each within its interval."""
        ways: list[Instants] = [()]
        for place in self.places(port):
            first, last = place.commit.first, place.commit.last
            ways = [(*way, each) for way in ways for each in range(max((first, *way[-1:])), last + 1)]
        return ways

    def explanations(self, port: int) -> list[Instants]:
        """The ways that explain all that was read of the port; all ways, if none does."""
        if port not in self._explanations:
            ways = self.instants(port)
            self._explanations[port] = self.meeting(port, ways, self.reads_of(port)) or ways
        return self._explanations[port]

    def reads_of(self, port: int) -> list[Demand]:
        """What was read of a port, but not by a transaction that had changed it."""
        return [
            Demand(read.first, read.last, partial(self._has, self.state(read.state)))
            for read in self.reads
            if read.port == port and self.own_write(read.transaction, port) >= read.last
        ]

    def _has(self, wanted: State | None, states: list[int]) -> bool:
        return wanted in map(self.state, states)

    def own_write(self, transaction: int, port: int) -> float:
        """The position at which a transaction first changed a port."""
        own = [sent.position for sent in self.sent if sent.transaction == transaction and sent.port == port]
        return min(own, default=inf)

    def meeting(self, port: int, ways: list[Instants], demands: list[Demand]) -> list[Instants]:
        """Those of the ways that meet all the demands."""
        states = [place.state for place in self.places(port)]
        return [way for way in ways if all(it.is_right(_in_force(states, way, it.first, it.last)) for it in demands)]

    def explained(self, port: int, demands: list[Demand]) -> Word:
        """ok if one way explains all that was read and meets all the demands."""
        ways = self.explanations(port)
        return plain(bool(self.meeting(port, ways, demands)))

    def earliest(self, index: int) -> float:
        """The first instant at which a row of `writes` can have taken effect."""
        if index not in self._earliest:
            port = self.writes[index].port
            nth = [place.write for place in self.places(port)].index(index)
            self._earliest[index] = min(way[nth] for way in self.explanations(port))
        return self._earliest[index]

    # operations

    def is_answered(self, operation: int) -> bool:
        """Whether an operation came to its end."""
        return any(answer.operation == operation for answer in self.answers)

    def doubted(self, said: Word, operation: int) -> Word:
        """What can be said of an operation whose client did not learn what one of its COMMITs had done."""
        unknown = self.words.ends.find("commit_outcome_unknown")
        in_doubt = any(end.operation == operation and end.outcome == unknown for end in self.ends)
        return "unknown" if in_doubt and said == "violated" else said

    def drivers(self) -> list[int]:
        """The codes of all drivers."""
        return [self.words.drivers.find(name) for name in self.facts.drivers]

    def calls_of(self, *methods: str) -> list[int]:
        """The rows of `callbacks` of some methods."""
        codes = {self.words.methods.find(name) for name in methods}
        return [row for row, call in enumerate(self.callbacks) if call.method in codes]

    def port_of(self, row: int) -> int:
        """The port of a callback."""
        return self.states[self.callbacks[row].state].port

    def returned(self, row: int) -> Return | None:
        """How a callback ended, or None."""
        return next((each for each in self.returns if each.callback == row), None)


def _in_force(states: list[int], began: Instants, first: int, last: int) -> list[int]:
    ended = (*began[1:], inf)
    return [state for state, since, until in zip(states, began, ended, strict=True) if since <= last and until > first]


def worst(words: list[Word]) -> Word:
    """A property's word from those of all that was looked at."""
    return next((each for each in ("violated", "unknown") if each in words), "ok")


def plain(is_right: bool) -> Word:
    """The word where there is no doubt."""
    return "ok" if is_right else "violated"

"""The rows of a history by name, and when its commits may have taken effect: all that the oracle knows of a history.

Nothing here is clever: every question is answered by looking at everything. It shares no code with sim/history but the
names of rows.
"""

from collections.abc import Callable, Iterator
from itertools import product
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
        self._instants: dict[int, list[tuple[float, ...]]] = {}

    # states

    def state(self, number: int) -> State | None:
        """A state by its number."""
        return None if number == GONE else self.states[number]

    def part(self, number: int, names: tuple[str, ...]) -> tuple[int, ...] | None:
        """Some columns of a state."""
        state = self.state(number)
        return None if state is None else tuple(getattr(state, name) for name in names)

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

    def instants(self, port: int) -> list[tuple[float, ...]]:
        """All ways in which a port's commits can have taken effect, in their order, each within its interval."""
        if port not in self._instants:
            ranges = [range(place.commit.first, place.commit.last + 1) for place in self.places(port)]
            self._instants[port] = [each for each in product(*ranges) if list(each) == sorted(each)]
        return self._instants[port]

    def in_force(self, port: int, first: int, last: int) -> Iterator[list[int]]:
        """For each way, the states in force at some moment from `first` to `last`."""
        places = self.places(port)
        for began in self.instants(port):
            ended = (*began[1:], inf)
            yield [
                place.state
                for place, since, until in zip(places, began, ended, strict=True)
                if since <= last and until > first
            ]

    def ways(self, port: int, first: int, last: int, is_right: Callable[[list[int]], bool]) -> Word:
        """ok if right in every way, violated if in none."""
        return word(is_right(states) for states in self.in_force(port, first, last))

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


def word(rights: Iterator[bool]) -> Word:
    """ok if all are right, violated if none is."""
    found = set(rights)
    if found == {True}:
        return "ok"
    return "violated" if found == {False} else "unknown"


def worst(words: list[Word]) -> Word:
    """A property's word from those of all that was looked at."""
    return next((each for each in ("violated", "unknown") if each in words), "ok")


def plain(is_right: bool) -> Word:
    """The word where there is no doubt."""
    return "ok" if is_right else "violated"

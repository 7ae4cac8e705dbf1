"""Which ports an answered list had to have: those that matched its filters from call to return. Part of `answers`."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from sim.history.rows import GONE
from sim.history.versions import Version
from sim.history.view import View

_COLUMN_OF = {"binding:host_id": ("hosts", 7), "device_id": ("device_ids", 4), "status": ("statuses", 3)}
_EVERY = (-1, -1)  # the key under which every port stands, in place of a column and its code
Filters = list[tuple[int, set[int]]]


class Owed(NamedTuple):
    """A port that matched throughout, unless (if not `certain`) one of its other versions was in force meanwhile."""

    port: int
    certain: bool
    others: tuple[int, ...]


class Lists:
    """Follows the ports through the history, so that a list costs what it shows; to be asked in the order of calls."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._state: dict[int, int] = {}
        self._having: dict[tuple[int, int], dict[int, None]] = {}
        self._written = _written(view)
        self._next = 0  # the first of them that may be later than where we are
        self._unsure = sorted((first, last, port) for last, first, port, _ in self._written if first < last)
        self._next_unsure = 0
        self._begun: dict[int, int] = {}  # how many commits of a port may be before or after where we are

    def owed(self, arguments: str | None, first: int, last: int) -> Iterator[Owed]:
        """The ports that matched throughout, surely or perhaps; none where a filter is not about what states hold."""
        filters = self._filters(arguments)
        if filters is None:
            return
        self._follow(first)
        for port in dict.fromkeys((*self._candidates(filters), *self._begun)):
            versions = self._view.versions_of(port)
            window = versions.within(first, last)
            others = tuple(index for index in window if not self._matches(versions.all[index], filters))
            missed = versions.certainty(others, first, last)
            if missed != "surely":
                yield Owed(port, missed == "never", others)

    def _filters(self, arguments: str | None) -> Filters | None:
        """Columns of a state and the codes allowed."""
        wanted = []
        for name, value in json.loads(arguments or "{}").items():
            if name not in _COLUMN_OF:
                return None
            words, column = _COLUMN_OF[name]
            values = value if isinstance(value, list) else [value]
            wanted.append((column, {getattr(self._view.words, words).find(each) for each in values}))
        return wanted

    def _follow(self, position: int) -> None:
        """Goes on to the state of all ports at a position."""
        while self._next_unsure < len(self._unsure) and self._unsure[self._next_unsure][0] <= position:
            port = self._unsure[self._next_unsure][2]
            self._begun[port] = self._begun.get(port, 0) + 1
            self._next_unsure += 1
        while self._next < len(self._written) and self._written[self._next][0] <= position:
            last, first, port, state = self._written[self._next]
            if first < last:
                self._end(port)
            self._put(port, state)
            self._next += 1

    def _end(self, port: int) -> None:
        self._begun[port] -= 1
        if not self._begun[port]:
            del self._begun[port]

    def _put(self, port: int, state: int) -> None:
        for key in self._keys(self._state.pop(port, GONE)):
            del self._having[key][port]
        for key in self._keys(state):
            self._having.setdefault(key, {})[port] = None
        self._state[port] = state

    def _keys(self, state: int) -> list[tuple[int, int]]:
        if state == GONE:
            return []
        row = self._view.states[state]
        return [_EVERY, *((column, row[column]) for _, column in _COLUMN_OF.values())]

    def _candidates(self, filters: Filters) -> Iterator[int]:
        column, codes = filters[0] if filters else (_EVERY[0], {_EVERY[1]})
        for code in sorted(codes):
            yield from self._having.get((column, code), ())

    def _matches(self, version: Version, filters: Filters) -> bool:
        if version.state == GONE:
            return False
        state = self._view.states[version.state]
        return all(state[column] in codes for column, codes in filters)


def _written(view: View) -> list[tuple[int, int, int, int]]:
    """What was written, in the order of the last position at which it was there: last and first, port, state."""
    places: dict[int, int] = {}
    found = []
    for _, port, state in view.writes:
        place = places[port] = places.get(port, 0) + 1
        versions = view.versions[port]
        found.append((versions.lasts[place], versions.firsts[place], port, state))
    found.sort(key=lambda each: each[0])
    return found

"""Which ports an answered list had to have: those that matched its filters from call to return. Part of `answers`."""

import json
from collections.abc import Iterator
from itertools import accumulate

from sim.history.rows import GONE
from sim.history.versions import Certainty, Version
from sim.history.view import View

_COLUMN_OF = {"binding:host_id": ("hosts", 7), "device_id": ("device_ids", 4), "status": ("statuses", 3)}
_EVERY = (-1, -1)  # the key under which every port stands, in place of a column and its code
_OPPOSITE: dict[Certainty, Certainty] = {"surely": "never", "perhaps": "perhaps", "never": "surely"}
Filters = list[tuple[int, set[int]]]


class Lists:
    """Follows the ports through the history, so that a list costs what it shows; to be asked in the order of calls."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._next = 0  # the first row of `writes` that is not followed yet
        self._state: dict[int, int] = {}
        self._having: dict[tuple[int, int], dict[int, None]] = {}
        firsts = (view.commits[write.commit].first for write in reversed(view.writes))
        self._earliest = list(accumulate(firsts, min))[::-1]

    def owed(self, arguments: str | None, first: int, last: int) -> Iterator[tuple[int, Certainty]]:
        """The ports that matched throughout, surely or perhaps; none where a filter is not about what states hold."""
        filters = self._filters(arguments)
        if filters is None:
            return
        self._follow(first)
        for port in dict.fromkeys((*self._candidates(filters), *self._being_written(first))):
            certainty = self._throughout(port, filters, first, last)
            if certainty != "never":
                yield port, certainty

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
        writes, commits = self._view.writes, self._view.commits
        while self._next < len(writes) and commits[writes[self._next].commit].last <= position:
            _, port, state = writes[self._next]
            for key in self._keys(self._state.pop(port, GONE)):
                del self._having[key][port]
            for key in self._keys(state):
                self._having.setdefault(key, {})[port] = None
            self._state[port] = state
            self._next += 1

    def _keys(self, state: int) -> list[tuple[int, int]]:
        if state == GONE:
            return []
        row = self._view.states[state]
        return [_EVERY, *((column, row[column]) for _, column in _COLUMN_OF.values())]

    def _candidates(self, filters: Filters) -> Iterator[int]:
        column, codes = filters[0] if filters else (_EVERY[0], {_EVERY[1]})
        for code in sorted(codes):
            yield from self._having.get((column, code), ())

    def _being_written(self, position: int) -> Iterator[int]:
        """The ports of commits that may have been before the position or after it."""
        for index in range(self._next, len(self._earliest)):
            if self._earliest[index] > position:
                return
            yield self._view.writes[index].port

    def _throughout(self, port: int, filters: Filters, first: int, last: int) -> Certainty:
        versions = self._view.versions_of(port)
        window = versions.within(first, last)
        others = (index for index in window if not self._matches(versions.all[index], filters))
        left_out = versions.certainty(others, first, last)
        return _OPPOSITE[left_out]

    def _matches(self, version: Version, filters: Filters) -> bool:
        if version.state == GONE:
            return False
        state = self._view.states[version.state]
        return all(state[column] in codes for column, codes in filters)

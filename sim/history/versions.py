"""The committed states of a port in their order, and which of them was in force when. Made by View for the checker.

Where a commit has an interval instead of an instant, what is asked has three answers: surely, perhaps, never. What is
perhaps so is put together with all else that was seen by sim/history/instants.py.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import le
from typing import Literal, NamedTuple

from sim.history.rows import GONE
from sim.history.verdict import Event

BEFORE_ALL = -1  # a position before that of every event
_FEW = 8  # versions that are looked at one by one rather than looked up; assumption

Certainty = Literal["surely", "perhaps", "never"]
Run = tuple[int, int]
"""Neighbouring versions: the index of the first and of the last of them."""


class Version(NamedTuple):
    """A committed state of a port: in force from its commit (its row in `commits`, -1: none) to the next version's."""

    state: int
    commit: int
    first: int
    last: int


ABSENT = Version(GONE, -1, BEFORE_ALL, BEFORE_ALL)
"""What every port begins with."""


class Versions:
    """All committed states of one port, in the order of their commits, beginning with its absence.

    `firsts` and `lasts` are the bounds of each version's instant, ascending: that order is known even where instants
    are not, so no commit is later than its successor's last position, or earlier than its predecessor's first. What
    was read narrows them further; `because_first` and `because_last` then have the row that moved a bound. Where no
    instants in the intervals have that order (`is_possible` is false) something was recorded wrongly, and nothing is
    said to be never so.
    """

    __slots__ = ("_places", "all", "because_first", "because_last", "firsts", "is_possible", "lasts")

    def __init__(self, versions: Iterable[Version] = ()) -> None:
        self.all = [ABSENT, *versions]
        self.firsts = [version.first for version in self.all]
        self.lasts = [version.last for version in self.all]
        self.because_first: dict[int, Event] = {}
        self.because_last: dict[int, Event] = {}
        self._places: dict[int, dict[int, list[int]]] = {}
        for place in range(1, len(self.all)):
            self.firsts[place] = max(self.firsts[place - 1 : place + 1])
        for place in range(len(self.all) - 1, 0, -1):
            self.lasts[place - 1] = min(self.lasts[place - 1 : place + 1])
        self.is_possible = all(map(le, self.firsts, self.lasts))

    def within(self, first: int, last: int) -> range:
        """The indexes of the versions that may have been in force at some position from `first` to `last`."""
        begin = max(0, bisect_right(self.lasts, first) - 1)
        return range(begin, bisect_right(self.firsts, last))

    def certainty(self, indexes: Iterable[int], first: int, last: int) -> Certainty:
        """Whether one of these versions, ascending, was in force at some position from `first` to `last`.

        Neighbours count as one: however unsure the instant between them is, one of them was in force.
        """
        perhaps, began, latest = False, -1, -2
        for index in indexes:
            began = began if index == latest + 1 else index
            latest = index
            if self.lasts[began] <= last and (index + 1 == len(self.all) or self.firsts[index + 1] > first):
                return "surely"
            perhaps = True
        return "perhaps" if perhaps or not self.is_possible else "never"

    def at(self, position: int) -> int:
        """The index of the latest version that may have been in force at a position."""
        return bisect_right(self.firsts, position) - 1

    def is_sure_at(self, position: int) -> bool:
        """Whether no commit may have been before the position as well as after it."""
        return self.lasts[self.at(position)] <= position

    def in_force(self, wanted: int, alike: Sequence[int], first: int, last: int) -> Certainty:
        """Whether a version like the state `wanted` was in force at some position from `first` to `last`.

        `alike` has for each state the number of the first one that is to count as the same.
        """
        return self.certainty(self.like_within(wanted, alike, first, last), first, last)

    def like(self, wanted: int, alike: Sequence[int]) -> list[int]:
        """The indexes of all versions that are like a state, ascending. The first call costs a look at all."""
        places = self._places.get(id(alike))
        if places is None:
            places = self._places[id(alike)] = {}
            for index, version in enumerate(self.all):
                places.setdefault(_number(version.state, alike), []).append(index)
        return places.get(_number(wanted, alike), [])

    def like_within(self, wanted: int, alike: Sequence[int], first: int, last: int) -> Iterator[int]:
        """Those of them that may have been in force at some position from `first` to `last`."""
        window = self.within(first, last)
        if len(window) <= _FEW:
            number = _number(wanted, alike)
            return (index for index in window if _number(self.all[index].state, alike) == number)
        found = self.like(wanted, alike)
        return iter(found[bisect_left(found, window.start) : bisect_left(found, window.stop)])

    def because(self, indexes: Iterable[int], first: int, last: int) -> Iterator[Event]:
        """What was seen that shows that these versions were not in force from `first` to `last`."""
        for index in indexes:
            late = self.because_first.get(index) if self.firsts[index] > last else None
            early = self.because_last.get(index + 1) if self.lasts[min(index + 1, len(self.all) - 1)] <= first else None
            yield from (event for event in (late, early) if event is not None)


def runs(indexes: Iterable[int]) -> tuple[Run, ...]:
    """Ascending indexes with neighbours put together."""
    found: list[Run] = []
    for index in indexes:
        if found and found[-1][1] == index - 1:
            found[-1] = found[-1][0], index
        else:
            found.append((index, index))
    return tuple(found)


def _number(state: int, alike: Sequence[int]) -> int:
    return GONE if state == GONE else alike[state]

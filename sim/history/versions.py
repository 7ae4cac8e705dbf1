"""The committed states of a port in their order, and which of them was in force when. Made by View for the checker.

Where a commit has an interval instead of an instant, what is asked has three answers: surely, perhaps, never.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from sim.history.rows import GONE

BEFORE_ALL = -1  # a position before that of every event
_FEW = 8  # versions that are looked at one by one rather than looked up; assumption

Certainty = Literal["surely", "perhaps", "never"]


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

    That order is known even where instants are not, so intervals are narrowed by it: no commit is later than its
    successor's last position, or earlier than its predecessor's first.
    """

    __slots__ = ("_firsts", "_lasts", "_places", "all")

    def __init__(self, versions: Iterable[Version] = ()) -> None:
        self.all = [ABSENT, *versions]
        self._firsts = [version.first for version in self.all]
        self._lasts = [version.last for version in self.all]
        self._places: dict[int, dict[int, list[int]]] = {}
        for place in range(1, len(self.all)):
            self._firsts[place] = max(self._firsts[place - 1 : place + 1])
        for place in range(len(self.all) - 1, 0, -1):
            self._lasts[place - 1] = min(self._lasts[place - 1 : place + 1])

    def within(self, first: int, last: int) -> range:
        """The indexes of the versions that may have been in force at some position from `first` to `last`."""
        begin = max(0, bisect_left(self._lasts, first) - 1)
        return range(begin, bisect_right(self._firsts, last))

    def certainty(self, indexes: Iterable[int], first: int, last: int) -> Certainty:
        """Whether one of these versions, ascending, was in force at some position from `first` to `last`.

        Neighbours count as one: however unsure the instant between them is, one of them was in force.
        """
        perhaps, began, latest = False, -1, -2
        for index in indexes:
            began = began if index == latest + 1 else index
            latest = index
            if self._lasts[began] <= last and (index + 1 == len(self.all) or self._firsts[index + 1] >= first):
                return "surely"
            perhaps = True
        return "perhaps" if perhaps else "never"

    def at(self, position: int) -> int:
        """The index of the version that was in force at a position, where commits have exact ones."""
        return bisect_right(self._firsts, position) - 1

    def in_force(self, wanted: int, alike: Sequence[int], first: int, last: int) -> Certainty:
        """Whether a version like the state `wanted` was in force at some position from `first` to `last`.

        `alike` has for each state the number of the first one that is to count as the same.
        """
        return self.certainty(self._like(wanted, alike, self.within(first, last)), first, last)

    def like(self, wanted: int, alike: Sequence[int]) -> list[int]:
        """The indexes of all versions that are like a state, ascending. The first call costs a look at all."""
        places = self._places.get(id(alike))
        if places is None:
            places = self._places[id(alike)] = {}
            for index, version in enumerate(self.all):
                places.setdefault(_number(version.state, alike), []).append(index)
        return places.get(_number(wanted, alike), [])

    def _like(self, wanted: int, alike: Sequence[int], window: range) -> Iterator[int]:
        if len(window) <= _FEW:
            number = _number(wanted, alike)
            return (index for index in window if _number(self.all[index].state, alike) == number)
        found = self.like(wanted, alike)
        return iter(found[bisect_left(found, window.start) : bisect_left(found, window.stop)])


def _number(state: int, alike: Sequence[int]) -> int:
    return GONE if state == GONE else alike[state]

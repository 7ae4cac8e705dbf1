"""Which instants of a port's commits explain all that was seen: bounds that are narrowed demand by demand.

A *demand* is a sighting: one of some versions was in force at some position from `first` to `last`. Where one run of
neighbours is left that can have been, its bounds are narrowed; as the order of commits is known, such bounds always
leave a way to choose the instants (each at its first position, say), so a demand that contradicts them is found at once
and for certain. Demands with several runs left are tried in every way, up to a limit. sim/history/evidence.py and the
property `answers` make the demands.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.history.verdict import Event
from sim.history.versions import Run, Versions

_MOST_TRIES = 500  # choices of a run before a search is given up; assumption


class Demand(NamedTuple):
    """One of these runs of versions was in force at some position from `first` to `last`; the row `event` says so."""

    runs: tuple[Run, ...]
    first: int
    last: int
    event: Event


class Clash(NamedTuple):
    """A demand that nothing explains, what shows that (rows), and whether all its versions came too late."""

    demand: Demand
    because: tuple[Event, ...]
    is_late: bool


class Settled(NamedTuple):
    """The demands that clash, and those of which it was not found out."""

    clashes: list[Clash]
    undecided: list[Demand]


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The bounds of the versions' instants, both ascending, and the rows that moved them."""

    firsts: list[int]
    lasts: list[int]
    because_first: dict[int, Event] = field(default_factory=dict)
    because_last: dict[int, Event] = field(default_factory=dict)

    def copy(self) -> "_Bounds":
        return _Bounds([*self.firsts], [*self.lasts], {**self.because_first}, {**self.because_last})

    def can(self, run: Run, demand: Demand) -> bool:
        """Whether the run can have been in force."""
        after = run[1] + 1
        ends = after == len(self.lasts) or self.lasts[after] > demand.first
        return ends and self.firsts[run[0]] <= demand.last

    def must(self, run: Run, demand: Demand) -> bool:
        """Whether the run was in force whatever the instants are."""
        after = run[1] + 1
        ends = after == len(self.firsts) or self.firsts[after] > demand.first
        return ends and self.lasts[run[0]] <= demand.last

    def narrow(self, run: Run, demand: Demand) -> None:
        """The run was in force."""
        place, after = run[0], run[1] + 1
        while place > 0 and self.lasts[place] > demand.last:
            self.lasts[place], self.because_last[place] = demand.last, demand.event
            place -= 1
        while after < len(self.firsts) and self.firsts[after] <= demand.first:
            self.firsts[after], self.because_first[after] = demand.first + 1, demand.event
            after += 1


class Instants:
    """The instants of one port's commits, as far as the demands so far tell. Demands come in the order of `last`,

    in which each bound is moved once where the intervals are those of transactions that wait for each other.
    """

    def __init__(self, versions: Versions, earlier: Iterable[Demand] = ()) -> None:
        self._bounds = _Bounds(
            [*versions.firsts], [*versions.lasts], {**versions.because_first}, {**versions.because_last}
        )
        self._open = list(earlier)

    def add(self, demand: Demand) -> Clash | None:
        """One more; how it clashes with the others, if it does, in which case it is forgotten."""
        bounds = self._bounds
        left = [run for run in demand.runs if bounds.can(run, demand)]
        if not left:
            return self._clash(demand)
        if len(left) == 1:
            bounds.narrow(left[0], demand)
        elif not any(bounds.must(run, demand) for run in left):
            self._open.append(demand)
        return None

    def settle(self) -> Settled:
        """Decides on the demands that could be met in several ways."""
        clashes = self._narrowed()
        if not self._open or self._holds(self._bounds.firsts) or self._holds(self._bounds.lasts):
            return Settled(clashes, [])
        found = _Search(self._bounds).solvable(self._open)
        if found is None:
            return Settled(clashes, self._open)
        return Settled(clashes if found else [*clashes, self._first_clash()], [])

    def keep(self, versions: Versions) -> list[Demand]:
        """Gives the versions the narrowed bounds; what is still open."""
        versions.firsts, versions.lasts = self._bounds.firsts, self._bounds.lasts
        versions.because_first, versions.because_last = self._bounds.because_first, self._bounds.because_last
        return self._open

    def _narrowed(self) -> list[Clash]:
        """Goes through the open ones for as long as one of them is decided by another."""
        clashes, before = list[Clash](), -1
        while before != len(self._open):
            before, demands, self._open = len(self._open), self._open, []
            clashes += filter(None, map(self.add, demands))
        return clashes

    def _holds(self, instants: list[int]) -> bool:
        """Whether these instants meet all open demands."""
        fixed = _Bounds(instants, instants)
        return all(any(fixed.must(run, demand) for run in demand.runs) for demand in self._open)

    def _first_clash(self) -> Clash:
        """The first open demand that cannot be met together with those before it; from it on they are forgotten."""
        few, many = 0, len(self._open)
        while many - few > 1:
            middle = (few + many) // 2
            unsolvable = _Search(self._bounds).solvable(self._open[:middle]) is False
            few, many = (few, middle) if unsolvable else (middle, many)
        *self._open, demand = self._open[:many]
        return Clash(demand, tuple(dict.fromkeys(each.event for each in self._open)), is_late=False)

    def _clash(self, demand: Demand) -> Clash:
        bounds, because, late = self._bounds, list[Event](), True
        for first, last in demand.runs:
            if bounds.firsts[first] > demand.last:
                because += [bounds.because_first[first]] if first in bounds.because_first else []
            else:
                late = False
                because += [bounds.because_last[last + 1]] if last + 1 in bounds.because_last else []
        return Clash(demand, tuple(dict.fromkeys(because)), late)


class _Search:
    """Tries the runs of demands in every combination, at most so many of them."""

    def __init__(self, bounds: _Bounds) -> None:
        self._start = bounds
        self._tries = 0

    def solvable(self, demands: list[Demand]) -> bool | None:
        """Whether all can be met; None if that would take too many tries."""
        return self._from(self._start, demands, 0)

    def _from(self, bounds: _Bounds, demands: list[Demand], nth: int) -> bool | None:
        if nth == len(demands):
            return True
        said: bool | None = False
        for run in demands[nth].runs:
            if not bounds.can(run, demands[nth]):
                continue
            self._tries += 1
            if self._tries > _MOST_TRIES:
                return None
            chosen = bounds.copy()
            chosen.narrow(run, demands[nth])
            found = self._from(chosen, demands, nth + 1)
            if found is not False:
                return found
        return said

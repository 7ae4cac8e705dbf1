"""Demands on instants: narrowed as far as they tell, decided as trying every choice of instants decides."""

from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.history import Event
from sim.history.instants import Demand, Instants
from sim.history.versions import Version, Versions

END = 8  # the last position of the small histories here
SEEN = [Event("reads", row) for row in range(20)]


def versions(*intervals: tuple[int, int]) -> Versions:
    return Versions(Version(place, place, *interval) for place, interval in enumerate(intervals, 1))


def clashing(instants: Instants, demands: list[Demand]) -> list[Demand]:
    """The demands that nothing explains, in the order in which that is found out."""
    found = [clash.demand for demand in demands if (clash := instants.add(demand))]
    return [*found, *(clash.demand for clash in instants.settle().clashes)]


def test_a_sighting_narrows_its_commit_and_the_one_after() -> None:
    three = versions((1, 9), (2, 9), (3, 9))
    instants = Instants(three)
    assert instants.add(Demand(((2, 2),), 5, 6, SEEN[0])) is None
    assert instants.keep(three) == []
    assert (three.firsts, three.lasts) == ([-1, 1, 2, 6], [-1, 6, 6, 9])
    assert (three.because_first, three.because_last) == ({3: SEEN[0]}, {1: SEEN[0], 2: SEEN[0]})


def test_a_clash_names_what_shows_it_and_whether_it_came_too_late() -> None:
    instants = Instants(versions((1, 9)))
    assert instants.add(Demand(((0, 0),), 5, 6, SEEN[0])) is None
    late = instants.add(Demand(((1, 1),), 2, 3, SEEN[1]))
    assert late is not None
    assert (late.because, late.is_late) == ((SEEN[0],), True)
    assert instants.add(Demand(((1, 1),), 7, 8, SEEN[2])) is None
    early = instants.add(Demand(((0, 0),), 8, 9, SEEN[3]))
    assert early is not None
    assert (early.because, early.is_late) == ((SEEN[2],), False)


def test_a_sighting_that_could_be_of_two_versions_is_decided_by_a_later_one() -> None:
    instants = Instants(versions((1, 20), (1, 20)))
    assert instants.add(Demand(((0, 0), (2, 2)), 10, 11, SEEN[0])) is None
    assert instants.add(Demand(((1, 1),), 12, 13, SEEN[1])) is None
    assert instants.settle() == ([], [])
    late = instants.add(Demand(((2, 2),), 8, 9, SEEN[2]))
    assert late is not None
    assert late.because == (SEEN[1],)


def even_or_odd(*odd: bool) -> list[Demand]:
    """Of three commits under way at once: one demand every ten positions, that an odd or an even number was done."""
    runs = {False: ((0, 0), (2, 2)), True: ((1, 1), (3, 3))}
    return [
        Demand(runs[each], at, at + 1, SEEN[nth])
        for nth, (at, each) in enumerate(zip((10, 20, 30, 40), odd, strict=False))
    ]


def test_what_neither_the_earliest_nor_the_latest_instants_explain_is_searched_for() -> None:
    instants = Instants(versions((1, 99), (1, 99), (1, 99)))
    assert clashing(instants, even_or_odd(False, True, False)) == []


def test_the_first_sighting_that_does_not_fit_to_those_before_is_the_one_that_clashes() -> None:
    instants = Instants(versions((1, 99), (1, 99), (1, 99)))
    demands = even_or_odd(True, False, True, False)
    assert clashing(instants, demands) == demands[3:]


def test_more_ways_than_may_be_tried_leave_it_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.history.instants._MOST_TRIES", 2)
    instants = Instants(versions((1, 99), (1, 99), (1, 99)))
    demands = even_or_odd(False, True, False)
    assert [instants.add(demand) for demand in demands] == [None] * 3
    assert instants.settle() == ([], demands)


@st.composite
def small_ports(draw: st.DrawFn) -> tuple[Versions, list[Demand]]:
    """Up to four commits in wide intervals, and what was seen of their port."""
    starts = sorted(draw(st.lists(st.integers(0, END), min_size=1, max_size=4)))
    port = versions(*((start, draw(st.integers(start, END))) for start in starts))
    demands = []
    for row in range(draw(st.integers(1, 5))):
        first = draw(st.integers(0, END))
        last = draw(st.integers(first, END))
        window = port.within(first, last)
        runs = {draw(st.sampled_from(window)) for _ in range(draw(st.integers(1, 3)))}
        apart = tuple((place, place) for place in sorted(runs) if place - 1 not in runs)
        demands.append(Demand(apart, first, last, SEEN[row]))
    return port, sorted(demands, key=lambda demand: demand.last)


def explained(port: Versions, demands: list[Demand]) -> bool:
    """Whether some choice of the instants meets all demands: every choice is tried."""
    count = len(port.all) - 1
    ways = [
        (-1, *way, END + 9)
        for way in combinations_with_replacement(range(END + 1), count)
        if all(port.all[place].first <= at <= port.all[place].last for place, at in enumerate(way, 1))
    ]
    return any(all(any(_was(way, run, each) for run in each.runs) for each in demands) for way in ways)


def _was(way: tuple[int, ...], run: tuple[int, int], demand: Demand) -> bool:
    return way[run[0]] <= demand.last and way[run[1] + 1] > demand.first


@given(small_ports())
def test_what_can_be_explained_is_what_some_choice_of_instants_explains(case: tuple[Versions, list[Demand]]) -> None:
    port, demands = case
    found = clashing(Instants(port), demands)
    assert explained(port, demands) == (not found)
    assert explained(port, [demand for demand in demands if demand not in found])

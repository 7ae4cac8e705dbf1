"""A port's committed states, and what was in force when: exact instants and intervals."""

from sim.history.rows import GONE
from sim.history.versions import Version, Versions

ALIKE = list(range(10))  # every state is like itself alone


def versions(*intervals: tuple[int, int]) -> Versions:
    """States 0, 1, 2 ... committed within these intervals."""
    return Versions(Version(state, state, *interval) for state, interval in enumerate(intervals))


def test_with_exact_instants_everything_is_sure() -> None:
    found = versions((10, 10), (20, 20), (30, 30))
    assert [found.in_force(state, ALIKE, 12, 20) for state in range(3)] == ["surely", "surely", "never"]
    assert found.in_force(GONE, ALIKE, 1, 9) == "surely"
    assert found.in_force(GONE, ALIKE, 11, 99) == "never"
    assert [found.all[found.at(position)].state for position in (9, 10, 19, 20, 99)] == [GONE, 0, 0, 1, 2]


def test_within_an_interval_both_states_are_perhaps() -> None:
    found = versions((10, 10), (20, 30))
    assert [found.in_force(state, ALIKE, 22, 25) for state in (0, 1)] == ["perhaps", "perhaps"]
    assert [found.in_force(state, ALIKE, 15, 25) for state in (0, 1)] == ["surely", "perhaps"]
    assert [found.in_force(state, ALIKE, 22, 35) for state in (0, 1)] == ["perhaps", "surely"]


def test_neighbours_that_are_alike_count_as_one() -> None:
    found = versions((10, 10), (20, 30))
    assert found.in_force(0, [0, 0], 22, 25) == "surely"


def test_intervals_are_narrowed_by_the_order_of_the_commits() -> None:
    found = versions((10, 50), (20, 30))
    assert found.in_force(0, ALIKE, 31, 60) == "never"
    assert found.in_force(1, ALIKE, 31, 60) == "surely"
    later = versions((40, 50), (20, 60))
    assert later.in_force(1, ALIKE, 1, 35) == "never"


def test_a_long_window_is_looked_up_and_answers_the_same() -> None:
    found = versions(*((10 * place, 10 * place) for place in range(1, 40)))
    alike = [state % 3 for state in range(39)]
    for first, last in ((5, 15), (5, 395), (100, 105), (100, 300)):
        scanned = {alike[found.all[place].state] for place in found.within(first, last) if found.all[place].state >= 0}
        asked = {number for number in range(3) if found.in_force(number, alike, first, last) == "surely"}
        assert asked == scanned
    assert found.like(1, alike) == [2 + 3 * place for place in range(13)]

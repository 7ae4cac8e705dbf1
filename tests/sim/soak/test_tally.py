"""Sums of runs: the same however a soak is divided, and of alike findings the smallest run is kept."""

from functools import cache

import pytest

from sim.simulation import many_runs
from sim.soak import Group, Key, Tally, draw_case, play
from sim.soak.tally import grouped
from tests.planted_bugs.bugs import BY_NAME

RUNS = 12
MIXED = Key("freshness", "stale at its commit", "mine")


@cache
def each_alone() -> tuple[Tally, ...]:
    """A tally of each of some runs of a defective core."""
    tallies = []
    with BY_NAME["notification twice"].planted(), many_runs():
        for number in range(RUNS):
            tally = Tally()
            tally.count(play(draw_case(1, number)), number)
            tallies.append(tally)
    return tuple(tallies)


def merged(*tallies: Tally) -> Tally:
    """Their sum; they themselves stay as they are."""
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total


def in_parts(size: int) -> Tally:
    """The runs added up part by part, then the parts."""
    parts = [merged(*each_alone()[first : first + size]) for first in range(0, RUNS, size)]
    return merged(*parts)


@pytest.mark.parametrize("size", [2, 3, 5, RUNS])
def test_the_sums_do_not_depend_on_how_the_runs_were_divided(size: int) -> None:
    assert in_parts(size) == in_parts(1)


def test_the_sums_do_not_depend_on_the_order() -> None:
    assert merged(*reversed(each_alone())) == merged(*each_alone())


def test_runs_operations_verdicts_and_coverage_add_up() -> None:
    total, alone = in_parts(1), each_alone()
    assert total.runs == RUNS
    assert total.operations == sum(tally.operations for tally in alone) > 15 * RUNS
    assert total.faults == sum(tally.faults for tally in alone) > 0
    assert total.checked == 8 * RUNS
    assert total.coverage["lock wait"] == sum(tally.coverage["lock wait"] for tally in alone) > 0


def test_of_alike_findings_the_smallest_run_is_kept_and_of_two_the_first() -> None:
    total = in_parts(1)
    twice = [key for key in total.groups if key.cause == "postcommit twice"]
    assert twice
    for key in twice:
        shown = [number for number, tally in enumerate(each_alone()) if key in tally.groups]
        sizes = {number: draw_case(1, number).size for number in shown}
        assert total.groups[key].smallest == (min(sizes.values()), min(sizes, key=lambda each: (sizes[each], each)))
        assert total.groups[key].runs == len(shown)


def test_a_violated_promise_is_broken_and_another_finding_is_not() -> None:
    total = in_parts(1)
    assert total.broken
    assert {key.property for key in total.broken} == {"contract"}
    assert all((key.strategy, "contract") in total.promised for key in total.broken)
    assert not any(group.is_broken for key, group in total.groups.items() if key.property == "agreement")


def test_what_could_not_be_decided_is_a_group_of_its_own_and_breaks_nothing() -> None:
    with many_runs():
        found = grouped(play(draw_case(1, 5)))
    undecided = [key for key in found if key.cause.endswith("(not decided)")]
    assert undecided
    assert all(not finding.certain for key in undecided for finding in found[key])
    tally = Tally()
    with many_runs():
        tally.count(play(draw_case(1, 5)), 5)
    assert tally.broken == []


@pytest.mark.parametrize("promising_first", [True, False])
def test_where_one_of_two_strategies_of_one_name_promises_it_is_broken_and_its_run_is_kept(
    promising_first: bool,
) -> None:
    promised = Tally(groups={MIXED: Group(True, 1, 1, (200, 7))})
    unpromised = Tally(groups={MIXED: Group(False, 1, 1, (100, 3))})
    total = merged(promised, unpromised) if promising_first else merged(unpromised, promised)
    assert total.groups == {MIXED: Group(True, 2, 2, (200, 7))}

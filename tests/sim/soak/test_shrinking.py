"""Shrinking: to a few operations, still showing the same, within its bounds, and to a file that replays it."""

import dataclasses
from functools import cache
from pathlib import Path

import pytest

import sim.soak.shrinking
from sim.history import check
from sim.scenario import load_scenario, resolved, resolved_yaml
from sim.simulation import many_runs, run
from sim.soak import Case, Key, Shrunk, draw_case, play, shrink
from sim.soak.simplifying import simpler
from sim.soak.tally import grouped
from tests.planted_bugs.bugs import BY_NAME
from tests.planted_bugs.planted import PlantedBug

ENOUGH = 200  # runs in which each of the bugs below shows itself
FOUND = ("commit without reading again", "comparing only the host", "postcommit after a roll-back")
BUG = BY_NAME["comparing only the host"]


def shown(bug: PlantedBug) -> tuple[Case, Key]:
    """The first case of the soak that breaks the property that the bug should, and the group of its finding."""
    for number in range(ENOUGH):
        played = play(draw_case(1, number))
        for key, found in grouped(played).items():
            if key.property == bug.property[0] and found[0].certain and key.property in played.report.facts.promises:
                return played.case, key
    raise AssertionError(f"{bug.name} does not show itself")


@cache
def shrunk(name: str) -> tuple[Case, Shrunk]:
    """A case of the soak that shows a bug, and what was made of it."""
    with BY_NAME[name].planted(), many_runs():
        case, key = shown(BY_NAME[name])
        return case, shrink(case, key)


@pytest.mark.parametrize("name", FOUND)
def test_a_case_of_twenty_operations_shrinks_to_at_most_three(name: str) -> None:
    case, small = shrunk(name)
    assert len(case.data["workload"]["arrivals"]["script"]) == 20
    assert len(small.case.data["workload"]["arrivals"]["script"]) <= 3
    assert 0 < small.operations <= 3
    assert small.case.size < case.size / 3
    assert small.case.seed == case.seed


@pytest.mark.parametrize("name", FOUND)
def test_the_shrunk_scenario_written_to_a_file_and_run_shows_the_same(name: str, tmp_path: Path) -> None:
    small = shrunk(name)[1]
    file = tmp_path / "shrunk.yaml"
    file.write_text(resolved_yaml(small.case.scenario()))
    with BY_NAME[name].planted():
        recorded = run(load_scenario(str(file)), seed=small.case.seed, history=True).history
        assert recorded is not None
        report = check(recorded)
    found = [each for each in report.findings if (each.name, each.cause) == small.key[:2]]
    assert found
    assert small.key.property in [verdict.name for verdict in report.broken]
    assert small.evidence in [tuple(report.evidence(each)) for each in found]
    assert small.says in [each.says for each in found]


@pytest.mark.parametrize("name", FOUND)
def test_the_right_core_breaks_nothing_in_the_shrunk_case(name: str) -> None:
    assert play(shrunk(name)[1].case).report.broken == []


def test_nothing_more_can_be_taken_from_a_shrunk_case() -> None:
    small = shrunk(BUG.name)[1]
    with BUG.planted():
        again = shrink(small.case, small.key)
        assert again.case == small.case
        assert small.plays < sim.soak.shrinking.MOST_PLAYS
        data = small.case.data
        assert not [
            each for each in simpler(data) if small.key in grouped_or_none(small.case.with_data(each))
        ]  # fmt: skip


def grouped_or_none(case: Case) -> dict[Key, object]:
    """What a case shows; nothing if it cannot be played."""
    try:
        return dict(grouped(play(case)))
    except ValueError:
        return {}


def test_the_same_case_shrinks_to_the_same() -> None:
    case, small = shrunk(BUG.name)
    with BUG.planted():
        assert dataclasses.asdict(shrink(case, small.key)) == dataclasses.asdict(small)


@pytest.mark.parametrize("most_plays", [1, 2, 10, 30])
def test_it_ends_within_its_plays_with_what_there_is(most_plays: int) -> None:
    case, whole = shrunk(BUG.name)
    with BUG.planted():
        small = shrink(case, whole.key, most_plays=most_plays)
        assert small.plays <= most_plays
        assert whole.key in grouped(play(small.case))
        assert whole.case.size <= small.case.size <= case.size


def test_it_ends_when_enough_operations_were_played(monkeypatch: pytest.MonkeyPatch) -> None:
    case, whole = shrunk(BUG.name)
    monkeypatch.setattr("sim.soak.shrinking.MOST_OPERATIONS", 50)
    with BUG.planted():
        assert shrink(case, whole.key).plays < 50 < whole.plays


def test_a_case_that_does_not_show_it_is_refused() -> None:
    case, small = shrunk(BUG.name)
    with pytest.raises(ValueError, match=r"shows no finding like .*freshness"):
        shrink(case, small.key)


def test_a_case_of_a_file_gets_less_load_fewer_ports_and_kinds_of_operations() -> None:
    deferred = resolved(load_scenario("hot_port", ["horizon.duration_s=20"]))
    deferred["strategies"] = deferred["strategies"][1:]
    case = Case(deferred, 1)
    with BUG.planted(), many_runs():
        played = play(case)
        key = next(key for key in grouped(played) if key.property == "freshness")
        small = shrink(case, key)
    assert small.operations < played.operations / 10
    assert small.case.data["horizon"]["duration_s"] < 5
    assert small.case.data["workload"]["ports"]["initial"] < 100
    assert len(small.case.data["workload"]["operations"]) < 4

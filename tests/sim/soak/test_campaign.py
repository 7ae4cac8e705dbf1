"""A soak as a whole: the same for any number of processes, ended by runs, minutes or Ctrl-C, and what fails it."""

import dataclasses
import time
from collections.abc import Callable

import pytest

from sim.soak import LINES, Case, Reading, SoakResult, SoakSettings, Tally, draw_case, soak
from tests.planted_bugs.bugs import BY_NAME
from tests.sim.soak.small_cases import create, small_case

TWICE = BY_NAME["notification twice"]


def draw_small(seed: int, number: int) -> Case:
    """The smallest case, so that hundreds take no time."""
    return small_case(create(), seed=seed + number)


def interrupting(after: int) -> Callable[[int, int], Case]:
    """Draws as usual until Ctrl-C is pressed."""

    def draw(seed: int, number: int) -> Case:
        if number == after:
            raise KeyboardInterrupt
        return draw_small(seed, number)

    return draw


def sums(result: SoakResult) -> tuple[object, ...]:
    """All that a soak found, but how long it took."""
    return (
        result.tally,
        list(result.tally.groups),
        {key: dataclasses.asdict(each) for key, each in result.shrunk.items()},
    )


@pytest.mark.parametrize("chunk", [2, 5])
def test_the_result_does_not_depend_on_the_number_of_processes(chunk: int) -> None:
    with TWICE.planted():
        alone = soak(SoakSettings(runs=9, jobs=1))
        shared = soak(SoakSettings(runs=9, jobs=2, chunk=chunk))
    assert alone.tally.broken
    assert sums(alone) == sums(shared)


def test_the_same_seed_gives_the_same_soak_and_another_seed_another() -> None:
    first, again, other = (soak(SoakSettings(runs=10, seed=seed)) for seed in (1, 1, 2))
    assert sums(first) == sums(again)
    assert first.tally != other.tally


def test_as_many_runs_are_played_as_were_asked_for() -> None:
    assert [soak(SoakSettings(runs=runs, draw=draw_small)).tally.runs for runs in (1, 19, 20, 41)] == [1, 19, 20, 41]


def test_each_broken_promise_is_shrunk_from_its_smallest_run() -> None:
    with TWICE.planted():
        result = soak(SoakSettings(runs=12))
    assert list(result.shrunk) == result.tally.broken != []
    for key, small in result.shrunk.items():
        assert small.key == key
        assert small.case.seed == draw_case(1, result.tally.groups[key].smallest[1]).seed
    assert result.failed


def test_an_interrupt_gives_what_there_is_so_far() -> None:
    result = soak(SoakSettings(runs=100, draw=interrupting(45)))
    assert (result.interrupted, result.tally.runs, result.failed) == (True, 40, False)


def test_an_interrupt_before_anything_gives_nothing_and_says_so() -> None:
    result = soak(SoakSettings(runs=100, draw=interrupting(0)))
    assert (result.interrupted, result.tally) == (True, Tally())


def test_an_interrupt_while_cases_are_shrunk_keeps_the_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.soak.campaign.shrink", interrupted)
    with TWICE.planted():
        result = soak(SoakSettings(runs=10))
    assert (result.interrupted, result.tally.runs, result.shrunk, result.failed) == (True, 10, {}, True)


def test_minutes_end_a_soak_after_the_part_in_which_they_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = iter(range(0, 10_000, 25))
    monkeypatch.setattr(time, "monotonic", lambda: next(passed))
    result = soak(SoakSettings(runs=None, minutes=1.0, draw=draw_small))
    assert (result.tally.runs, result.passed_s, result.interrupted) == (60, 75, False)


def test_minutes_end_a_soak_in_processes_too() -> None:
    result = soak(SoakSettings(runs=None, minutes=0.001, jobs=2, draw=draw_small))
    assert result.tally.runs >= 20
    assert result.tally.runs % 20 == 0


def test_of_runs_and_minutes_the_first_that_is_reached_ends_it() -> None:
    assert soak(SoakSettings(runs=5, minutes=60.0, draw=draw_small)).tally.runs == 5


def test_progress_is_told_after_every_part_and_before_every_shrinking() -> None:
    told: list[tuple[int, str]] = []

    def listen(reading: Reading) -> None:
        told.append((reading.tally.runs, reading.shrinking))

    with TWICE.planted():
        broken = len(soak(SoakSettings(runs=12, chunk=5), on_progress=listen).tally.broken)
    shrinking = [(12, f"shrinking {place} of {broken}") for place in range(1, broken + 1)]
    assert told == [(5, ""), (10, ""), (12, ""), *shrinking]


def test_runs_a_second_are_told() -> None:
    assert Reading(Tally(runs=30), 2.0, SoakSettings()).runs_per_s == 15.0
    assert Reading(Tally(runs=30), 0.0, SoakSettings()).runs_per_s == 0.0


@pytest.mark.parametrize(("runs", "asked"), [(999, False), (1000, True)])
def test_uncovered_lines_are_asked_for_from_a_thousand_runs_on_and_fail_the_soak(*, runs: int, asked: bool) -> None:
    tally = Tally(runs=runs)
    tally.coverage.update(LINES[1:])
    result = SoakResult(SoakSettings(runs=runs), tally, 1.0)
    assert result.uncovered == ([LINES[0]] if asked else [])
    assert result.failed == asked


def test_a_soak_that_hits_every_line_does_not_fail() -> None:
    tally = Tally(runs=1000)
    tally.coverage.update(LINES)
    assert not SoakResult(SoakSettings(), tally, 1.0).failed


@pytest.mark.slow
def test_a_thousand_runs_hit_every_line_whatever_the_seed() -> None:
    assert [soak(SoakSettings(runs=1000, jobs=2, seed=seed)).uncovered for seed in (1, 2, 3)] == [[], [], []]

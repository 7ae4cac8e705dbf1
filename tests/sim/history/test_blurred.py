"""Runs of which only the sending and the acknowledgement of each COMMIT are known are judged as if all were known.

Real runs of the soak, of right and of defective cores, are blurred (tests.sim.history.blurred) and checked again. The
shares that are stated here are those of docs/checker.md.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from core.binding.promises import AGREEMENT, ANSWERS, ISOLATION
from sim.history import OK, UNKNOWN, VIOLATED, History, Report, check
from sim.simulation import many_runs
from sim.soak import draw_case, play
from tests.planted_bugs.bugs import BUGS, BY_NAME
from tests.planted_bugs.planted import PlantedBug
from tests.sim.history.blurred import blurred
from tests.sim.history.stale import Stale, stale_answer, stale_read

FEW, MANY = 200, 3_000  # runs of the soak
FOUND = 0.95  # of what is wrong by the order of commits and reads, at least so much is still found

Words = Counter[tuple[str, str, str]]
"""How often a property was called so of the exact history and so of the blurred one."""


def played(runs: int, *, seed: int) -> Iterator[Report]:
    """Reports of the soak."""
    for number in range(runs):
        yield play(draw_case(seed, number)).report


def recorded(report: Report) -> History:
    """The history that was checked."""
    return History(report.facts, report.view.tables)


def compared(reports: Iterator[Report], *properties: str) -> Words:
    """The words on histories as they are and blurred."""
    words: Words = Counter()
    with many_runs():
        for exact in reports:
            inexact = check(blurred(recorded(exact)))
            for name in properties or exact.verdicts:
                words[name, exact.verdicts[name].word, inexact.verdicts[name].word] += 1
    return words


def other_words(words: Words) -> set[tuple[str, str, str]]:
    """What was called otherwise without instants."""
    return {each for each in words if each[1] != each[2]}


def assert_judged_alike(words: Words) -> None:
    """Nothing but agreement is called otherwise; of that only what is wrong is, in few runs, and nobody promises it."""
    assert {name for name, _, _ in other_words(words)} <= {AGREEMENT}
    assert {word for _, word, _ in other_words(words)} <= {VIOLATED}
    runs = sum(count for each, count in words.items() if each[0] == AGREEMENT)
    assert sum(words[each] for each in other_words(words)) <= 0.03 * runs


def test_runs_of_the_right_core_are_judged_alike() -> None:
    assert_judged_alike(compared(played(FEW, seed=1)))


@pytest.mark.slow
def test_thousands_of_runs_of_the_right_core_are_judged_alike() -> None:
    assert_judged_alike(compared(played(MANY, seed=2)))


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_runs_of_a_defective_core_are_judged_alike(bug: PlantedBug) -> None:
    with bug.planted():
        assert_judged_alike(compared(played(FEW, seed=1)))


def test_runs_of_some_defective_cores_are_judged_alike_and_the_bugs_are_found() -> None:
    for name in ("delete without the lock", "answering one's own result", "postcommit inside the transaction"):
        bug = BY_NAME[name]
        with bug.planted():
            words = compared(played(30, seed=1))
        assert_judged_alike(words)
        assert words[bug.property[0], VIOLATED, VIOLATED] > 0


# what is wrong by order alone


def staled(make: Stale, reports: Iterator[Report]) -> Iterator[Report]:
    """On each history with something stale in it, as far as it has anything that could be."""
    made = (make(recorded(report), Random(number)) for number, report in enumerate(reports))
    return (check(history) for history in made if history is not None)


@pytest.mark.parametrize(("make", "name"), [(stale_answer, ANSWERS), (stale_read, ISOLATION)])
def test_nearly_all_that_is_wrong_by_order_alone_is_found(make: Stale, name: str) -> None:
    words = compared(staled(make, played(FEW // 2, seed=3)), name)
    wrong = words[name, VIOLATED, VIOLATED], words[name, VIOLATED, OK]
    assert set(words) <= {(name, OK, OK), (name, VIOLATED, VIOLATED), (name, VIOLATED, OK), (name, UNKNOWN, UNKNOWN)}
    assert wrong[0] > 20
    assert wrong[0] / sum(wrong) >= FOUND

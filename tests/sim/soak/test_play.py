"""Playing a case: the same again gives the same history, verdicts and coverage; what there was is counted."""

import pytest

from sim.scenario import ScenarioError
from sim.simulation import many_runs, run
from sim.soak import Case, Played, draw_case, play
from tests.sim.soak.small_cases import create, fault, read, small_case


def history(case: Case) -> list[bytes]:
    """Every byte of every table that a case's run records, and the words that its codes stand for."""
    recorded = run(case.scenario(), seed=case.seed, history=True).history
    assert recorded is not None
    names = [
        table.codes(column.name).names for table in recorded.tables.all() for column in table.columns if column.codes
    ]
    return [*(table.to_numpy().tobytes() for table in recorded.tables.all()), repr(names).encode()]


def told(played: Played) -> tuple[object, ...]:
    """All that a play shows but the view."""
    evidence = [played.report.evidence(finding) for finding in played.report.findings]
    return played.report.verdicts, evidence, played.coverage, played.operations, played.faults, played.strategy


@pytest.mark.parametrize("number", [5, 47, 62, 92])
def test_the_same_case_again_gives_the_same_history_and_verdicts(number: int) -> None:
    case = draw_case(1, number)
    with many_runs():
        first, again = play(case), play(draw_case(1, number))
    assert told(first) == told(again)
    assert first.report.findings
    assert history(case) == history(case)


def test_a_play_among_others_is_the_same_as_one_alone() -> None:
    with many_runs():
        alone = told(play(draw_case(1, 5)))
        for number in range(4):
            play(draw_case(1, number))
        assert told(play(draw_case(1, 5))) == alone


def test_operations_and_faults_are_counted() -> None:
    with many_runs():
        played = play(small_case(create(), read(1.0), initial=1, **fault("deadlock", operation=0, nth=0)))
    assert (played.operations, played.faults, played.strategy) == (2, 1, "deferred")
    assert set(played.report.verdicts) >= {"contract", "isolation"}


def test_a_case_that_is_no_valid_scenario_is_refused() -> None:
    with many_runs(), pytest.raises(ScenarioError, match="threads"):
        play(small_case(create(), api={"threads": -1}))

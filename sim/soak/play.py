"""Plays one case: runs it with a history and checks it. Called by the campaign and, many times, by the shrinker."""

from collections import Counter
from dataclasses import dataclass

from sim.history import Report, check
from sim.simulation import executed, history_of
from sim.soak.case import Case
from sim.soak.coverage import covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a case showed: `coverage` counts hits of sim.soak.coverage's lines, `report` has the verdicts."""

    case: Case
    strategy: str
    report: Report
    coverage: Counter[str]
    operations: int
    faults: int


def play(case: Case) -> Played:
    """Runs and checks a case; call it inside sim.simulation.many_runs. Raises ScenarioError for one that is invalid."""
    scenario = case.scenario()
    variant = scenario.strategies[0]
    with executed(scenario, variant, seed=case.seed, history=True, levels=False) as (system, ending):
        history = history_of(system, ending, seed=case.seed, replication=0)
        assert history is not None
        report = check(history)
        return Played(
            case=case,
            strategy=variant.name,
            report=report,
            coverage=covered(report.view, system, ending),
            operations=len(report.view.calls),
            faults=len(report.view.faults),
        )

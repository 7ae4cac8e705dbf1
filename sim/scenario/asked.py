"""Objectives that are asked for beside a scenario (`--slo`): read, and checked against it.

The command line, plans and experiment files call it. Nothing here is judged.
"""

from collections.abc import Iterable, Iterator

from sim.scenario.checks import MetricProblem, reported
from sim.scenario.document import Scenario
from sim.scenario.objectives import Objective, ObjectiveError, parse_objective
from sim.scenario.problems import Problem, ScenarioError


def asked_objectives(
    texts: Iterable[str], scenario: Scenario, *, metric_problem: MetricProblem, place: str = "--slo"
) -> tuple[Objective, ...]:
    """The objectives that the texts mean, each once.

    Raises ScenarioError, which says `place`, for every text that is none or names a metric that the scenario does not
    have.
    """
    objectives, problems = dict[Objective, None](), list[Problem]()
    for text in texts:
        try:
            objective = parse_objective(text)
        except ObjectiveError as problem:
            problems.append(Problem(place, (), str(problem)))
        else:
            objectives[objective] = None
            problems += _unknown(objective, scenario, metric_problem, place)
    if problems:
        raise ScenarioError(problems)
    return tuple(objectives)


def _unknown(objective: Objective, scenario: Scenario, metric_problem: MetricProblem, place: str) -> Iterator[Problem]:
    problem = metric_problem(objective.metric, reported(scenario))
    if problem is not None:
        yield Problem(place, (), problem)

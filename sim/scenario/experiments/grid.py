"""The points of an experiment: every combination of what is varied, each with its checked scenario.

Sweeps and plans call it. The first axis varies slowest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sim.scenario.document import Scenario
from sim.scenario.experiments.varying import Axis, in_words
from sim.scenario.loader import with_overrides
from sim.scenario.overrides import as_text
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.scaling import BATCH_SCALE, SCALING_PATHS, scaled

LARGEST_GRID = 10_000  # points
_TOLD = 5  # points that are told of when they are invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One combination. `settings` has the value of every varied path, `scenario` has them all."""

    number: int
    settings: dict[str, Any]
    scenario: Scenario


def grid(scenario: Scenario, axes: Sequence[Axis]) -> tuple[Point, ...]:
    """All points over the scenario. Raises ScenarioError for axes and combinations that mean nothing."""
    _check_axes(axes)
    points, problems = list[Point](), list[list[Problem]]()
    for number, settings in enumerate(_combinations(axes)):
        try:
            points.append(Point(number=number, settings=settings, scenario=with_settings(scenario, settings)))
        except ScenarioError as error:
            problems.append([_placed(problem, settings, axes) for problem in error.problems])
    if problems:
        raise ScenarioError([problem for found in problems[:_TOLD] for problem in found] + _untold(problems, axes))
    return tuple(points)


def with_settings(scenario: Scenario, settings: Mapping[str, Any]) -> Scenario:
    """The scenario with a value at each path, the paths of sim.scenario.scaling among them. Raises ScenarioError."""
    plain = [as_text(path, value) for path, value in settings.items() if path not in SCALING_PATHS]
    varied = with_overrides(scenario, plain) if plain else scenario
    loads = [path for path in settings if path in SCALING_PATHS]
    # The rate of batches is that of their operations: their size comes first.
    for path in sorted(loads, key=lambda path: path != BATCH_SCALE):
        varied = scaled(varied, path, settings[path])
    return varied


def _check_axes(axes: Sequence[Axis]) -> None:
    seen = dict[str, str]()
    for axis in axes:
        for path in axis.paths:
            if path in seen:
                raise ScenarioError([Problem(axis.place, (), f"varies {path}, which {seen[path]} varies too")])
            seen[path] = axis.place
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > LARGEST_GRID:
        sentence = f"makes {count:,} points together with the others; at most {LARGEST_GRID:,}"
        raise ScenarioError([Problem(axes[-1].place, (), sentence)])


def _combinations(axes: Sequence[Axis]) -> Iterator[dict[str, Any]]:
    paths = [path for axis in axes for path in axis.paths]
    for steps in product(*(axis.values for axis in axes)):
        yield dict(zip(paths, (value for step in steps for value in step), strict=True))


def _placed(problem: Problem, settings: dict[str, Any], axes: Sequence[Axis]) -> Problem:
    """The problem at the axis that it comes from; at the last one where that cannot be told."""
    setter = next((axis for axis in axes for path in axis.paths if _is_about(problem, path)), axes[-1])
    return Problem(setter.place, problem.path, f"{problem.sentence} (in the point {in_words(settings)})")


def _is_about(problem: Problem, path: str) -> bool:
    return problem.place == path or problem.place.startswith(f"--set {path}=")


def _untold(problems: Sequence[Sequence[Problem]], axes: Sequence[Axis]) -> list[Problem]:
    more = len(problems) - _TOLD
    return [Problem(axes[-1].place, (), f"{more} more points are invalid")] if more > 0 else []

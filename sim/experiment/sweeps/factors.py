"""The factors of a screening: each marked number with the values that it takes, and why others are left out.

Used by sim.experiment.sweeps.screening. A number goes from value / factor to value * factor in LEVELS steps of equal
ratios. Whole numbers are rounded, shares end at 1, values that the scenario refuses are dropped.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim.scenario import Scenario, ScenarioError
from sim.scenario.assumptions import Assumption
from sim.scenario.experiments import with_settings
from sim.scenario.experiments.varying import takes_whole_numbers

LEVELS = 4  # Morris' usual number of levels
_READING = ("min_effect", "thresholds", "published", "schema_version")  # nothing of a run follows from these
_DIGITS = 6  # significant, of a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A number that is varied, and its values in ascending order; at least two."""

    assumption: Assumption
    values: tuple[float, ...]

    @property
    def path(self) -> str:
        """As `--set` takes it."""
        return self.assumption.path

    def at(self, level: float) -> float:
        """The value at a level from 0 to 1."""
        return self.values[math.floor(level * (len(self.values) - 1) + 0.5)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A marked number that cannot be varied, and why."""

    path: str
    why: str


def factors_of(
    scenario: Scenario, marked: Iterable[Assumption], *, factor: float
) -> tuple[tuple[Factor, ...], tuple[LeftOut, ...]]:
    """The numbers that can be varied, and those that cannot."""
    varied, left_out = list[Factor](), list[LeftOut]()
    for assumption in marked:
        found = _factor(scenario, assumption, factor)
        if isinstance(found, Factor):
            varied.append(found)
        else:
            left_out.append(LeftOut(path=assumption.path, why=found))
    return tuple(varied), tuple(left_out)


def _factor(scenario: Scenario, assumption: Assumption, factor: float) -> Factor | str:
    if assumption.path.split(".")[0] in _READING:
        return "it is about reading the result; no run depends on it"
    if not assumption.value:
        return "it is 0, which cannot be scaled"
    values, refusals = list[float](), list[str]()
    for value in _scaled(assumption, factor):
        valid, refusal = _valid(scenario, assumption, value)
        values += [] if valid is None else [valid]
        refusals += [refusal] if refusal else []
    distinct = tuple(sorted(set(values)))
    if len(distinct) >= 2:
        return Factor(assumption=assumption, values=distinct)
    return refusals[0] if refusals else f"all its values round to {assumption.value:g}"


def _scaled(assumption: Assumption, factor: float) -> Iterator[float]:
    whole = takes_whole_numbers(assumption.path)
    for level in range(LEVELS):
        value = assumption.value * math.pow(factor, 2 * level / (LEVELS - 1) - 1)
        yield math.floor(value + 0.5) if whole else float(f"{value:.{_DIGITS}g}")


def _valid(scenario: Scenario, assumption: Assumption, value: float) -> tuple[float | None, str]:
    """The value, or 1 for a share that went above it; else None and what the scenario says."""
    try:
        with_settings(scenario, {assumption.path: value})
    except ScenarioError as error:
        if assumption.value < 1 < value:
            return _valid(scenario, assumption, 1.0)
        return None, f"the scenario refuses its values: {error.problems[0].sentence}"
    return value, ""

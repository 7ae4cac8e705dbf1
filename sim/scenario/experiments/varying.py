"""What is varied: `PATH=V1,V2,...` of the command line and the entries of `vary:` in an experiment file.

A value is YAML; a range `FROM..TO..COUNT` stands for evenly spaced values, both ends among them, and
`FROM..TO..COUNTlog` for values of equal ratios. Where the field takes whole numbers they are rounded, and `FROM..TO`
stands for all of them.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.scenario import paths as kinds
from sim.scenario.document import Scenario
from sim.scenario.experiments.document import Experiment
from sim.scenario.problems import Path, Problem, ScenarioError, shown
from sim.scenario.scaling import SCALING_PATHS, is_whole
from sim.scenario.yaml_text import YamlProblem, parse_value

LARGEST_RANGE = 1000  # values
_DIGITS = 6  # significant, of the values between the ends of a range: 0.3 and not 0.30000000000000004
_DIGITS_OF_RATIOS = 3  # the same for equal ratios, which nobody needs exactly
_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?:\.\.(\d+)(log)?)?")
_LIKE_A_RANGE = re.compile(r"[-+.\d].*\.\..*")
_FORM = "a range has the form FROM..TO..COUNT, such as 1..16..5, or 1..16..5log for equal ratios"


class _Refused(ValueError):
    """Values that mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Paths that take their values side by side: `values` has one tuple for each step, a value for each path.

    `place` says where it was asked for.
    """

    paths: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]
    place: str

    def data(self) -> dict[str, list[Any]]:
        """As it stands in a manifest: the values of each path."""
        return {path: [step[number] for step in self.values] for number, path in enumerate(self.paths)}


def axis_of(text: str) -> Axis:
    """The axis that `--vary TEXT` means. Raises ScenarioError."""
    place = f"--vary {text}"
    path, equals, values = text.partition("=")
    if not equals or not path.strip():
        raise _error(place, "must have the form PATH=V1,V2,..., such as api.processes=1,2,4 or api.processes=1..16..5")
    try:
        listed = parse_value(f"[{values}]")
    except YamlProblem as problem:
        raise _error(place, f"has values of which the list {problem.sentence}") from None
    return _axis({path.strip(): listed}, place)


def axes_of(experiment: Experiment) -> tuple[Axis, ...]:
    """The axes of an experiment file. Raises ScenarioError."""
    return tuple(
        _axis(entry, experiment.place(("vary", number)), ("vary", number))
        for number, entry in enumerate(experiment.vary)
    )


def axis_from(entry: Mapping[str, Any]) -> Axis:
    """The axis of paths that take their values side by side. Raises ScenarioError."""
    return _axis(
        {path: list(values) if isinstance(values, tuple) else values for path, values in entry.items()}, "vary"
    )


def _axis(entry: dict[str, Any], place: str, at: Path = ()) -> Axis:
    columns = dict[str, list[Any]]()
    for path, values in entry.items():
        try:
            columns[path] = list(
                _expanded(values if isinstance(values, list) else [values], whole=takes_whole_numbers(path))
            )
            _check_differ(columns[path], alone=len(entry) == 1)
        except _Refused as refused:
            raise _error(place, str(refused), (*at, path) if at else ()) from None
    _check_lengths(columns, place, at)
    steps = tuple(zip(*columns.values(), strict=True))
    if len(entry) > 1 and len({repr(step) for step in steps}) < len(steps):
        raise _error(place, "gives the same values together twice", at)
    return Axis(paths=tuple(columns), values=steps, place=place)


def _check_lengths(columns: dict[str, list[Any]], place: str, at: Path) -> None:
    if not columns:
        raise _error(place, "varies nothing; it needs a path with values", at)
    lengths = {path: len(values) for path, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{path} has {count}" for path, count in lengths.items())
        raise _error(place, f"needs as many values for each path, since they go side by side; {told}", at)


def _expanded(values: Sequence[Any], *, whole: bool) -> Iterator[Any]:
    if not values:
        raise _Refused("has no values")
    for value in values:
        if isinstance(value, str) and _LIKE_A_RANGE.fullmatch(value):
            yield from _range(value, whole=whole)
        else:
            yield value


def _range(text: str, *, whole: bool) -> list[float]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise _Refused(f"has the value {shown(text)}; {_FORM}")
    first, last = float(found[1]), float(found[2])
    count = int(found[3]) if found[3] else _every_whole(text, first, last, whole=whole)
    if not 2 <= count <= LARGEST_RANGE:
        raise _Refused(f"has the range {text}, of {count} values; it must be 2 to {LARGEST_RANGE}")
    if found[4] and min(first, last) <= 0:
        raise _Refused(f"has the range {text}; one of equal ratios needs ends above 0")
    spaced = [_between(first, last, step / (count - 1), equal_ratios=bool(found[4])) for step in range(count)]
    digits = _DIGITS_OF_RATIOS if found[4] else _DIGITS
    between = [math.floor(value + 0.5) if whole else _tidy(value, digits) for value in spaced[1:-1]]
    values = [_tidy(first), *between, _tidy(last)]
    if len(set(values)) < count:
        raise _Refused(f"has the range {text}, which has the same value twice{' when rounded' if whole else ''}")
    return values


def _every_whole(text: str, first: float, last: float, *, whole: bool) -> int:
    """How many whole numbers a range without a count means."""
    if not whole or not (first.is_integer() and last.is_integer()):
        raise _Refused(f"has the value {shown(text)}; {_FORM}")
    return int(abs(last - first)) + 1


def _between(first: float, last: float, share: float, *, equal_ratios: bool) -> float:
    if share in (0.0, 1.0):
        return last if share else first
    if equal_ratios:
        return first * math.pow(last / first, share)
    return first + (last - first) * share


def _tidy(value: float, digits: int = 15) -> float:
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _check_differ(values: Sequence[Any], *, alone: bool) -> None:
    """Side by side with other paths, a path may take a value again."""
    for number, value in enumerate(values):
        if alone and any(value == other and (value is True) == (other is True) for other in values[:number]):
            raise _Refused(f"has the value {shown(value)} twice")


def takes_whole_numbers(path: str) -> bool:
    """Whether the field takes whole numbers; which ones it takes is decided when the scenario is made."""
    if path in SCALING_PATHS:
        return is_whole(path)
    return kinds.kind_at(Scenario, tuple(path.split("."))) is int


def _error(place: str, sentence: str, path: Path = ()) -> ScenarioError:
    return ScenarioError([Problem(place, path, sentence)])


def in_words(settings: dict[str, Any]) -> str:
    """Settings as users write them: `a=1, b=2`."""
    return ", ".join(f"{path}={value_in_words(value)}" for path, value in settings.items())


def value_in_words(value: Any) -> str:
    """A value as users write it: YAML on one line."""
    return json.dumps(value) if isinstance(value, (dict, list)) else shown(value)

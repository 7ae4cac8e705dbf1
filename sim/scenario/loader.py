"""Loads a scenario: finds the file, reads it, applies overrides, checks everything, and says what is wrong.

The command line, the Python door and the experiments call it. A bare name is looked for in ./scenarios, then
among the scenarios that are installed with bindsim.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from sim.scenario import overrides as override_module
from sim.scenario.checks import MetricProblem, contradictions, unknown_metrics
from sim.scenario.complaints import complaints
from sim.scenario.document import Scenario
from sim.scenario.plain_data import plain
from sim.scenario.problems import Path, Problem, ScenarioError
from sim.scenario.trace import TraceError, read_trace
from sim.scenario.workload import Trace
from sim.scenario.yaml_text import YamlProblem, parse

SHIPPED = File(__file__).parents[1] / "_shipped_scenarios"
LARGEST_FILE_BYTES = 5_000_000
LONGEST_NAME = 200  # characters; file systems allow 255 bytes


class _Places:
    """Where each part of the data comes from: a line of the file, or an override."""

    def __init__(self, file: str, lines: dict[Path, int], origins: dict[Path, str]) -> None:
        self._file, self._lines, self._origins = file, lines, origins

    def error(self, found: Iterable[tuple[Path, str]]) -> ScenarioError:
        """All that was found, in the order of the file."""
        in_order = sorted(found, key=lambda finding: self._line(finding[0]))
        return ScenarioError(Problem(self.of(path), path, sentence) for path, sentence in in_order)

    def _line(self, path: Path) -> int:
        return next((self._lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self._lines), 0)

    def of(self, path: Path) -> str:
        """The place of a field; of what holds it, when it is not there."""
        for end in range(len(path), -1, -1):
            if path[:end] in self._origins:
                return self._origins[path[:end]]
            if path[:end] in self._lines:
                return f"{self._file}, line {self._lines[path[:end]]}"
        return self._file


def load_scenario(
    name_or_path: str | File, overrides: Iterable[str] = (), *, metric_problem: MetricProblem | None = None
) -> Scenario:
    """The scenario in a file, or the one with this bare name, changed by `PATH=VALUE` overrides.

    `metric_problem` says what is wrong with a metric's name, None when it exists; without it names are not checked.
    Raises ScenarioError, whose text names file, line, field, value and what is allowed, for every problem at once.
    """
    file = find(name_or_path)
    text = _text_of(file)
    try:
        data, lines = parse(text)
    except YamlProblem as problem:
        raise ScenarioError([Problem(f"{file}, line {problem.line}", problem.path, problem.sentence)]) from None
    return _build(data, overrides, lines=lines, file=file, metric_problem=metric_problem)


def parse_scenario(
    data: dict[str, Any],
    overrides: Iterable[str] = (),
    *,
    metric_problem: MetricProblem | None = None,
    name: str = "unnamed",
) -> Scenario:
    """A scenario from plain data, checked as a file would be. Raises ScenarioError."""
    return _build(data, overrides, lines={}, file=File(name), metric_problem=metric_problem)


def with_overrides(scenario: Scenario, overrides: Iterable[str]) -> Scenario:
    """A changed and checked copy, as if loaded with these overrides. Raises ScenarioError."""
    file = File(scenario.source or scenario.name)
    return _build(plain(scenario), overrides, lines={}, file=file, metric_problem=None)


def shipped_names(within: File = File()) -> list[str]:
    """The names that can be loaded here, sorted: the bare ones, or those in a folder."""
    found = {file.stem for folder in scenario_folders() for file in (folder / within).glob("*.yaml")}
    return sorted(str(within / name) for name in found)


def find(name_or_path: str | File) -> File:
    """The file that a name or path means. Raises ScenarioError."""
    given = File(name_or_path)
    if len(given.name) > LONGEST_NAME:
        raise ScenarioError([Problem(f"scenario '{given.name[:20]}...'", (), "has too long a name")])
    if given.suffix in (".yaml", ".yml") or given.is_absolute() or given.is_file():
        return given
    for folder in scenario_folders():
        if (folder / f"{given}.yaml").is_file():
            return folder / f"{given}.yaml"
    raise ScenarioError([Problem(f"scenario '{given}'", (), _not_found(given))])


def scenario_folders() -> Iterator[File]:
    """Where a bare name is looked for, in this order."""
    yield from (folder for folder in (File("scenarios"), SHIPPED, _beside_checkout()) if folder.is_dir())


def _beside_checkout() -> File:
    """The scenarios of a checkout that is installed in place, where there is no installed copy."""
    checkout = SHIPPED.parent.parent
    return checkout / "scenarios" if (checkout / "pyproject.toml").is_file() else SHIPPED


def _not_found(given: File) -> str:
    names = shipped_names(given.parent) or shipped_names()
    near = get_close_matches(str(given), names, n=1)
    guess = f"; did you mean '{near[0]}'?" if near else ""
    return f"is not in ./scenarios nor among the installed ones{guess}; known: {', '.join(names) or 'none'}"


def _text_of(file: File) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise ScenarioError([Problem(str(file), (), f"is larger than {LARGEST_FILE_BYTES:,} bytes")])
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ScenarioError([Problem(str(file), (), f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError as error:
        raise ScenarioError([Problem(str(file), (), f"is not UTF-8 text (byte {error.start + 1})")]) from None


def _build(
    data: Any, overrides: Iterable[str], *, lines: dict[Path, int], file: File, metric_problem: MetricProblem | None
) -> Scenario:
    if not isinstance(data, dict):
        raise ScenarioError([Problem(str(file), (), "holds no mapping; a scenario starts with question: and so on")])
    data, origins = override_module.apply(Scenario, data, overrides)
    places = _Places(str(file), lines, origins)
    scenario = _validated(data, places)
    found = contradictions(scenario) + (unknown_metrics(scenario, metric_problem) if metric_problem else [])
    if found:
        raise places.error(found)
    _remember(scenario, file, places)
    return scenario


def _validated(data: dict[str, Any], places: _Places) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise places.error(complaints(Scenario, error)) from None


def _remember(scenario: Scenario, file: File, places: _Places) -> None:
    """Keeps the name and the recorded arrivals: what is not in the file itself."""
    scenario._name, scenario._source = file.stem, str(file)
    trace = scenario.workload.arrivals.trace
    if trace is not None:
        _read_recorded(trace, file.parent / trace.file, places)


def _read_recorded(trace: Trace, file: File, places: _Places) -> None:
    path: Path = ("workload", "arrivals", "trace", "file")
    try:
        arrivals, sha256 = read_trace(file, trace.time_scale)
    except TraceError as error:
        raise ScenarioError([Problem(places.of(path), path, f"is {trace.file}: {error}")]) from None
    if trace.sha256 not in (None, sha256):
        raise ScenarioError([Problem(places.of(path), path, f"is {trace.file}, whose SHA-256 is not the one given")])
    trace.fill_in(arrivals, sha256)

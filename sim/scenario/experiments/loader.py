"""Loads an experiment file, and says what is wrong with it: file, line, field, value.

A bare name is looked for in scenarios/experiments, here and among the installed ones.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from sim.scenario.complaints import complaints
from sim.scenario.experiments.document import Experiment
from sim.scenario.loader import find, scenario_folders
from sim.scenario.overrides import as_text
from sim.scenario.problems import Path, Problem, ScenarioError
from sim.scenario.yaml_text import YamlProblem, parse

FOLDER = "experiments"
LARGEST_FILE_BYTES = 5_000_000


def is_experiment(name_or_path: str | File) -> bool:
    """Whether this means an experiment and no scenario: a file that says its kind, or a name of experiments only.

    False also for what cannot be read: loading it as a scenario says why.
    """
    try:
        data, _ = _read(find_experiment(name_or_path))
    except ScenarioError:
        return False
    return isinstance(data, dict) and "kind" in data


def load_experiment(name_or_path: str | File) -> Experiment:
    """The experiment in a file, or the one with this bare name. Raises ScenarioError, one line a problem.

    `scenario` of what comes back is what `load_scenario` takes: a file is seen from here, not from the experiment.
    """
    file = find_experiment(name_or_path)
    data, lines = _read(file)
    if not isinstance(data, dict):
        raise ScenarioError([Problem(str(file), (), "holds no mapping; an experiment starts with question: and so on")])
    try:
        experiment = Experiment.model_validate(data)
    except ValidationError as error:
        raise _error(file, lines, complaints(Experiment, error)) from None
    experiment = experiment.model_copy(update={"scenario": _from_here(experiment.scenario, file)})
    experiment._source, experiment._lines = str(file), lines
    return experiment


def overrides_of(experiment: Experiment) -> list[str]:
    """What the experiment sets in its scenario, as `--set` takes it."""
    return [as_text(path, value) for path, value in experiment.settings.items()]


def find_experiment(name_or_path: str | File) -> File:
    """The file that a name or path means; a scenario's where no experiment has the name. Raises ScenarioError."""
    given = File(name_or_path)
    if given.suffix in (".yaml", ".yml") or len(given.parts) > 1:
        return given
    try:
        return find(name_or_path)
    except ScenarioError:
        for folder in _folders():
            if (folder / f"{given}.yaml").is_file():
                return folder / f"{given}.yaml"
        raise


def _folders() -> Iterator[File]:
    yield from (folder / FOLDER for folder in scenario_folders())


def _from_here(scenario: str, file: File) -> str:
    """A file is named as seen from the experiment's folder; a bare name is a name."""
    given = File(scenario)
    is_file = given.suffix in (".yaml", ".yml") or len(given.parts) > 1
    return str(file.parent / given) if is_file else scenario


def _read(file: File) -> tuple[Any, dict[Path, int]]:
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise ScenarioError([Problem(str(file), (), f"is larger than {LARGEST_FILE_BYTES:,} bytes")])
        return parse(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ScenarioError([Problem(str(file), (), f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError as error:
        raise ScenarioError([Problem(str(file), (), f"is not UTF-8 text (byte {error.start + 1})")]) from None
    except YamlProblem as problem:
        raise ScenarioError([Problem(f"{file}, line {problem.line}", problem.path, problem.sentence)]) from None


def _error(file: File, lines: dict[Path, int], found: Iterable[tuple[Path, str]]) -> ScenarioError:
    def line(path: Path) -> int:
        return next((lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines), 1)

    in_order = sorted(found, key=lambda finding: line(finding[0]))
    return ScenarioError(Problem(f"{file}, line {line(path)}", path, sentence) for path, sentence in in_order)

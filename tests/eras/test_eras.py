"""Every file in scenarios/eras shows its bug under the strategies that its header names, and under no other preset."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from sim.experiment.jobs import jobs_for, perform, simulate
from sim.history import Report, check
from sim.metrics.registry import lookup
from sim.scenario import KNOWN, Scenario, load_scenario
from sim.simulation import run

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "scenarios" / "eras"
FILES = sorted(FOLDER.glob("*.yaml"))
_LINE = re.compile(r"^# (Bug|Have it|Have not|Shown by): +(.*)$", re.MULTILINE)
_METRIC = re.compile(r"metric (\S+) (>|<) ([0-9.]+)$")
_FINDING = re.compile(r"finding (\w+) (.+)$")
_COMMAND = re.compile(r"^#     bindsim compare (\S+) --strategies (\S+) --replications 1 --verify$", re.MULTILINE)
_COMPARES: dict[str, Callable[[float, float], bool]] = {">": operator.gt, "<": operator.lt}
SEED = 1


@dataclass(frozen=True)
class Header:
    """What the first lines of a file say."""

    bug: str
    have: tuple[str, ...]
    have_not: tuple[str, ...]
    shown_by: str

    @property
    def strategies(self) -> tuple[str, ...]:
        return self.have + self.have_not


@cache
def header(file: Path) -> Header:
    told = dict(_LINE.findall(file.read_text()))
    have, have_not = (tuple(filter(None, told[key].split(", "))) for key in ("Have it", "Have not"))
    return Header(told["Bug"], have, have_not, told["Shown by"])


@cache
def scenario_of(file: Path) -> Scenario:
    return load_scenario(file)


def report_of(scenario: Scenario, strategy: str) -> Report:
    played = run(scenario, strategy=strategy, seed=SEED, history=True)
    assert played.history is not None
    return check(played.history)


def value_of(scenario: Scenario, strategy: str, metric: str) -> float:
    (job,) = jobs_for(scenario, (strategy,), seed=SEED, replications=1)
    value = perform(job, simulate, lambda *_: None).values.values.get(metric)
    if value is None:
        assert lookup(metric).family.is_count, f"{metric} has no value"
    return value or 0.0


def is_shown(scenario: Scenario, strategy: str, shown_by: str) -> bool:
    """Whether the bug is there, by the metric or the finding that shows it."""
    metric = _METRIC.match(shown_by)
    if metric is not None:
        return _COMPARES[metric[2]](value_of(scenario, strategy, metric[1]), float(metric[3]))
    finding = _FINDING.match(shown_by)
    assert finding is not None, f"'{shown_by}' is neither a metric with a limit nor a finding"
    return (finding[1], finding[2]) in {(each.name, each.cause) for each in report_of(scenario, strategy).findings}


CASES = [(file, strategy) for file in FILES for strategy in header(file).strategies]


@pytest.mark.parametrize(("file", "strategy"), CASES, ids=[f"{file.stem}-{strategy}" for file, strategy in CASES])
def test_the_bug_is_there_where_the_header_says_so_and_nowhere_else(file: Path, strategy: str) -> None:
    told = header(file)
    assert is_shown(scenario_of(file), strategy, told.shown_by) == (strategy in told.have)


@pytest.mark.parametrize(("file", "strategy"), CASES, ids=[f"{file.stem}-{strategy}" for file, strategy in CASES])
def test_no_strategy_breaks_what_it_promises(file: Path, strategy: str) -> None:
    assert report_of(scenario_of(file), strategy).broken == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_header_speaks_of_every_preset_and_of_every_strategy_of_the_file(file: Path) -> None:
    told = header(file)
    named = [strategy.name for strategy in scenario_of(file).strategies]
    assert sorted(told.strategies) == sorted(named)
    assert set(KNOWN) <= set(named)
    assert told.have, "a bug that nobody has needs no scenario"
    assert re.search(r"entr(y|ies) \d+|of the catalogue", told.bug)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_command_in_the_file_is_its_own(file: Path) -> None:
    found = _COMMAND.search(file.read_text())
    assert found is not None
    assert found[1] == f"eras/{file.stem}"
    assert set(found[2].split(",")) <= set(header(file).strategies)


def test_at_least_sixteen_entries_of_the_catalogue_have_a_scenario() -> None:
    assert len(FILES) >= 16

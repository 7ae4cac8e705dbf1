"""Recording a history changes nothing of a run, is the same for one seed, and stays small."""

from dataclasses import fields

import pytest

from sim.history import History, check
from sim.metrics import Tables
from sim.running import Run
from sim.scenario import BASES, load_scenario
from sim.simulation import run
from tests.sim.model.recording.recorded import contents

KIB = 1024
SHIPPED = ["live_migration", "hot_port", "delete_during_bind"]


def ran(scenario: str, strategy: str, *, history: bool) -> Run:
    return run(load_scenario(scenario), strategy=strategy, seed=3, history=history)


def names(history: History) -> dict[str, list[str]]:
    """The vocabulary."""
    words = history.tables.words
    return {each.name: getattr(words, each.name).names for each in fields(words)}


def rows_of(tables: Tables) -> dict[str, bytes]:
    return {table.name: table.to_numpy().tobytes() for table in tables.all()}


@pytest.mark.parametrize("strategy", ["deferred", "in-transaction"])
@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_tables_are_the_same_with_and_without_a_history(scenario: str, strategy: str) -> None:
    without, with_history = (ran(scenario, strategy, history=history) for history in (False, True))
    assert without.history is None
    assert with_history.history is not None
    assert rows_of(without.tables) == rows_of(with_history.tables)
    assert without.lost == with_history.lost


@pytest.mark.parametrize("strategy", BASES)
def test_the_same_seed_writes_the_same_history(strategy: str) -> None:
    one, other = (ran("hot_port", strategy, history=True).history for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.facts == other.facts
    assert contents(one) == contents(other)
    assert names(one) == names(other)


@pytest.mark.parametrize("strategy", ["deferred", "in-transaction"])
@pytest.mark.parametrize("scenario", ["live_migration", "hot_port"])
def test_an_operation_takes_less_than_a_kilobyte(scenario: str, strategy: str) -> None:
    history = ran(scenario, strategy, history=True).history
    assert history is not None
    assert 100 < history.tables.size_bytes / len(history.tables.calls) < KIB


@pytest.mark.parametrize("strategy", ["deferred", "in-transaction"])
@pytest.mark.parametrize("scenario", SHIPPED)
def test_shipped_scenarios_keep_every_promise(scenario: str, strategy: str) -> None:
    history = ran(scenario, strategy, history=True).history
    assert history is not None
    report = check(history)
    assert [(verdict.name, verdict.word) for verdict in report.promised if verdict.word != "ok"] == []
    assert all(report.verdicts[name].checked for name in ("contract", "answers", "outcome", "isolation"))

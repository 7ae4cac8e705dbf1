"""Little's law holds on every resource of every run: exactly where visitors leave rows, else as an inequality."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sim.metrics import Table
from sim.running import Run
from sim.scenario import Scenario, load_scenario, shipped_names
from sim.simulation import run
from sim.soak.drawing import draw_case
from tests.statistical.little import Balance, balances

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SCRIPTED = sorted((SCENARIOS / "findings").glob("*.yaml"))
THEORY = sorted((SCENARIOS / "theory").glob("*.yaml"))
HORIZON = "horizon.duration_s=15"


def exact_ones(found: Run, scenario: Scenario) -> list[str]:
    """The resources on which the law holds as an equality; fails where it does not hold at all."""
    all_of_them = list(balances(found, scenario))
    assert [each for each in all_of_them if not each.holds] == []
    return [each.resource for each in all_of_them if each.is_exact]


def runs(scenario: Scenario) -> Iterator[tuple[Run, Scenario]]:
    for strategy in scenario.strategies:
        yield run(scenario, strategy=strategy, history=True), scenario


@pytest.mark.parametrize("name", [*shipped_names(), *(f"theory/{file.name}" for file in THEORY)])
def test_it_holds_in_the_scenarios_that_come_with_bindsim(name: str) -> None:
    path = SCENARIOS / name if name.endswith(".yaml") else name
    for found, scenario in runs(load_scenario(path, [HORIZON])):
        assert found.tables.operations.column("ended_us").max() > 0
        exact = {"api.workers", "db.pool, waiting", "row locks"}
        if scenario.api.kind == "threads":
            faulty = {fault.controller.name for fault in scenario.faults if fault.controller is not None}
            exact |= {"db.pool, in use", *(each.name for each in scenario.controllers if each.name not in faulty)}
        assert set(exact_ones(found, scenario)) == exact


@pytest.mark.parametrize("file", SCRIPTED, ids=lambda file: file.stem)
def test_it_holds_in_the_scenarios_that_show_findings(file: Path) -> None:
    for found, scenario in runs(load_scenario(file)):
        assert "api.workers" in exact_ones(found, scenario)


def exact_in_random_runs(first: int, count: int) -> int:
    """On how many resources it holds exactly, in runs with random systems, loads and faults."""
    exact = 0
    for number in range(first, first + count):
        case = draw_case(4, number)
        scenario = case.scenario()
        exact += len(exact_ones(run(scenario, seed=case.seed, history=True), scenario))
    return exact


def test_it_holds_in_random_runs() -> None:
    assert exact_in_random_runs(0, 100) > 250


@pytest.mark.slow
def test_it_holds_in_many_random_runs() -> None:
    assert exact_in_random_runs(100, 1000) > 2500


# the check can fail


@pytest.fixture(scope="module")
def storm() -> tuple[Run, Scenario]:
    scenario = load_scenario("boot_storm", [HORIZON])
    return run(scenario, strategy="in-transaction", history=True), scenario


def failing(found: Run, scenario: Scenario) -> list[str]:
    return [each.resource for each in balances(found, scenario) if not each.holds]


def without_last_row(table: Table) -> Table:
    rows = table.to_numpy()[:-1].tobytes()
    return Table(table.name, table.columns, rows)


@pytest.mark.parametrize(
    ("table", "resources"),
    [
        ("operations", ["api.workers"]),
        ("driver_calls", ["sdn"]),
        ("lock_waits", ["row locks"]),
        ("transactions", ["db.pool, in use", "row locks"]),
    ],
)
def test_a_visitor_that_was_forgotten_is_noticed(storm: tuple[Run, Scenario], table: str, resources: list[str]) -> None:
    found, scenario = storm
    changed = replace(found.tables, **{table: without_last_row(getattr(found.tables, table))})
    assert set(failing(replace(found, tables=changed), scenario)) & set(resources)
    assert set(failing(replace(found, tables=changed), scenario)) <= set(resources)


def test_a_microsecond_is_noticed(storm: tuple[Run, Scenario]) -> None:
    found, scenario = storm
    rows = found.tables.operations.to_numpy().copy()
    rows["ended_us"][len(rows) // 2] += 1
    operations = Table("operations", found.tables.operations.columns, rows.tobytes())
    later = replace(found, tables=replace(found.tables, operations=operations))
    assert failing(found, scenario) == []
    assert failing(later, scenario) == ["api.workers"]


def test_an_inequality_holds_one_way_only() -> None:
    more = Balance(resource="r", at_resource_us=5, visitors_us=3, resource_longer=("why",))
    assert more.holds
    assert not replace(more, visitors_us=6).holds
    assert not replace(more, resource_longer=()).holds
    assert replace(more, visitors_us=6, visitors_longer=("why",)).holds

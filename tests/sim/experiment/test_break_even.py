from typing import Any

from sim.experiment.break_even import break_even_map
from sim.experiment.jobs import Job
from sim.scenario import Scenario


def test_the_map_has_a_ratio_with_its_interval_in_every_cell(scenario: Scenario, runner: Any) -> None:
    found = break_even_map(scenario, workers=1, runner=runner)
    assert len(found.cells) == 10
    cell = found.cell(0.5, "one subnet for all")
    assert cell.ratio is not None
    assert cell.ratio.low <= 0.6 <= cell.ratio.high + 1e-6
    assert cell.word == ""


def test_a_saturated_strategy_is_named_in_its_cell(slow_scenario: Scenario, runner: Any) -> None:
    found = break_even_map(slow_scenario, workers=1, runner=runner)
    assert {(cell.word, *cell.saturated.items(), cell.ratio) for cell in found.cells} == {
        ("saturated", ("in-transaction", 5), None)
    }


def test_cells_differ_in_latency_and_subnets_alone(scenario: Scenario, runner: Any) -> None:
    seen: list[tuple[Any, ...]] = []

    def watch(job: Job, report: Any) -> Any:
        latency = job.scenario.controllers[0].latency.bind.lognormal
        seen.append((latency.median_s, latency.p95_s, job.scenario.topology.subnets_per_tenant))
        return runner(job, report)

    found = break_even_map(scenario, workers=1, runner=watch)
    assert found.duration_s == 50.0
    assert len(dict.fromkeys(seen)) == 10
    assert (0.05, 0.1, 0) in seen
    assert (2.0, 4.0, 1) in seen


def test_a_ratio_close_to_one_is_no_difference(scenario: Scenario, runner: Any) -> None:
    def alike(job: Job, report: Any) -> Any:
        from dataclasses import replace

        return runner(replace(job, strategy="deferred"), report)

    found = break_even_map(scenario, workers=1, runner=alike)
    assert {cell.word for cell in found.cells} == {"no difference"}

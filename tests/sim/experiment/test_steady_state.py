"""Scenarios of kind steady_state, from the run to the result on disk."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiment import Comparison, Precision, compare
from sim.experiment.jobs import Job, ReplicationFailed, Report, jobs_for, perform, simulate
from sim.experiment.planning.planner import PlanSettings, prepared
from sim.experiment.spool import Spool, packed
from sim.metrics import RunFacts, Tables
from sim.metrics.measure import measure
from sim.metrics.steady import within
from sim.results import load_run
from sim.scenario import Scenario, ScenarioError, parse_scenario

P95 = "latency_s.create_port.p95"
S = 1_000_000
Latency = Callable[["np.ndarray[Any, Any]", np.random.Generator], "np.ndarray[Any, Any]"]


def warming(numbers: Any, draws: np.random.Generator) -> Any:
    """Latencies of one second on average, over which the first hundred operations fall from five."""
    return draws.gamma(16.0, 1 / 16, size=len(numbers)) + np.clip(4.0 * (1 - numbers / 100), 0, None)


def growing(numbers: Any, draws: np.random.Generator) -> Any:
    return 0.01 * numbers + draws.uniform(0.0, 0.1, size=len(numbers))


def facts(job: Job, latency: Latency) -> RunFacts:
    tables, numbers = Tables.empty(), np.arange(600)
    words, draws = tables.words, np.random.default_rng([job.seed, job.draw])
    for number, length in zip(numbers.tolist(), latency(numbers, draws), strict=True):
        tables.operations.append(
            number, words.kinds.code("create_port"), words.classes.code("boot"), number, 0, 0, -1, 0,
            number * S, number * S, number * S + round(length * S), 0, -1, 1, 0,
        )  # fmt: skip
    return RunFacts(
        scenario=job.scenario.name, strategy=job.strategy, seed=job.seed, replication=job.draw, tables=tables,
        virtual_us=700 * S, load_end_us=600 * S,
    )  # fmt: skip


def warms_up(job: Job, report: Report) -> RunFacts:
    return facts(job, warming)


def never_settles(job: Job, report: Report) -> RunFacts:
    return facts(job, growing)


def steady(scenario: Scenario, **horizon: Any) -> Scenario:
    data = {**scenario.model_dump(mode="json", exclude_none=True, by_alias=True), "horizon": {
        "kind": "steady_state", "duration_s": 600.0, **horizon}}  # fmt: skip
    return parse_scenario(data, name="steady.yaml")


def found_by(scenario: Scenario, runner: Any, **settings: Any) -> Comparison:
    found = compare(scenario, **{"replications": 6, "workers": 1, "runner": runner, **settings})
    assert isinstance(found, Comparison)
    return found


def test_the_warm_up_is_found_and_what_comes_after_it_is_measured(scenario: Scenario) -> None:
    found = found_by(steady(scenario), warms_up)
    assert found.warm_up is not None
    assert 80 * S <= found.warm_up.cut_us <= 100 * S
    for strategy in found.strategies:
        assert found.row("latency_s.create_port.mean").estimates[strategy].mean == pytest.approx(1.0, abs=0.05)
        assert found.row("operations_count.all.total").estimates[strategy].mean == 600 - found.warm_up.operations
    assert found.summary()["warm_up"] == {
        "cut_s": found.warm_up.cut_us / S, "operations": found.warm_up.operations, "series_operations": 600,
        "by": "MSER-5",
    }  # fmt: skip


def test_in_a_terminating_run_nothing_is_cut(scenario: Scenario) -> None:
    found = found_by(scenario, warms_up)
    assert found.warm_up is None
    assert "warm_up" not in found.summary()
    assert found.row("operations_count.all.total").estimates["deferred"].mean == 600


def test_measured_again_is_what_a_given_warm_up_measures_at_once(scenario: Scenario) -> None:
    again = found_by(steady(scenario), warms_up)
    given = found_by(steady(scenario, warm_up_s=again.warm_up.cut_us / S), warms_up)
    assert given.summary_rows() == again.summary_rows()
    assert given.summary()["warm_up"] == {**again.summary()["warm_up"], "by": "given"}


def test_without_a_steady_state_there_are_no_values_and_the_reason(scenario: Scenario, tmp_path: Path) -> None:
    found = found_by(steady(scenario), never_settles, output=tmp_path / "kept")
    assert not found.is_settled
    estimate = found.row(P95).estimates["deferred"]
    assert (estimate.mean, estimate.note) == (None, "unsettled: too short or unstable in 6 of 6")
    assert all(row["mean"] is None for row in found.summary_rows())
    assert not found.verdict.is_conclusive
    assert load_run(tmp_path / "kept").details["warm_up"]["cut_s"] is None
    assert len(load_run(tmp_path / "kept").operations) == 2 * 6 * 600


def test_the_bytes_do_not_depend_on_the_number_of_workers(scenario: Scenario, tmp_path: Path) -> None:
    asked = Precision(share=0.011)
    for workers in (1, 2):
        found_by(steady(scenario), warms_up, workers=workers, precision=asked, output=tmp_path / str(workers))
    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir() if path.name != "manifest.json"}
        for name in ("1", "2")
    )
    assert one == other
    assert json.loads(one["summary.json"])["replications"] > 10


def test_a_series_that_is_too_short_is_refused_with_what_to_do(scenario: Scenario, runner: Any) -> None:
    with pytest.raises(ScenarioError, match=r"horizon.kind is steady_state, but .* has 50 operations .* duration_s"):
        found_by(steady(scenario, duration_s=50.0), runner)


@pytest.mark.parametrize(
    ("arrivals", "name"),
    [
        ({"storm": {"count": 200}}, "storm"),
        ({"script": [{"operation": "create_port", "at_s": 0}]}, "script"),
    ],
)
def test_loads_without_a_steady_state_are_refused(scenario: Scenario, arrivals: dict[str, Any], name: str) -> None:
    data = scenario.model_dump(mode="json", exclude_none=True, by_alias=True)
    data["workload"] |= {"arrivals": arrivals, **({"operations": []} if name == "script" else {})}
    data["horizon"]["kind"] = "steady_state"
    with pytest.raises(ScenarioError, match=f"arrivals.{name} is over before a steady state could begin"):
        parse_scenario(data, name="steady.yaml")


@pytest.mark.parametrize(
    ("horizon", "told"),
    [
        ({"kind": "terminating", "warm_up_s": 3.0}, "nothing is cut of a terminating run"),
        ({"warm_up_s": 600.0}, "not below duration_s"),
    ],
)
def test_a_warm_up_that_means_nothing_is_refused(scenario: Scenario, horizon: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        steady(scenario, **horizon)


def test_one_run_by_itself_needs_a_given_warm_up(scenario: Scenario) -> None:
    [job] = jobs_for(steady(scenario), ("deferred",), seed=1, replications=1)
    with pytest.raises(ReplicationFailed, match="only run and compare find the warm-up"):
        perform(job, warms_up, lambda *_: None)


def test_a_plan_needs_a_given_warm_up(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match="warm_up_s is null, which only run and compare can find"):
        prepared(steady(scenario), PlanSettings(slo=("latency_s.create_port.p95 < 5",)))


def test_a_run_comes_back_from_the_spool_as_it_was(scenario: Scenario) -> None:
    short = steady(scenario, duration_s=30.0, warm_up_s=5.0)
    [job] = jobs_for(short, ("deferred",), seed=4, replications=1)
    run = simulate(job, lambda *_: None)
    with Spool() as spool:
        spool.put("deferred", 0, packed(run))
        back = spool.get("deferred", 0)
        with pytest.raises(KeyError):
            spool.get("deferred", 1)
    assert measure(back) == measure(run)
    assert measure(within(back, 5 * S)) == measure(within(run, 5 * S))


def test_nothing_is_left_in_the_temporary_folder(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken_runner: Any
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found_by(steady(scenario), warms_up)
    with pytest.raises(ReplicationFailed):
        found_by(steady(scenario), broken_runner)
    assert list(tmp_path.iterdir()) == []

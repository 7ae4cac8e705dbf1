from typing import Any

import pytest

from sim.experiment.jobs import Job
from sim.metrics.measure import measure
from sim.scenario import Scenario, load_scenario, parse_scenario, resolved
from sim.simulation import run
from sim.validation.capacity import measured_capacity, operations_per_arrival, saturated
from tests.sim.validation.outcomes import scenario


def with_follow_ups() -> Any:
    data = resolved(load_scenario("validation", overrides=["horizon.duration_s=4"]))
    data["workload"]["operations"] = [
        {"operation": "create_port", "weight": 3, "bind": True, "then": [
            {"operation": "get_port", "after_s": 2.0, "count": 2}, {"operation": "delete_port", "after_s": 1.0},
        ]},
        {"operation": "get_port", "weight": 1},
    ]  # fmt: skip
    return parse_scenario(data, name="follow-ups")


def in_virtual_time(job: Job, report: Any) -> Any:
    return run(job.scenario, strategy=job.strategy, seed=job.seed)


def test_a_saturated_scenario_has_a_client_more_than_workers_in_each_process_and_no_pause() -> None:
    found = saturated(scenario())
    closed = found.workload.arrivals.closed
    assert closed is not None
    assert closed.clients == found.api.processes * (found.api.threads + 1)
    assert closed.think_time_s.build().quantile(0.9) == 0


def test_follow_ups_come_at_once_when_saturated() -> None:
    entry = saturated(with_follow_ups()).workload.operations[0]
    assert [follow_up.after_s.build().quantile(0.5) for follow_up in entry.then] == [0, 0]


def test_operations_per_arrival_counts_what_follows_by_weight() -> None:
    assert operations_per_arrival(scenario()) == 1
    assert operations_per_arrival(with_follow_ups()) == (3 * 4 + 1) / 4


def throughput(given: Scenario) -> float:
    found = measure(run(given, strategy="deferred")).values["throughput_per_s.all.mean"]
    assert found is not None
    return found


def test_a_system_that_gets_more_than_its_capacity_serves_about_its_capacity() -> None:
    short = ["horizon={duration_s: 4}", "api.threads=2"]
    capacity = measured_capacity(load_scenario("validation", overrides=short), "deferred", in_virtual_time, seed=1)
    at = {share: [*short, f"workload.arrivals.poisson.rate_per_s={share * capacity}"] for share in (0.5, 2.0)}
    assert throughput(load_scenario("validation", overrides=at[0.5])) == pytest.approx(0.5 * capacity, rel=0.1)
    assert throughput(load_scenario("validation", overrides=at[2.0])) == pytest.approx(capacity, rel=0.1)


def test_a_run_without_answers_has_no_capacity() -> None:
    never = ["horizon={duration_s: 1, drain_limit_s: 0, max_virtual_time_s: 1}", "database.round_trip_s=5"]
    with pytest.raises(ValueError, match="the capacity of deferred cannot be measured"):
        measured_capacity(load_scenario("validation", overrides=never), "deferred", in_virtual_time, seed=1)

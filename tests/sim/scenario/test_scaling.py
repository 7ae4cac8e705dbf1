"""Loads by one number: what fits which arrivals, and that scaling there and back changes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import Scenario, ScenarioError, load_scenario, parse_scenario, resolved
from sim.scenario.scaling import SCALING_PATHS, is_whole, load_of, scaled, scaling_paths, unit_of

TRACE = """
question: How fast may it be played?
horizon: {duration_s: 10, drain_limit_s: 20, max_virtual_time_s: 30}
workload:
  arrivals: {trace: {file: t.csv, time_scale: 2}}
  operations: [{operation: create_port}]
drivers: [{name: a, kind: agent}]
primary_metric: latency_s.create_port.p95
"""


@pytest.fixture
def of_kind(data: dict[str, Any]) -> Callable[..., Scenario]:
    """The small scenario with other arrivals."""

    def _of_kind(**arrivals: Any) -> Scenario:
        return parse_scenario({**data, "workload": {**data["workload"], "arrivals": arrivals}})

    return _of_kind


@pytest.fixture
def trace(tmp_path: Path) -> Scenario:
    """A trace of 0.5, 1.25 and 9 s, played at half its pace for 10 s: the last is cut off."""
    (tmp_path / "t.csv").write_text("at_s\n0.5\n1.25\n9\n")
    (tmp_path / "s.yaml").write_text(TRACE)
    return load_scenario(tmp_path / "s.yaml")


def test_a_rate_is_operations_a_second_and_a_batch_counts_by_its_mean_size(of_kind: Callable[..., Scenario]) -> None:
    assert load_of(of_kind(poisson={"rate_per_s": 5}), "workload.rate_per_s") == 5
    assert load_of(of_kind(constant={"rate_per_s": 4}), "workload.rate_per_s") == 4
    batches = of_kind(batches={"rate_per_s": 2, "size": {"geometric": {"mean": 3.5}}})
    assert load_of(batches, "workload.rate_per_s") == 7
    changed = scaled(batches, "workload.rate_per_s", 14).workload.arrivals.batches
    assert changed is not None
    assert changed.rate_per_s == 4
    assert changed.size.mean == 3.5


@settings(deadline=None)
@given(st.floats(1e-3, 1e3))
def test_a_scaled_rate_is_the_rate_that_was_asked_for_and_nothing_else_changes(rate_per_s: float) -> None:
    scenario = load_scenario("boot_storm")
    changed = scaled(scenario, "workload.rate_per_s", rate_per_s)
    assert load_of(changed, "workload.rate_per_s") == pytest.approx(rate_per_s, rel=1e-12)
    back = scaled(changed, "workload.rate_per_s", load_of(scenario, "workload.rate_per_s"))
    before, after = resolved(scenario), resolved(back)
    assert after["workload"]["arrivals"]["batches"].pop("rate_per_s") == pytest.approx(1.76)
    before["workload"]["arrivals"]["batches"].pop("rate_per_s")
    assert before == after
    assert back.name == "boot_storm"


def test_a_trace_at_twice_its_pace_has_the_same_arrivals_in_half_the_time(trace: Scenario) -> None:
    assert load_of(trace, "workload.time_scale") == 0.5
    faster = scaled(trace, "workload.time_scale", 2)
    assert faster.workload.arrivals.trace is not None
    assert [arrival.at_s for arrival in faster.workload.arrivals.trace.arrivals] == [0.25, 0.625, 4.5]
    assert faster.horizon.duration_s == 2.5  # 9 s was after 10 s, and 4.5 s is after 2.5 s
    assert load_of(faster, "workload.time_scale") == 2


def test_a_slower_trace_has_the_time_that_it_needs(trace: Scenario) -> None:
    slower = scaled(trace, "workload.time_scale", 0.1)
    assert slower.horizon.duration_s == pytest.approx(50)
    assert slower.horizon.max_virtual_time_s == pytest.approx(70)


def test_clients_are_whole(of_kind: Callable[..., Scenario]) -> None:
    closed = of_kind(closed={"clients": 10})
    assert (load_of(closed, "workload.clients"), is_whole("workload.clients")) == (10, True)
    assert load_of(scaled(closed, "workload.clients", 12.0), "workload.clients") == 12
    with pytest.raises(ScenarioError, match=r"workload.clients: is 12.5; it must be a whole number from 1"):
        scaled(closed, "workload.clients", 12.5)


def test_a_storm_grows_by_its_count_and_never_below_one(of_kind: Callable[..., Scenario]) -> None:
    storm = of_kind(storm={"count": 10})
    assert load_of(storm, "workload.batch_scale") == 1
    for factor, count in ((2, 20), (1.26, 13), (0.01, 1)):
        changed = scaled(storm, "workload.batch_scale", factor).workload.arrivals.storm
        assert changed is not None
        assert changed.count == count


@pytest.mark.parametrize(
    ("size", "larger"),
    [
        (4, {"constant": {"value": 8}}),
        ({"geometric": {"mean": 2.5}}, {"geometric": {"mean": 5.0}}),
        ({"empirical": {"counts": [1, 3], "weights": [2, 1]}}, {"empirical": {"counts": [2, 6], "weights": [2, 1]}}),
    ],
)
def test_sizes_of_batches_grow_in_proportion(of_kind: Callable[..., Scenario], size: Any, larger: Any) -> None:
    changed = scaled(of_kind(batches={"rate_per_s": 1, "size": size}), "workload.batch_scale", 2)
    assert resolved(changed)["workload"]["arrivals"]["batches"]["size"] == larger


def test_sizes_that_shrink_to_the_same_count_share_its_weight(of_kind: Callable[..., Scenario]) -> None:
    sizes = {"empirical": {"counts": [1, 2, 3, 9], "weights": [4, 3, 2, 1]}}
    changed = scaled(of_kind(batches={"rate_per_s": 1, "size": sizes}), "workload.batch_scale", 0.4)
    found = resolved(changed)["workload"]["arrivals"]["batches"]["size"]["empirical"]
    assert found == {"counts": [1, 4], "weights": [9.0, 1.0]}


def test_sizes_whose_shape_would_change_are_refused(of_kind: Callable[..., Scenario]) -> None:
    pareto = of_kind(batches={"rate_per_s": 1, "size": {"pareto": {"alpha": 1.5, "maximum": 50}}})
    with pytest.raises(ScenarioError, match=r"does not fit batches whose size is 'pareto'.*constant, geometric"):
        scaled(pareto, "workload.batch_scale", 2)


def test_a_path_that_does_not_fit_is_refused_with_what_fits(of_kind: Callable[..., Scenario]) -> None:
    closed = of_kind(closed={"clients": 10})
    with pytest.raises(ScenarioError, match=r"workload.rate_per_s: does not fit.*'closed'; what fits: workload.cl"):
        load_of(closed, "workload.rate_per_s")
    with pytest.raises(ScenarioError, match=r"workload.speed: names no load; allowed: workload.rate_per_s, "):
        scaled(closed, "workload.speed", 1)
    script = parse_scenario(
        {**resolved(closed), "workload": {"arrivals": {"script": [{"at_s": 1, "operation": "create_port"}]}}}
    )
    assert scaling_paths(script) == ()
    with pytest.raises(ScenarioError, match="nothing fits: every operation has its own instant"):
        load_of(script, "workload.rate_per_s")


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "2"])
def test_a_load_is_a_number_above_zero(of_kind: Callable[..., Scenario], value: Any) -> None:
    with pytest.raises(ScenarioError, match=r"workload.rate_per_s: is .*; it must be a number above 0"):
        scaled(of_kind(poisson={"rate_per_s": 5}), "workload.rate_per_s", value)


def test_a_load_that_is_too_large_to_be_simulated_is_refused(of_kind: Callable[..., Scenario]) -> None:
    with pytest.raises(ScenarioError, match="at most 10,000,000 can be simulated"):
        scaled(of_kind(poisson={"rate_per_s": 5}), "workload.rate_per_s", 1e9)


def test_every_path_has_a_unit_and_fits_something(of_kind: Callable[..., Scenario]) -> None:
    kinds = [
        of_kind(poisson={"rate_per_s": 5}), of_kind(closed={"clients": 1}), of_kind(storm={"count": 1}),
        of_kind(batches={"rate_per_s": 1, "size": 2}),
    ]  # fmt: skip
    fitting = {path for scenario in kinds for path in scaling_paths(scenario)} | {"workload.time_scale"}
    assert fitting == set(SCALING_PATHS)
    assert all(unit_of(path) for path in SCALING_PATHS)

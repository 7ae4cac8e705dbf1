import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import ScenarioError
from sim.scenario.experiments import axis_of
from sim.scenario.experiments.varying import axis_from, takes_whole_numbers


def values_of(text: str) -> list[Any]:
    [column] = axis_of(text).data().values()
    return column


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("api.processes=1,2,4", [1, 2, 4]),
        ("api.kind=threads,eventlet", ["threads", "eventlet"]),
        ("horizon.duration_s=1e1,20.5", [10.0, 20.5]),
        ("workload.client.timeout_s=null,5", [None, 5]),
        ("topology.ip_allocation=true,false", [True, False]),
        ("controllers.sdn.latency.bind={lognormal: {median_s: 1, p95_s: 2}},3",
         [{"lognormal": {"median_s": 1, "p95_s": 2}}, 3]),
        ("workload.arrivals.batches.size.empirical.counts=[1, 2],[3, 4]", [[1, 2], [3, 4]]),
        ("api.processes=1..4..4,8", [1, 2, 3, 4, 8]),
        ("api.processes=1..16..5", [1, 5, 9, 12, 16]),
        ("workload.clients=10..1..4", [10, 7, 4, 1]),
        ("horizon.duration_s=0..1..5", [0, 0.25, 0.5, 0.75, 1]),
        ("workload.rate_per_s=0.1..0.3..3", [0.1, 0.2, 0.3]),
        ("database.round_trip_s=1e-4..1e-2..3log", [0.0001, 0.001, 0.01]),
        ("controllers.sdn.latency.bind=0.05..2..5log", [0.05, 0.126, 0.316, 0.795, 2]),
    ],
)  # fmt: skip
def test_values_are_yaml_and_ranges(text: str, values: list[Any]) -> None:
    assert values_of(text) == values


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("api.processes", r"--vary api.processes: must have the form PATH=V1,V2"),
        ("=1,2", r"must have the form"),
        ("api.processes=", r"has no values"),
        ("api.processes=1,2,1", r"has the value 1 twice"),
        ("api.processes=1..3..5", r"has the range 1..3..5, which has the same value twice when rounded"),
        ("workload.rate_per_s=1..16", r"has the value '1..16'; a range has the form FROM..TO..COUNT"),
        ("api.processes=1..16..1", r"of 1 values; it must be 2 to 1000"),
        ("api.processes=1..16..1001", r"of 1001 values"),
        ("api.processes=0..16..3log", r"one of equal ratios needs ends above 0"),
        ("api.processes=[1", r"has values of which the list is not YAML"),
        ("horizon.duration_s=5..5..3", r"has the same value twice"),
    ],
)
def test_values_that_mean_nothing_are_refused(text: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        axis_of(text)


def test_true_and_one_are_two_values() -> None:
    assert values_of("topology.ip_allocation=true,1") == [True, 1]


@given(first=st.floats(0.001, 1e6), ratio=st.floats(1.5, 1e4), count=st.integers(2, 50), equal_ratios=st.booleans())
def test_a_range_has_both_ends_and_ascends(first: float, ratio: float, count: int, equal_ratios: bool) -> None:
    last = first * ratio * count
    found = values_of(f"horizon.duration_s={first!r}..{last!r}..{count}{'log' if equal_ratios else ''}")
    assert len(found) == count
    assert math.isclose(found[0], first)
    assert math.isclose(found[-1], last)
    assert found == sorted(found)


@given(first=st.integers(1, 1000), step=st.integers(1, 50), count=st.integers(2, 30))
def test_an_even_range_of_whole_numbers_is_exact(first: int, step: int, count: int) -> None:
    last = first + step * (count - 1)
    assert values_of(f"api.threads={first}..{last}..{count}") == list(range(first, last + 1, step))


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        ("api.processes", True), ("database.pool.size", True), ("topology.tenants", True), ("workload.clients", True),
        ("controllers.sdn.concurrency", True), ("workload.rate_per_s", False), ("horizon.duration_s", False),
        ("controllers.sdn.latency.bind", False), ("nowhere.at_all", False),
    ],
)  # fmt: skip
def test_the_schema_says_what_takes_whole_numbers(path: str, whole: bool) -> None:
    assert takes_whole_numbers(path) is whole


def test_paths_of_one_entry_take_their_values_side_by_side() -> None:
    axis = axis_from({"api.processes": [1, 2, 2], "api.cores": "1..3..3"})
    assert axis.values == ((1, 1), (2, 2), (2, 3))
    assert axis.data() == {"api.processes": [1, 2, 2], "api.cores": [1, 2, 3]}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"a": [1, 2], "b": [1]}, "needs as many values for each path.*a has 2, b has 1"),
        ({"a": [1, 1], "b": [2, 2]}, "the same values together twice"),
        ({}, "varies nothing"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(entry: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        axis_from(entry)

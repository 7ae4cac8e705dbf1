"""Simpler settings: each candidate differs, none is offered for ever, and resolved data will do too."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import ScenarioError, load_scenario, resolved, shipped_names
from sim.soak import Case, draw_case
from sim.soak.simplifying import simpler
from tests.sim.soak.small_cases import create, fault, move, small_case

Data = dict[str, Any]
LONGEST = 400  # candidates that one case may take one after the other; drawn ones take about 100

numbers = st.integers(min_value=0, max_value=5000)


def last(candidates: list[Data]) -> Data:
    """The one that came last."""
    return candidates[-1]


def first(candidates: list[Data]) -> Data:
    """The one that came first."""
    return candidates[0]


def taken(data: Data, choose: Callable[[list[Data]], Data]) -> tuple[Data, int]:
    """What is left when one candidate after the other is taken, and how many there were."""
    for steps in range(LONGEST):
        candidates = list(simpler(data))
        if not candidates:
            return data, steps
        data = choose(candidates)
    raise AssertionError(f"there is a simpler form after {LONGEST} steps")


@given(numbers)
@settings(max_examples=40, deadline=None)
def test_every_candidate_differs_and_leaves_alone_what_it_is_made_from(number: int) -> None:
    data = draw_case(3, number).data
    before = copy.deepcopy(data)
    candidates = list(simpler(data))
    assert candidates
    assert all(candidate != data for candidate in candidates)
    assert data == before


@given(numbers, st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_taking_candidates_comes_to_an_end_whichever_are_taken(number: int, random: Any) -> None:
    for choose in (first, last, random.choice):
        assert 0 < taken(draw_case(3, number).data, choose)[1] < LONGEST


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_scenario_has_simpler_forms_and_they_come_to_an_end(name: str) -> None:
    data = resolved(load_scenario(name))
    assert all(candidate != data for candidate in simpler(data))
    assert taken(data, first)[1] > 0


def test_resolved_data_of_a_drawn_case_has_simpler_forms_too() -> None:
    for number in range(3):
        assert taken(resolved(draw_case(1, number).scenario()), last)[1] > 0


def test_most_candidates_are_valid_scenarios() -> None:
    valid = [is_valid(candidate) for number in range(5) for candidate in simpler(draw_case(2, number).data)]
    assert sum(valid) > 0.9 * len(valid)


def is_valid(data: Data) -> bool:
    """Whether it can be played."""
    try:
        Case(data, 1).scenario()
    except ScenarioError:
        return False
    return True


def test_instants_are_offered_from_the_roundest_on() -> None:
    data = small_case(create(0.1234)).data
    offered = [candidate["workload"]["arrivals"]["script"][0]["at_s"] for candidate in simpler(data)]
    assert [at_s for at_s in offered if at_s != 0.1234] == [0.0, 0.1, 0.12, 0.123]


def test_operations_of_ports_that_go_are_about_the_last_one_that_stays() -> None:
    data = small_case(move(0.0, port=3), move(1.0, port=0), initial=4).data
    fewer = [each for each in simpler(data) if each["workload"]["ports"]["initial"] == 2]
    assert [[item["port"] for item in each["workload"]["arrivals"]["script"]] for each in fewer] == [[1, 0]]


def test_a_distribution_gives_way_to_its_middle_and_to_nothing() -> None:
    latencies = {"bind": {"lognormal": {"median_s": 0.5, "p95_s": 1.5}}, "drop": {"exponential": {"mean_s": 0.2}}}
    data = small_case(create(), controllers=[{"name": "sdn", "latency": latencies}]).data
    offered = [candidate["controllers"][0]["latency"] for candidate in simpler(data)]
    assert [each for each in offered if each != latencies] == [
        {**latencies, "bind": 0.5}, {**latencies, "bind": 0}, {**latencies, "drop": 0.2}, {**latencies, "drop": 0},
    ]  # fmt: skip


def test_a_drawn_load_is_cut_in_halves_and_loses_kinds_of_operations() -> None:
    data = resolved(load_scenario("hot_port"))
    durations = [each["horizon"]["duration_s"] for each in simpler(data)]
    kinds = [len(each["workload"]["operations"]) for each in simpler(data)]
    assert min(durations) == data["horizon"]["duration_s"] / 2
    assert kinds.count(len(data["workload"]["operations"]) - 1) == len(data["workload"]["operations"])


def test_a_fault_loses_settings_and_comes_for_certain() -> None:
    drawn = fault("connection", when="statement", probability=0.1, transactions=["create_port"])
    offered = [
        each["faults"] for each in simpler(small_case(create(), **drawn).data) if each["faults"] != drawn["faults"]
    ]
    assert offered == [
        fault("connection", when="statement", probability=0.1)["faults"],
        fault("connection", when="statement", probability=1.0, transactions=["create_port"])["faults"],
    ]


def test_errors_that_happen_sometimes_are_tried_as_ones_that_happen_always() -> None:
    data = small_case(create()).data
    data["drivers"] = [{**data["drivers"][0], "error_probability": {"bind_port": 0.1}}]
    data["controllers"] = [{**data["controllers"][0], "error_probability": 0.5}]
    offered = list(simpler(data))
    assert {"bind_port": 1.0} in [each["drivers"][0].get("error_probability") for each in offered]
    assert 1.0 in [each["controllers"][0].get("error_probability") for each in offered]

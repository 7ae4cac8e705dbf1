"""Costs by the name of a call, and a machine on which database, load generator and API processes compute."""

from typing import Any

import pytest

from sim.scenario import resolved
from sim.simulation import run
from tests.sim.model.tiny import tiny

ONE_GET = {
    "horizon": {"duration_s": 2, "drain_limit_s": 10},
    "workload": {
        "arrivals": {"script": [{"at_s": 1, "operation": "get_port", "port": 0}]},
        "operations": [],
        "ports": {"initial": 1, "bound": True},
    },
}
FREE: dict[str, Any] = {"round_trip_s": 0, "execution_s": 0, "commit_s": 0}


def latency_ms(*, database: dict[str, Any] | None = None, api: dict[str, Any] | None = None, **rest: Any) -> float:
    """How long one get_port takes: BEGIN, port.read, COMMIT."""
    scenario = tiny(
        **ONE_GET | rest,
        database=FREE | (database or {}),
        api={"cpu_s": 0, "cpu_s_per_statement": 0, "cores": 1, "processes": 1} | (api or {}),
    )
    row = run(scenario, strategy="deferred").table("operations").iloc[0]
    return round(1000 * (row["ended_s"] - row["intended_s"]), 3)


def test_without_costs_nothing_takes_time() -> None:
    assert latency_ms() == 0


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        ({"statements_s": {"port.read": 0.003}}, 3),
        ({"execution_s": 0.002, "statements_s": {"port.lock": 0.003}}, 2),
        ({"execution_s": 0.002, "statements_s": {"port.read": 0.003}}, 3),
        ({"statements_s": {"commit_read_only": 0.004, "commit": 0.1}}, 4),
        ({"round_trip_s": 0.001, "statements_s": {"port.read": 0.003}}, 5),
        ({"round_trip_s": 0.001, "statements_s": {"begin": 0.003}}, 6),
        ({"statement_factor": 2, "statements_s": {"port.read": 0.003, "commit_read_only": 0.004}}, 10),
    ],
)
def test_the_server_works_on_each_call_as_long_as_its_name_says(database: dict[str, Any], expected: float) -> None:
    assert latency_ms(database=database) == expected


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ({"statements_cpu_s": {"port.read": 0.003}}, 3),
        ({"cpu_s_per_statement": 0.002, "statements_cpu_s": {"port.lock": 0.003}}, 2),
        ({"cpu_s_per_statement": 0.002, "cpu_after_share": 0.5}, 2),
        ({"statements_cpu_s": {"commit_read_only": 0.003}}, 3),
        ({"cpu_s": 0.001, "operations_cpu_s": {"get_ports": 0.003}}, 1),
        ({"cpu_s": 0.001, "operations_cpu_s": {"get_port": 0.003}}, 3),
        ({"load_cpu_s": 0.003}, 3),
        ({"load_cpu_s": 0.003, "load_delay_s": 0.002, "answer_cpu_s": 0.001}, 6),
        ({"background_cpu_s": 0.003}, 0),
        ({"cpu_s": 0.003, "cpu_after_share": 0.5}, 3),
        ({"cpu_s": 0.003, "busy_core_factor": 0.5}, 3),
    ],
)
def test_the_api_process_computes_as_long_as_the_name_says(api: dict[str, Any], expected: float) -> None:
    assert latency_ms(api=api) == expected


def test_costs_of_the_server_by_name_leave_those_of_the_client_as_they_are() -> None:
    assert latency_ms(api={"cpu_s_per_statement": 0.002}, database={"statements_s": {"port.read": 0.003}}) == 5


STORM = {
    "horizon": {"duration_s": 2, "drain_limit_s": 10},
    "workload": {
        "arrivals": {"script": [{"at_s": 1, "operation": "get_port", "port": port} for port in range(4)]},
        "operations": [],
        "ports": {"initial": 4, "bound": True},
    },
}


def finish_ms(*, on_api_machine: bool | None, cores: int, **api: Any) -> list[float]:
    """When each of four operations is done that the server works 10 ms on and a process of its own 10 ms."""
    scenario = tiny(
        **STORM,
        database=FREE | {"statements_s": {"port.read": 0.01}, "on_api_machine": on_api_machine, "cores": 4},
        api={"cpu_s": 0, "cpu_s_per_statement": 0.01, "cores": cores, "processes": 4, "threads": 1} | api,
    )
    found = run(scenario, strategy="deferred").table("operations")
    return sorted(round(1000 * (answered - 1), 3) for answered in found["ended_s"])


def test_a_server_of_its_own_does_not_wait_for_the_api_machine() -> None:
    assert finish_ms(on_api_machine=None, cores=4) == [20, 20, 20, 20]
    assert finish_ms(on_api_machine=None, cores=1) == [20, 30, 40, 50]


def test_a_server_on_the_api_machine_waits_for_its_cores() -> None:
    assert finish_ms(on_api_machine=True, cores=4) == [20, 20, 20, 20]
    assert max(finish_ms(on_api_machine=True, cores=1)) == 80  # all that computes, one after the other


def test_what_waited_for_its_core_is_quicker_where_the_scenario_says_so() -> None:
    half = finish_ms(on_api_machine=True, cores=1, busy_core_factor=0.5)
    assert max(half) == 45  # of eight times 10 ms on the one core all but the first take half


def test_a_flush_takes_what_is_drawn_for_it() -> None:
    scenario = tiny(
        horizon={"duration_s": 2, "drain_limit_s": 10},
        workload={
            "arrivals": {
                "script": [{"at_s": 1, "operation": "update_port", "change": "name", "value": "x", "port": 0}]
            },
            "operations": [],
            "ports": {"initial": 1, "bound": True},
        },
        database=FREE | {"flush_s": 0.007},
        api={"cpu_s": 0, "cpu_s_per_statement": 0},
    )
    row = run(scenario, strategy="deferred").table("operations").iloc[0]
    assert round(1000 * (row["ended_s"] - row["intended_s"]), 3) == 7


def test_what_is_not_given_stays_out_of_the_resolved_form() -> None:
    found = resolved(tiny())
    assert not {"statements_cpu_s", "operations_cpu_s", "cpu_after_share", "load_cpu_s"} & set(found["api"])
    assert not {"statements_s", "flush_s", "on_api_machine"} & set(found["database"])

"""The resolved form: all defaults, the same bytes for the same meaning, a hash that tells meanings apart."""

import os
import subprocess
import sys
from typing import Any

import pytest

from sim.scenario import load_scenario as load
from sim.scenario import parse_scenario, resolved, resolved_json, resolved_yaml, scenario_hash, shipped_names
from sim.scenario.yaml_text import parse


@pytest.mark.parametrize("name", shipped_names())
def test_the_resolved_form_is_itself_a_scenario_with_the_same_meaning(name: str) -> None:
    scenario = load(name)
    again = parse_scenario(parse(resolved_yaml(scenario))[0], name=scenario.source)
    assert again == scenario
    assert scenario_hash(again) == scenario_hash(scenario)
    assert resolved_yaml(again) == resolved_yaml(scenario)


def test_defaults_are_written_out(data: dict[str, Any]) -> None:
    full = resolved(parse_scenario(data))
    assert full["database"]["pool"] == {"size": 5, "max_overflow": 50, "timeout_s": 30.0}
    assert [each["name"] for each in full["strategies"]] == ["in-transaction", "deferred"]


def test_a_choice_shows_only_what_was_chosen(data: dict[str, Any]) -> None:
    full = resolved(parse_scenario(data))
    assert full["workload"]["arrivals"] == {"poisson": {"rate_per_s": 5.0}}
    assert full["controllers"][0]["latency"]["bind"] == {"constant": {"shift_s": 0.0, "value_s": 0.5}}


def test_ways_of_saying_the_same_have_one_hash(data: dict[str, Any]) -> None:
    short = scenario_hash(parse_scenario(data))
    data["controllers"][0]["latency"]["bind"] = {"constant": {"value_s": 0.50}}
    data["horizon"] = {"duration_s": 10.0, "kind": "terminating"}
    assert scenario_hash(parse_scenario(dict(reversed(data.items())))) == short


def test_whether_initial_ports_have_a_host_is_written_out_where_they_have_none(data: dict[str, Any]) -> None:
    data["workload"]["ports"] = {"initial": 3, "bound": False}
    usual, said = parse_scenario(data), parse_scenario(data, ["workload.ports.with_host=true"])
    assert resolved(said) == resolved(usual)
    assert "with_host" not in resolved(usual)["workload"]["ports"]
    without = parse_scenario(data, ["workload.ports.with_host=false"])
    assert resolved(without)["workload"]["ports"]["with_host"] is False
    assert scenario_hash(without) != scenario_hash(usual)


def test_another_meaning_has_another_hash(data: dict[str, Any]) -> None:
    hashes = {
        scenario_hash(parse_scenario(data, [override]))
        for override in (
            "topology.hosts=3",
            "topology.hosts=4",
            "question=x",
            "strategies=[deferred]",
            "api.cpu_s=1e-9",
        )
    }
    assert len(hashes) == 5
    assert all(len(each) == 8 and int(each, 16) >= 0 for each in hashes)


def test_tiny_and_huge_numbers_survive(data: dict[str, Any]) -> None:
    scenario = parse_scenario(data, ["api.cpu_s=1e-9", "horizon.max_virtual_time_s=1e22", "horizon.duration_s=0.1"])
    assert resolved(parse_scenario(parse(resolved_yaml(scenario))[0])) == resolved(scenario)


def test_the_bytes_do_not_depend_on_hashing() -> None:
    program = "from sim.scenario import *; print(resolved_json(load_scenario('boot_storm')))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert outputs == {resolved_json(load("boot_storm")) + "\n"}

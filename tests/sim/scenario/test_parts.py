"""What single parts of a scenario allow and fill in."""

import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from sim.scenario import BASES, Client, FollowUp, Operation, Scenario, Segment, Strategy, builtin, parse_scenario
from sim.scenario.workload import Ports


@pytest.mark.parametrize("name", BASES)
def test_a_built_in_strategy_is_called_by_its_name(name: str) -> None:
    strategy = builtin(name)
    assert (strategy.name, strategy.base, strategy.reads_bind) == (name, name, name != "in-transaction")


@pytest.mark.parametrize(
    "variant",
    [
        {"base": "in-transaction", "reads_bind": True},
        {"base": "in-transaction", "concurrency_check": "values"},
        {"base": "deferred", "where": "inside", "concurrency_check": "values"},
        {"base": "havana", "second_read": "plain"},
        {"base": "juno", "lease_s": 3},
        {"base": "deferred", "lease_s": 3},
        {"base": "magic"},
        {},
    ],
)
def test_a_setting_without_meaning_for_the_base_is_refused(variant: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Strategy.model_validate({"name": "x", **variant})


@pytest.mark.parametrize(
    ("operation", "filled"),
    [
        ("create_port", {"label": "create_port", "bind": True, "change": None, "filter": None}),
        ("update_port", {"label": "update_port", "bind": None, "change": "host", "filter": None}),
        ("get_ports", {"label": "get_ports", "bind": None, "change": None, "filter": "network"}),
    ],
)
def test_an_operation_gets_the_defaults_of_its_kind(operation: str, filled: dict[str, Any]) -> None:
    part = Operation.model_validate({"operation": operation})
    assert {name: getattr(part, name) for name in filled} == filled


@pytest.mark.parametrize(
    "raw",
    [
        {"operation": "get_port", "bind": True},
        {"operation": "create_port", "filter": "host"},
        {"operation": "get_ports", "then": [{"operation": "get_port"}]},
        {"operation": "create_port", "then": [{"operation": "create_port"}]},
        {"operation": "create_port", "then": [{"operation": "get_ports"}]},
        {"operation": "create_port", "weight": -1},
        {"operation": "activate"},
        {"operation": "delete_binding"},
        {"operation": "create_port", "then": [{"operation": "activate"}]},
        {"operation": "create_binding", "then": [{"operation": "get_port", "then": [{"operation": "activate"}]}]},
        {"operation": "create_binding", "change": "host"},
        {"operation": "create_port", "then": [{"operation": "get_port", "from": "notified"}]},
        {"operation": "report_state"},
    ],
)
def test_an_operation_has_only_what_belongs_to_it(raw: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Operation.model_validate(raw)


def test_a_follow_up_comes_after_the_end_unless_told_otherwise() -> None:
    assert FollowUp.model_validate({"operation": "get_port"}).since == "end"
    assert FollowUp.model_validate({"operation": "get_port", "from": "start"}).since == "start"


def test_ports_without_a_host_are_not_bound() -> None:
    assert Ports(bound=False, with_host=False).with_host is False
    assert Ports(bound=True, with_host=True).with_host is None
    with pytest.raises(ValidationError, match="with_host false needs bound false"):
        Ports(bound=True, with_host=False)


@pytest.mark.parametrize(
    "raw", [{"on_timeout": "repeat", "timeout_s": 1}, {"on_timeout": "delete"}, {"on_timeout": "wait"}]
)
def test_a_client_needs_what_its_impatience_needs(raw: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Client.model_validate(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {"network_type": "vlan"},
        {"network_type": "vxlan", "physical_network": "p"},
        {"network_type": "flat", "physical_network": "p", "first_segmentation_id": 1},
        {"network_type": "vlan", "physical_network": "p", "first_segmentation_id": 4095},
    ],
)
def test_a_segment_fits_its_type(raw: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Segment.model_validate(raw)


def test_degraded_windows_may_touch_but_not_overlap(data: dict[str, Any]) -> None:
    data["controllers"][0]["degraded"] = [{"from_s": 10, "to_s": 20}, {"from_s": 20, "to_s": 30}]
    assert len(parse_scenario(data).controllers[0].degraded) == 2
    data["controllers"][0]["degraded"][1]["from_s"] = 19
    with pytest.raises(ValueError, match="degraded windows overlap at"):
        parse_scenario(data)


def test_a_controller_knows_which_hosts_are_its_own(data: dict[str, Any]) -> None:
    data["controllers"][0]["hosts"] = {"first": 2, "count": 3}
    controller = parse_scenario(data).controllers[0]
    assert [host for host in range(8) if controller.can_bind_on(host)] == [2, 3, 4]


def test_a_scenario_cannot_be_changed_and_travels_to_other_processes(data: dict[str, Any]) -> None:
    scenario = parse_scenario(data, name="travels")
    with pytest.raises(ValidationError):
        scenario.question = "Another?"
    copy: Scenario = pickle.loads(pickle.dumps(scenario))
    assert (copy, copy.name) == (scenario, "travels")

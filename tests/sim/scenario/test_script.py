"""Scripts: what their items say, what is refused, and that the resolved form is the same script."""

from typing import Any

import pytest

from sim.scenario import Scenario, ScenarioError, parse_scenario, resolved
from sim.scenario.checks import reported

CREATE = {"at_s": 0, "operation": "create_port", "host": 1}


def scripted(data: dict[str, Any], *items: dict[str, Any], **workload: Any) -> Scenario:
    data["workload"] = {"arrivals": {"script": list(items)}, "ports": {"initial": 2}, **workload}
    return parse_scenario(data)


def said(data: dict[str, Any], *items: dict[str, Any], **workload: Any) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        scripted(data, *items, **workload)
    return [line.removeprefix("unnamed: ") for line in str(error.value).splitlines()]


def test_items_are_numbered_by_position_unless_they_say_otherwise(data: dict[str, Any]) -> None:
    script = scripted(data, CREATE, {**CREATE, "number": 7}, CREATE).workload.arrivals.script
    assert script is not None
    assert [item.number for item in script] == [0, 7, 2]


def test_a_script_needs_no_mix_and_its_resolved_form_gives_it_again(data: dict[str, Any]) -> None:
    scenario = scripted(
        data,
        CREATE,
        {"at_s": 1.5, "operation": "update_port", "port_of": 0, "change": "profile", "value": ""},
        {"at_s": 1, "operation": "get_ports", "filter": "device", "port": 1, "class": "look"},
    )
    assert parse_scenario(resolved(scenario)) == scenario
    assert resolved(scenario)["workload"]["arrivals"]["script"] == [
        {"at_s": 0, "number": 0, "operation": "create_port", "class": "create_port", "host": 1, "bind": True},
        {
            "at_s": 1.5, "number": 1, "operation": "update_port", "class": "update_port",
            "port_of": 0, "change": "profile", "value": "",
        },
        {"at_s": 1, "number": 2, "operation": "get_ports", "class": "look", "port": 1, "filter": "device"},
    ]  # fmt: skip
    assert "look" in reported(scenario)


def test_an_item_of_a_script_can_be_changed_by_an_override(data: dict[str, Any]) -> None:
    data["workload"] = {"arrivals": {"script": [CREATE]}}
    script = parse_scenario(data, ["workload.arrivals.script.0.host=3"]).workload.arrivals.script
    assert script is not None
    assert script[0].host == 3


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"operation": "get_port", "port": 2}, "port is 2, not below workload.ports.initial (2)"),
        ({"operation": "get_port", "port_of": 1}, "port_of is 1: no operation with this number creates a port"),
        ({"operation": "get_port"}, " needs the port that it is about: either port or port_of"),
        ({"operation": "get_port", "port": 1, "port_of": 0}, " needs the port that it is about: either"),
        ({"operation": "create_port", "port": 1}, " is about no port that exists already; leave out port and port_of"),
        ({"operation": "create_port", "host": 100}, "host is 100, not below topology.hosts (100)"),
        ({"operation": "create_port", "bind": False, "host": 1}, " names no host; leave out host"),
        ({"operation": "create_port", "tenant": 50}, "tenant is 50, not below topology.tenants (50)"),
        ({"operation": "create_port", "at_s": 10}, "at_s is 10, not below horizon.duration_s (10)"),
        ({"operation": "create_port", "number": 0}, "number is 0, which script.0 has already"),
        ({"operation": "create_port", "value": "x"}, " value belongs to a change of vnic_type, profile or name"),
        (
            {"operation": "update_port", "port": 1, "change": "vnic_type", "value": "fast"},
            " value is 'fast'; vnic_type can be normal, direct, macvtap, baremetal, direct-physical",
        ),
        ({"operation": "activate", "port": 1}, " needs the host of the binding that it is about"),
        ({"operation": "get_port", "port": 1, "change": "host"}, " change belongs to update_port; get_port has no"),
    ],
)
def test_what_a_script_has_no_room_for_is_refused_once(
    data: dict[str, Any], item: dict[str, Any], sentence: str
) -> None:
    lines = said(data, CREATE, {"at_s": 1, **item})
    assert len(lines) == 1
    where = "workload.arrivals.script.1"
    assert lines[0].startswith(where + (sentence if sentence.startswith(" ") else f".{sentence}"))


def test_a_script_beside_a_mix_makes_no_sense(data: dict[str, Any]) -> None:
    lines = said(data, CREATE, operations=[{"operation": "create_port"}])
    assert lines == [
        "workload.operations are given as well as arrivals.script, which lists every operation; use one of them"
    ]


def test_every_other_load_needs_a_mix(data: dict[str, Any]) -> None:
    del data["workload"]["operations"]
    with pytest.raises(ScenarioError) as error:
        parse_scenario(data)
    assert str(error.value) == (
        "unnamed: workload.operations are missing: the mix that each arrival draws one entry of, by weight"
    )


def test_the_vnic_types_are_those_of_the_core() -> None:
    from core.constants import VNIC_TYPES as OF_THE_CORE
    from sim.scenario.script import VNIC_TYPES

    assert VNIC_TYPES == OF_THE_CORE

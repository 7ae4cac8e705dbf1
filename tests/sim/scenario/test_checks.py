"""Contradictions between parts of a scenario."""

from typing import Any

import pytest

from sim.scenario import ScenarioError, parse_scenario


def _said(data: dict[str, Any], *overrides: str) -> str:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(data, overrides)
    return str(error.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("strategies=[deferred, deferred]", "strategies.1 has the name 'deferred' that strategies.0 has already"),
        ("strategies=[{name: deferred, base: serialized}]", "'deferred' is itself a built-in strategy"),
        ("drivers=[{name: log, kind: logger}]", "drivers hold no driver that can bind"),
        (
            "drivers=[{name: tor, kind: switch, continues_to: 1}, {name: ovs, kind: agent}]",
            "drivers.0.continues_to is 1: not the place of a segment below the first; topology.segments has to hold",
        ),
        ("drivers=[{name: tor, kind: switch}, {name: ovs, kind: agent}]", "a driver of kind switch needs continues_to"),
        ("drivers=[{name: ovs, kind: agent, continues_to: 1}]", "a driver of kind agent has no continues_to"),
        (
            "workload.operations=[{operation: create_port, weight: 0}]",
            "workload.operations have weights that are all 0",
        ),
        ("workload.operations=[{operation: get_port}]", "is 'get_port', but no port ever exists"),
        ("workload.ports={hot: {count: 3, share: 0.5}}", "workload.ports.hot.count is 3, above ports.initial (0)"),
        ("workload.ports={initial: 9, zipf_s: 1, hot: {count: 3, share: 0.5}}", "is given as well as hot"),
        ("workload.ports={initial: 9, with_host: false}", "workload.ports with_host false needs bound false: a port "),
        ("horizon.max_virtual_time_s=100", "is 100, below duration_s + drain_limit_s (610)"),
        ("workload.arrivals={storm: {at_s: 10, count: 3}}", "is 10, not before horizon.duration_s (10)"),
        ("thresholds=[{metric: a.b, at_most: 1, strategies: [x]}]", "name 'x': no such strategy; allowed: deferred, "),
        ("topology={networks: 60}", "topology.networks is 60, above tenants (50)"),
    ],
)
def test_what_does_not_fit_together_is_refused(data: dict[str, Any], override: str, said: str) -> None:
    assert said in _said(data, override)


@pytest.mark.parametrize(("place", "is_right"), [(0, False), (1, True), (2, True), (3, False)])
def test_a_switch_continues_to_a_segment_below_the_first(data: dict[str, Any], place: int, is_right: bool) -> None:
    overrides = [
        "topology={segments: [{network_type: vxlan}, {network_type: gre}, {network_type: flat, physical_network: p}]}",
        f"drivers=[{{name: tor, kind: switch, continues_to: {place}}}, {{name: ovs, kind: agent}}]",
    ]
    if is_right:
        assert parse_scenario(data, overrides).drivers[0].continues_to == place
    else:
        assert (
            f"drivers.0.continues_to is {place}: not the place of a segment below the first; allowed: 1 to 2"
            in _said(data, *overrides)
        )


def test_two_contradictions_are_both_told(data: dict[str, Any]) -> None:
    said = _said(data, "topology.networks=60", "drivers.0.controller=odl")
    assert len(said.splitlines()) == 2


def test_a_network_may_have_no_tenant_when_one_subnet_serves_all(data: dict[str, Any]) -> None:
    assert parse_scenario(data, ["topology={networks: 60, subnets_per_tenant: 0}"]).topology.networks == 60

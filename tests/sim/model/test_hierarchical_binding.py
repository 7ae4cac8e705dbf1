"""Hierarchical binding in virtual time: a switch binds above, an agent or a controller below."""

from typing import Any

import pytest

import core.managers
from core.binding.levels import level_below
from core.context import Continuation, PortContext
from core.records import decoded_levels
from sim.history import History, check
from sim.history.verdict import Finding
from sim.simulation import run
from tests.sim.model.recording.recorded import recorded, rows
from tests.sim.model.tiny import tiny

SWITCH = {"name": "tor", "kind": "switch", "continues_to": 1, "latency": {"bind_port": 0.2}}
AGENT = {"name": "ovs", "kind": "agent"}
SDN = {"name": "sdn", "kind": "controller", "controller": "sdn"}
SEGMENTS = {"segments": [{"network_type": "vxlan"}, {"network_type": "vlan", "physical_network": "rack"}]}
CREATE = {"at_s": 0.0, "operation": "create_port", "host": 1}
MOVE = {"at_s": 2, "operation": "update_port", "port": 0, "host": 2}
OVERTAKEN = {"at_s": 2.1, "operation": "update_port", "port": 0, "host": 3}
RENAME = {"at_s": 6, "operation": "update_port", "port": 0, "change": "name"}
DELETE = {"at_s": 8, "operation": "delete_port", "port": 0}
ALL = (CREATE, MOVE, OVERTAKEN, RENAME, DELETE)
FABRIC: dict[str, Any] = {"drivers": [SWITCH, AGENT], "topology": SEGMENTS}


def levels(history: History) -> list[list[str]]:
    """The drivers of each committed state, from the top to the bottom."""
    states = rows(history, "states", "upper_levels", "driver")
    committed = [states[number] for (number,) in map(tuple, _written(history))]
    return [
        [driver for driver, _ in decoded_levels(upper or "")] + ([bottom] if bottom else [])
        for upper, bottom in committed
    ]


def _written(history: History) -> list[tuple[int]]:
    return [(row[2],) for row in history.tables.writes.rows() if row[2] >= 0]


def findings(history: History) -> list[Finding]:
    return check(history).findings


def test_the_switch_binds_above_and_the_agent_below() -> None:
    history = recorded(CREATE, initial=0, **FABRIC)
    assert levels(history) == [[], ["tor", "ovs"]]
    bound = rows(history, "callbacks", "driver", "method")
    assert [driver for driver, method in bound if method == "bind_port"] == ["tor", "tor", "ovs"]


def test_a_call_that_continued_the_binding_is_recorded_with_its_segment_alone() -> None:
    history = recorded(CREATE, initial=0, **FABRIC)
    asked = rows(history, "callbacks", "method")
    returned = rows(history, "returns", "callback", "vif_type", "segment")
    told = [
        (vif_type, segment and segment[-1]) for call, vif_type, segment in returned if asked[call] == ("bind_port",)
    ]
    assert told == [(None, "0"), (None, None), ("ovs", "1")]  # ids of segments end in their numbers


@pytest.mark.parametrize("strategy", ["deferred", "serialized", "in-transaction", "neutron-2026.1"])
@pytest.mark.parametrize("below", [AGENT, SDN], ids=["agent", "controller"])
def test_the_checker_finds_every_promise_kept(strategy: str, below: dict[str, Any]) -> None:
    history = recorded(*ALL, initial=1, strategy=strategy, drivers=[SWITCH, below], topology=SEGMENTS)
    assert check(history).broken == []
    assert ["tor", below["name"]] in levels(history)


THREE = {"segments": [{"network_type": "vxlan"}, *({"network_type": "vlan", "physical_network": p} for p in "ab")]}


@pytest.mark.parametrize(
    ("order", "bound"),
    [([1, 2], [("s1", 0), ("s2", 1), ("ovs", 2)]), ([2, 1], [("s2", 0), ("ovs", 2)])],
)
def test_two_switches_lead_down_and_never_back(order: list[int], bound: list[tuple[str, int]]) -> None:
    switches = [{"name": f"s{place}", "kind": "switch", "continues_to": place} for place in order]
    history = recorded(CREATE, initial=0, drivers=[*switches, AGENT], topology=THREE)
    states = rows(history, "states", "upper_levels", "driver", "segment")
    ((upper, driver, segment),) = {state for state in states if state[0] is not None and state[1] is not None}
    all_levels = [*decoded_levels(upper), (driver, segment)]
    assert [(name, int(number[-1])) for name, number in all_levels] == bound  # ids of segments end in their numbers


def test_initial_ports_have_the_levels_that_the_core_would_give_them() -> None:
    history = recorded(MOVE, initial=1, **FABRIC)
    assert levels(history) == [["tor", "ovs"], [], ["tor", "ovs"]]


def test_where_the_controller_below_does_not_serve_the_host_the_next_driver_binds() -> None:
    known = [{"name": "sdn", "latency": {"bind": 1}, "hosts": {"first": 0, "count": 1}}]
    history = recorded(CREATE, initial=0, drivers=[SWITCH, SDN, AGENT], topology=SEGMENTS, controllers=known)
    assert levels(history)[-1] == ["tor", "ovs"]


@pytest.mark.parametrize("below", [AGENT, SDN], ids=["agent", "controller"])
def test_nothing_is_lost_under_a_load(below: dict[str, Any]) -> None:
    mix = [{"operation": f"{what}_port"} for what in ("create", "update", "delete")]
    workload = {"arrivals": {"poisson": {"rate_per_s": 4}}, "operations": mix, "ports": {"initial": 5}}
    scenario = tiny(horizon={"duration_s": 30}, workload=workload, drivers=[SWITCH, below], topology=SEGMENTS)
    finished = run(scenario, strategy="deferred", seed=3, history=True)
    assert finished.history is not None
    assert check(finished.history).findings == []
    assert set(finished.lost.values()) == {0}


# what would be wrong


def test_a_commit_that_forgets_the_levels_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    set_binding = PortContext.set_binding

    def forgetful(self: PortContext, *arguments: Any) -> None:
        set_binding(self, *arguments)
        assert self.result is not None
        self.result = self.result._replace(upper_levels="")

    monkeypatch.setattr(PortContext, "set_binding", forgetful)
    found = findings(recorded(CREATE, initial=0, **FABRIC))
    assert "another result committed" in [finding.cause for finding in found]


def test_a_level_that_no_driver_has_bound_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_another(_driver: str, context: PortContext, continuation: Continuation) -> PortContext:
        return level_below("ovs", context, continuation)

    monkeypatch.setattr(core.managers, "level_below", by_another)
    found = findings(recorded(CREATE, initial=0, drivers=[SWITCH, SDN, AGENT], topology=SEGMENTS))
    assert ["no driver had bound a level above it" in finding.says for finding in found] == [True]

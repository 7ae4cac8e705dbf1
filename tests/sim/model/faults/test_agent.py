"""Agents that die and return, as agent drivers see them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sim.model.faults.faulty import Told, ran
from tests.sim.model.tiny import Script, reads, scripted, tiny

OVS = [{"name": "ovs", "kind": "agent"}]
BOTH = [*OVS, {"name": "sdn", "kind": "controller", "controller": "sdn"}]


def agent(host: int = 1, at_s: float = 1, for_s: float | None = 2) -> dict[str, Any]:
    return {"agent": {"host": host, "at_s": at_s, "for_s": for_s}}


def creates(script: Script, host: str) -> Callable[[], object]:
    network = script.system.world.network_of(0).id
    return lambda: script.plugin.create_port({"network_id": network, "binding:host_id": host})


def vif_types(script: Script) -> dict[str, str]:
    rows = script.system.server.committed("SELECT host, vif_type FROM ml2_port_bindings ORDER BY host")
    return dict(rows)


@pytest.mark.parametrize(("at_ms", "vif_type"), [(999, "ovs"), (1000, "binding_failed"), (2999, "binding_failed")])
def test_an_agent_is_seen_dead_from_the_instant_on(at_ms: float, vif_type: str) -> None:
    with scripted(tiny(drivers=OVS, faults=[agent()])) as script:
        script.at(at_ms, "create", creates(script, "host-1"))
        script.run(until_s=2.9999)
        assert vif_types(script) == {"host-1": vif_type}


def test_a_read_binds_when_the_agent_is_back() -> None:
    with scripted(
        tiny(drivers=OVS, faults=[agent(host=0)], workload={"ports": {"initial": 1, "bound": False}})
    ) as script:
        told = Told(script.system)
        script.at(1500, "too early", reads(script, 0))
        script.at(3500, "in time", reads(script, 0))
        script.run(until_s=2)
        assert vif_types(script) == {"host-0": "binding_failed"}
        script.run()
        assert vif_types(script) == {"host-0": "ovs"}
        assert told.lines == ["1 agent: the agent of host-0 is seen dead", "3 agent: the agent of host-0 reports again"]


def test_other_hosts_and_bound_ports_are_not_touched() -> None:
    with scripted(tiny(drivers=OVS, faults=[agent(for_s=None)], workload={"ports": {"initial": 2}})) as script:
        script.at(1500, "create", creates(script, "host-3"))
        script.run()
        assert vif_types(script) == {"host-0": "ovs", "host-1": "ovs", "host-3": "ovs"}


def test_the_next_driver_binds_where_the_agent_is_dead() -> None:
    with scripted(tiny(drivers=BOTH, faults=[agent()])) as script:
        script.at(1500, "create", creates(script, "host-1"))
        script.run()
        assert vif_types(script) == {"host-1": "other"}


def test_an_agent_is_back_when_the_last_of_its_faults_is_over() -> None:
    with scripted(tiny(drivers=OVS, faults=[agent(for_s=2), agent(at_s=2, for_s=3)])) as script:
        script.at(4000, "create", creates(script, "host-1"))
        script.run()
        assert vif_types(script) == {"host-1": "binding_failed"}


def test_writes_that_are_open_when_an_agent_dies_are_kept() -> None:
    faults = [agent(at_s=0.5, for_s=None)]
    with ran("in-transaction", drivers=BOTH[::-1], faults=faults) as run:
        assert [port.binding.is_successful for port in run.ports.values()] == [True]


def test_at_rest_an_agent_counts_as_working() -> None:
    load = {"arrivals": {"storm": {"at_s": 0.2, "count": 4}}}
    with ran(workload=load, drivers=OVS, faults=[agent(host=n, at_s=0.1, for_s=None) for n in range(4)]) as run:
        assert run.operations("bound") == [(0,)] * 4
        assert (run.ending.lost["missing"], run.ending.lost["missing.after_read"]) == (4, 0)

"""AgentDriver: which agent and which segment it takes, and when it leaves a port alone."""

import pytest

from core.agents import AgentRegistry
from core.binding import IN_TRANSACTION, BindingStrategy
from core.drivers.agent import AgentDriver
from core.exceptions import DuplicateKey
from tests.core.worlds import VLAN, World, seen

OVS = "Open vSwitch agent"
FLAT = {"network_type": "flat", "physical_network": "physnet2"}
VXLAN = {"network_type": "vxlan", "segmentation_id": 9}
GRE = {"network_type": "gre", "segmentation_id": 10}


class AgentWorld:
    """A world whose second driver is an agent driver; the first, a recording one, never binds."""

    def __init__(self, strategy: BindingStrategy) -> None:
        self.world = World(strategy)
        self.world.sdn.binds = False
        self.agents = AgentRegistry(self.world.database, self.world.runtime)
        self.plugin = self.world.another_plugin(strategy, more_drivers=[AgentDriver(self.agents)])

    def bound_to(self, segments: list[dict], host: str = "h1", **attributes: object) -> str:
        """What a new port on a network of these segments is bound to: its vif type and its segment's type."""
        network = self.plugin.create_network("n", segments)
        port = self.plugin.create_port({"network_id": network.id, "binding:host_id": host, **attributes})
        segment = network.segment(self.world.binding(port)["segment_id"])
        return f"{port['binding:vif_type']} {segment.network_type if segment else None}"


@pytest.fixture
def office(strategy: BindingStrategy) -> AgentWorld:
    return AgentWorld(strategy)


@pytest.mark.parametrize("segment", [VLAN, {**FLAT, "physical_network": "physnet1"}], ids=["vlan", "flat"])
def test_a_host_attached_to_the_physical_network_is_bound(office: AgentWorld, segment: dict) -> None:
    office.agents.report("h1", OVS, {"physical_networks": ["physnet0", "physnet1"]})
    assert office.bound_to([segment]) == f"ovs {segment['network_type']}"


@pytest.mark.parametrize("segment", [VXLAN, GRE], ids=["vxlan", "gre"])
def test_a_host_that_terminates_the_tunnel_is_bound(office: AgentWorld, segment: dict) -> None:
    office.agents.report("h1", OVS, {"tunnel_types": ["gre", "vxlan"]})
    assert office.bound_to([segment]) == f"ovs {segment['network_type']}"


def test_the_first_segment_that_is_reached_is_taken(office: AgentWorld) -> None:
    office.agents.report("h1", OVS, {"physical_networks": ["physnet2"], "tunnel_types": ["gre"]})
    assert office.bound_to([VLAN, VXLAN, GRE, FLAT]) == "ovs gre"
    assert office.bound_to([VLAN, FLAT, GRE]) == "ovs flat"


@pytest.mark.parametrize(
    "configurations",
    [{}, {"physical_networks": ["physnet2"]}, {"tunnel_types": ["vlan"]}, {"physical_networks": []}],
    ids=str,
)
def test_a_host_that_reaches_no_segment_is_left_alone(office: AgentWorld, configurations: dict) -> None:
    office.agents.report("h1", OVS, configurations)
    assert office.bound_to([VLAN]) == "binding_failed None"


def test_a_host_without_an_agent_is_left_alone(office: AgentWorld) -> None:
    office.agents.report("h2", OVS, {"physical_networks": ["physnet1"]})
    assert office.bound_to([VLAN]) == "binding_failed None"
    assert office.bound_to([VLAN], host="h2") == "ovs vlan"


def test_an_agent_of_another_type_is_no_agent(office: AgentWorld) -> None:
    office.agents.report("h1", "Linux bridge agent", {"physical_networks": ["physnet1"]})
    assert office.bound_to([VLAN]) == "binding_failed None"


def test_an_agent_is_alive_for_75_seconds_after_its_report(office: AgentWorld) -> None:
    office.agents.report("h1", OVS, {"physical_networks": ["physnet1"]})
    office.world.runtime.time += 75
    assert office.bound_to([VLAN]) == "ovs vlan"
    office.world.runtime.time += 0.001
    assert office.bound_to([VLAN]) == "binding_failed None"
    office.agents.report("h1", OVS, {"physical_networks": ["physnet1"]})
    assert office.bound_to([VLAN]) == "ovs vlan"


@pytest.mark.parametrize("vnic_type", ["direct", "macvtap", "baremetal"])
def test_only_normal_vnics_are_bound(office: AgentWorld, vnic_type: str) -> None:
    office.agents.report("h1", OVS, {"physical_networks": ["physnet1"]})
    assert office.bound_to([VLAN], **{"binding:vnic_type": vnic_type}) == "binding_failed None"


def test_a_port_whose_agent_was_dead_is_healed_by_a_read(after_commit: BindingStrategy) -> None:
    office = AgentWorld(after_commit)
    port = office.plugin.create_port({"network_id": office.world.network.id, "binding:host_id": "h1"})
    assert seen(port) == "h1 binding_failed DOWN r2"
    office.agents.report("h1", OVS, {"physical_networks": ["physnet1"]})
    assert seen(office.plugin.get_port(port["id"])) == "h1 ovs DOWN r3"


def test_inside_a_transaction_the_agents_are_read_in_that_transaction() -> None:
    office = AgentWorld(IN_TRANSACTION)
    office.agents.report("h1", OVS, {"physical_networks": ["physnet1"]})
    office.bound_to([VLAN])
    assert "create_port: agent.by_host" in office.world.faults.statements


def test_a_report_replaces_the_one_before(world: World) -> None:
    agents = AgentRegistry(world.database, world.runtime)
    agents.report("h1", OVS, {"tunnel_types": ["gre"]})
    agents.report("h1", "another", {})
    agents.report("h1", OVS, {"tunnel_types": ["vxlan"]})
    assert [(agent.agent_type, agent.tunnel_types) for agent in agents.of_host("h1")] == [
        (OVS, ["vxlan"]), ("another", []),
    ]  # fmt: skip
    assert agents.of_host("h2") == []


def test_two_first_reports_of_one_agent_at_once_both_count(world: World) -> None:
    agents = AgentRegistry(world.database, world.runtime)
    world.faults.add("report_agent", "agent.insert", DuplicateKey)
    agents.report("h1", OVS, {"tunnel_types": ["gre"]})
    assert [agent.tunnel_types for agent in agents.of_host("h1")] == [["gre"]]

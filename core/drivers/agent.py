"""AgentDriver: binds a port when an agent on its host reaches one of the network's segments. No remote call."""

from core.agents import Agent, AgentRegistry
from core.constants import TUNNEL_TYPES, VIF_TYPE_OVS, VNIC_NORMAL
from core.context import PortContext
from core.driver_api import MechanismDriver
from core.records import Segment


class AgentDriver(MechanismDriver):
    """Binds ports of vnic_type 'normal' to the first segment that a live agent of its type on the host reaches."""

    def __init__(
        self,
        agents: AgentRegistry,
        *,
        name: str = "openvswitch",
        agent_type: str = "Open vSwitch agent",
        vif_type: str = VIF_TYPE_OVS,
    ) -> None:
        self.name = name
        self._agents = agents
        self._agent_type = agent_type
        self._vif_type = vif_type

    def bind_port(self, context: PortContext) -> None:
        """Sets the binding; leaves the port to other drivers when no agent or no segment fits."""
        if context.vnic_type != VNIC_NORMAL:
            return
        for agent in self._agents.of_host(context.host, transaction=context.transaction):
            if agent.agent_type == self._agent_type and agent.is_alive and self._bind(context, agent):
                return

    def _bind(self, context: PortContext, agent: Agent) -> bool:
        segment = next((segment for segment in context.segments_to_bind if reaches(agent, segment)), None)
        if segment is None:
            return False
        context.set_binding(segment.id, self._vif_type, {"port_filter": True})
        return True


def reaches(agent: Agent, segment: Segment) -> bool:
    """Whether the agent's host is attached to the segment's physical network or terminates its tunnel type."""
    if segment.network_type in TUNNEL_TYPES:
        return segment.network_type in agent.tunnel_types
    return segment.physical_network in agent.physical_networks

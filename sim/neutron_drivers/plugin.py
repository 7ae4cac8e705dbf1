"""What drivers reach beyond their context: the request's context, and the core plugin with the few calls it answers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from core.agents import Agent
from core.database import Transaction
from sim.neutron_drivers.asked import Asked, Known
from sim.neutron_drivers.call import Call
from sim.neutron_drivers.guard import outside
from sim.neutron_drivers.sources import DriverTables

if TYPE_CHECKING:
    from sim.neutron_drivers.contexts import NeutronPortContext

Filters = Mapping[str, Sequence[Any]]


class RequestContext(Asked):
    """The administrator's request on whose behalf everything happens. It has no database session."""

    called = "plugin_context"
    is_admin = True
    is_advsvc = False
    user_id = tenant_id = project_id = request_id = ""

    def elevated(self) -> "RequestContext":
        """The administrator's already."""
        return self

    @property
    def session(self) -> NoReturn:
        """Neutron's database is not here; the core's tables are not its."""
        self._call.lacks("plugin_context.session (Neutron's database)")


class PluginFacade(Asked):
    """The core plugin, as far as binding asks for it: agents of a host, subnets, and the context's own network."""

    called = "the core plugin"

    def __init__(
        self, context: "NeutronPortContext", *, call: Call, tables: DriverTables, transaction: Transaction | None
    ) -> None:
        super().__init__(call)
        self._context = context
        self._tables = tables
        self._transaction = transaction

    def get_agents(self, _request: object, filters: Filters | None = None, **_kwargs: object) -> list[Known]:
        """Agents by host, and perhaps by type."""
        wanted = dict(filters or {})
        hosts, types = wanted.pop("host", None), wanted.pop("agent_type", None)
        wanted.pop("admin_state_up", None)  # all are
        if hosts is None or wanted:
            self._call.lacks(f"get_agents with the filters {sorted(filters or {})}")
        with outside():
            found = [agent for host in hosts for agent in self._tables.agents(host, self._transaction)]
        return [self._agent(agent) for agent in found if types is None or agent.agent_type in types]

    def get_subnet(self, _request: object, subnet_id: str, fields: object = None) -> Known:
        """A subnet that is on no segment of its own."""
        with outside():
            row = self._tables.subnet(subnet_id, self._transaction)
        if row is None:
            self._call.lacks(f"subnet {subnet_id}")
        return Known({**row._asdict(), "segment_id": None}, called="subnet", call=self._call)

    def get_network(self, _request: object, network_id: str, fields: object = None) -> Known:
        """The network of the port that the call is about."""
        network = self._context.network.current
        if network["id"] != network_id:
            self._call.lacks(f"get_network of another network than the port's ({network_id})")
        return network

    def _agent(self, agent: Agent) -> Known:
        values = {
            "id": f"{agent.agent_type} on {agent.host}",
            "host": agent.host,
            "agent_type": agent.agent_type,
            "alive": agent.is_alive,
            "admin_state_up": True,
            "configurations": _configurations(agent),
        }
        return Known(values, called="agent", call=self._call)


def _configurations(agent: Agent) -> dict[str, Any]:
    """The agent's, and its physical networks under the names that the agents of Neutron report them by."""
    networks = agent.physical_networks
    return {
        "bridge_mappings": {name: f"br-{name}" for name in networks},
        "interface_mappings": {name: f"if-{name}" for name in networks},
        "device_mappings": {name: [f"if-{name}"] for name in networks},
        "tunnel_types": agent.tunnel_types,
        **agent.configurations,
    }

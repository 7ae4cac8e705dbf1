"""What exists before the load: the ids of networks, segments, subnets and initial ports, by number.

Nothing is stored: an id follows from the seed and a number, so the set-up, the load and the checks agree on it.
"""

from core.records import Network, Segment
from sim.kernel import Draws
from sim.model.agents import agent_configurations
from sim.model.naming import make_id
from sim.model.steps import PortIndex
from sim.scenario import Scenario
from sim.scenario import Segment as SegmentSettings

_THINGS = 1 << 46  # owners of ids from here on are networks, segments and subnets


class World:
    """The topology of a scenario, by number."""

    def __init__(self, scenario: Scenario, draws: Draws) -> None:
        topology = scenario.topology
        self._draws = draws
        self._ids = draws.purpose("id")
        self._things = draws.purpose("id of topology")
        self.initial_ports = scenario.workload.ports.initial
        self.hosts = topology.hosts
        self.tenants = topology.tenants
        self.allocates = topology.ip_allocation
        self.agent_configurations = agent_configurations(scenario)
        self._subnets_per_tenant = topology.subnets_per_tenant
        self.networks = [self._network(number, topology.segments) for number in range(topology.networks)]
        self.subnets = [
            (self._thing_id(2, number), self.networks[self._network_of_subnet(number)].id)
            for number in range(self._subnet_count())
        ]

    def network_of(self, tenant: int) -> Network:
        """The network that a tenant uses."""
        return self.networks[tenant % len(self.networks)]

    def subnet_of(self, tenant: int, uniform: float) -> str:
        """One of a tenant's subnets, or, where all tenants share, its network's."""
        if not self._subnets_per_tenant:
            return self.subnets[tenant % len(self.networks)][0]
        nth = int(uniform * self._subnets_per_tenant)
        return self.subnets[tenant * self._subnets_per_tenant + nth][0]

    def port_id(self, port: PortIndex) -> str:
        """The id of a port by its number: an initial one, or the first id of the operation that creates it."""
        bits = self._draws.bits64(self._ids, port - self.initial_ports, 0)
        return make_id(bits, owner=port, nth=0)

    def _subnet_count(self) -> int:
        if not self._subnets_per_tenant:
            return len(self.networks)  # one for all tenants, on each network that there is
        return self.tenants * self._subnets_per_tenant

    def _network_of_subnet(self, number: int) -> int:
        tenant = number // self._subnets_per_tenant if self._subnets_per_tenant else number
        return tenant % len(self.networks)

    def _network(self, number: int, segments: tuple[SegmentSettings, ...]) -> Network:
        network_id = self._thing_id(0, number)
        made = [
            Segment(
                self._thing_id(1, number * len(segments) + place),
                network_id,
                settings.network_type,
                settings.physical_network,
                _segmentation_id(settings, number),
            )
            for place, settings in enumerate(segments)
        ]
        return Network(network_id, f"network-{number}", tuple(made))

    def _thing_id(self, kind: int, number: int) -> str:
        owner = _THINGS + (kind << 40) + number
        return make_id(self._draws.bits64(self._things, kind, number), owner=owner, nth=0)


def _segmentation_id(settings: SegmentSettings, network: int) -> int | None:
    if settings.network_type == "flat":
        return None
    return (settings.first_segmentation_id or 1) + network

"""A core with Neutron drivers on an SQLite database in memory, for the tests of the adapter."""

from typing import Any

from core.agents import AgentRegistry
from core.binding import DEFERRED, BindingStrategy
from core.plugin import Ml2Plugin
from core.records import PortDict
from sim.neutron_drivers.adapter import NeutronDriver
from sim.neutron_drivers.sources import CoreTables
from tests.core.worlds import World

FAKES = "tests.sim.neutron_drivers.fake_drivers"
AGENT = "Open vSwitch agent"
REACHES = {"physical_networks": ["physnet1"], "tunnel_types": ["vxlan"]}


class Switchboard:
    """One driver `named` so, an agent of `agent_type` on the host h1, a network on one segment."""

    def __init__(
        self, named: str, *, segment: dict[str, Any] | None = None, agent_type: str = AGENT, name: str = "driver",
        strategy: BindingStrategy = DEFERRED, config_files: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        world = self.world = World()
        world.drivers.clear()
        AgentRegistry(world.database, world.runtime).report("h1", agent_type, REACHES)
        tables = CoreTables(world.database, AgentRegistry(world.database, world.runtime))
        self.driver = NeutronDriver(name, named, tables=tables, config_files=config_files)
        self.plugin: Ml2Plugin = world.another_plugin(strategy, more_drivers=[self.driver])
        if segment is not None:
            world.network = self.plugin.create_network("net", [segment])

    @property
    def seen(self) -> list[tuple[str, Any]]:
        """What a fake driver was called with."""
        seen: list[tuple[str, Any]] = self.driver.inner.seen
        return seen

    def create(self, host: str = "h1", **attributes: Any) -> PortDict:
        """A port."""
        return self.plugin.create_port({"network_id": self.world.network.id, "binding:host_id": host, **attributes})

    def move(self, port: PortDict, host: str) -> PortDict:
        """Another host."""
        return self.plugin.update_port(port["id"], {"binding:host_id": host})


def fake(name: str) -> str:
    """The path of a fake driver."""
    return f"{FAKES}:{name}"

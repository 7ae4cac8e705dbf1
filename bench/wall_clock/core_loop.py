"""The core itself in such a loop: its plugin, called by threads, without the engine and with nobody looking on.

Between it and the loop with SQLAlchemy's pool lies what the core computes; between it and the engine what the engine
adds. What to create is taken from the recorded statements; ids and MAC addresses are random.
"""

from typing import Any

from sqlalchemy import Engine

from bench.wall_clock.load import Shape, scenario
from bench.wall_clock.loops import Perform, PooledLoop
from bench.wall_clock.recording import Issued, Unit
from core.agents import AgentRegistry
from core.constants import VIF_TYPE_OVS
from core.database import Database
from core.plugin import Ml2Plugin
from core.runtime import RealRuntime
from sim.kernel import Draws
from sim.model.drivers import build_drivers

_ANY = Shape(1, 1, 1)


class CoreLoop(PooledLoop):
    """Creates, reads and deletes ports."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        super().__init__(engine, threads=threads)
        wanted, runtime = scenario(_ANY), RealRuntime()
        database = Database(self._connect, runtime=runtime)
        agents = AgentRegistry(database, runtime)
        drivers = build_drivers(
            wanted, controllers={}, database=database, runtime=runtime, draws=Draws(0), agents=agents
        )
        self._plugin = Ml2Plugin(database, drivers, runtime=runtime, strategy=wanted.strategies[0].policies)

    def prepared(self, unit: Unit) -> Any:
        """The attributes of the port that the unit creates."""
        issued = {statement.name: statement for transaction in unit for statement in transaction.statements}
        return _attributes(issued)

    def performer(self) -> Perform:
        """The same for all threads."""
        return self._see_through

    def _see_through(self, attributes: dict[str, Any]) -> None:
        port = self._plugin.create_port(attributes)
        assert port["binding:vif_type"] == VIF_TYPE_OVS, f"a port of the bench was not bound: {port}"
        self._plugin.get_port(port["id"])
        self._plugin.delete_port(port["id"])


def _attributes(issued: dict[str, Issued]) -> dict[str, Any]:
    port, binding = issued["port.insert"].params, issued["binding.insert"].params
    return {
        "network_id": port["network_id"],
        "device_id": port["device_id"],
        "device_owner": port["device_owner"],
        "binding:host_id": binding["host"],
        "fixed_ips": [{"subnet_id": issued["ip_allocation.insert"].params["subnet_id"]}],
    }

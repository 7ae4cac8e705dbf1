"""Lost bindings that can only be judged at rest: missing, orphaned, unbacked, diverged.

Called when nothing is outstanding any more, with the database's committed rows and the controllers' tables as they are.
It changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.records import Port
from sim.model.controller_driver import token_of
from sim.model.controllers import Controller
from sim.model.drivers import IdealBinding
from sim.model.world import World


@dataclass(frozen=True, slots=True)
class AtRest:
    """What is compared: the committed ports by id, and who bound them."""

    ports: Mapping[str, Port]
    controllers: Mapping[str, Controller]  # by the name of the driver that calls it
    ideal: IdealBinding
    world: World

    def missing(self) -> list[str]:
        """Ports with a host and no successful binding that a working driver can bind."""
        return [port.id for port in self.ports.values() if port.binding.needs_binding and self._can_bind(port)]

    def _can_bind(self, port: Port) -> bool:
        network = next(n for n in self.world.networks if n.id == port.network_id)
        return self.ideal.bind(port, network) is not None

    def orphaned(self) -> int:
        """Entries of controllers that the database does not have."""
        once = {controller.name: controller for controller in self.controllers.values()}
        return sum(
            not self._database_has(controller, port_id, entry.token)
            for controller in once.values()
            for port_id, entry in controller.table.entries()
        )

    def _database_has(self, controller: Controller, port_id: str, token: str) -> bool:
        port = self.ports.get(port_id)
        driver = "" if port is None else port.binding.driver or ""
        return (
            port is not None and self.controllers.get(driver) is controller and token_of(port.binding, driver) == token
        )

    def unbacked(self) -> int:
        """Bindings in the database whose token their controller does not hold."""
        return sum(
            port.binding.driver in self.controllers and not self._backed(port)
            for port in self.ports.values()
            if port.binding.is_successful
        )

    def _backed(self, port: Port) -> bool:
        driver = port.binding.driver or ""
        token = token_of(port.binding, driver)
        return token is not None and self.controllers[driver].table.holds(port.id, token)

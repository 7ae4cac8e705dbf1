"""Lost bindings that can only be judged at rest: missing, orphaned, unbacked, diverged.

Called when nothing is outstanding any more, with the database's committed rows and the controllers' tables as they are.
It changes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from core.constants import UNSUCCESSFUL_VIF_TYPES
from core.records import Port
from sim.model.bindings import BindingTracker
from sim.model.controller_driver import token_of
from sim.model.controllers import Controller
from sim.model.drivers import IdealBinding
from sim.model.world import World
from sim.scenario import Scenario

PortToken = tuple[str, str | None]
"""A port's id and the token of an entry or a binding for it; None for a binding that has none."""


@dataclass(frozen=True, slots=True)
class AtRest:
    """What is compared: the committed ports by id, and who bound them."""

    ports: Mapping[str, Port]
    controllers: Mapping[str, Controller]  # by the name of the driver that calls it
    ideal: IdealBinding
    world: World

    @classmethod
    def of(
        cls, scenario: Scenario, *, world: World, controllers: Mapping[str, Controller], ports: Mapping[str, Port]
    ) -> Self:
        """The state of a scenario's system; `controllers` by their own names."""
        drivers = {d.name: controllers[d.controller] for d in scenario.drivers if d.controller is not None}
        return cls(ports=ports, controllers=drivers, ideal=IdealBinding(scenario, controllers), world=world)

    def missing(self) -> list[str]:
        """Ports with a host and no successful binding that a working driver can bind."""
        return [port.id for port in self.unbound() if self.can_bind(port)]

    def unbound(self) -> list[Port]:
        """Ports with a host and no successful binding, by their rows: what the core thinks of them is no witness."""
        return [
            port
            for port in self.ports.values()
            if port.binding.host and port.binding.vif_type in UNSUCCESSFUL_VIF_TYPES
        ]

    def can_bind(self, port: Port) -> bool:
        """Whether a working driver can bind it."""
        network = next(n for n in self.world.networks if n.id == port.network_id)
        return self.ideal.bind(port, network) is not None

    def orphaned(self) -> int:
        """Entries of controllers that the database does not have."""
        return sum(len(controller.table.tokens() - bound) for controller, bound in self._bound())

    def unbacked(self) -> int:
        """Bindings in the database whose token their controller does not hold."""
        return sum(len(bound - controller.table.tokens()) for controller, bound in self._bound())

    def _bound(self) -> Iterator[tuple[Controller, set[PortToken]]]:
        """Each controller with the ports that the database says its drivers have bound, and their tokens."""
        once = {controller.name: controller for controller in self.controllers.values()}
        for controller in once.values():
            drivers = [name for name, its in self.controllers.items() if its is controller]
            yield (
                controller,
                {
                    (port.id, token_of(port.binding, port.binding.driver))
                    for port in self.ports.values()
                    if port.binding.driver in drivers and port.binding.is_successful
                },
            )


_ONLY_AT_REST = ("missing", "missing.after_read", "orphaned", "unbacked", "diverged")


def lost_while_running(tracker: BindingTracker) -> dict[str, int | None]:
    """The counts that the tracker has, by class and sub-count."""
    stale = tracker.stale
    kinds = {f"stale.{kind}": count for kind, count in stale.items()}
    return {"overwritten": tracker.overwritten, "stale": sum(stale.values()), **kinds}


def unknown_lost(tracker: BindingTracker) -> dict[str, int | None]:
    """Every count, unknown: the system did not come to rest."""
    return dict.fromkeys((*lost_while_running(tracker), *_ONLY_AT_REST))

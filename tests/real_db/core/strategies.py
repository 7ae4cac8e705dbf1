"""The three strategies by name, and a driver that binds at once, for tests on real databases."""

from dataclasses import replace

from core.binding import DEFERRED, IN_TRANSACTION, SERIALIZED, BindingStrategy
from core.context import PortContext
from core.driver_api import MechanismDriver

STRATEGIES: dict[str, BindingStrategy] = {
    "deferred": DEFERRED, "serialized": replace(SERIALIZED, lease_poll_s=0.1), "in-transaction": IN_TRANSACTION,
}  # fmt: skip


class Binds(MechanismDriver):
    """Binds every port to the network's first segment, at once; counts how often it was asked."""

    name = "sdn"

    def __init__(self) -> None:
        self.asked = 0

    def bind_port(self, context: PortContext) -> None:
        self.asked += 1
        context.set_binding(context.segments_to_bind[0].id, "ovs", {"for": context.host}, "ACTIVE")

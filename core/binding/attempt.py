"""One binding attempt: the drivers are asked to bind a port as it is in one state. Writes nothing."""

from typing import NamedTuple

from core.context import BindingResult, PortContext
from core.database import Transaction
from core.managers import MechanismManager
from core.records import Network, Port


class Attempt(NamedTuple):
    """A binding computed from `port`: the result and its driver, or None and None when no driver bound it."""

    port: Port
    result: BindingResult | None
    driver: str | None


def attempt_to_bind(
    manager: MechanismManager, port: Port, network: Network, *, transaction: Transaction | None = None
) -> Attempt:
    """Asks the drivers; in their context the port is unbound and has no original."""
    unbound = port.with_binding(port.binding.unbound())
    context = PortContext(unbound, network, transaction=transaction)
    driver = manager.bind_port(context)
    return Attempt(port, context.result, driver)

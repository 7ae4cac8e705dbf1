"""A binding that is removed: whether its driver is told in the transaction, and whether it is asked before."""

from core.constants import STATUS_DOWN
from core.context import PortContext
from core.database import Transaction
from core.managers import MechanismManager
from core.records import Network, Port


class Unbinding:
    """The alternatives to items 7 and 8 of the proposal, which Havana had. `deferred` calls neither method.

    `tells`: the bound driver's unbind_port is called; `asks`: its validate_bound_port; `sets_down`: as in the strategy.
    """

    def __init__(self, manager: MechanismManager, *, tells: bool, asks: bool, sets_down: bool) -> None:
        self._manager = manager
        self._tells = tells
        self._asks = asks
        self._sets_down = sets_down

    def updated(self, transaction: Transaction, port: Port, *, original: Port, network: Network) -> Port:
        """The port that an update makes: unbound if its driver says that the binding no longer holds."""
        if not original.binding.is_successful or not (self._tells or self._asks):
            return port
        context = PortContext(original, network, transaction=transaction)
        if self._asks and port.binding.is_successful and not self._manager.validate_bound_port(context):
            binding = port.binding.unbound()
            lost = binding._replace(generation=binding.generation + 1)
            port = port.with_binding(lost, status=STATUS_DOWN if self._sets_down else None)
        if self._tells and not port.binding.is_successful:
            self._manager.unbind_port(context)
        return port

    def deleted(self, context: PortContext) -> PortContext:
        """What delete_port_postcommit is given: the port as it was, or unbound (bug 1276395)."""
        if not self._tells or not context.port.binding.is_successful:
            return context
        self._manager.unbind_port(context)
        unbound = context.port.with_binding(context.port.binding.unbound())
        return PortContext(unbound, context.network, transaction=context.transaction)

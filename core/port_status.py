"""The status of a port as its agent reports it: Neutron's update_port_status. Called by the plugin."""

from core.binding.access import PortRows
from core.constants import PORT_STATUSES
from core.context import PortContext
from core.database import Database, Guard, Transaction
from core.exceptions import InvalidInput, PortNotFound
from core.managers import MechanismManager
from core.port_rows import read_network, read_port
from core.records import Port, PortDict


class PortStatus:
    """Sets a port's status and tells the drivers, as any update does; it never touches the binding."""

    def __init__(
        self, database: Database, manager: MechanismManager, rows: PortRows, *, guard: Guard | None, repeats: bool
    ) -> None:
        self._database = database
        self._manager = manager
        self._rows = rows
        self._guard = guard
        self._repeats = repeats

    def update(self, port_id: str, status: str) -> PortDict:
        """The port with this status; a port that has it already is left alone, and no driver is told.

        Raises InvalidInput, PortNotFound; MechanismDriverError as update_port does.
        """
        if status not in PORT_STATUSES:
            raise InvalidInput("status", status, f"one of {list(PORT_STATUSES)}")
        context = self._database.transact(
            "update_port_status",
            lambda transaction: self._set(transaction, port_id, status),
            took_effect=lambda transaction, made: read_port(transaction, port_id) == made.port,
            guard=self._guard,
            repeats=self._repeats,
        )
        context.transaction = None
        if context.previous is not None:
            self._manager.update_port_postcommit(context)
        return context.port.as_dict()

    def _set(self, transaction: Transaction, port_id: str, status: str) -> PortContext:
        original = self._rows.read(transaction, port_id)
        if original is None:
            raise PortNotFound(port_id)
        network = read_network(transaction, original.network_id)
        if original.status == status:
            return PortContext(original, network)
        port: Port = original._replace(status=status).with_next_revision()
        self._rows.write(transaction, port, previous=original)
        context = PortContext(port, network, original=original, transaction=transaction)
        self._manager.update_port_precommit(context)
        return context

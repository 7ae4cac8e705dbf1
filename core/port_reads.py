"""Reading ports, and binding them while they are read, where the strategy lets a reader do so. Called by the plugin."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from core.binding.access import PortRows
from core.binding.placement import Placement
from core.binding.policies import BindingRow, ConflictRepeats, PortAccess
from core.binding.strategy import BindingStrategy
from core.constants import VIF_TYPE_BINDING_FAILED
from core.database import Database, Transaction
from core.events import Observer
from core.exceptions import CoreError, PortNotFound
from core.port_rows import list_ports, read_network
from core.records import Network, Port

LOG = logging.getLogger(__name__)

Filters = Sequence[tuple[str, Sequence[str]]]
Read = tuple[list[Port], Mapping[str, Network]]
"""Ports, and the networks of those among them that are to be bound."""


class PortReads:
    """Each read is one transaction, named after the operation; what it has found is bound afterwards, outside.

    A conflict repeats it by itself, unless the strategy repeats nothing.
    """

    def __init__(
        self, database: Database, placement: Placement, strategy: BindingStrategy, *, observer: Observer
    ) -> None:
        self._database = database
        self._placement = placement
        self._rows = PortRows(PortAccess.PLAIN, strategy.updated_columns, strategy.binding_row)
        self._rowless = strategy.binding_row is BindingRow.ON_DEMAND
        self._repeats = strategy.conflict_repeats is not ConflictRepeats.NOTHING
        self._wants = strategy.attempted_when.wants
        self._observer = observer

    def one(self, name: str, port_id: str, *, binds: bool) -> Port:
        """The port, bound first where it needs it and this read `binds`; PortNotFound."""
        (port,), networks = self._found(name, partial(self._one, port_id), binds=binds)
        return self._bound(port, networks)

    def many(self, name: str, filters: Filters, *, binds: bool) -> list[Port]:
        """The ports that match, ordered by id; as `one`."""
        ports, networks = self._found(name, partial(self._many, filters), binds=binds)
        return [self._bound(port, networks) for port in ports]

    def rebind_failed(self, name: str, filters: Filters) -> None:
        """Attempts those of the ports that match whose binding has failed."""
        ports, networks = self._found(name, partial(self._many, filters), binds=True)
        for port in ports:
            if port.binding.vif_type == VIF_TYPE_BINDING_FAILED:
                self._bound(port, networks)

    def _found(self, name: str, read: Callable[[Transaction], list[Port]], *, binds: bool) -> Read:
        def body(transaction: Transaction) -> Read:
            ports = read(transaction)
            return ports, self._networks_to_bind(transaction, ports) if binds else {}

        return self._database.transact(name, body, repeats=self._repeats)

    def _one(self, port_id: str, transaction: Transaction) -> list[Port]:
        port = self._rows.read(transaction, port_id)
        if port is None:
            raise PortNotFound(port_id)
        return [port]

    def _many(self, filters: Filters, transaction: Transaction) -> list[Port]:
        return list_ports(transaction, filters, rowless=self._rowless)

    def _networks_to_bind(self, transaction: Transaction, ports: Sequence[Port]) -> dict[str, Network]:
        wanted = dict.fromkeys(port.network_id for port in ports if self._wants(port.binding))
        return {network_id: read_network(transaction, network_id) for network_id in wanted}

    def _bound(self, port: Port, networks: Mapping[str, Network]) -> Port:
        if port.network_id not in networks or not self._wants(port.binding):
            return port
        try:
            return self._placement.after(port, networks[port.network_id], changed=False, reader=True).port
        except CoreError as error:
            LOG.error("port %s could not be bound while it was read: %s", port.id, error)
            self._observer.error_logged("read", port.id, error)
            return port

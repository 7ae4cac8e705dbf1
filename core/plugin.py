"""Ml2Plugin: create, update, delete and get of ports, and the networks and subnets that they need.

The public door of the core. Any number of threads call one plugin at once. A port goes in and comes out as a dict with
Neutron's attribute names.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from core import statements
from core.binding.changes import with_inputs
from core.binding.strategy import BindingStrategy, Collaborators
from core.constants import STATUS_DOWN
from core.context import PortContext
from core.database import Database, Transaction
from core.driver_api import MechanismDriver
from core.events import Observer
from core.exceptions import CoreError, InvalidInput, MacAddressInUse, MechanismDriverError, PortNotFound
from core.ipam import Address, subnets_for, take_addresses, write_address
from core.managers import MechanismManager
from core.port_rows import insert_port, list_ports, lock_port, read_network, read_port, write_port
from core.records import PORT_ATTRIBUTES, Network, Port, PortBinding, PortDict, Subnet
from core.runtime import Runtime
from core.topology import has_network, has_subnet, insert_network, insert_subnet, new_network, new_subnet
from core.validation import checked_create, checked_fields, checked_filters, checked_id, checked_update

LOG = logging.getLogger(__name__)

MAC_TRIES = 16  # tries to find a free MAC address; Neutron's mac_generation_retries


class Ml2Plugin:
    """Ports, bound by mechanism drivers as the strategy says."""

    def __init__(
        self,
        database: Database,
        drivers: Sequence[MechanismDriver],
        *,
        runtime: Runtime,
        strategy: BindingStrategy,
        observer: Observer | None = None,
        allocate_addresses: bool = True,
    ) -> None:
        self._database = database
        self._runtime = runtime
        self._strategy = strategy
        self._observer = observer or Observer()
        self._allocate_addresses = allocate_addresses
        self._manager = MechanismManager(drivers, observer=self._observer)
        self._placement = strategy.placement(
            Collaborators(database=database, manager=self._manager, runtime=runtime, observer=self._observer)
        )
        self._manager.initialize()

    # what ports need

    def create_network(self, name: str, segments: Sequence[Mapping[str, Any]]) -> Network:
        """A network with at least one segment {network_type, physical_network, segmentation_id}; InvalidInput."""
        network = new_network(name, segments, self._runtime.new_id)
        self._database.transact(
            "create_network",
            lambda transaction: insert_network(transaction, network),
            took_effect=lambda transaction, _: has_network(transaction, network.id),
        )
        return network

    def create_subnet(self, network_id: str, cidr: str) -> Subnet:
        """A subnet whose pool is all of `cidr` but network, gateway and broadcast; InvalidInput, NetworkNotFound."""
        subnet = new_subnet(network_id, cidr, self._runtime.new_id)
        self._database.transact(
            "create_subnet",
            lambda transaction: insert_subnet(transaction, subnet),
            took_effect=lambda transaction, _: has_subnet(transaction, subnet.id),
        )
        return subnet

    def get_network(self, network_id: str) -> Network:
        """NetworkNotFound when there is none."""
        return self._database.transact("get_network", lambda transaction: read_network(transaction, network_id))

    # create

    def create_port(self, attributes: Mapping[str, Any]) -> PortDict:
        """Creates a port and, if it has a host, attempts to bind it.

        Raises InvalidInput, NetworkNotFound, MacAddressInUse, NoMoreAddresses; MechanismDriverError when a driver
        refuses or its postcommit fails: the port does not exist then. A port that no driver binds is returned with
        binding:vif_type 'binding_failed'.
        """
        wanted = checked_create(attributes)
        context = self._created(wanted)
        try:
            self._manager.create_port_postcommit(context)
            return self._placement.after(context.latest or context.port, context.network).as_dict()
        except MechanismDriverError:
            self._undo_create(context.port.id)
            raise

    def _created(self, wanted: Mapping[str, Any]) -> PortContext:
        port_id = self._runtime.new_id()
        for tries_left in reversed(range(MAC_TRIES)):
            draft = _draft(port_id, wanted["mac_address"] or _mac_of(self._runtime.new_id()), wanted)
            try:
                return self._create_once(draft, wanted["fixed_ips"])
            except MacAddressInUse:
                if wanted["mac_address"] or not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _create_once(self, draft: Port, subnets: Sequence[str] | None) -> PortContext:
        return self._committed(
            "create_port", lambda transaction: self._create(draft, subnets, transaction), took_effect=_exists
        )

    def _create(self, draft: Port, wanted_subnets: Sequence[str] | None, transaction: Transaction) -> PortContext:
        network = read_network(transaction, draft.network_id)
        addresses = self._take_addresses(transaction, network, wanted_subnets)
        port = draft.with_fixed_ips(tuple([address.fixed_ip for address in addresses]))
        insert_port(transaction, port)
        for address in addresses:
            write_address(transaction, address, port_id=port.id)
        bound = self._placement.within(transaction, port, network)
        if bound != port:
            write_port(transaction, bound, previous=port)
        context = PortContext(bound, network, transaction=transaction)
        self._manager.create_port_precommit(context)
        return context

    def _take_addresses(
        self, transaction: Transaction, network: Network, wanted: Sequence[str] | None
    ) -> list[Address]:
        if not self._allocate_addresses:
            if wanted:
                raise InvalidInput("fixed_ips", list(wanted), "none, since this plugin allocates no addresses")
            return []
        return take_addresses(transaction, subnets_for(transaction, network.id, wanted), each=wanted is not None)

    def _undo_create(self, port_id: str) -> None:
        try:
            self.delete_port(port_id)
        except CoreError as error:
            LOG.error("port %s was refused by a driver and could not be deleted again: %s", port_id, error)
            self._observer.error_logged("undo_create", port_id, error)

    # update

    def update_port(self, port_id: str, attributes: Mapping[str, Any]) -> PortDict:
        """Changes a port, and rebinds it if a binding input changed or it has a host and no successful binding.

        Raises InvalidInput, PortNotFound; MechanismDriverError when a precommit refuses (nothing has changed) or a
        postcommit fails (the update stands).
        """
        changes = checked_update(attributes)
        checked_id("port_id", port_id)
        context = self._committed(
            "update_port",
            lambda transaction: self._update(port_id, changes, transaction),
            took_effect=partial(_shows, changes),
            guard=self._guard(),
        )
        self._manager.update_port_postcommit(context)
        return self._placement.after(context.latest or context.port, context.network).as_dict()

    def _update(self, port_id: str, changes: Mapping[str, Any], transaction: Transaction) -> PortContext:
        original = lock_port(transaction, port_id)
        if original is None:
            raise PortNotFound(port_id)
        network = read_network(transaction, original.network_id)
        changed = _with_changes(original, changes).with_next_revision()
        port = self._placement.within(transaction, changed, network)
        write_port(transaction, port, previous=original)
        context = PortContext(port, network, original=original, transaction=transaction)
        self._manager.update_port_precommit(context)
        return context

    # delete

    def delete_port(self, port_id: str) -> None:
        """Deletes a port; one that does not exist is as good as deleted.

        MechanismDriverError when a precommit refuses: nothing has changed then. Errors of postcommits are logged.
        """
        checked_id("port_id", port_id)
        context = self._database.transact(
            "delete_port",
            lambda transaction: self._delete(port_id, transaction),
            took_effect=lambda transaction, _: read_port(transaction, port_id) is None,
            guard=self._guard(),
        )
        if context is not None:
            context.transaction = None
            self._manager.delete_port_postcommit(context)

    def _delete(self, port_id: str, transaction: Transaction) -> PortContext | None:
        port = lock_port(transaction, port_id)
        if port is None:
            return None
        context = PortContext(port, read_network(transaction, port.network_id), transaction=transaction)
        self._manager.delete_port_precommit(context)
        transaction.write(statements.PORT_DELETE, port_id=port_id)
        return context

    # get

    def get_port(self, port_id: str, fields: Sequence[str] | None = None) -> PortDict:
        """The port, or those of its attributes that `fields` names; PortNotFound, InvalidInput.

        With a strategy whose reads bind, first attempts to bind a port that has a host and no successful binding; if
        that fails for whatever reason, the state that was read is returned.
        """
        checked_fields(fields, PORT_ATTRIBUTES)
        checked_id("port_id", port_id)
        port, networks = self._database.transact("get_port", lambda transaction: self._read_one(port_id, transaction))
        return _selected(self._bound_by_read(port, networks), fields)

    def get_ports(
        self, filters: Mapping[str, Any] | None = None, fields: Sequence[str] | None = None
    ) -> list[PortDict]:
        """The ports that match, ordered by id; each as in get_port. A list never fails for one port.

        `filters` maps some of id, network_id, device_id, status, binding:host_id to the values that match.
        """
        checked_fields(fields, PORT_ATTRIBUTES)
        wanted = checked_filters(filters)
        if any(not values for _, values in wanted):
            return []
        ports, networks = self._database.transact("get_ports", partial(self._read_many, wanted))
        return [_selected(self._bound_by_read(port, networks), fields) for port in ports]

    def _read_one(self, port_id: str, transaction: Transaction) -> tuple[Port, dict[str, Network]]:
        port = read_port(transaction, port_id)
        if port is None:
            raise PortNotFound(port_id)
        return port, self._networks_to_bind(transaction, [port])

    def _read_many(
        self, filters: Sequence[tuple[str, Sequence[str]]], transaction: Transaction
    ) -> tuple[list[Port], dict[str, Network]]:
        ports = list_ports(transaction, filters)
        return ports, self._networks_to_bind(transaction, ports)

    def _networks_to_bind(self, transaction: Transaction, ports: Sequence[Port]) -> dict[str, Network]:
        if not self._strategy.reads_bind:
            return {}
        wanted = dict.fromkeys(port.network_id for port in ports if port.binding.needs_binding)
        return {network_id: read_network(transaction, network_id) for network_id in wanted}

    def _bound_by_read(self, port: Port, networks: Mapping[str, Network]) -> Port:
        if not port.binding.needs_binding or not self._strategy.reads_bind:
            return port
        try:
            return self._placement.after(port, networks[port.network_id], reader=True)
        except CoreError as error:
            LOG.error("port %s could not be bound while it was read: %s", port.id, error)
            self._observer.error_logged("read", port.id, error)
            return port

    # shared

    def _committed(
        self,
        name: str,
        body: Callable[[Transaction], PortContext],
        *,
        took_effect: Callable[[Transaction, PortContext], bool],
        guard: Callable[[], AbstractContextManager[object]] | None = None,
    ) -> PortContext:
        context = self._database.transact(name, body, took_effect=took_effect, guard=guard)
        context.transaction = None
        return context

    def _guard(self) -> Callable[[], AbstractContextManager[object]] | None:
        return partial(self._runtime.lock, "db-access") if self._strategy.process_lock else None


def _exists(transaction: Transaction, context: PortContext) -> bool:
    context.latest = read_port(transaction, context.port.id)
    return context.latest is not None


def _shows(changes: Mapping[str, Any], transaction: Transaction, context: PortContext) -> bool:
    """Whether an update is in the database, where others may have changed the port since, or bound it.

    Of two commits of one port none has the other's revision; behind a later one this can only be guessed. A wrong yes
    tells drivers of a state that never was, with a revision that is old; a wrong no would keep from them what they
    have to drop.
    """
    port, current = context.port, read_port(transaction, context.port.id)
    if current is None or current.revision_number < port.revision_number:
        return False
    context.latest = current
    if current.revision_number == port.revision_number:
        return current == port
    if current.binding.generation < port.binding.generation:
        return False
    again = _with_changes(current, changes)
    rest = again._replace(binding=current.binding, status=current.status)
    return again.binding.inputs == current.binding.inputs and rest == current


def _draft(port_id: str, mac_address: str, wanted: Mapping[str, Any]) -> Port:
    return Port(
        id=port_id,
        network_id=wanted["network_id"],
        name=wanted["name"],
        mac_address=mac_address,
        admin_state_up=wanted["admin_state_up"],
        status=STATUS_DOWN,
        device_id=wanted["device_id"],
        device_owner=wanted["device_owner"],
        revision_number=1,
        binding=PortBinding(
            wanted["binding:host_id"], wanted["binding:vnic_type"], wanted["binding:profile"], generation=1
        ),
    )


def _mac_of(some_id: str) -> str:
    """A locally administered unicast address from the first ten hexadecimal digits of an id."""
    return f"fa:{some_id[:2]}:{some_id[2:4]}:{some_id[4:6]}:{some_id[6:8]}:{some_id[9:11]}"


def _with_changes(port: Port, changes: Mapping[str, Any]) -> Port:
    binding = port.binding
    changed = with_inputs(
        port,
        host=changes.get("binding:host_id", binding.host),
        vnic_type=changes.get("binding:vnic_type", binding.vnic_type),
        profile=changes.get("binding:profile", binding.profile),
    )
    plain = {name: value for name, value in changes.items() if not name.startswith("binding:")}
    return changed._replace(**plain)


def _selected(port: Port, fields: Sequence[str] | None) -> PortDict:
    shown = port.as_dict()
    return shown if fields is None else {name: shown[name] for name in fields}

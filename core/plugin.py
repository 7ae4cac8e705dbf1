"""Ml2Plugin: create, update, delete and get of ports, and the networks and subnets that they need.

The public door of the core. Any number of threads call one plugin at once. A port goes in and comes out as a dict with
Neutron's attribute names.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from core.agents import AgentRegistry
from core.binding.access import PortRows
from core.binding.changes import with_attributes
from core.binding.exclusion import guard_of
from core.binding.live_migration import BindingDict, LiveMigration
from core.binding.placement import placement_of
from core.binding.policies import RevivedAgent, UpdatePostcommitError
from core.binding.strategy import BindingStrategy
from core.binding.unbinding import Unbinding
from core.constants import STATUS_DOWN
from core.context import PortContext
from core.database import Database, Guard, Transaction
from core.driver_api import MechanismDriver
from core.events import Observer
from core.exceptions import CoreError, InvalidInput, MacAddressInUse, MechanismDriverError, PortNotFound
from core.ipam import Address, subnets_for, take_addresses, write_address
from core.managers import MechanismManager
from core.notifications import AgentNotifier
from core.port_reads import PortReads
from core.port_rows import insert_port, read_network, read_port, write_port
from core.port_status import PortStatus
from core.records import PORT_ATTRIBUTES, Network, Port, PortBinding, PortDict, Subnet
from core.runtime import Runtime
from core.topology import has_network, has_subnet, insert_network, insert_subnet, new_network, new_subnet
from core.validation import checked_create, checked_fields, checked_filters, checked_host, checked_id, checked_update

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
        agents: AgentRegistry | None = None,
        allocate_addresses: bool = True,
    ) -> None:
        self._database = database
        self._runtime = runtime
        self._strategy = strategy
        self._observer = observer or Observer()
        self._agents = agents or AgentRegistry(database, runtime)
        self._allocate_addresses = allocate_addresses
        self._manager = MechanismManager(drivers, observer=self._observer, delete_order=strategy.delete_order)
        self._placement = placement_of(
            strategy, database=database, manager=self._manager, runtime=runtime, observer=self._observer
        )
        self._reads = PortReads(database, self._placement, strategy, observer=self._observer)
        self._unbinding = Unbinding(
            self._manager, tells=strategy.unbinds_driver, asks=strategy.validates_binding,
            sets_down=strategy.unbinding_sets_down,
        )  # fmt: skip
        self._live_migration = LiveMigration(
            strategy, database=database, manager=self._manager, tell=self._tell_of_update
        )
        self._notifier = AgentNotifier(self._observer, loser_notifies=strategy.loser_notifies)
        self._rows = PortRows(strategy.first_read, strategy.updated_columns, strategy.binding_row)
        self._status = PortStatus(
            database, self._manager, self._rows, guard=self._guard("update_port_status"),
            repeats=strategy.conflict_repeats.first_transaction,
        )  # fmt: skip
        self._repeats_transaction = strategy.conflict_repeats.first_transaction
        self._repeats_all = strategy.conflict_repeats.whole_operation
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
        return self._database.repeating("create_port", lambda: self._create_port(wanted), repeats=self._repeats_all)

    def _create_port(self, wanted: Mapping[str, Any]) -> PortDict:
        context = self._created(wanted)
        try:
            self._manager.create_port_postcommit(context)
            return self._placement.after(context.latest or context.port, context.network, changed=True).port.as_dict()
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
        bound = self._placement.within(transaction, port, network, changed=True)
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
        work = partial(self._update_port, port_id, changes)
        return self._database.repeating("update_port", work, repeats=self._repeats_all)

    def _update_port(self, port_id: str, changes: Mapping[str, Any]) -> PortDict:
        context = self._committed(
            "update_port",
            lambda transaction: self._update(port_id, changes, transaction),
            took_effect=partial(_shows, changes, self._strategy),
        )
        self._tell_of_update(context)
        changed = _inputs_changed(context.port, context.previous)
        settled = self._placement.after(context.latest or context.port, context.network, changed=changed)
        self._notifier.updated(context, settled)
        return settled.port.as_dict()

    def _update(self, port_id: str, changes: Mapping[str, Any], transaction: Transaction) -> PortContext:
        original = self._rows.read(transaction, port_id)
        if original is None:
            raise PortNotFound(port_id)
        network = read_network(transaction, original.network_id)
        wanted = with_attributes(original, changes, self._strategy).with_next_revision()
        wanted = self._unbinding.updated(transaction, wanted, original=original, network=network)
        written = original
        if self._strategy.locks_by_writing:
            self._rows.write(transaction, wanted, previous=original)
            written = wanted
        port = self._placement.within(transaction, wanted, network, changed=_inputs_changed(wanted, original))
        self._rows.write(transaction, port, previous=written)
        context = PortContext(port, network, original=original, transaction=transaction)
        self._manager.update_port_precommit(context)
        return context

    def _tell_of_update(self, context: PortContext) -> None:
        try:
            self._manager.update_port_postcommit(context)
        except MechanismDriverError as error:
            if self._strategy.update_postcommit_error is UpdatePostcommitError.RAISE:
                raise
            LOG.error("a driver failed after port %s was updated: %s", context.port.id, error)
            self._observer.error_logged("update_port_postcommit", context.port.id, error)

    # delete

    def delete_port(self, port_id: str) -> None:
        """Deletes a port; one that does not exist is as good as deleted.

        MechanismDriverError when a precommit refuses: nothing has changed then. Errors of postcommits are logged.
        """
        checked_id("port_id", port_id)
        self._database.repeating("delete_port", lambda: self._delete_port(port_id), repeats=self._repeats_all)

    def _delete_port(self, port_id: str) -> None:
        context = self._database.transact(
            "delete_port",
            lambda transaction: self._delete(port_id, transaction),
            took_effect=lambda transaction, _: not self._rows.exists(transaction, port_id),
            guard=self._guard("delete_port"),
            repeats=self._repeats_transaction,
        )
        if context is not None:
            context.transaction = None
            self._manager.delete_port_postcommit(context)

    def _delete(self, port_id: str, transaction: Transaction) -> PortContext | None:
        port = self._rows.read(transaction, port_id)
        if port is None:
            return None
        context = PortContext(port, read_network(transaction, port.network_id), transaction=transaction)
        self._manager.delete_port_precommit(context)
        told = self._unbinding.deleted(context)
        self._rows.delete(transaction, port)
        return told

    # live migration

    def create_port_binding(self, port_id: str, host: str) -> BindingDict:
        """Makes a further, inactive binding on another host; see LiveMigration.create."""
        return self._live_migration.create(port_id, host)

    def activate_port_binding(self, port_id: str, host: str) -> PortDict:
        """Puts an inactive binding in the place of the active one; the port. See LiveMigration.activate."""
        port = self._live_migration.activate(port_id, host)
        self._notifier.activated(port)
        return port.as_dict()

    def delete_port_binding(self, port_id: str, host: str) -> None:
        """Deletes an inactive binding; see LiveMigration.delete."""
        self._live_migration.delete(port_id, host)

    # get

    def get_port(self, port_id: str, fields: Sequence[str] | None = None) -> PortDict:
        """The port, or those of its attributes that `fields` names; PortNotFound, InvalidInput.

        With a strategy whose reads bind, first attempts to bind a port that has a host and no successful binding; if
        that fails for whatever reason, the state that was read is returned.
        """
        checked_fields(fields, PORT_ATTRIBUTES)
        checked_id("port_id", port_id)
        return _selected(self._reads.one("get_port", port_id, binds=self._strategy.reads_bind.api), fields)

    def get_device_details(self, port_id: str) -> PortDict:
        """What the agent of the port's host asks for: as get_port, bound first where the strategy lets it."""
        checked_id("port_id", port_id)
        binds = self._strategy.reads_bind.device_details
        return self._reads.one("get_device_details", port_id, binds=binds).as_dict()

    def update_port_status(self, port_id: str, status: str) -> PortDict:
        """What the agent of the port's host reports: see core.port_status."""
        checked_id("port_id", port_id)
        work = partial(self._status.update, port_id, status)
        return self._database.repeating("update_port_status", work, repeats=self._repeats_all)

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
        ports = self._reads.many("get_ports", wanted, binds=self._strategy.reads_bind.api)
        return [_selected(port, fields) for port in ports]

    def report_state(self, host: str, agent_type: str, configurations: Mapping[str, Any]) -> None:
        """An agent's heartbeat. Where it was seen dead until now, the strategy may bind its host's failed ports."""
        revived = self._agents.report(checked_host(host), agent_type, configurations)
        if revived and self._strategy.revived_agent is RevivedAgent.REBINDS:
            self._reads.rebind_failed("agent_revived", checked_filters({"binding:host_id": host}))

    # shared

    def _committed(
        self,
        name: str,
        body: Callable[[Transaction], PortContext],
        *,
        took_effect: Callable[[Transaction, PortContext], bool],
    ) -> PortContext:
        context = self._database.transact(
            name, body, took_effect=took_effect, guard=self._guard(name), repeats=self._repeats_transaction
        )
        context.transaction = None
        return context

    def _guard(self, transaction: str) -> Guard | None:
        return guard_of(self._strategy.process_lock, transaction, self._runtime)


def _exists(transaction: Transaction, context: PortContext) -> bool:
    context.latest = read_port(transaction, context.port.id)
    return context.latest is not None


def _shows(
    changes: Mapping[str, Any], strategy: BindingStrategy, transaction: Transaction, context: PortContext
) -> bool:
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
    again = with_attributes(current, changes, strategy)
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


def _inputs_changed(port: Port, original: Port | None) -> bool:
    return original is None or port.binding.generation != original.binding.generation


def _selected(port: Port, fields: Sequence[str] | None) -> PortDict:
    shown = port.as_dict()
    return shown if fields is None else {name: shown[name] for name in fields}

"""Bugs of the transactions that change and delete a port: locks left out, and a wrong `original` or `current`."""

from collections.abc import Mapping
from typing import Any

from core import statements
from core.binding.changes import with_attributes
from core.context import PortContext
from core.database import Transaction
from core.exceptions import PortNotFound
from core.plugin import Ml2Plugin, _inputs_changed
from core.port_rows import lock_port, read_network, read_port, write_port
from tests.planted_bugs.changed_columns import write_changed_columns
from tests.planted_bugs.planted import EVERY, Edit, PlantedBug


def _updates_without_lock(
    self: Ml2Plugin, port_id: str, changes: Mapping[str, Any], transaction: Transaction
) -> PortContext:
    original = read_port(transaction, port_id)  # WRONG: no lock, so a binding can be committed before the write
    if original is None:
        raise PortNotFound(port_id)
    network = read_network(transaction, original.network_id)
    changed = with_attributes(original, changes, self._strategy).with_next_revision()
    port = self._placement.within(transaction, changed, network, changed=_inputs_changed(changed, original))
    write_changed_columns(transaction, port, previous=original)  # and what does not differ stays as others left it
    context = PortContext(port, network, original=original, transaction=transaction)
    self._manager.update_port_precommit(context)
    return context


def _takes_original_late(
    self: Ml2Plugin, port_id: str, changes: Mapping[str, Any], transaction: Transaction
) -> PortContext:
    original = lock_port(transaction, port_id)
    if original is None:
        raise PortNotFound(port_id)
    network = read_network(transaction, original.network_id)
    changed = with_attributes(original, changes, self._strategy).with_next_revision()
    port = self._placement.within(transaction, changed, network, changed=_inputs_changed(changed, original))
    write_port(transaction, port, previous=original)
    # WRONG: what drivers get as `original` is taken after the changes were applied
    context = PortContext(port, network, original=changed, transaction=transaction)
    self._manager.update_port_precommit(context)
    return context


def _deletes_without_lock(self: Ml2Plugin, port_id: str, transaction: Transaction) -> PortContext | None:
    port = read_port(transaction, port_id)  # WRONG: others may bind or delete the port before the DELETE
    if port is None:
        return None
    context = PortContext(port, read_network(transaction, port.network_id), transaction=transaction)
    self._manager.delete_port_precommit(context)
    transaction.write(statements.PORT_DELETE, port_id=port_id)
    return context


def _unbinds_before_the_postcommit(self: Ml2Plugin, port_id: str, transaction: Transaction) -> PortContext | None:
    port = lock_port(transaction, port_id)
    if port is None:
        return None
    context = PortContext(port, read_network(transaction, port.network_id), transaction=transaction)
    self._manager.delete_port_precommit(context)
    transaction.write(statements.PORT_DELETE, port_id=port_id)
    unbound = port.with_binding(port.binding.unbound())
    return PortContext(unbound, context.network)  # WRONG: the postcommit no longer sees what was bound


BUGS = (
    PlantedBug(
        "no lock in the first transaction",
        "update_port reads the port without FOR UPDATE and writes only the columns that differ: two transactions mix.",
        ("freshness", "contract", "isolation", "durability"),
        EVERY,
        (Edit(Ml2Plugin, "_update", _updates_without_lock),),
    ),
    PlantedBug(
        "original taken after the change",
        "update_port takes `original` from the port after the changes were applied to it.",
        ("contract", "durability"),
        EVERY,
        (Edit(Ml2Plugin, "_update", _takes_original_late),),
    ),
    PlantedBug(
        "delete without the lock",
        "delete_port reads the port without FOR UPDATE, so drivers are told of a state that is no longer there.",
        ("contract", "durability", "isolation"),
        EVERY,
        (Edit(Ml2Plugin, "_delete", _deletes_without_lock),),
    ),
    PlantedBug(
        "delete hides the binding",
        "delete_port_postcommit sees the port already unbound (Neutron's bug 1276395).",
        ("contract", "durability"),
        EVERY,
        (Edit(Ml2Plugin, "_delete", _unbinds_before_the_postcommit),),
    ),
)

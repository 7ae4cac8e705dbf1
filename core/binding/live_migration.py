"""Live migration: a further, inactive binding of a port on another host, and its activation. Called by the plugin.

While an instance moves its port is bound on two hosts. The active binding is the port's own; an inactive one is made
beforehand on the target host, by drivers outside any transaction (wherever else the strategy has them bind), and stored
as they gave it, however the port has changed meanwhile. Drivers hear of it when it is activated. Of the binding that
was active host, vnic_type and profile stay, as an inactive binding that is 'unbound', until that is deleted.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from core.binding.access import PortRows
from core.binding.attempt import attempt_to_bind
from core.binding.changes import with_result
from core.binding.policies import Activation, ConcurrencyCheck, FailedRound
from core.binding.strategy import BindingStrategy
from core.constants import BINDING_INACTIVE, STATUS_DOWN
from core.context import PortContext
from core.database import Database, Transaction
from core.exceptions import (
    PortBindingAlreadyActive,
    PortBindingAlreadyExists,
    PortBindingError,
    PortBindingNotFound,
    PortNotFound,
    StaleData,
)
from core.inactive_rows import delete_inactive, insert_inactive, put_inactive, read_inactive
from core.managers import MechanismManager
from core.port_rows import read_network, read_port
from core.records import Network, Port, PortBinding, decoded
from core.validation import checked_host, checked_id

T = TypeVar("T")


BindingDict = dict[str, Any]
"""An inactive binding as the API shows it, with Neutron's attribute names."""


class LiveMigration:
    """Creates, activates and deletes inactive bindings. `tell` calls update_port_postcommit after an activation."""

    def __init__(
        self, strategy: BindingStrategy, *, database: Database, manager: MechanismManager,
        tell: Callable[[PortContext], None],
    ) -> None:  # fmt: skip
        self._database = database
        self._manager = manager
        self._tell = tell
        self._sets_down = strategy.unbinding_sets_down
        self._check = strategy.concurrency_check
        self._rereads = strategy.activation is Activation.REREADS
        self._tries = strategy.max_attempts
        self._rounds = strategy.max_attempts if strategy.failed_round is FailedRound.GO_ROUND else 1
        self._first_rows = PortRows(strategy.first_read, strategy.updated_columns)
        self._second_rows = PortRows(strategy.second_read, strategy.updated_columns)
        self._repeats = strategy.conflict_repeats.first_transaction
        self._repeats_all = strategy.conflict_repeats.whole_operation

    # create

    def create(self, port_id: str, host: str) -> BindingDict:
        """The new inactive binding, with the port's own vnic_type and profile.

        PortNotFound; PortBindingAlreadyActive; PortBindingAlreadyExists for an inactive one, bound or not; no driver is
        asked then. PortBindingError when no driver binds the port there.
        """
        return self._checked("create_port_binding", self._create, port_id, host)

    def _create(self, port_id: str, host: str) -> BindingDict:
        port, network = self._database.transact(
            "read_for_port_binding", partial(self._to_bind, port_id, host), repeats=self._repeats
        )
        binding = self._bound(port, network)
        self._database.transact(
            "create_port_binding",
            lambda transaction: insert_inactive(transaction, port_id, binding),
            took_effect=lambda transaction, _: read_inactive(transaction, port_id, host) == binding,
            repeats=self._repeats,
        )
        return _shown(binding)

    def _to_bind(self, port_id: str, host: str, transaction: Transaction) -> tuple[Port, Network]:
        port = read_port(transaction, port_id)
        if port is None:
            raise PortNotFound(port_id)
        if port.binding.host == host:
            raise PortBindingAlreadyActive(port_id, host)
        if read_inactive(transaction, port_id, host) is not None:
            raise PortBindingAlreadyExists(port_id, host)
        there = port.with_binding(port.binding._replace(host=host).unbound())
        return there, read_network(transaction, port.network_id)

    def _bound(self, port: Port, network: Network) -> PortBinding:
        for _ in range(self._rounds):
            attempt = attempt_to_bind(self._manager, port, network)
            if attempt.result is not None:
                return with_result(port, attempt).binding._replace(generation=0)
        raise PortBindingError(port.id, port.binding.host, "no driver binds it there")

    # activate

    def activate(self, port_id: str, host: str) -> Port:
        """The port with its inactive binding on this host in the place of its active one, which is 'unbound' now.

        PortNotFound, PortBindingNotFound; PortBindingAlreadyActive, as for the later of two concurrent activations
        (bug 1986003); PortBindingError when the binding is 'unbound' itself, as an activation leaves one, or stale
        tries are used up; MechanismDriverError as for any update.
        """
        return self._checked("activate_port_binding", self._activate, port_id, host)

    def _activate(self, port_id: str, host: str) -> Port:
        context = self._moved(port_id, host) if self._rereads else self._moved_from_stale_state(port_id, host)
        context.transaction = None
        self._tell(context)
        return context.latest or context.port

    def _moved(self, port_id: str, host: str) -> PortContext:
        def body(transaction: Transaction) -> PortContext:
            port, inactive = self._both(transaction, self._first_rows, port_id, host)
            return self._move(transaction, self._first_rows, port, inactive)

        return self._database.transact("activate_port_binding", body, took_effect=_is_active, repeats=self._repeats)

    def _moved_from_stale_state(self, port_id: str, host: str) -> PortContext:
        left = self._database.transact(
            "deactivate_port_binding",
            partial(self._deactivate, port_id, host),
            took_effect=lambda transaction, port: _stands(transaction, port) is not None,
            repeats=self._repeats,
        )
        for _ in range(self._tries):
            context = self._database.transact(
                "activate_port_binding",
                partial(self._move_if_unchanged, left, host),
                took_effect=lambda transaction, moved: moved is not None and _is_active(transaction, moved),
                repeats=self._repeats,
            )
            if context is not None:
                return context
        raise PortBindingError(port_id, host, f"the port has changed, and {self._tries} tries to activate were refused")

    def _deactivate(self, port_id: str, host: str, transaction: Transaction) -> Port:
        port, _ = self._both(transaction, self._first_rows, port_id, host)
        if not port.binding.is_successful:
            return port
        unbound = port.binding._replace(generation=port.binding.generation + 1).unbound()
        left = port.with_binding(unbound, status=self._status).with_next_revision()
        self._first_rows.write(transaction, left, previous=port)
        return left

    def _move_if_unchanged(self, left: Port, host: str, transaction: Transaction) -> PortContext | None:
        port, inactive = self._both(transaction, self._second_rows, left.id, host)
        if port.binding.is_successful and self._check is not ConcurrencyCheck.NONE:
            return None
        if not self._check.unchanged(left.binding, port.binding):
            return None
        return self._move(transaction, self._second_rows, port, inactive)

    def _both(self, transaction: Transaction, rows: PortRows, port_id: str, host: str) -> tuple[Port, PortBinding]:
        port = rows.read(transaction, port_id)
        if port is None:
            raise PortNotFound(port_id)
        if port.binding.host == host:
            raise PortBindingAlreadyActive(port_id, host)
        inactive = read_inactive(transaction, port_id, host)
        if inactive is None:
            raise PortBindingNotFound(port_id, host)
        if not inactive.is_successful:
            raise PortBindingError(port_id, host, "an activation has left it unbound; delete it and create one anew")
        return port, inactive

    def _move(self, transaction: Transaction, rows: PortRows, port: Port, inactive: PortBinding) -> PortContext:
        active = inactive._replace(generation=port.binding.generation + 1)
        status = self._status if port.binding.is_successful else None
        moved = port.with_binding(active, status=status).with_next_revision()
        rows.write(transaction, moved, previous=port)
        if not delete_inactive(transaction, port.id, inactive.host):
            raise StaleData(f"the inactive binding of port {port.id} on host {inactive.host} is gone")
        if port.binding.host:
            put_inactive(transaction, port.id, port.binding.unbound())
        network = read_network(transaction, port.network_id)
        context = PortContext(moved, network, original=port, transaction=transaction)
        self._manager.update_port_precommit(context)
        return context

    @property
    def _status(self) -> str | None:
        return STATUS_DOWN if self._sets_down else None

    # delete

    def delete(self, port_id: str, host: str) -> None:
        """Deletes an inactive binding, of which no driver is told.

        PortNotFound, PortBindingNotFound; PortBindingAlreadyActive for the active one.
        """
        self._checked("delete_port_binding", self._delete, port_id, host)

    def _delete(self, port_id: str, host: str) -> None:
        self._database.transact(
            "delete_port_binding",
            partial(self._delete_row, port_id, host),
            took_effect=lambda transaction, _: read_inactive(transaction, port_id, host) is None,
            repeats=self._repeats,
        )

    def _delete_row(self, port_id: str, host: str, transaction: Transaction) -> None:
        port = read_port(transaction, port_id)
        if port is None:
            raise PortNotFound(port_id)
        if delete_inactive(transaction, port_id, host):
            return
        if port.binding.host == host:
            raise PortBindingAlreadyActive(port_id, host)
        raise PortBindingNotFound(port_id, host)

    def _checked(self, name: str, work: Callable[[str, str], T], port_id: str, host: str) -> T:
        checked_id("port_id", port_id)
        checked_host(host)
        return self._database.repeating(name, lambda: work(port_id, host), repeats=self._repeats_all)


def _shown(binding: PortBinding) -> BindingDict:
    return {
        "host": binding.host,
        "vnic_type": binding.vnic_type,
        "profile": decoded(binding.profile),
        "vif_type": binding.vif_type,
        "vif_details": decoded(binding.vif_details),
        "status": BINDING_INACTIVE,
    }


def _stands(transaction: Transaction, port: Port) -> Port | None:
    """The port as it is now, if the binding that was written to it stands."""
    current = read_port(transaction, port.id)
    return current if current is not None and current.binding == port.binding else None


def _is_active(transaction: Transaction, context: PortContext) -> bool:
    """Whether an activation is in the database: it stands, or has, and others have changed the port since."""
    port, current = context.port, read_port(transaction, context.port.id)
    if current is None or current.binding.generation < port.binding.generation:
        return False
    if read_inactive(transaction, port.id, port.binding.host) == port.binding._replace(generation=0):
        return False
    context.latest = current
    return True

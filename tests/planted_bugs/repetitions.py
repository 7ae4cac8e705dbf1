"""Bugs of repeating after a conflict: what a second try keeps of the first, how much of an operation is repeated."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from core.binding.attempt import Attempt
from core.binding.changes import with_attributes
from core.binding.commit import BindingCommit, Decision
from core.constants import MAX_CONFLICT_RETRIES
from core.context import PortContext
from core.database import Transaction, _Doubtful
from core.exceptions import DatabaseConflict, PortNotFound
from core.plugin import Ml2Plugin, _inputs_changed, _shows
from core.port_rows import lock_port, read_network, write_port
from core.records import Network, Port, PortDict
from core.validation import checked_id, checked_update
from tests.planted_bugs.planted import AFTER_COMMIT, EVERY, Edit, PlantedBug

Built = tuple[Port, Network, Port]


def _updates_with_what_was_built(self: Ml2Plugin, port_id: str, attributes: Mapping[str, Any]) -> PortDict:
    changes = checked_update(attributes)
    checked_id("port_id", port_id)
    kept: list[Built] = []
    context = self._committed(
        "update_port",
        partial(_update_kept, self, port_id, changes, kept),
        took_effect=partial(_shows, changes, self._strategy),
    )
    self._manager.update_port_postcommit(context)
    changed = _inputs_changed(context.port, context.previous)
    settled = self._placement.after(context.latest or context.port, context.network, changed=changed)
    self._notifier.updated(context, settled)
    return settled.port.as_dict()


def _update_kept(
    plugin: Ml2Plugin, port_id: str, changes: Mapping[str, Any], kept: list[Built], transaction: Transaction
) -> PortContext:
    if not kept:  # WRONG: a second try must read and build again
        kept.append(_build(plugin, port_id, changes, transaction))
    original, network, port = kept[0]
    write_port(transaction, port, previous=original)
    context = PortContext(port, network, original=original, transaction=transaction)
    plugin._manager.update_port_precommit(context)
    return context


def _build(plugin: Ml2Plugin, port_id: str, changes: Mapping[str, Any], transaction: Transaction) -> Built:
    original = lock_port(transaction, port_id)
    if original is None:
        raise PortNotFound(port_id)
    network = read_network(transaction, original.network_id)
    changed = with_attributes(original, changes, plugin._strategy).with_next_revision()
    port = plugin._placement.within(transaction, changed, network, changed=_inputs_changed(changed, original))
    return original, network, port


def _commits_in_one_try(self: BindingCommit, attempt: Attempt, network: Network) -> Decision:
    body = _Doubtful(lambda transaction: self._decide(transaction, attempt, network), None)
    decision = self._database._try("commit_binding", 0, body)  # a conflict is for the operation to repeat
    if decision.context is not None:
        decision.context.transaction = None
    return decision


def _repeated(operation: Callable[..., PortDict], name: str) -> Callable[..., PortDict]:
    def repeat(self: Ml2Plugin, *arguments: Any) -> PortDict:
        for retry in range(MAX_CONFLICT_RETRIES + 1):
            try:
                return operation(self, *arguments)  # WRONG: what has committed before the conflict is done again
            except DatabaseConflict as conflict:
                self._database._back_off(name, retry, conflict)
        raise AssertionError("the last try returns or raises")

    return repeat


BUGS = (
    PlantedBug(
        "a retry keeps a half-built context",
        "After a conflict update_port writes what its first try had read and built.",
        ("contract", "isolation", "durability", "freshness"),
        EVERY,
        (Edit(Ml2Plugin, "update_port", _updates_with_what_was_built),),
    ),
    PlantedBug(
        "a retry repeats the whole create",
        "A conflict in the binding's commit repeats the operation, so create_port makes a second port (bug 1543880).",
        ("outcome", "answers", "contract"),
        AFTER_COMMIT,
        (
            Edit(BindingCommit, "commit", _commits_in_one_try),
            Edit(Ml2Plugin, "create_port", _repeated(Ml2Plugin.create_port, "create_port")),
            Edit(Ml2Plugin, "update_port", _repeated(Ml2Plugin.update_port, "update_port")),
        ),
    ),
)

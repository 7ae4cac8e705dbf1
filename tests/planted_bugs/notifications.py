"""Bugs of telling drivers: postcommits of what was rolled back, before the COMMIT, or twice."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from core.binding.attempt import Attempt
from core.binding.changes import with_attributes, with_result
from core.binding.commit import BindingCommit, Decision, _took_effect
from core.context import PortContext
from core.database import Transaction
from core.events import OUTCOME_COMMITTED, OUTCOME_UNCHANGED_FAILURE
from core.exceptions import CoreError, PortNotFound
from core.plugin import Ml2Plugin, _inputs_changed, _shows
from core.port_rows import lock_port, read_network, write_port
from core.records import Network, Port, PortDict
from core.validation import checked_id, checked_update
from tests.planted_bugs.planted import AFTER_COMMIT, EVERY, Edit, PlantedBug

Queue = list[PortContext]


def _updates_with_a_queue(self: Ml2Plugin, port_id: str, attributes: Mapping[str, Any]) -> PortDict:
    changes = checked_update(attributes)
    checked_id("port_id", port_id)
    queue: Queue = []
    try:
        context = self._committed(
            "update_port",
            partial(_update_queued, self, port_id, changes, queue),
            took_effect=partial(_shows, changes, self._strategy),
        )
    except CoreError:
        _tell_queued(self, queue)
        raise
    _tell_queued(self, queue)
    changed = _inputs_changed(context.port, context.previous)
    settled = self._placement.after(context.latest or context.port, context.network, changed=changed)
    self._notifier.updated(context, settled)
    return settled.port.as_dict()


def _update_queued(
    plugin: Ml2Plugin, port_id: str, changes: Mapping[str, Any], queue: Queue, transaction: Transaction
) -> PortContext:
    original = lock_port(transaction, port_id)
    if original is None:
        raise PortNotFound(port_id)
    network = read_network(transaction, original.network_id)
    changed = with_attributes(original, changes, plugin._strategy).with_next_revision()
    port = plugin._placement.within(transaction, changed, network, changed=_inputs_changed(changed, original))
    write_port(transaction, port, previous=original)
    context = PortContext(port, network, original=original, transaction=transaction)
    queue.append(context)
    plugin._manager.update_port_precommit(context)
    return context


def _tell_queued(plugin: Ml2Plugin, queue: Queue) -> None:
    for context in queue:  # WRONG: a roll-back must take its context out of the queue
        context.transaction = None
        plugin._manager.update_port_postcommit(context)


def _commits_and_tells(self: BindingCommit, attempt: Attempt, network: Network) -> Decision:
    decision = self._database.transact(
        "commit_binding",
        lambda transaction: self._decide(transaction, attempt, network),
        took_effect=_took_effect,
    )
    if decision.context is None:
        return decision
    decision.context.transaction = None
    self._manager.update_port_postcommit(decision.context)  # WRONG: its caller does so too
    return decision._replace(port=decision.context.latest or decision.port)


def _tells_before_the_commit(
    self: BindingCommit, transaction: Transaction, current: Port, attempt: Attempt, network: Network
) -> Decision:
    bound = with_result(current, attempt)
    if bound == current:
        return Decision(OUTCOME_UNCHANGED_FAILURE, current)
    bound = bound.with_next_revision()
    write_port(transaction, bound, previous=current)
    context = PortContext(bound, network, original=current, transaction=transaction)
    self._manager.update_port_precommit(context)
    self._manager.update_port_postcommit(context)  # WRONG: still inside the transaction
    return Decision(OUTCOME_COMMITTED, bound)


BUGS = (
    PlantedBug(
        "postcommit after a roll-back",
        "update_port tells drivers of every try of its transaction, also of those that were rolled back.",
        ("contract",),
        EVERY,
        (Edit(Ml2Plugin, "update_port", _updates_with_a_queue),),
    ),
    PlantedBug(
        "notification twice",
        "The binding's commit calls update_port_postcommit, and so does its caller.",
        ("contract",),
        AFTER_COMMIT,
        (Edit(BindingCommit, "commit", _commits_and_tells),),
    ),
    PlantedBug(
        "postcommit inside the transaction",
        "A binding's update_port_postcommit is called before its COMMIT (as in Neutron's bugs 1193861 and 1540844).",
        ("contract",),
        AFTER_COMMIT,
        (Edit(BindingCommit, "_write", _tells_before_the_commit),),
    ),
)

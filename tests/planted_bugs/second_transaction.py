"""Bugs of the second transaction: what it reads, what it compares, what it writes and what it answers."""

from core.binding.attempt import Attempt
from core.binding.changes import with_result
from core.binding.commit import BindingCommit, Decision
from core.binding.policies import ConcurrencyCheck
from core.context import PortContext
from core.database import Transaction
from core.events import (
    OUTCOME_BOUND_BY_OTHER,
    OUTCOME_COMMITTED,
    OUTCOME_DELETED,
    OUTCOME_INPUTS_CHANGED,
    OUTCOME_UNCHANGED_FAILURE,
)
from core.port_rows import lock_port, read_port, write_port
from core.records import Network, Port, PortBinding
from tests.planted_bugs.planted import AFTER_COMMIT, Edit, PlantedBug


def _writes_without_reading(
    self: BindingCommit, transaction: Transaction, attempt: Attempt, network: Network
) -> Decision:
    current = attempt.port  # WRONG: the state from before bind_port, not the one that is committed now
    return self._write(transaction, current, attempt, network)


def _compares_the_host(self: ConcurrencyCheck, computed_from: PortBinding, current: PortBinding) -> bool:
    return computed_from.host == current.host  # WRONG: vnic_type and profile are inputs too


def _compares_values(self: ConcurrencyCheck, computed_from: PortBinding, current: PortBinding) -> bool:
    return computed_from.inputs == current.inputs  # WRONG: away and back again looks like no change


def _reads_without_lock(self: BindingCommit, transaction: Transaction, attempt: Attempt, network: Network) -> Decision:
    current = read_port(transaction, attempt.port.id)  # WRONG: others may change the row before it is written
    if current is None:
        return Decision(OUTCOME_DELETED, None)
    if current.binding.is_successful:
        return Decision(OUTCOME_BOUND_BY_OTHER, current)
    if not self._check.unchanged(attempt.port.binding, current.binding):
        return Decision(OUTCOME_INPUTS_CHANGED, current)
    return self._write(transaction, current, attempt, network)


def _writes_any_failure(self: BindingCommit, transaction: Transaction, attempt: Attempt, network: Network) -> Decision:
    current = lock_port(transaction, attempt.port.id, fixed_ips=attempt.port.fixed_ips)
    if current is None:
        return Decision(OUTCOME_DELETED, None)
    if attempt.result is None:  # WRONG: a failure too may only replace the state that it was computed from
        return self._write(transaction, current, attempt, network)
    if current.binding.is_successful:
        return Decision(OUTCOME_BOUND_BY_OTHER, current)
    if not self._check.unchanged(attempt.port.binding, current.binding):
        return Decision(OUTCOME_INPUTS_CHANGED, current)
    return self._write(transaction, current, attempt, network)


def _answers_its_own_result(
    self: BindingCommit, transaction: Transaction, attempt: Attempt, network: Network
) -> Decision:
    current = lock_port(transaction, attempt.port.id, fixed_ips=attempt.port.fixed_ips)
    if current is None:
        return Decision(OUTCOME_DELETED, None)
    if current.binding.is_successful:
        # WRONG: the caller must get the state just read
        return Decision(OUTCOME_BOUND_BY_OTHER, with_result(attempt.port, attempt))
    if not self._check.unchanged(attempt.port.binding, current.binding):
        return Decision(OUTCOME_INPUTS_CHANGED, current)
    return self._write(transaction, current, attempt, network)


def _keeps_the_revision(
    self: BindingCommit, transaction: Transaction, current: Port, attempt: Attempt, network: Network
) -> Decision:
    bound = with_result(current, attempt)
    if bound == current:
        return Decision(OUTCOME_UNCHANGED_FAILURE, current)
    # WRONG: here the revision number must be raised
    write_port(transaction, bound, previous=current)
    context = PortContext(bound, network, original=current, transaction=transaction)
    self._manager.update_port_precommit(context)
    return Decision(OUTCOME_COMMITTED, bound, context)


BUGS = (
    PlantedBug(
        "commit without reading again",
        "The second transaction writes the result on top of what the attempt started from, without reading the port.",
        ("durability", "contract", "freshness", "outcome", "isolation", "answers"),
        AFTER_COMMIT,
        (Edit(BindingCommit, "_decide", _writes_without_reading),),
    ),
    PlantedBug(
        "comparing only the host",
        "The concurrency check compares hosts and overlooks a changed vnic_type or profile.",
        ("freshness", "outcome"),
        AFTER_COMMIT,
        (Edit(ConcurrencyCheck, "unchanged", _compares_the_host),),
    ),
    PlantedBug(
        "comparing values",
        "The check compares the three inputs instead of generations, so a change from A to B and back slips through.",
        ("freshness", "outcome"),
        AFTER_COMMIT,
        (Edit(ConcurrencyCheck, "unchanged", _compares_values),),
    ),
    PlantedBug(
        "no lock in the second transaction",
        "The second transaction reads the port without FOR UPDATE and writes over what others commit meanwhile.",
        ("contract", "isolation", "durability", "freshness", "outcome"),
        AFTER_COMMIT,
        (Edit(BindingCommit, "_decide", _reads_without_lock),),
    ),
    PlantedBug(
        "a failure written over a success",
        "A failed attempt is committed without any check, also over a binding that another thread has committed.",
        ("durability", "contract", "outcome"),
        ("deferred",),
        (Edit(BindingCommit, "_decide", _writes_any_failure),),
    ),
    PlantedBug(
        "answering one's own result",
        "In case 4b the caller gets the binding that its own attempt computed instead of the committed one.",
        ("answers", "outcome"),
        ("deferred",),
        (Edit(BindingCommit, "_decide", _answers_its_own_result),),
    ),
    PlantedBug(
        "revision not raised by a binding",
        "The binding's commit changes the port and leaves its revision number as it is (Neutron's bug 1699034).",
        ("contract",),
        AFTER_COMMIT,
        (Edit(BindingCommit, "_write", _keeps_the_revision),),
    ),
)

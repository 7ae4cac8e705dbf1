"""The second transaction of deferred binding: lock and read the port again, then decide between cases 4a, 4b and 4c."""

from typing import NamedTuple

from core.binding.access import PortRows
from core.binding.attempt import Attempt
from core.binding.changes import with_result
from core.binding.policies import ConcurrencyCheck
from core.binding.strategy import BindingStrategy
from core.context import PortContext
from core.database import Database, Guard, Transaction
from core.events import (
    OUTCOME_BOUND_BY_OTHER,
    OUTCOME_COMMITTED,
    OUTCOME_DELETED,
    OUTCOME_INPUTS_CHANGED,
    OUTCOME_UNCHANGED_FAILURE,
)
from core.managers import MechanismManager
from core.port_rows import lock_port
from core.records import Network, Port


class Decision(NamedTuple):
    """What the second transaction found: an outcome of core.events, and the port as it is afterwards (None: gone).

    `context` is that of the committed update, for its postcommit; None when nothing was written.
    """

    outcome: str
    port: Port | None
    context: PortContext | None = None


class BindingCommit:
    """Commits the result of an attempt if nothing relevant has changed since the state that it was computed from."""

    def __init__(
        self, database: Database, manager: MechanismManager, strategy: BindingStrategy, guard: Guard | None
    ) -> None:
        self._database = database
        self._manager = manager
        self._rows = PortRows(strategy.second_read, strategy.updated_columns, strategy.binding_row)
        self._check = strategy.concurrency_check
        self._raises_revision = strategy.binding_raises_revision
        self._repeats = strategy.conflict_repeats.second_transaction
        self._guard = guard

    def commit(self, attempt: Attempt, network: Network) -> Decision:
        """Runs the second transaction; after a conflict it decides again with the same result in hand.

        DatabaseConflict where the strategy repeats more than that, or nothing.
        """
        decision = self._database.transact(
            "commit_binding",
            lambda transaction: self._decide(transaction, attempt, network),
            took_effect=_took_effect,
            guard=self._guard,
            repeats=self._repeats,
        )
        if decision.context is None:
            return decision
        decision.context.transaction = None
        return decision._replace(port=decision.context.latest or decision.port)

    def _decide(self, transaction: Transaction, attempt: Attempt, network: Network) -> Decision:
        current = self._rows.read(transaction, attempt.port.id, fixed_ips=attempt.port.fixed_ips)
        if current is None:
            return Decision(OUTCOME_DELETED, None)
        if current.binding.is_successful and self._check is not ConcurrencyCheck.NONE:
            return Decision(OUTCOME_BOUND_BY_OTHER, current)
        if not self._check.unchanged(attempt.port.binding, current.binding):
            return Decision(OUTCOME_INPUTS_CHANGED, current)
        return self._write(transaction, current, attempt, network)

    def _write(self, transaction: Transaction, current: Port, attempt: Attempt, network: Network) -> Decision:
        bound = with_result(current, attempt)
        if bound == current:
            return Decision(OUTCOME_UNCHANGED_FAILURE, current)
        bound = bound.with_next_revision() if self._raises_revision else bound
        self._rows.write(transaction, bound, previous=current)
        context = PortContext(bound, network, original=current, transaction=transaction)
        self._manager.update_port_precommit(context)
        return Decision(OUTCOME_COMMITTED, bound, context)


def _took_effect(transaction: Transaction, decision: Decision) -> bool:
    if decision.port is None or decision.context is None:
        return False
    current = lock_port(transaction, decision.port.id, fixed_ips=decision.port.fixed_ips)
    if current is None or current.binding != decision.port.binding:
        return False
    decision.context.latest = current
    return True

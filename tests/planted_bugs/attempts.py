"""Bugs of the loop around binding attempts: from which state it goes on, how often, how a read's result is written."""

from functools import partial

from core.binding.attempt import Attempt, attempt_to_bind
from core.binding.binder import Binder, _settled, _settled_by_others
from core.binding.commit import BindingCommit, Decision, _took_effect
from core.binding.policies.failed_round import Budget
from core.binding.settlement import Settlement
from core.constants import VIF_TYPE_UNBOUND
from core.events import OUTCOME_DELETED, OUTCOME_ERROR, OUTCOME_INPUTS_CHANGED
from core.exceptions import DatabaseError, GaveUp
from core.records import Network, Port, PortBinding
from tests.planted_bugs.planted import AFTER_COMMIT, Edit, PlantedBug


def _retries_with_old_inputs(self: Binder, port: Port, network: Network, *, reader: bool = False) -> Settlement:
    seen = port
    budget = Budget(self._strategy.max_attempts, shared=False)
    while not budget.is_spent:
        try:
            decision = self._attempt(seen, network, budget, reader=reader)
        except (GaveUp, DatabaseError) as error:
            return self._give_up(seen, budget.used + 1, str(error))
        if decision.outcome == OUTCOME_DELETED:
            return Settlement(port)
        # WRONG: `seen` must become the state that the second transaction has read, whatever the outcome
        if decision.outcome != OUTCOME_INPUTS_CHANGED:
            return _settled(decision.port or port, decision.outcome)
        budget.refused()
    return self._give_up(seen, budget.used, "its binding inputs kept changing")


def _retries_without_limit(self: Binder, port: Port, network: Network, *, reader: bool = False) -> Settlement:
    seen = port
    budget = Budget(self._strategy.max_attempts, shared=False)
    while True:  # WRONG: no limit
        try:
            decision = self._attempt(seen, network, budget, reader=reader)
        except (GaveUp, DatabaseError) as error:
            return self._give_up(seen, budget.used + 1, str(error))
        if decision.outcome == OUTCOME_DELETED:
            return Settlement(port)
        seen = decision.port or port
        if decision.outcome != OUTCOME_INPUTS_CHANGED or not self._wants(seen.binding, changed=True):
            return _settled(seen, decision.outcome)
        budget.refused()


def _attempts_unlike_readers(self: Binder, port: Port, network: Network, budget: Budget, *, reader: bool) -> Decision:
    number = budget.used + 1
    self._observer.attempt_began(port.id, number, reader=reader)
    tried: list[Attempt] = []
    outcome = OUTCOME_ERROR
    commit = _commit_at_once if reader else BindingCommit.commit
    try:
        decision = _under_exclusion(self, port, network, tried, partial(commit, self._commit))
        outcome = decision.outcome
    finally:
        bound = any(attempt.result is not None for attempt in tried)
        self._observer.attempt_ended(port.id, number, bound=bound, outcome=outcome)
    if decision.context is not None:
        self._manager.update_port_postcommit(decision.context)
    return decision


def _under_exclusion(
    binder: Binder, port: Port, network: Network, tried: list[Attempt], commit: "partial[Decision]"
) -> Decision:
    held = binder._exclusion.acquire(port)
    try:
        if held.port is None:
            return Decision(OUTCOME_DELETED, None)
        if not held.port.binding.needs_binding:
            return _settled_by_others(held.port)
        tried.append(attempt_to_bind(binder._manager, held.port, network))
        return commit(tried[0], network)
    finally:
        held.release()


def _commit_at_once(commit: BindingCommit, attempt: Attempt, network: Network) -> Decision:
    decision = commit._database.transact(
        "commit_binding",
        # WRONG: what the read has seen is written upon; the port must be locked, read and compared first
        lambda transaction: commit._write(transaction, attempt.port, attempt, network),
        took_effect=_took_effect,
    )
    if decision.context is None:
        return decision
    decision.context.transaction = None
    return decision._replace(port=decision.context.latest or decision.port)


def _needs_binding_once(self: PortBinding) -> bool:
    return bool(self.host) and self.vif_type == VIF_TYPE_UNBOUND  # WRONG: 'binding_failed' must be tried again


BUGS = (
    PlantedBug(
        "retry with the old inputs",
        "In case 4c the attempt is repeated from the state it had started from, not from the one just read.",
        ("outcome",),
        ("deferred",),
        (Edit(Binder, "_bind", _retries_with_old_inputs),),
    ),
    PlantedBug(
        "get-port binding without looking again",
        "A read binds and writes its result upon the state it has read, without the second transaction's check.",
        ("durability", "contract", "freshness", "outcome", "isolation", "answers"),
        AFTER_COMMIT,
        (Edit(Binder, "_attempt", _attempts_unlike_readers),),
    ),
    PlantedBug(
        "attempts without limit",
        "Attempts go on for as long as others change the inputs.",
        ("outcome",),
        AFTER_COMMIT,
        (Edit(Binder, "_bind", _retries_without_limit),),
    ),
    PlantedBug(
        "binding_failed is final",
        "Reads and updates leave a port alone whose binding has failed once (Neutron's bug 1399249).",
        ("convergence",),
        AFTER_COMMIT,
        (Edit(PortBinding, "needs_binding", property(_needs_binding_once)),),
    ),
)

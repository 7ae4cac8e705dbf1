"""Attempts outside any transaction, repeated while others change the port: the loop of deferred binding.

Called by the deferred placement after a commit and by reads. It holds no lock while drivers work.
"""

import logging

from core.binding.attempt import Attempt, attempt_to_bind
from core.binding.commit import BindingCommit, Decision
from core.binding.exclusion import Exclusion
from core.binding.policies import ConflictRepeats, FailedRound
from core.binding.policies.failed_round import Budget
from core.binding.settlement import Settlement
from core.binding.strategy import BindingStrategy
from core.database import Database
from core.events import (
    OUTCOME_BOUND_BY_OTHER,
    OUTCOME_COMMITTED,
    OUTCOME_DELETED,
    OUTCOME_ERROR,
    OUTCOME_FAILED_ROUND,
    OUTCOME_INPUTS_CHANGED,
    Observer,
)
from core.exceptions import DatabaseError, GaveUp
from core.managers import MechanismManager
from core.records import Network, Port

LOG = logging.getLogger(__name__)


class Binder:
    """Binds a port that the strategy wants attempted."""

    def __init__(
        self,
        strategy: BindingStrategy,
        manager: MechanismManager,
        commit: BindingCommit,
        exclusion: Exclusion,
        *,
        database: Database,
        observer: Observer,
    ) -> None:
        self._strategy = strategy
        self._wants = strategy.attempted_when.wants
        self._goes_round = strategy.failed_round is FailedRound.GO_ROUND
        self._repeats_binding = strategy.conflict_repeats is ConflictRepeats.BINDING
        self._manager = manager
        self._commit = commit
        self._exclusion = exclusion
        self._database = database
        self._observer = observer

    def bind_if_needed(self, port: Port, network: Network, *, changed: bool = True, reader: bool = False) -> Settlement:
        """The port after at most as many attempts as the strategy has; as it was given if it is deleted meanwhile.

        `changed`: this operation has made the port, or changed its inputs. MechanismDriverError when a driver refuses
        or fails on the committed binding; DatabaseConflict where the strategy repeats the operation or nothing. Giving
        up (too many attempts or conflicts, a database that refuses) is logged and counted, and the port is returned as
        last seen: the triggering transaction has committed, and an error would make a client repeat it (Neutron's bug
        1543880).
        """
        if not self._wants(port.binding, changed=changed):
            return Settlement(port)
        if not self._repeats_binding:
            return self._bind(port, network, reader=reader)
        try:
            return self._database.repeating("bind_port", lambda: self._bind(port, network, reader=reader))
        except GaveUp as error:
            return self._give_up(port, 0, str(error))

    def _bind(self, port: Port, network: Network, *, reader: bool) -> Settlement:
        seen = port
        budget = Budget(self._strategy.max_attempts, shared=self._strategy.shared_limit)
        while not budget.is_spent:
            try:
                decision = self._attempt(seen, network, budget, reader=reader)
            except (GaveUp, DatabaseError) as error:
                return self._give_up(seen, budget.used + 1, str(error))
            if decision.outcome == OUTCOME_FAILED_ROUND:
                budget.failed()
                continue
            if decision.outcome == OUTCOME_DELETED:
                return Settlement(port)
            seen = decision.port or port
            if decision.outcome != OUTCOME_INPUTS_CHANGED or not self._wants(seen.binding, changed=True):
                return _settled(seen, decision.outcome)
            budget.refused()
        return self._give_up(seen, budget.used, "its binding inputs kept changing")

    def _attempt(self, port: Port, network: Network, budget: Budget, *, reader: bool) -> Decision:
        number, goes_on = budget.used + 1, self._goes_round and not budget.is_last_round
        self._observer.attempt_began(port.id, number, reader=reader)
        tried: list[Attempt] = []
        outcome = OUTCOME_ERROR
        try:
            decision = self._under_exclusion(port, network, tried, goes_on=goes_on)
            outcome = decision.outcome
        finally:
            bound = any(attempt.result is not None for attempt in tried)
            self._observer.attempt_ended(port.id, number, bound=bound, outcome=outcome)
        if decision.context is not None:
            self._manager.update_port_postcommit(decision.context)
        return decision

    def _under_exclusion(self, port: Port, network: Network, tried: list[Attempt], *, goes_on: bool) -> Decision:
        held = self._exclusion.acquire(port)
        try:
            if held.port is None:
                return Decision(OUTCOME_DELETED, None)
            if not self._wants(held.port.binding, changed=True):
                return _settled_by_others(held.port)
            tried.append(attempt_to_bind(self._manager, held.port, network))
            if goes_on and tried[0].result is None:
                return Decision(OUTCOME_FAILED_ROUND, port)
            return self._commit.commit(tried[0], network)
        finally:
            held.release()

    def _give_up(self, port: Port, attempts: int, why: str) -> Settlement:
        LOG.error(
            "gave up binding port %s to host %s after %d attempts: %s",
            port.id,
            port.binding.host,
            attempts,
            why,
        )
        self._observer.binding_gave_up(port.id, attempts)
        return Settlement(port)


def _settled(port: Port, outcome: str) -> Settlement:
    committed = outcome == OUTCOME_COMMITTED
    return Settlement(port, committed=committed, lost=port.binding.is_successful and not committed)


def _settled_by_others(port: Port) -> Decision:
    """What to do with a port that was found bound, or without a host, before drivers were asked."""
    return Decision(OUTCOME_BOUND_BY_OTHER if port.binding.is_successful else OUTCOME_INPUTS_CHANGED, port)

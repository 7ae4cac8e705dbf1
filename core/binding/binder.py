"""Attempts outside any transaction, repeated while others change the port: the loop of deferred binding.

Called by the deferred placement after a commit and by reads. It holds no lock while drivers work.
"""

import logging

from core.binding.attempt import Attempt, attempt_to_bind
from core.binding.commit import BindingCommit, Decision
from core.binding.exclusion import Exclusion
from core.events import (
    OUTCOME_BOUND_BY_OTHER,
    OUTCOME_DELETED,
    OUTCOME_ERROR,
    OUTCOME_INPUTS_CHANGED,
    Observer,
)
from core.exceptions import DatabaseError, GaveUp
from core.managers import MechanismManager
from core.records import Network, Port

LOG = logging.getLogger(__name__)


class Binder:
    """Binds a port that has a host and no successful binding."""

    def __init__(
        self,
        manager: MechanismManager,
        commit: BindingCommit,
        exclusion: Exclusion,
        *,
        max_attempts: int,
        observer: Observer,
    ) -> None:
        self._manager = manager
        self._commit = commit
        self._exclusion = exclusion
        self._max_attempts = max_attempts
        self._observer = observer

    def bind_if_needed(self, port: Port, network: Network, *, reader: bool = False) -> Port:
        """The port after at most `max_attempts` attempts; as it was given if it is deleted meanwhile.

        MechanismDriverError when a driver refuses or fails on the committed binding. Giving up (too many attempts or
        conflicts, a database that refuses) is logged and counted, and the port is returned as last seen: the triggering
        transaction has committed, and an error would make a client repeat it (Neutron's bug 1543880).
        """
        seen = port
        for number in range(1, self._max_attempts + 1):
            if not seen.binding.needs_binding:
                return seen
            try:
                decision = self._attempt(seen, network, number, reader=reader)
            except (GaveUp, DatabaseError) as error:
                return self._give_up(seen, number, str(error))
            if decision.outcome == OUTCOME_DELETED:
                return port
            seen = decision.port or port
            if decision.outcome != OUTCOME_INPUTS_CHANGED:
                return seen
        if not seen.binding.needs_binding:
            return seen
        return self._give_up(seen, self._max_attempts, "its binding inputs kept changing")

    def _attempt(self, port: Port, network: Network, number: int, *, reader: bool) -> Decision:
        self._observer.attempt_began(port.id, number, reader=reader)
        tried: list[Attempt] = []
        outcome = OUTCOME_ERROR
        try:
            decision = self._under_exclusion(port, network, tried)
            outcome = decision.outcome
        finally:
            bound = any(attempt.result is not None for attempt in tried)
            self._observer.attempt_ended(port.id, number, bound=bound, outcome=outcome)
        if decision.context is not None:
            self._manager.update_port_postcommit(decision.context)
        return decision

    def _under_exclusion(self, port: Port, network: Network, tried: list[Attempt]) -> Decision:
        held = self._exclusion.acquire(port)
        try:
            if held.port is None:
                return Decision(OUTCOME_DELETED, None)
            if not held.port.binding.needs_binding:
                return _settled_by_others(held.port)
            tried.append(attempt_to_bind(self._manager, held.port, network))
            return self._commit.commit(tried[0], network)
        finally:
            held.release()

    def _give_up(self, port: Port, attempts: int, why: str) -> Port:
        LOG.error(
            "gave up binding port %s to host %s after %d attempts: %s",
            port.id,
            port.binding.host,
            attempts,
            why,
        )
        self._observer.binding_gave_up(port.id, attempts)
        return port


def _settled_by_others(port: Port) -> Decision:
    """What to do with a port that was found bound, or without a host, before drivers were asked."""
    return Decision(OUTCOME_BOUND_BY_OTHER if port.binding.is_successful else OUTCOME_INPUTS_CHANGED, port)

"""Where binding happens: inside the transaction that creates or updates a port, or after it has committed."""

from typing import Protocol

from core.binding.attempt import attempt_to_bind
from core.binding.binder import Binder
from core.binding.changes import with_result
from core.binding.commit import BindingCommit
from core.binding.exclusion import Exclusion, NoExclusion, PortLease, guard_of
from core.binding.policies import Where
from core.binding.settlement import Settlement
from core.binding.strategy import BindingStrategy
from core.database import Database, Transaction
from core.events import OUTCOME_COMMITTED, OUTCOME_ERROR, Observer
from core.managers import MechanismManager
from core.records import Network, Port
from core.runtime import Runtime


class Placement(Protocol):
    """The two moments at which a port can be bound. `changed`: the operation made the port, or changed its inputs."""

    def within(self, transaction: Transaction, port: Port, network: Network, *, changed: bool) -> Port:
        """Called in the transaction, its rows locked, before the precommits; the port to commit."""

    def after(self, port: Port, network: Network, *, changed: bool, reader: bool = False) -> Settlement:
        """Called after the commit, or by a read."""


class InTransaction:
    """bind_port runs inside the transaction. A conflict repeats the transaction, and with it the remote calls."""

    def __init__(self, strategy: BindingStrategy, manager: MechanismManager, *, observer: Observer) -> None:
        self._wants = strategy.attempted_when.wants
        self._manager = manager
        self._observer = observer

    def within(self, transaction: Transaction, port: Port, network: Network, *, changed: bool) -> Port:
        """Binds the port if the strategy wants it attempted."""
        if not self._wants(port.binding, changed=changed):
            return port
        self._observer.attempt_began(port.id, 1, reader=False)
        bound, outcome = False, OUTCOME_ERROR
        try:
            attempt = attempt_to_bind(self._manager, port, network, transaction=transaction)
            bound, outcome = attempt.result is not None, OUTCOME_COMMITTED
        finally:
            self._observer.attempt_ended(port.id, 1, bound=bound, outcome=outcome)
        return with_result(port, attempt)

    def after(self, port: Port, network: Network, *, changed: bool, reader: bool = False) -> Settlement:
        """Nothing is left to do."""
        return Settlement(port)


class Deferred:
    """bind_port runs after the commit, outside any transaction."""

    def __init__(self, binder: Binder) -> None:
        self._binder = binder

    def within(self, transaction: Transaction, port: Port, network: Network, *, changed: bool) -> Port:
        """The port stays as it is."""
        return port

    def after(self, port: Port, network: Network, *, changed: bool, reader: bool = False) -> Settlement:
        """Attempts to bind the port if the strategy wants it attempted."""
        return self._binder.bind_if_needed(port, network, changed=changed, reader=reader)


def placement_of(
    strategy: BindingStrategy, *, database: Database, manager: MechanismManager, runtime: Runtime, observer: Observer
) -> Placement:
    """What the strategy's policies come to."""
    if strategy.inside:
        return InTransaction(strategy, manager, observer=observer)
    exclusion: Exclusion = NoExclusion()
    if strategy.where is Where.UNDER_LEASE:
        exclusion = PortLease(database, runtime, lease_s=strategy.lease_s, poll_s=strategy.lease_poll_s)
    guard = guard_of(strategy.process_lock, "commit_binding", runtime)
    commit = BindingCommit(database, manager, strategy, guard)
    return Deferred(Binder(strategy, manager, commit, exclusion, database=database, observer=observer))

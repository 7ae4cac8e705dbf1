"""Where binding happens: inside the transaction that creates or updates a port, or after it has committed."""

from typing import Protocol

from core.binding.attempt import attempt_to_bind
from core.binding.binder import Binder
from core.binding.changes import with_result
from core.database import Transaction
from core.events import OUTCOME_COMMITTED, OUTCOME_ERROR, Observer
from core.managers import MechanismManager
from core.records import Network, Port


class Placement(Protocol):
    """The two moments at which a port can be bound."""

    def within(self, transaction: Transaction, port: Port, network: Network) -> Port:
        """Called in the transaction, its rows locked, before the precommits; the port to commit."""

    def after(self, port: Port, network: Network, *, reader: bool = False) -> Port:
        """Called after the commit, or by a read; the port to return."""


class InTransaction:
    """bind_port runs inside the transaction. A conflict repeats the transaction, and with it the remote calls."""

    def __init__(self, manager: MechanismManager, *, observer: Observer) -> None:
        self._manager = manager
        self._observer = observer

    def within(self, transaction: Transaction, port: Port, network: Network) -> Port:
        """Binds the port if it has a host and no successful binding."""
        if not port.binding.needs_binding:
            return port
        self._observer.attempt_began(port.id, 1, reader=False)
        bound, outcome = False, OUTCOME_ERROR
        try:
            attempt = attempt_to_bind(self._manager, port, network, transaction=transaction)
            bound, outcome = attempt.result is not None, OUTCOME_COMMITTED
        finally:
            self._observer.attempt_ended(port.id, 1, bound=bound, outcome=outcome)
        return with_result(port, attempt)

    def after(self, port: Port, network: Network, *, reader: bool = False) -> Port:
        """Nothing is left to do."""
        return port


class Deferred:
    """bind_port runs after the commit, outside any transaction."""

    def __init__(self, binder: Binder) -> None:
        self._binder = binder

    def within(self, transaction: Transaction, port: Port, network: Network) -> Port:
        """The port stays as it is."""
        return port

    def after(self, port: Port, network: Network, *, reader: bool = False) -> Port:
        """Attempts to bind the port if it has a host and no successful binding."""
        return self._binder.bind_if_needed(port, network, reader=reader)

"""Listens to the core's events for the sake of crashes, and passes every one of them on to the recorder.

In place only where a scenario has a crash at such an event. A crash comes before the event is passed on: the dead have
not done what was about to be recorded.
"""

from typing import TYPE_CHECKING

from core.events import Observer
from sim.model.faults.crash import Crashes

if TYPE_CHECKING:
    from core.context import PortContext
    from core.driver_api import MechanismDriver


class ListeningObserver(Observer):
    """Stands before `inner`."""

    def __init__(self, inner: Observer, crashes: Crashes) -> None:
        self._inner = inner
        self._crashes = crashes
        # What crashes do not look at goes straight on.
        self.transaction_ended = inner.transaction_ended  # type: ignore[method-assign]
        self.conflict = inner.conflict  # type: ignore[method-assign]
        self.driver_call_ended = inner.driver_call_ended  # type: ignore[method-assign]
        self.attempt_began = inner.attempt_began  # type: ignore[method-assign]
        self.binding_gave_up = inner.binding_gave_up  # type: ignore[method-assign]
        self.port_notified = inner.port_notified  # type: ignore[method-assign]
        self.notification_lost = inner.notification_lost  # type: ignore[method-assign]
        self.error_logged = inner.error_logged  # type: ignore[method-assign]

    def transaction_began(self, name: str, retry: int) -> None:
        """The transaction of a result follows bind_port; that under a lease follows its acquisition."""
        self._crashes.transaction_began(name, retry)
        self._inner.transaction_began(name, retry)

    def driver_call_began(self, driver: "MechanismDriver", method: str, context: "PortContext") -> None:
        """A postcommit is about to be called."""
        if method.endswith("_postcommit"):
            self._crashes.postcommit_began(method)
        self._inner.driver_call_began(driver, method, context)

    def attempt_ended(self, port_id: str, number: int, *, bound: bool, outcome: str) -> None:
        """A lease has been given back by now."""
        self._crashes.attempt_ended()
        self._inner.attempt_ended(port_id, number, bound=bound, outcome=outcome)

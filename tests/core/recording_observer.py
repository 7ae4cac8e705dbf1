"""An observer that writes down what the core tells it."""

from core.events import Observer
from tests.core.faulty_connection import Faults


class RecordingObserver(Observer):
    """Lists of what happened; it also tells the fault injection which transaction runs."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.transactions: list[str] = []
        self.conflicts: list[tuple[str, str, int]] = []
        self.backoffs: list[float] = []
        self.attempts: list[tuple[int, bool, str]] = []
        self.readers: list[bool] = []
        self.gave_up: list[tuple[str, int]] = []
        self.errors: list[str] = []
        self.driver_calls: list[str] = []
        self.notifications: list[str] = []

    def transaction_began(self, name: str, retry: int) -> None:
        self._faults.transaction = name

    def transaction_ended(self, name: str, outcome: str) -> None:
        self.transactions.append(f"{name} {outcome}")

    def conflict(self, name: str, kind: str, retry: int, backoff_s: float) -> None:
        self.conflicts.append((name, kind, retry))
        self.backoffs.append(backoff_s)

    def driver_call_began(self, driver, method, context) -> None:
        self.driver_calls.append(f"{driver.name}.{method} began")

    def driver_call_ended(self, driver, method, context, error) -> None:
        self.driver_calls.append(f"{driver.name}.{method} ended {type(error).__name__ if error else 'well'}")

    def attempt_began(self, port_id: str, number: int, *, reader: bool) -> None:
        self.readers.append(reader)

    def attempt_ended(self, port_id: str, number: int, *, bound: bool, outcome: str) -> None:
        self.attempts.append((number, bound, outcome))

    def binding_gave_up(self, port_id: str, attempts: int) -> None:
        self.gave_up.append((port_id, attempts))

    def port_notified(self, port_id: str, host: str) -> None:
        self.notifications.append(f"{host} is told")

    def notification_lost(self, port_id: str, host: str) -> None:
        self.notifications.append(f"{host} is not told")

    def error_logged(self, where: str, port_id: str, error: Exception) -> None:
        self.errors.append(where)

"""What the core tells an observer while it works: output only, nothing in the core depends on what an observer does.

`Observer` ignores everything; harnesses override what they record. Calls come from the thread that does the work, in
the order in which things happen, and must return at once. A method without a matching end (because the process died)
is possible.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.context import PortContext
    from core.driver_api import MechanismDriver

OUTCOME_COMMITTED = "committed"
OUTCOME_BOUND_BY_OTHER = "bound_by_other"
OUTCOME_INPUTS_CHANGED = "inputs_changed"
OUTCOME_DELETED = "deleted"
OUTCOME_UNCHANGED_FAILURE = "unchanged_failure"
OUTCOME_FAILED_ROUND = "failed_round"
OUTCOME_ERROR = "error"
ATTEMPT_OUTCOMES = (
    OUTCOME_COMMITTED,
    OUTCOME_BOUND_BY_OTHER,
    OUTCOME_INPUTS_CHANGED,
    OUTCOME_DELETED,
    OUTCOME_UNCHANGED_FAILURE,
    OUTCOME_ERROR,
    OUTCOME_FAILED_ROUND,
)
"""How a binding attempt ends: 4a, 4b, 4c, port gone, a failure on a row that already failed, an error to the caller, a
failure that is not committed because all drivers are asked again."""


class Observer:
    """Ignores every event."""

    def transaction_began(self, name: str, retry: int) -> None:
        """A connection was obtained and a transaction starts; `retry` is 0 for the first try."""

    def transaction_ended(self, name: str, outcome: str) -> None:
        """COMMIT or ROLLBACK has ended: 'commit', 'rollback', or the kind of the conflict that ended it."""

    def conflict(self, name: str, kind: str, retry: int, backoff_s: float) -> None:
        """Transaction `name` met a conflict on try `retry`; it is repeated after `backoff_s` seconds."""

    def driver_call_began(self, driver: "MechanismDriver", method: str, context: "PortContext") -> None:
        """The core is about to call a driver's method."""

    def driver_call_ended(
        self, driver: "MechanismDriver", method: str, context: "PortContext", error: Exception | None
    ) -> None:
        """The driver returned, or raised `error`."""

    def attempt_began(self, port_id: str, number: int, *, reader: bool) -> None:
        """Binding attempt `number` (from 1) of this operation starts; `reader` when a read binds."""

    def attempt_ended(self, port_id: str, number: int, *, bound: bool, outcome: str) -> None:
        """The attempt is over: whether drivers bound the port, and one of ATTEMPT_OUTCOMES."""

    def binding_gave_up(self, port_id: str, attempts: int) -> None:
        """The port was left unbound after this many attempts."""

    def port_notified(self, port_id: str, host: str) -> None:
        """The agent of a host is told that its port has changed."""

    def notification_lost(self, port_id: str, host: str) -> None:
        """It should be told, and nobody tells it: the request lost to another's binding, and keeps silent."""

    def error_logged(self, where: str, port_id: str, error: Exception) -> None:
        """An error that the caller is not told: `where` names the row of the table of failures."""

"""A history's writer that only notes what it is told, in the event log: the history is written when the run is over.

It stands where `sim.history.HistoryWriter` stands in virtual time, so the witnesses are the same. A state is its values
until then, and the number of a driver's call is its position.
"""

import json
from collections.abc import Iterable
from typing import Any

from core.context import BindingResult
from core.records import Port, PortDict
from sim.history import HistoryWriter
from sim.history.writer import Flat, flat_answer, flat_port
from sim.wall.event_log import EventLog


class HistoryLog(HistoryWriter):
    """Writes into `log`. Events of the database are the connection's to write (sim.wall.connection)."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def step(self) -> int:
        """The position of what happens now."""
        return self._log.position()

    def state(self, flat: Flat) -> Any:
        """The values themselves."""
        return flat

    def call(
        self, operation: int, kind: str, *, port_id: str | None, client: int, process: int, arguments: object
    ) -> None:
        """A method of the plugin is called."""
        plain = json.loads(json.dumps(arguments)) if arguments else None
        self._log.write("call", operation, kind, port_id, client, process, plain)

    def answer(self, operation: int, ports: Iterable[PortDict]) -> None:
        """The call has returned these ports."""
        self._log.write("answer", operation, list(map(flat_answer, ports)))

    def refusal(self, operation: int, error: Exception) -> None:
        """The call has raised an error of the core."""
        self._log.write("refusal", operation, type(error).__name__)

    def transaction_ended(self, transaction: int, operation: int, name: str, retry: int, outcome: str) -> None:
        """The core's observer says how a transaction has ended."""
        self._log.write("ended", transaction, operation, name, retry, outcome)

    def read(self, sent: int, transaction: int, operation: int, statement: str, port_id: str, state: Any) -> None:
        """A statement has returned a port in this state."""
        self._log.write("read", sent, transaction, operation, statement, port_id, state)

    def wrote(self, transaction: int, statement: str, port_id: str) -> None:
        """A statement has changed a port, not committed yet."""
        self._log.write("wrote", transaction, statement, port_id)

    def callback(
        self, operation: int, transaction: int, driver: str, method: str, port: Port, previous: Port | None
    ) -> int:
        """A driver is called; its position."""
        before = None if previous is None else flat_port(previous)
        return self._log.write("callback", operation, transaction, driver, method, flat_port(port), before)

    def returned(
        self, callback: int, outcome: int, result: BindingResult | None = None, continued_from: str | None = None
    ) -> None:
        """The driver has returned."""
        self._log.write("returned", callback, outcome, None if result is None else tuple(result), continued_from)

    def attempt(
        self, began: int, operation: int, port_id: str, number: int, *, reader: bool, bound: bool, outcome: str
    ) -> None:
        """An attempt that began at that position has ended."""
        self._log.write("attempt", began, operation, port_id, number, reader, bound, outcome)

    def gave_up(self, operation: int, port_id: str, attempts: int) -> None:
        """A port was left unbound."""
        self._log.write("gave_up", operation, port_id, attempts)

    def logged(self, operation: int, port_id: str, where: str) -> None:
        """An error was logged that the caller is not told."""
        self._log.write("logged", operation, port_id, where)

    def change(
        self, controller: str, what: str, *, port_id: str, host: str | None = None, token: str | None = None,
        revision: int = -1, operation: int = -1,
    ) -> None:  # fmt: skip
        """A controller's table has changed, or a confirmation found no live token."""
        self._log.write("change", controller, what, port_id, host, token, revision, operation)

    def fault(self, kind: str, detail: str, process: int) -> None:
        """A fault takes effect."""
        self._log.write("fault", kind, detail, process)

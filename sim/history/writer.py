"""Writes a history down: events as rows, port states as numbers, positions in the order of happening.

The recording layers of the engines call it, from whatever does the work; it must cost little and depend on nothing that
they depend on. It keeps no Python object an event; what it keeps of states is a bounded cache.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from core.constants import VNIC_NORMAL
from core.context import BindingResult
from core.records import Port, PortDict, encoded
from sim.history.rows import GONE
from sim.history.tables import HistoryTables

_CACHED_STATES = 8192  # states whose numbers are remembered; a forgotten one gets a second row of the same content
Flat = tuple[Any, ...]
"""A state as values: id, name, admin_state_up, status, device_id, device_owner, revision, then the binding's row."""
_NO_BINDING = ("", VNIC_NORMAL, "", "", "", None, None, "", -1)


def flat_port(port: Port) -> Flat:
    """The values of a record."""
    port_id, _, name, _, admin, status, device_id, owner, revision, binding, _ = port
    return (port_id, name, admin, status, device_id, owner, revision, *binding)


def flat_rows(port: tuple[Any, ...], binding: tuple[Any, ...] | None) -> Flat:
    """The values of a row of ports and one of ml2_port_bindings, columns in the schema's order."""
    port_id, _, name, _, admin, status, device_id, owner, revision = port
    return (port_id, name, admin, status, device_id, owner, revision, *(binding[1:] if binding else _NO_BINDING))


def flat_answer(port: PortDict) -> Flat:
    """The values that an answer shows; driver, segment, upper levels and generation are not among them."""
    return (
        port["id"], port["name"], int(port["admin_state_up"]), port["status"], port["device_id"], port["device_owner"],
        port["revision_number"], port["binding:host_id"], port["binding:vnic_type"], encoded(port["binding:profile"]),
        port["binding:vif_type"], encoded(port["binding:vif_details"]), None, None, "", -1,
    )  # fmt: skip


class HistoryWriter:
    """The history of one run, being written. `now_us` is the engine's clock."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self.tables = HistoryTables.empty()
        self.position = 0
        self._now_us = now_us
        self._words = self.tables.words
        self._states: dict[Flat, int] = {}
        self._count = 0

    def step(self) -> int:
        """The position of the next event."""
        self.position += 1
        return self.position

    # states

    def state(self, flat: Flat) -> int:
        """The number of a state."""
        number = self._states.get(flat)
        if number is None:
            number = self._new_state(flat)
        return number

    def _new_state(self, flat: Flat) -> int:
        if len(self._states) >= _CACHED_STATES:
            self._states.clear()
        words = self._words
        self.tables.states.append(
            words.ports.code(flat[0]), words.names.code(flat[1]), flat[2], words.statuses.code(flat[3]),
            words.device_ids.code(flat[4]), words.device_owners.code(flat[5]), flat[6], words.hosts.code(flat[7]),
            words.vnic_types.code(flat[8]), words.profiles.code(flat[9]), words.vif_types.code(flat[10] or None),
            words.vif_details.code(flat[11]), words.drivers.code(flat[12]), words.segments.code(flat[13]),
            words.upper_levels.code(flat[14] or None), flat[15],
        )  # fmt: skip
        number = self._states[flat] = self._count
        self._count += 1
        return number

    # API operations

    def call(
        self, operation: int, kind: str, *, port_id: str | None, client: int, process: int, arguments: object
    ) -> None:
        """A method of the plugin is called."""
        words = self._words
        self.tables.calls.append(
            self.step(), self._now_us(), operation, words.kinds.code(kind), words.ports.code(port_id), client, process,
            words.arguments.code(json.dumps(arguments, sort_keys=True) if arguments else None),
        )  # fmt: skip

    def answer(self, operation: int, ports: Iterable[PortDict]) -> None:
        """The call has returned these ports."""
        self.answer_states(operation, map(flat_answer, ports))

    def answer_states(self, operation: int, shown: Iterable[Flat]) -> None:
        """The call has returned ports that show these values (see `flat_answer`)."""
        for flat in shown:
            self.tables.answered.append(operation, self.state(flat))
        self.tables.answers.append(self.step(), self._now_us(), operation, 0, -1)

    def refusal(self, operation: int, error: Exception) -> None:
        """The call has raised an error of the core."""
        self.refusal_by(operation, type(error).__name__)

    def refusal_by(self, operation: int, error: str) -> None:
        """The call has raised an error of this class of the core."""
        self.tables.answers.append(self.step(), self._now_us(), operation, 1, self._words.errors.code(error))

    # the database

    def commit(
        self, writes: Iterable[tuple[str, Flat | None]], *, transaction: int, operation: int, name: str,
        sent: int | None = None,
    ) -> None:  # fmt: skip
        """A transaction has taken effect: each port that it wrote, with its state read back (None: gone).

        `sent` is the position at which COMMIT was sent, for engines that know no exact instant.
        """
        row, last = len(self.tables.commits), self.step()
        words = self._words
        self.tables.commits.append(
            last if sent is None else sent, last, self._now_us(), transaction, operation, words.transactions.code(name)
        )
        for port_id, flat in writes:
            self.tables.writes.append(row, words.ports.code(port_id), GONE if flat is None else self.state(flat))

    def transaction_ended(self, transaction: int, operation: int, name: str, retry: int, outcome: str) -> None:
        """The core's observer says how a transaction has ended."""
        words = self._words
        self.tables.ends.append(
            self.step(), self._now_us(), transaction, operation, words.transactions.code(name), retry,
            words.ends.code(outcome),
        )  # fmt: skip

    def read(self, sent: int, transaction: int, operation: int, statement: str, port_id: str, state: int) -> None:
        """A statement that was sent at that position has returned a port in this state."""
        words = self._words
        self.tables.reads.append(
            sent, self.step(), self._now_us(), transaction, operation, words.statements.code(statement),
            words.ports.code(port_id), state,
        )  # fmt: skip

    def wrote(self, transaction: int, statement: str, port_id: str) -> None:
        """A statement has changed a port, not committed yet."""
        words = self._words
        self.tables.sent.append(
            self.step(), self._now_us(), transaction, words.statements.code(statement), words.ports.code(port_id)
        )

    # drivers

    def callback(
        self, operation: int, transaction: int, driver: str, method: str, port: Port, previous: Port | None
    ) -> int:
        """A driver is called; the number of the call, for `returned`."""
        before = None if previous is None else flat_port(previous)
        return self.callback_states(operation, transaction, driver, method, flat_port(port), before)

    def callback_states(
        self, operation: int, transaction: int, driver: str, method: str, state: Flat, previous: Flat | None
    ) -> int:
        """`callback` with the values of the ports."""
        words, row = self._words, len(self.tables.callbacks)
        self.tables.callbacks.append(
            self.step(), self._now_us(), operation, transaction, words.drivers.code(driver), words.methods.code(method),
            self.state(state), GONE if previous is None else self.state(previous),
        )  # fmt: skip
        return row

    def returned(
        self, callback: int, outcome: int, result: BindingResult | None = None, continued_from: str | None = None
    ) -> None:
        """The driver has returned: an index of RETURNS, and what bind_port has set, or from which segment continued."""
        words = self._words
        set_by_it = (-1, -1, words.segments.code(continued_from))
        if result is not None:
            set_by_it = (
                words.vif_types.code(result.vif_type),
                words.vif_details.code(result.vif_details),
                words.segments.code(result.segment_id),
            )
        self.tables.returns.append(callback, self.step(), self._now_us(), outcome, *set_by_it)

    # what the observer says of attempts

    def attempt(
        self, began: int, operation: int, port_id: str, number: int, *, reader: bool, bound: bool, outcome: str
    ) -> None:
        """An attempt that began at that position has ended."""
        words = self._words
        self.tables.attempts.append(
            began, self.step(), self._now_us(), operation, words.ports.code(port_id), number, reader, bound,
            words.attempt_outcomes.code(outcome),
        )  # fmt: skip

    def gave_up(self, operation: int, port_id: str, attempts: int) -> None:
        """A port was left unbound."""
        port = self._words.ports.code(port_id)
        self.tables.give_ups.append(self.step(), self._now_us(), operation, port, attempts)

    def logged(self, operation: int, port_id: str, where: str) -> None:
        """An error was logged that the caller is not told."""
        words = self._words
        row = (operation, words.ports.code(port_id), words.places.code(where))
        self.tables.logged.append(self.step(), self._now_us(), *row)

    # the world

    def change(
        self, controller: str, what: str, *, port_id: str, host: str | None = None, token: str | None = None,
        revision: int = -1, operation: int = -1,
    ) -> None:  # fmt: skip
        """A controller's table has changed, or a confirmation found no live token."""
        words = self._words
        self.tables.changes.append(
            self.step(), self._now_us(), operation, words.controllers.code(controller), words.changes.code(what),
            words.ports.code(port_id), words.hosts.code(host), words.tokens.code(token), revision,
        )  # fmt: skip

    def fault(self, kind: str, detail: str, process: int) -> None:
        """A fault takes effect."""
        words = self._words
        self.tables.faults.append(
            self.step(), self._now_us(), words.fault_kinds.code(kind), words.details.code(detail), process
        )

    def bindable(self, port_id: str, *, can_bind: bool) -> None:
        """At rest a port with a host is not bound."""
        self.tables.bindable.append(self._words.ports.code(port_id), can_bind)

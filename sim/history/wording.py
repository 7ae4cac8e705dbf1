"""How the checker names things: ports, states, operations, transactions, and one line for each event of a proof.

Used by the properties for their sentences and by reports for the evidence. It looks things up and judges nothing.
"""

from collections.abc import Callable, Iterable

from sim.history.rows import BINDING_FAILED, GONE, UNBOUND, State
from sim.history.verdict import Event
from sim.history.view import View

_NUMBERS_BELOW = 1 << 40  # the simulator's ids end in the port's number; a random UUID's last digits are above this
_LONGEST = 60  # characters of arguments in a line; assumption


class Wording:
    """Names within one history."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._words = view.words

    # names

    def port(self, port: int) -> str:
        """A port by its number in the simulation, or by its id."""
        port_id = self._words.ports.name(port) or "?"
        try:
            number, nth = int(port_id[24:], 16), int(port_id[15:18], 16)
        except ValueError:
            return f"port {port_id}"
        if number >= _NUMBERS_BELOW:
            return f"port {port_id[:8]}"
        return f"port {number}" if not nth else f"port {number} (its id no. {nth + 1})"

    def transaction(self, transaction: int) -> str:
        """T17."""
        return f"T{transaction}" if transaction >= 0 else "the set-up"

    def operation(self, operation: int) -> str:
        """An operation by its number."""
        if operation >= 0:
            return f"operation {operation}"
        return "background work" if operation == -1 else f"the read at rest no. {-operation - 1}"

    def state(self, state: int) -> str:
        """A port's state in a few words."""
        if state == GONE:
            return "no port"
        row = self._view.states[state]
        return f"revision {row.revision}, {self._host(row)}, {self._inputs(row)}{self.binding(state)}"

    def binding(self, state: int) -> str:
        """How a port is bound."""
        row = self._view.states[state]
        if row.vif_type == UNBOUND:
            return "unbound"
        if row.vif_type == BINDING_FAILED:
            return "binding_failed"
        driver = self._words.drivers.name(row.driver)
        by = f" by {driver}" if driver else ""
        details = self._words.vif_details.name(row.vif_details)
        return f"bound{by} {details}" if details else f"bound{by}"

    def inputs(self, state: int) -> str:
        """What a binding is computed from."""
        row = self._view.states[state]
        return f"{self._host(row)}, {self._inputs(row)}generation {row.generation}"

    def _host(self, row: State) -> str:
        return self._words.hosts.name(row.host) or "no host"

    def _inputs(self, row: State) -> str:
        vnic, profile = self._words.vnic_types.name(row.vnic_type), self._words.profiles.name(row.profile)
        shown = f"{vnic}, " if vnic not in (None, "normal") else ""
        return f"{shown}profile {profile}, " if profile else shown

    # lines

    def evidence(self, events: Iterable[Event]) -> list[str]:
        """One line an event, in time order: '   1.234567 s  operation 3 ...'."""
        lines = sorted({_LINES[event.table](self, event.row) for event in events})
        return [f"{at_us / 1e6:12.6f} s  {text}" for _, at_us, text in lines]

    def _call(self, row: int) -> tuple[int, int, str]:
        call, words = self._view.calls[row], self._words
        target = "" if call.port < 0 else f" {self.port(call.port)}"
        arguments = words.arguments.name(call.arguments) or ""
        text = f"{self.operation(call.operation)} calls {words.kinds.name(call.kind)}{target} {_cut(arguments)}"
        return call.position, call.at_us, text.rstrip()

    def _answer(self, row: int) -> tuple[int, int, str]:
        answer = self._view.answers[row]
        if answer.error >= 0:
            said = f"raises {self._words.errors.name(answer.error)}"
        else:
            shown = self._view.answered.get(answer.operation, [])
            said = "returns " + ("; ".join(self.state(state) for state in shown[:2]) or "nothing")
            said += f"; and {len(shown) - 2} more" if len(shown) > 2 else ""
        return answer.position, answer.at_us, f"{self.operation(answer.operation)} {said}"

    def _commit(self, row: int) -> tuple[int, int, str]:
        commit = self._view.commits[row]
        name = self._words.transactions.name(commit.name)
        written = [self._view.writes[index] for index in self._view.writes_of.get(row, [])]
        now = "; ".join(f"{self.port(each.port)} is now: {self.state(each.state)}" for each in written[:3])
        of = f" ({name} of {self.operation(commit.operation)})" if commit.transaction >= 0 else ""
        return commit.last, commit.at_us, f"{self.transaction(commit.transaction)}{of} committed: {now}"

    def _callback(self, row: int) -> tuple[int, int, str]:
        call, words = self._view.callbacks[row], self._words
        inside = f" in {self.transaction(call.transaction)}" if call.transaction >= 0 else ""
        before = f", original {self.state(call.previous)}" if call.previous != GONE else ""
        text = (
            f"{self.operation(call.operation)}{inside} calls {words.methods.name(call.method)} of "
            f"{words.drivers.name(call.driver)}: {self.state(call.state)}{before}{self._result(row)}"
        )
        return call.position, call.at_us, text

    def _result(self, row: int) -> str:
        """What a bind_port has set, or how a call failed."""
        returned = self._view.return_of.get(row)
        if returned is None:
            return " (never returned)"
        if returned.vif_type >= 0:
            return f"; it set {self._words.vif_details.name(returned.vif_details) or 'a binding'}"
        if returned.segment >= 0:
            return "; it left the binding to drivers below"
        return "" if not returned.outcome else f"; it failed ({self._words.returns.name(returned.outcome)})"

    def _attempt(self, row: int) -> tuple[int, int, str]:
        attempt = self._view.attempts[row]
        outcome = self._words.attempt_outcomes.name(attempt.outcome)
        text = (
            f"{self.operation(attempt.operation)} says of attempt {attempt.number} on {self.port(attempt.port)}: "
            f"{'bound' if attempt.bound else 'not bound'}, {outcome}"
        )
        return attempt.position, attempt.at_us, text

    def _give_up(self, row: int) -> tuple[int, int, str]:
        given = self._view.give_ups[row]
        text = f"{self.operation(given.operation)} gives up {self.port(given.port)} after {given.attempts} attempts"
        return given.position, given.at_us, text

    def _logged(self, row: int) -> tuple[int, int, str]:
        logged = self._view.logged[row]
        where = self._words.places.name(logged.where)
        text = f"{self.operation(logged.operation)} logs an error in {where} of {self.port(logged.port)}"
        return logged.position, logged.at_us, text

    def _read(self, row: int) -> tuple[int, int, str]:
        read = self._view.reads[row]
        text = (
            f"{self.transaction(read.transaction)} of {self.operation(read.operation)} reads {self.port(read.port)} "
            f"({self._words.statements.name(read.statement)}): {self.state(read.state)}"
        )
        return read.last, read.at_us, text

    def _end(self, row: int) -> tuple[int, int, str]:
        end, words = self._view.ends[row], self._words
        name, outcome = words.transactions.name(end.name), words.ends.name(end.outcome)
        text = (
            f"{self.operation(end.operation)} says that {self.transaction(end.transaction)} ({name}) ended: {outcome}"
        )
        return end.position, end.at_us, text

    def _change(self, row: int) -> tuple[int, int, str]:
        change, words = self._view.changes[row], self._words
        host = f" on {words.hosts.name(change.host)}" if change.host >= 0 else ""
        text = (
            f"controller {words.controllers.name(change.controller)}: {self.port(change.port)}{host} "
            f"{words.changes.name(change.what)}, token {words.tokens.name(change.token)}"
        )
        return change.position, change.at_us, text

    def _fault(self, row: int) -> tuple[int, int, str]:
        fault, words = self._view.faults[row], self._words
        process = f" of api-{fault.process}" if fault.process >= 0 else ""
        text = f"fault: {words.fault_kinds.name(fault.kind)}{process}, {words.details.name(fault.detail)}"
        return fault.position, fault.at_us, text


_LINES: dict[str, Callable[[Wording, int], tuple[int, int, str]]] = {
    "calls": Wording._call,
    "answers": Wording._answer,
    "commits": Wording._commit,
    "callbacks": Wording._callback,
    "attempts": Wording._attempt,
    "give_ups": Wording._give_up,
    "logged": Wording._logged,
    "reads": Wording._read,
    "ends": Wording._end,
    "changes": Wording._change,
    "faults": Wording._fault,
}
"""What words an event, by its table: position, time and text."""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."

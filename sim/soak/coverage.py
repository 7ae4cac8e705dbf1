"""Which cases and faults a run has met: the lines of the soak's coverage table, and how often each was hit.

Read off the history and the run's tables, never off what was meant to happen. In a long soak a line without any hit
means that something is not tested that was thought to be.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from sim.history.rows import GONE
from sim.history.view import View
from sim.model.engine import Ending
from sim.model.system import System

_ATTEMPTS = {
    "bound_by_other": "4b bound by another",
    "inputs_changed": "4c inputs changed",
    "deleted": "deleted during the attempt",
    "unchanged_failure": "failed again, nothing written",
    "error": "attempt ended by an error",
}
_FAILURES = {
    "create_port_precommit": "create precommit fails",
    "delete_port_precommit": "delete precommit fails",
    "create_port_postcommit": "create postcommit fails",
    "delete_port_postcommit": "delete postcommit fails",
    "bind_port": "bind_port fails",
}
_LOCK_WAITS = {"granted": "lock wait", "timeout": "lock wait timeout"}
"""No line for a deadlock by itself: the core locks in one order, so that only a forced one happens."""
_FAULTS: dict[str, dict[str, str]] = {
    "crash": {
        "before commit": "crash before a commit",
        "after commit": "crash after the first commit",
        "in driver call": "crash in a driver call",
        "between transactions": "crash between the transactions",
        "before postcommit": "crash before a postcommit",
        "holding lease": "crash holding a lease",
        "": "crash anywhere or at a time",
    },
    "restart": {"": "restart"},
    "controller": {
        "goes down": "controller down",
        "times as long": "controller slow",
        "gets lost": "controller loses an answer",
        "fails": "controller answers an error",
    },
    "connection": {
        "in a statement": "connection lost in a statement",
        "before commit": "connection lost before COMMIT",
        "took effect": "COMMIT in doubt, took effect",
        "took no effect": "COMMIT in doubt, no effect",
        "after commit": "connection lost after COMMIT",
    },
    "failover": {"": "fail-over"},
    "deadlock": {"": "deadlock forced"},
    "impatience": {"": "client out of patience"},
    "agent": {"seen dead": "agent dead", "reports again": "agent back"},
}
"""For each kind of fault, what its detail says, and the line; the first that fits counts."""

LINES: tuple[str, ...] = (
    "4a binding committed", "4a failure committed", *_ATTEMPTS.values(), "gave up", "4a on binding_failed",
    *_FAILURES.values(), "update precommit fails", "update postcommit fails", "binding's precommit fails",
    "binding's postcommit fails", "error while a read binds", *_LOCK_WAITS.values(), "transaction repeated",
    "retries exhausted", "pool timeout", "client repeats",
    *(line for lines in _FAULTS.values() for line in lines.values()),
)  # fmt: skip
"""Every line, in the order of the table."""


def covered(view: View, system: System, ending: Ending) -> Counter[str]:
    """The lines that a run has hit, each with how often."""
    return Counter(line for part in _PARTS for line in part(view, system))


def _attempts(view: View, system: System) -> Iterator[str]:
    names = view.words.attempt_outcomes
    for attempt in view.attempts:
        outcome = names.name(attempt.outcome) or ""
        if outcome == "committed":
            yield "4a binding committed" if attempt.bound else "4a failure committed"
        elif outcome in _ATTEMPTS:  # a failed round that is followed by another is no line: no base of the soak has it
            yield _ATTEMPTS[outcome]
    yield from ("gave up" for _ in view.give_ups)


def _rebound(view: View, system: System) -> Iterator[str]:
    """Bindings committed onto 'binding_failed', which only reads do."""
    for index, write in enumerate(view.writes):
        before = view.replaced[index].state
        if before == GONE or write.state == GONE:
            continue
        old, new = view.states[before], view.states[write.state]
        if not old.is_successful and old.vif_type != 0 and new.is_successful:
            yield "4a on binding_failed"


def _failures(view: View, system: System) -> Iterator[str]:
    """The rows of the table of failures."""
    error = view.words.returns.find("error")
    binding = {end.transaction for end in view.ends if view.words.transactions.name(end.name) == "commit_binding"}
    for row, returned in view.return_of.items():
        if returned.outcome != error:
            continue
        call = view.callbacks[row]
        method = view.words.methods.name(call.method) or ""
        if method == "update_port_precommit":
            yield "binding's precommit fails" if call.transaction in binding else "update precommit fails"
        elif method == "update_port_postcommit":
            yield "binding's postcommit fails" if _is_binding(view, row) else "update postcommit fails"
        else:
            yield _FAILURES[method]
    read = view.words.places.find("read")
    yield from ("error while a read binds" for row in view.logged if row.where == read)


def _is_binding(view: View, row: int) -> bool:
    """Whether a postcommit tells of a binding's own commit."""
    call = view.callbacks[row]
    old, new = view.states[call.previous], view.states[call.state]
    return old.inputs == new.inputs and old.binding != new.binding and not old.is_successful


def _database(view: View, system: System) -> Iterator[str]:
    waits = system.tables.lock_waits
    for code in waits.column("outcome").tolist():
        line = _LOCK_WAITS.get(waits.codes("outcome").name(code) or "")
        if line is not None:
            yield line
    yield from ("transaction repeated" for end in view.ends if end.retry)
    names = view.words.errors
    for answer in view.answers:
        if names.name(answer.error) == "RetriesExhausted":
            yield "retries exhausted"
        elif names.name(answer.error) == "PoolTimeout":
            yield "pool timeout"
    yield from ("client repeats" for repeat in system.tables.operations.column("repeat").tolist() if repeat)


def _faults(view: View, system: System) -> Iterator[str]:
    for fault in view.faults:
        lines = _FAULTS[view.words.fault_kinds.name(fault.kind) or ""]
        detail = view.words.details.name(fault.detail) or ""
        found = next((line for words, line in lines.items() if words in detail), None)
        if found is not None:
            yield found


_PARTS: tuple[Callable[[View, System], Iterator[str]], ...] = (_attempts, _rebound, _failures, _database, _faults)

"""Why a controller or a driver disagrees with the database: what became of the call that made it so.

Part of the property `agreement`. A reason is a short stable name, by which findings are grouped, and the event that
shows it. It looks things up; it never decides whether there is a disagreement.
"""

from typing import NamedTuple

from sim.history.rows import GONE, Attempt
from sim.history.verdict import Event
from sim.history.versions import Version
from sim.history.view import View

_DISCARDED = {
    "inputs_changed": "its attempt was discarded (4c)",
    "bound_by_other": "its attempt was discarded (4b)",
    "deleted": "the port was deleted during its attempt",
    "error": "its attempt ended by an error",
    "unchanged_failure": "its attempt failed",
}


class Reason(NamedTuple):
    """Words that follow the kind of disagreement, and what shows it."""

    words: str
    events: tuple[Event, ...] = ()


def why_orphaned(view: View, port: int, token: int) -> Reason:
    """What became of the reservation that nobody dropped."""
    call = view.bind_of_token.get((port, token))
    if call is None:
        return Reason("its caller had no answer")
    bound = Event("callbacks", call)
    row = _attempt_of(view, port, call)
    if row is None and view.callbacks[call].operation in view.further_bindings:
        committed = _was_committed(view, port, call)
        return Reason("no drop arrived" if committed else "its inactive binding was not activated", (bound,))
    if row is None:
        return Reason("its caller died", (bound,))
    attempt = view.attempts[row]
    outcome = view.words.attempt_outcomes.name(attempt.outcome) or ""
    if outcome in _DISCARDED:
        return Reason(_DISCARDED[outcome], (bound, Event("attempts", row)))
    if not _was_committed(view, port, call):
        return Reason("its transaction was rolled back", (bound,))
    return Reason("no drop arrived", (bound,))


def _attempt_of(view: View, port: int, call: int) -> int | None:
    """The attempt that a bind_port call was part of."""
    made = view.callbacks[call]
    rows = view.attempts_by.get((made.operation, port), ())
    return next((row for row in rows if _holds(view.attempts[row], made.position)), None)


def _holds(attempt: Attempt, position: int) -> bool:
    return attempt.began < position < attempt.position


def _was_committed(view: View, port: int, call: int) -> bool:
    """Whether a committed state has the binding that a bind_port call set."""
    return (port, view.return_of[call].vif_details) in view.ever_committed


def why_unbacked(view: View, port: int, token: int, *, until: int) -> Reason:
    """What became of the entry that the database still has."""
    dropped = view.words.changes.find("dropped")
    rows = [
        row
        for row in view.changes_of.get(port, ())
        if view.changes[row].token == token and view.changes[row].position <= until
    ]
    gone = [row for row in rows if view.changes[row].what == dropped]
    if gone:
        return Reason("a late drop removed it", (Event("changes", gone[-1]),))
    return Reason("it was never reserved", tuple(Event("changes", row) for row in rows))


def why_diverged(view: View, port: int, driver: int, last: Version) -> Reason:
    """Whether the driver was told of the last commit, and if not, why not."""
    operation = view.commits[last.commit].operation if last.commit >= 0 else -1
    if operation == -1 and last.commit >= 0:
        return Reason("told of something else")
    rows = [row for row in view.callbacks_of.get(operation, ()) if _tells_of(view, row, port, driver, last)]
    if not rows:
        answered = view.is_answered(operation)
        return Reason("never told of the last commit" if answered else "whoever should tell it died")
    event = (Event("callbacks", rows[-1]),)
    if all(row not in view.return_of or view.return_of[row].outcome for row in rows):
        return Reason("telling it failed", event)
    return Reason("told in another order", event)


def _tells_of(view: View, row: int, port: int, driver: int, last: Version) -> bool:
    """Whether a callback is a postcommit of the last commit."""
    call = view.callbacks[row]
    if call.driver != driver or view.states[call.state].port != port or call.method not in view.postcommits:
        return False
    if last.state == GONE:
        return call.method == view.words.methods.find("delete_port_postcommit")
    return view.same(call.state, last.state)

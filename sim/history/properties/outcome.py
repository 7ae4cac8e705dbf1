"""outcome: each binding attempt has exactly one outcome, the right one of 4a, 4b, 4c, deleted, gave up, failed.

Stated: what the core's observer says is held against what the drivers, the connection and the database saw.

- An attempt starts from the state that its operation last saw of the port. Its number rises by one from 1 to the most
  allowed; after an outcome other than 4c none follows, and giving up comes after the most attempts or after an error.
- 4a (committed): one commit of its operation with just the result of its bind_port (or 'binding_failed'), below levels
  at which bind_port calls of the attempt have continued the binding; the port's other attributes are kept, and the row
  had no successful binding and, as the strategy checks it, had not changed. All others: no commit; and what its last
  transaction read is 4b: a successful binding; 4c: none, and something relevant changed; deleted: no port; unchanged
  failure: 'binding_failed', and nothing changed.
- A transaction that the observer calls committed is committed if it changed a port, and no other is, unless its client
  never learned what its COMMIT did.

From: docs/design.md, section 3 (after bind_port returns); core/events.py for the words.

It cannot see: an attempt whose process died in it, which has no outcome.
"""

from collections.abc import Iterator
from typing import NamedTuple

from core.binding.promises import OUTCOME
from core.records import decoded_levels
from sim.history.properties.attempts import Tried, tried
from sim.history.properties.witnesses import disagreements
from sim.history.rows import BINDING_FAILED, GONE, NO_HOST, State
from sim.history.verdict import Event, Finding, Verdict
from sim.history.view import View
from sim.history.wording import Wording

_UNTOLD, _UNFOUND = "commit without its outcome", "said committed"
_DOUBTFUL = (_UNTOLD, _UNFOUND)
"""What a core may say in good faith that did not learn what its COMMIT had done."""


class _Wrong(NamedTuple):
    """A short stable name of what is wrong, the same in words that follow 'however,', and what proves it."""

    cause: str
    why: str
    events: tuple[Event, ...] = ()


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its attempts, transactions and reads."""
    findings: list[Finding] = []
    for (operation, port), attempts in tried(view).items():
        findings += _series(view, wording, attempts)
        findings += _given_up(view, wording, operation, port, attempts)
    findings += _given_up_untried(view, wording)
    findings += disagreements(view, wording)
    return Verdict(name=OUTCOME, findings=tuple(findings), checked=len(view.attempts) + len(view.ends))


def _series(view: View, wording: Wording, attempts: list[Tried]) -> Iterator[Finding]:
    """One operation's attempts on one port."""
    for place, attempt in enumerate(attempts):
        previous = attempts[place - 1] if place else None
        wrong = _wrong_order(view, attempt, previous) or _wrong_start(view, attempt) or _wrong_outcome(view, attempt)
        if wrong:
            yield _finding(view, wording, attempt, wrong)


def _wrong_order(view: View, attempt: Tried, previous: Tried | None) -> _Wrong | None:
    number = attempt.row.number
    before = () if previous is None else (Event("attempts", previous.place),)
    if number > view.facts.max_attempts:
        return _Wrong("too many attempts", f"at most {view.facts.max_attempts} attempts are allowed", before)
    if view.facts.binds_inside:  # a repeated transaction attempts again, as number 1
        return None
    if number != (previous.row.number + 1 if previous else 1):
        return _Wrong("attempts out of order", "the attempts of an operation are numbered 1, 2, 3 ...", before)
    if previous and previous.outcome != "inputs_changed":
        return _Wrong("attempt after the end", f"the one before ended as {previous.outcome}, which is final", before)
    return None


def _wrong_start(view: View, attempt: Tried) -> _Wrong | None:
    """Whether drivers were asked to bind a state that was known to be old."""
    if view.facts.binds_inside or attempt.known_from is None or not attempt.calls:
        return None
    proof = (attempt.known_from, Event("callbacks", attempt.calls[0]))
    if attempt.known == GONE:
        return _Wrong("bound from an old state", "its operation had seen that there is no port any more", proof)
    asked, known = view.states[attempt.asked_for], view.states[attempt.known]
    if (asked.inputs, asked.generation, asked.revision) == (known.inputs, known.generation, known.revision):
        return None
    why = f"drivers were asked to bind revision {asked.revision}, when its operation had seen revision {known.revision}"
    return _Wrong("bound from an old state", why, proof)


def _wrong_outcome(view: View, attempt: Tried) -> _Wrong | None:
    if attempt.row.bound != (attempt.result is not None):
        why = f"drivers {'set no' if attempt.row.bound else 'had set a'} binding"
        return _Wrong("bound or not", why, _asked(attempt))
    if view.facts.binds_inside:
        return _wrong_inside(view, attempt)
    if attempt.outcome == "committed":
        return _wrong_commit(view, attempt)
    if attempt.writes:
        return _Wrong(_UNTOLD, "it committed", _committed(view, attempt))
    if attempt.outcome == "error":
        return None
    return _wrong_decision(view, attempt)


def _asked(attempt: Tried) -> tuple[Event, ...]:
    return tuple(Event("callbacks", call) for call in attempt.calls)


def _committed(view: View, attempt: Tried) -> tuple[Event, ...]:
    return tuple(Event("commits", view.writes[index].commit) for index in attempt.writes)


def _looked(attempt: Tried) -> tuple[Event, ...]:
    return () if attempt.read is None else (Event("reads", attempt.read),)


def _wrong_inside(view: View, attempt: Tried) -> _Wrong | None:
    """In-transaction binding: what its transaction committed, if it did, has the result."""
    if attempt.outcome == "error" or not attempt.writes:
        return None
    after = view.writes[attempt.writes[-1]].state
    if after == GONE:
        return _Wrong("committed on no port", "there was no port any more", _committed(view, attempt))
    return _wrong_result(view, attempt, view.states[after])


def _wrong_commit(view: View, attempt: Tried) -> _Wrong | None:
    """4a."""
    proof = (*_committed(view, attempt), *_looked(attempt))
    if len(attempt.writes) != 1:
        return _Wrong(_UNFOUND, f"{len(attempt.writes) or 'no'} commits are its own", proof)
    index = attempt.writes[0]
    before, after = view.replaced[index].state, view.writes[index].state
    if before == GONE or after == GONE:
        return _Wrong("committed on no port", "there was no port", proof)
    wrong = _wrong_base(view, attempt, index) or _wrong_result(view, attempt, view.states[after])
    return wrong or _wrong_rest(view, attempt, index)


def _wrong_base(view: View, attempt: Tried, index: int) -> _Wrong | None:
    replaced = view.replaced[index]
    before = view.states[replaced.state]
    proof = (Event("commits", replaced.commit), *_asked(attempt), *_committed(view, attempt))
    if before.is_successful:
        return _Wrong("committed over a binding", "the port had a successful binding by then (case 4b)", proof)
    if attempt.asked_for != GONE and _has_changed(view, view.states[attempt.asked_for], before):
        return _Wrong("committed over a change", "something relevant had changed by then (case 4c)", proof)
    return None


def _wrong_result(view: View, attempt: Tried, after: State) -> _Wrong | None:
    why = ""
    if attempt.result is None:
        why = "" if after.vif_type == BINDING_FAILED else "no driver had bound it, and 'binding_failed' was owed"
    elif after.binding != attempt.result:
        why = "what was committed is not what the driver had set"
    elif after.upper_levels >= 0 and not _are_bound(view, attempt, after.upper_levels):
        why = "no driver had bound a level above it"
    proof = (*_asked(attempt), *_committed(view, attempt))
    return _Wrong("another result committed", why, proof) if why else None


def _are_bound(view: View, attempt: Tried, upper_levels: int) -> bool:
    """Whether drivers have continued the binding at each of these levels in the attempt."""
    continued = {
        (view.callbacks[row].driver, returned.segment)
        for row in attempt.calls
        if (returned := view.return_of.get(row)) is not None and returned.vif_type < 0
    }
    words = view.words
    levels = decoded_levels(words.upper_levels.name(upper_levels) or "")
    return all((words.drivers.find(name), words.segments.find(segment)) in continued for name, segment in levels)


def _wrong_rest(view: View, attempt: Tried, index: int) -> _Wrong | None:
    """A binding's commit changes the binding, the status and the numbers that tell of changes, and nothing else."""
    replaced = view.replaced[index]
    before, after = view.states[replaced.state], view.states[view.writes[index].state]
    if (before[:3], before[4:6], before.inputs) == (after[:3], after[4:6], after.inputs):
        return None
    proof = (Event("commits", replaced.commit), *_committed(view, attempt))
    return _Wrong("more than the result committed", "other attributes of the port went with it", proof)


def _has_changed(view: View, computed_from: State, now: State) -> bool:
    """A relevant change, as the strategy decides it."""
    if view.facts.check == "generation":
        return computed_from.generation != now.generation
    return computed_from.inputs != now.inputs


def _wrong_decision(view: View, attempt: Tried) -> _Wrong | None:
    """4b, 4c, deleted, unchanged failure: against what the last transaction read."""
    if attempt.seen is None:
        return _Wrong("decided without reading", "it had not looked at the port", _asked(attempt))
    right = _right_outcome(view, attempt, attempt.seen)
    if attempt.outcome == right:
        return None
    proof = (*_asked(attempt), *_looked(attempt))
    return _Wrong("another outcome", f"what it read last makes it '{right}'", proof)


def _right_outcome(view: View, attempt: Tried, seen: int) -> str:
    if seen == GONE:
        return "deleted"
    state = view.states[seen]
    if state.is_successful:
        return "bound_by_other"
    if attempt.asked_for == GONE:
        return "inputs_changed" if state.host == NO_HOST else "drivers were not asked"
    if _has_changed(view, view.states[attempt.asked_for], state):
        return "inputs_changed"
    return "unchanged_failure" if state.vif_type == BINDING_FAILED and attempt.result is None else "committed"


def _given_up(view: View, wording: Wording, operation: int, port: int, attempts: list[Tried]) -> Iterator[Finding]:
    last = attempts[-1]
    for row, given in view.give_ups_of.get((operation, port), ()):
        enough = given.attempts >= view.facts.max_attempts and last.outcome == "inputs_changed"
        if not enough and last.outcome != "error":
            why = f"it gave up after {given.attempts} of {view.facts.max_attempts} attempts"
            yield _finding(view, wording, last, _Wrong("gave up early", why, (Event("give_ups", row),)))


def _given_up_untried(view: View, wording: Wording) -> Iterator[Finding]:
    tried_by = {(attempt.operation, attempt.port) for attempt in view.attempts}
    for row, given in enumerate(view.give_ups):
        if (given.operation, given.port) not in tried_by:
            says = (
                f"{wording.operation(given.operation)} says that it gave up {wording.port(given.port)} after "
                f"{given.attempts} attempts; however, it made none."
            )
            events = (Event("give_ups", row),)
            yield Finding(name=OUTCOME, cause="gave up untried", port=given.port, events=events, says=says)


def _finding(view: View, wording: Wording, attempt: Tried, wrong: _Wrong) -> Finding:
    row = attempt.row
    said = (
        f"{wording.operation(row.operation)} says that attempt {row.number} on {wording.port(row.port)} ended as "
        f"{attempt.outcome}; however, {wrong.why}."
    )
    events = (Event("attempts", attempt.place), *wrong.events)
    found = Finding(name=OUTCOME, cause=wrong.cause, port=row.port, events=events, says=said)
    return view.doubted(found, row.operation) if wrong.cause in _DOUBTFUL else found

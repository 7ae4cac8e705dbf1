"""answers: each answer is a state in force at some moment between call and return, and includes all that had committed
before the call.

Stated: every port in an answer was, as the answer shows it, the committed state at some moment between call and return
(so nothing that had committed before the call is missing from it); a list misses no port that matched its filters from
call to return; PortNotFound and a successful deletion mean that the port was absent at some such moment; a create
commits one new port, the one that it answers, and none is left when it is answered with a driver's refusal.

From: linearizability of single operations (Herlihy and Wing, 1990), weakened for lists, whose ports may each be of
another moment; docs/design.md, section 3 (returned states, table of failures, bug 1543880).

It cannot see: what an answer does not show (driver, segment, generation), addresses, and which network a port is on, so
lists by network are not asked for completeness. An operation that was never answered promises nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

from core.binding.promises import ANSWERS
from sim.history.properties.lists import Lists
from sim.history.rows import GONE
from sim.history.verdict import Event, Finding, Verdict
from sim.history.versions import Version
from sim.history.view import View
from sim.history.wording import Wording

_OVERLAP = "a commit around it has no exact instant, so that it cannot be told which came first"


class _Span(NamedTuple):
    """An operation from call to return: rows in `calls` and `answers`, and the two positions."""

    call: int
    answer: int
    first: int
    last: int


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its answers and what they show."""
    kinds = view.words.kinds
    lists = Lists(view)
    found: list[Finding] = []
    for call_row, call in enumerate(view.calls):
        row = view.answer_of.get(call.operation)
        if row is None:
            continue
        span = _Span(call_row, row, call.position, view.answers[row].position)
        found += _shown(view, wording, span)
        found += _absent(view, wording, span)
        if call.kind == kinds.find("create_port"):
            found += _created(view, wording, span)
        elif call.kind == kinds.find("get_ports") and view.answers[row].error < 0:
            found += _incomplete(view, wording, span, lists)
    return Verdict(name=ANSWERS, findings=tuple(found), checked=len(view.answers))


def _shown(view: View, wording: Wording, span: _Span) -> Iterator[Finding]:
    """The ports in an answer."""
    for state in view.answered.get(view.answers[span.answer].operation, ()):
        versions = view.versions_of(view.states[state].port)
        certainty = versions.in_force(state, view.shown_alike, span.first, span.last)
        if certainty != "surely":
            yield _never_in_force(view, wording, span, state, certain=certainty == "never")


def _never_in_force(view: View, wording: Wording, span: _Span, state: int, *, certain: bool) -> Finding:
    port = view.states[state].port
    versions = view.versions_of(port)
    ever = versions.like(state, view.shown_alike)
    cause, why, commits = "answer never committed", "no transaction ever committed that", list[Version]()
    if not certain:
        cause, why, commits = "answer not decided", _OVERLAP, [versions.all[place] for place in ever[-1:]]
    elif ever and versions.all[ever[-1]].first <= span.first:
        cause, why = "answer too old", "another commit had replaced it before the call"
        commits = versions.all[ever[-1] : ever[-1] + 2]
    elif ever:
        cause, why, commits = "answer too new", "it was committed only after the return", [versions.all[ever[0]]]
    what = f"{wording.state(state)}; however, {why}"
    return _finding(view, wording, span, port, cause, what, commits, certain=certain)


def _absent(view: View, wording: Wording, span: _Span) -> Iterator[Finding]:
    """Answers that say that there is no port."""
    call, answer = view.calls[span.call], view.answers[span.answer]
    says_none = answer.error >= 0 and answer.error == view.words.errors.find("PortNotFound")
    deleted = call.kind == view.words.kinds.find("delete_port") and answer.error < 0
    if call.port < 0 or not (says_none or deleted):
        return
    versions = view.versions_of(call.port)
    certainty = versions.in_force(GONE, view.content, span.first, span.last)
    if certainty != "surely":
        said = "was told that there is no such port" if says_none else "was told that the port is deleted"
        why = "the port existed all the time" if certainty == "never" else _OVERLAP
        what, certain = f"it {said}; however, {why}", certainty == "never"
        cause = "absent though it existed" if certain else "absence not decided"
        yield _finding(view, wording, span, call.port, cause, what, versions.all[-1:], certain=certain)


def _created(view: View, wording: Wording, span: _Span) -> Iterator[Finding]:
    """What a create has left behind."""
    operation, answer = view.calls[span.call].operation, view.answers[span.answer]
    made = [
        (write.port, row)
        for row in view.commits_of.get(operation, ())
        for write in (view.writes[index] for index in view.writes_of[row])
        if view.replaced[view.write_of[(row, write.port)]].state == GONE and write.state != GONE
    ]
    if len(made) > 1:
        yield _several(view, wording, span, made)
    shown = [view.states[state].port for state in view.answered.get(operation, ())]
    if answer.error < 0 and not set(shown) <= {port for port, _ in made}:
        what = f"{wording.port(shown[0])} as its new port; however, it made {'another' if made else 'none'}"
        yield _finding(view, wording, span, shown[0], "a create answered another port", what, _commits(view, made))
    refused = answer.error >= 0 and answer.error == view.words.errors.find("MechanismDriverError")
    if not refused or not made or _undo_failed(view, operation):
        return
    versions = view.versions_of(made[0][0])
    there = [place for place in versions.within(span.last, span.last) if versions.all[place].state != GONE]
    certainty = versions.certainty(there, span.last, span.last)
    if certainty != "never":
        now, certain = versions.all[there[-1]], certainty == "surely"
        what = f"a driver refused it; however, the port is still there: {wording.state(now.state)}"
        what += "" if certain else f" (or not: {_OVERLAP})"
        yield _finding(view, wording, span, made[0][0], "refused but not deleted", what, [now], certain=certain)


def _several(view: View, wording: Wording, span: _Span, made: list[tuple[int, int]]) -> Finding:
    """Several ports; or one several times, which a create in doubt may do in good faith if the port was deleted."""
    ports = len({port for port, _ in made})
    cause, what = "a create made several ports", f"it made {ports} ports; however, a create makes one"
    if ports == 1:
        cause, what = (
            "a create made its port again",
            f"it made its port {len(made)} times; however, a create makes it once",
        )
    found = _finding(view, wording, span, made[0][0], cause, what, _commits(view, made))
    return view.doubted(found, view.calls[span.call].operation) if ports == 1 else found


def _commits(view: View, made: list[tuple[int, int]]) -> list[Version]:
    commits = ((row, view.commits[row]) for _, row in made)
    return [Version(GONE, row, commit.first, commit.last) for row, commit in commits]


def _undo_failed(view: View, operation: int) -> bool:
    """Whether the core has said that it could not delete the refused port."""
    undo = view.words.places.find("undo_create")
    return any(view.logged[row].where == undo for row in view.logged_of.get(operation, ()))


def _incomplete(view: View, wording: Wording, span: _Span, lists: Lists) -> Iterator[Finding]:
    """The ports that a list lacks."""
    call = view.calls[span.call]
    shown = {view.states[state].port for state in view.answered.get(call.operation, ())}
    for port, certainty in lists.owed(view.words.arguments.name(call.arguments), span.first, span.last):
        if port in shown:
            continue
        certain = certainty == "surely"
        what = f"its list does not have {wording.port(port)}; however, that matched from call to return"
        what += "" if certain else f" (or not: {_OVERLAP})"
        versions = view.versions_of(port)
        first = versions.all[versions.at(span.first)]
        yield _finding(view, wording, span, port, "list not complete", what, [first], certain=certain)


def _finding(
    view: View, wording: Wording, span: _Span, port: int, cause: str, what: str, versions: list[Version],
    *, certain: bool = True,
) -> Finding:  # fmt: skip
    operation = view.calls[span.call].operation
    events = [Event("calls", span.call), Event("answers", span.answer)]
    events += [Event("commits", version.commit) for version in versions if version.commit >= 0]
    says = f"{wording.operation(operation)} was answered: {what}."
    return Finding(name=ANSWERS, cause=cause, port=port, events=tuple(events), says=says, certain=certain)

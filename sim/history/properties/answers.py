"""answers: each answer is a state in force at some moment between call and return, and includes all that had committed
before the call.

Stated: every port in an answer was, as the answer shows it, the committed state at some moment between call and return
(so nothing that had committed before the call is missing from it); a list misses no port that matched its filters from
call to return; PortNotFound and a successful deletion mean that the port was absent at some such moment; a create
commits one new port, the one that it answers, and none is left when it is answered with a driver's refusal.

Where commits have no exact instant it is stated that there are instants, in the intervals and in the order of each
port's commits, that explain all that was read and all answers about a port together.

From: linearizability of single operations (Herlihy and Wing, 1990), weakened for lists, whose ports may each be of
another moment; docs/design.md, section 3 (returned states, table of failures, bug 1543880).

It cannot see: what an answer does not show (driver, segment, generation), addresses, and which network a port is on, so
lists by network are not asked for completeness. An operation that was never answered promises nothing.
"""

from collections.abc import Iterator
from functools import partial

from core.binding.promises import ANSWERS
from sim.history.properties.creations import created
from sim.history.properties.judging import Causes, Judging
from sim.history.properties.lists import Lists
from sim.history.properties.sightings import Sightings
from sim.history.rows import GONE
from sim.history.verdict import Finding, Verdict
from sim.history.versions import Version
from sim.history.view import View
from sim.history.wording import Wording

_SHOWN = Causes("answer too new", "answer too old", "answer not decided")
_ABSENT = Causes("absent though it existed", "absent though it existed", "absence not decided")
_LISTED = Causes("list not complete", "list not complete", "list not decided")


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its answers and what they show, n log n where instants are not known."""
    found: list[Finding] = []
    lists, sightings = Lists(view), Sightings(view)
    for call_row, call in enumerate(view.calls):
        row = view.answer_of.get(call.operation)
        if row is not None:
            position = view.answers[row].position
            found += _judged(Judging(view, wording, sightings, call_row, row, call.position, position), lists)
    return Verdict(name=ANSWERS, findings=(*found, *sightings.settled()), checked=len(view.answers))


def _judged(it: Judging, lists: Lists) -> Iterator[Finding]:
    kinds = it.view.words.kinds
    yield from _shown(it)
    yield from _absent(it)
    if it.call.kind == kinds.find("create_port"):
        yield from created(it)
    elif it.call.kind == kinds.find("get_ports") and it.answer.error < 0:
        yield from _incomplete(it, lists)


def _shown(it: Judging) -> Iterator[Finding]:
    """The ports in an answer."""
    view = it.view
    for state in view.answered.get(it.call.operation, ()):
        port = view.states[state].port
        versions = view.versions_of(port)
        certainty = versions.in_force(state, view.shown_alike, it.first, it.last)
        if certainty == "never":
            yield _never_in_force(it, state)
        elif certainty == "perhaps":
            indexes = versions.like_within(state, view.shown_alike, it.first, it.last)
            tell = partial(it.unexplained, port, _SHOWN, it.wording.state(state))
            it.sighted(port, indexes, (it.first, it.last), tell)


def _never_in_force(it: Judging, state: int) -> Finding:
    port = it.view.states[state].port
    versions = it.view.versions_of(port)
    ever = versions.like(state, it.view.shown_alike)
    cause, why, commits = "answer never committed", "no transaction ever committed that", list[Version]()
    if ever and versions.firsts[ever[-1]] <= it.last:
        cause, why = "answer too old", "another commit had replaced it before the call"
        commits = versions.all[ever[-1] : ever[-1] + 2]
    elif ever:
        cause, why, commits = "answer too new", "it was committed only after the return", [versions.all[ever[0]]]
    because = tuple(versions.because(ever, it.first, it.last))
    return it.finding(port, cause, f"{it.wording.state(state)}; however, {why}", commits, because)


def _absent(it: Judging) -> Iterator[Finding]:
    """Answers that say that there is no port."""
    view, call, answer = it.view, it.call, it.answer
    says_none = answer.error >= 0 and answer.error == view.words.errors.find("PortNotFound")
    deleted = call.kind == view.words.kinds.find("delete_port") and answer.error < 0
    if call.port < 0 or not (says_none or deleted):
        return
    versions = view.versions_of(call.port)
    certainty = versions.in_force(GONE, view.content, it.first, it.last)
    what = f"it was told that {'there is no such port' if says_none else 'the port is deleted'}"
    if certainty == "never":
        because = tuple(versions.because(versions.like(GONE, view.content), it.first, it.last))
        what += "; however, the port existed all the time"
        yield it.finding(call.port, "absent though it existed", what, versions.all[-1:], because)
    elif certainty == "perhaps":
        indexes = versions.like_within(GONE, view.content, it.first, it.last)
        it.sighted(call.port, indexes, (it.first, it.last), partial(it.unexplained, call.port, _ABSENT, what))


def _incomplete(it: Judging, lists: Lists) -> Iterator[Finding]:
    """The ports that a list lacks."""
    shown = {it.view.states[state].port for state in it.view.answered.get(it.call.operation, ())}
    for owed in lists.owed(it.view.words.arguments.name(it.call.arguments), it.first, it.last):
        if owed.port in shown:
            continue
        what = f"its list does not have {it.wording.port(owed.port)}"
        if owed.certain:
            versions = it.view.versions_of(owed.port)
            first = versions.all[versions.at(it.first)]
            why = "; however, that matched from call to return"
            yield it.finding(owed.port, "list not complete", what + why, [first])
        else:
            tell = partial(it.unexplained, owed.port, _LISTED, what)
            it.sighted(owed.port, owed.others, (it.first, it.last), tell)

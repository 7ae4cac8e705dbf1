"""agreement: controllers' tables equal the database, and drivers' last word is the last commit.

Stated, at rest: every entry of a controller's table is that of the port's binding in the database (else it is
*orphaned*), every binding made by a controller's driver has its token in the controller's table (else *unbacked*), and
what a driver was last told of a port by a postcommit that returned is what the database holds (else *diverged*).

From: docs/design.md, section 5 and section 6 (orphaned, unbacked, diverged).

It cannot see: what a controller would do about it later (resynchronisation); disagreement while the run goes on, which
the run measures as windows with two owners. Where the system did not come to rest, the answer is unknown. In real time
the order of two postcommits that were under way at once is not known: either may have been the last.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

from core.binding.promises import AGREEMENT
from sim.history.properties.reasons import why_diverged, why_orphaned, why_unbacked
from sim.history.rows import GONE, Change, State
from sim.history.verdict import Event, Finding, Verdict
from sim.history.versions import Version
from sim.history.view import View
from sim.history.wording import Wording

_TOKEN = "token"  # the key of vif_details that names a controller's entry


class _Entry(NamedTuple):
    """An entry of a controller's table: controller, port, token, all as codes."""

    controller: int
    port: int
    token: int


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its controllers' changes, commits and callbacks."""
    unknown = ""
    if not view.facts.quiescent:
        unknown = "the system did not come to rest"
    elif not all(versions.is_sure_at(view.facts.rest) for versions in view.versions.values()):
        unknown = "a commit was under way when the state at rest was looked at"
    if unknown:
        return Verdict(name=AGREEMENT, findings=(), checked=0, unknown_because=unknown)
    final = _final(view)
    held, backed = _held(view), _backed(view, final)
    findings = [
        *(_orphaned(view, wording, entry, row) for entry, row in held.items() if entry not in backed),
        *(_unbacked(view, wording, entry, version) for entry, version in backed.items() if entry not in held),
        *_diverged(view, wording, final),
    ]
    return Verdict(name=AGREEMENT, findings=tuple(findings), checked=len(held) + len(final))


def _final(view: View) -> dict[int, Version]:
    """Every port that exists at rest, before it is read."""
    found = {}
    for port, versions in view.versions.items():
        version = versions.all[versions.at(view.facts.rest)]
        if version.state != GONE:
            found[port] = version
    return found


def _held(view: View) -> dict[_Entry, int]:
    """Every controller's entries at rest, each with the row of the change that put it in."""
    held: dict[_Entry, int] = {}
    reserved, dropped = view.words.changes.find("reserved"), view.words.changes.find("dropped")
    for row, change in enumerate(view.changes):
        if change.position > view.facts.rest:
            break
        if change.what == reserved:
            held[_entry(change)] = row
        elif change.what == dropped:
            held.pop(_entry(change), None)
    return held


def _entry(change: Change) -> _Entry:
    return _Entry(change.controller, change.port, change.token)


def _backed(view: View, final: dict[int, Version]) -> dict[_Entry, Version]:
    """The entries that the database says there are."""
    words = view.words
    controller_of = {words.drivers.find(driver): name for driver, name in view.facts.controllers.items()}
    found = {}
    for port, version in final.items():
        state = view.states[version.state]
        if state.is_successful and state.driver in controller_of:
            token = words.tokens.find(_token(view, state))
            found[_Entry(words.controllers.find(controller_of[state.driver]), port, token)] = version
    return found


def _token(view: View, state: State) -> str:
    details = view.words.vif_details.name(state.vif_details)
    return str(json.loads(details).get(_TOKEN, "")) if details else ""


def _orphaned(view: View, wording: Wording, entry: _Entry, row: int) -> Finding:
    versions = view.versions_of(entry.port)
    last = versions.all[versions.at(view.facts.rest)]
    reason = why_orphaned(view, entry.port, entry.token)
    events = [Event("changes", row), *reason.events]
    events += [Event("commits", last.commit)] if last.commit >= 0 else []
    says = (
        f"At rest {view.words.controllers.name(entry.controller)} holds an entry for {wording.port(entry.port)} with "
        f"token {view.words.tokens.name(entry.token)}: {reason.words}. However, the database has: "
        f"{wording.state(last.state)}. Nothing will drop the entry."
    )
    cause = f"orphaned, {reason.words}"
    return Finding(name=AGREEMENT, cause=cause, port=entry.port, events=tuple(events), says=says)


def _unbacked(view: View, wording: Wording, entry: _Entry, version: Version) -> Finding:
    reason = why_unbacked(view, entry.port, entry.token, until=view.facts.rest)
    events = (Event("commits", version.commit), *reason.events)
    says = (
        f"At rest the database has {wording.port(entry.port)}: {wording.state(version.state)}; however, the controller "
        f"holds no such entry: {reason.words}."
    )
    return Finding(name=AGREEMENT, cause=f"unbacked, {reason.words}", port=entry.port, events=events, says=says)


def _diverged(view: View, wording: Wording, final: dict[int, Version]) -> Iterator[Finding]:
    told = _last_told(view)
    initial = {write.port: write.state for write in view.writes if view.commits[write.commit].transaction < 0}
    for driver in view.facts.drivers:
        code = view.words.drivers.find(driver)
        ports = dict.fromkeys((*final, *initial, *(port for which, port in told if which == code)))
        for port in ports:
            rows = told.get((code, port), [])
            states = [_told_state(view, row) for row in rows] or [initial.get(port, GONE)]
            now = final[port].state if port in final else GONE
            if all(_differs(view, state, now) for state in states):
                yield _divergence(view, wording, driver, port, rows[-1] if rows else None, states[-1])


def _last_told(view: View) -> dict[tuple[int, int], list[int]]:
    """By driver and port the last postcommit that returned without an error: all that may be it, the likeliest last."""
    returned: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for call, row in view.return_of.items():
        made = view.callbacks[call]
        if not row.outcome and made.method in view.postcommits and row.position <= view.facts.rest:
            returned.setdefault((made.driver, view.states[made.state].port), []).append((row.position, call))
    return {key: _last(view, sorted(calls)) for key, calls in returned.items()}


def _last(view: View, calls: list[tuple[int, int]]) -> list[int]:
    """Of calls with the positions of their returns the one that returned last; which of two calls that were under way
    at once that was, real processes cannot tell.
    """
    if view.facts.exact:
        return [calls[-1][1]]
    latest = max(view.callbacks[call].position for _, call in calls)
    return [call for position, call in calls if position >= latest]


def _told_state(view: View, row: int) -> int:
    call = view.callbacks[row]
    return GONE if call.method == view.words.methods.find("delete_port_postcommit") else call.state


def _differs(view: View, told: int, now: int) -> bool:
    """Whether what a driver acts on differs: everything but revision and generation."""
    if told == GONE or now == GONE:
        return told != now
    one, other = view.states[told], view.states[now]
    return one[:6] != other[:6] or one[7:14] != other[7:14]


def _divergence(view: View, wording: Wording, driver: str, port: int, row: int | None, told: int) -> Finding:
    versions = view.versions_of(port)
    last = versions.all[versions.at(view.facts.rest)]
    reason = why_diverged(view, port, view.words.drivers.find(driver), last)
    events = [Event("commits", last.commit)] if last.commit >= 0 else []
    events += [*reason.events, *([Event("callbacks", row)] if row is not None else [])]
    says = (
        f"The last that {driver} was told of {wording.port(port)} is: {wording.state(told)}; however, the last commit "
        f"left it as: {wording.state(last.state)} ({reason.words})."
    )
    return Finding(name=AGREEMENT, cause=f"diverged, {reason.words}", port=port, events=tuple(events), says=says)

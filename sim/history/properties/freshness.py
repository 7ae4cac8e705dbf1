"""freshness: no committed state in which a successful binding stands on inputs other than those it was computed from.

Stated: a binding was computed by a bind_port that its operation made before the commit. From that bind_port's state on,
host, vnic_type and profile stay what they were for as long as the binding stands. What breaks it is a *stale* binding:
already so at its commit; *mixed*, by a later change that left the binding; or *A -> B -> A*, where the inputs changed
and came back before the commit, so that drivers have been told to drop what was then bound. An activated binding was
computed by the operation that made it, and its inputs stood on a row of its own until then. The means to see all this
is checked too: binding_generation rises when an input changes and when a successful binding is made or removed, and at
no other time.

From: docs/design.md, section 3 (relevant change) and section 6 (stale).

It cannot see: inputs that are no part of the port, such as agents and segments.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from core.binding.promises import FRESHNESS
from sim.history.properties.attempts import binding_set_by
from sim.history.rows import GONE, State
from sim.history.verdict import Event, Finding, Verdict
from sim.history.versions import Version
from sim.history.view import View
from sim.history.wording import Wording


class _Origin(NamedTuple):
    """What a standing binding was computed from: the callback's row (-1: unknown), and its state."""

    callback: int
    state: int


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its commits and callbacks."""
    binds = _binds(view)
    findings: list[Finding] = []
    for port, versions in view.versions.items():
        findings += _stale(view, wording, binds, port, versions.all)
    findings += _generations(view, wording)
    return Verdict(name=FRESHNESS, findings=tuple(findings), checked=len(view.writes))


_Binds = dict[tuple[int | None, int], list[int]]


def _binds(view: View) -> _Binds:
    """The bind_port calls that set a binding, by operation and port; those of inactive bindings by None and port."""
    found: _Binds = {}
    bind = view.words.methods.find("bind_port")
    for row, call in enumerate(view.callbacks):
        returned = view.return_of.get(row) if call.method == bind else None
        if returned is not None and returned.vif_type >= 0:
            operation = None if call.operation in view.further_bindings else call.operation
            found.setdefault((operation, view.states[call.state].port), []).append(row)
    return found


def _stale(view: View, wording: Wording, binds: _Binds, port: int, versions: list[Version]) -> Iterator[Finding]:
    origin, was_stale = _Origin(-1, GONE), False
    for place in range(1, len(versions)):
        state = versions[place].state
        if state == GONE or not view.states[state].is_successful:
            origin, was_stale = _Origin(-1, GONE), False
            continue
        made = _origin(view, binds, port, versions[place])
        is_new = not _stays(view, versions, place) or _is_made_anew(view, versions[place], made)
        if is_new:
            origin = made
        cause = _cause(view, versions, place, origin, is_new=is_new)
        if cause and not was_stale:
            yield _finding(view, wording, port, versions[place], origin, cause)
        was_stale = bool(cause)


def _stays(view: View, versions: list[Version], place: int) -> bool:
    before, now = versions[place - 1].state, view.states[versions[place].state]
    return before != GONE and view.states[before].binding == now.binding


def _is_made_anew(view: View, version: Version, made: _Origin) -> bool:
    """Whether the transaction itself has bound the port, with a result that equals the old one."""
    return made.callback >= 0 and view.callbacks[made.callback].transaction == view.commits[version.commit].transaction


def _origin(view: View, binds: _Binds, port: int, version: Version) -> _Origin:
    commit, made = view.commits[version.commit], view.states[version.state]
    operation = None if view.activates(version.commit) else commit.operation
    for row in reversed(binds.get((operation, port), ())):
        returned = view.return_of[row]
        if returned.position < commit.first and binding_set_by(view, row, returned) == made.binding:
            return _Origin(row, view.callbacks[row].state)
    return _Origin(-1, version.state if commit.transaction < 0 else GONE)


def _cause(view: View, versions: list[Version], place: int, origin: _Origin, *, is_new: bool) -> str:
    now = view.states[versions[place].state]
    if origin.state == GONE:
        return "computed by nobody" if is_new else ""
    computed_from = view.states[origin.state]
    if computed_from.inputs != now.inputs:
        return "stale at its commit" if is_new else "mixed"
    if is_new and not view.activates(versions[place].commit) and _changed_between(view, versions, place, computed_from):
        return "A -> B -> A"
    return ""


def _changed_between(view: View, versions: list[Version], place: int, computed_from: State) -> bool:
    """Whether a state between the one that was computed from and this one had other inputs."""
    for before in range(place - 1, 0, -1):
        version = versions[before]
        if version.state == GONE:
            return False
        state = view.states[version.state]
        if state.revision <= computed_from.revision:
            return False
        if state.inputs != computed_from.inputs:
            return True
    return False


_WHY = {
    "computed by nobody": "no bind_port of that operation had set this binding",
    "stale at its commit": "the row's inputs were other ones by then",
    "mixed": "it left the binding where it was, which had been computed for other inputs",
    "A -> B -> A": "the inputs had changed and come back meanwhile, and drivers had been told to drop the port",
}


def _finding(view: View, wording: Wording, port: int, version: Version, origin: _Origin, cause: str) -> Finding:
    commit = view.commits[version.commit]
    events = [Event("commits", version.commit)]
    computed = "The binding's origin is not known"
    if origin.callback >= 0:
        events.insert(0, Event("callbacks", origin.callback))
        computed = f"The binding of {wording.port(port)} was computed from: {wording.inputs(origin.state)}"
    events += _between(view, port, origin, version)
    says = (
        f"{computed}. {wording.transaction(commit.transaction)} of {wording.operation(commit.operation)} committed: "
        f"{wording.state(version.state)}; however, {_WHY[cause]}."
    )
    return Finding(name=FRESHNESS, cause=cause, port=port, events=tuple(events), says=says)


def _between(view: View, port: int, origin: _Origin, version: Version) -> list[Event]:
    """The commits that changed the port's inputs since the binding was computed."""
    if origin.state == GONE:
        return []
    versions, computed_from = view.versions[port].all, view.states[origin.state]
    place = bisect_left(versions, version.commit, key=lambda each: each.commit)
    found = []
    while place > 1 and _is_later(view, versions[place - 1], computed_from):
        place -= 1
        if view.states[versions[place].state].inputs != _inputs(view, versions[place - 1], computed_from):
            found.append(Event("commits", versions[place].commit))
    return found


def _is_later(view: View, version: Version, than: State) -> bool:
    """Whether a version of the same life of the port has a higher revision."""
    return version.state != GONE and view.states[version.state].revision > than.revision


def _inputs(view: View, version: Version, otherwise: State) -> tuple[int, int, int]:
    return otherwise.inputs if version.state == GONE else view.states[version.state].inputs


def _generations(view: View, wording: Wording) -> Iterator[Finding]:
    for index, write in enumerate(view.writes):
        before = view.replaced[index]
        if before.state == GONE or write.state == GONE:
            continue
        old, new = view.states[before.state], view.states[write.state]
        if (new.generation > old.generation) != _must_rise(old, new) or new.generation < old.generation:
            yield _generation_finding(view, wording, index)


def _must_rise(old: State, new: State) -> bool:
    if old.inputs != new.inputs:
        return True
    return old.binding != new.binding and (old.is_successful or new.is_successful)


def _generation_finding(view: View, wording: Wording, index: int) -> Finding:
    write, before = view.writes[index], view.replaced[index]
    commit = view.commits[write.commit]
    old, new = view.states[before.state].generation, view.states[write.state].generation
    events = tuple(Event("commits", each) for each in (before.commit, write.commit) if each >= 0)
    says = (
        f"{wording.transaction(commit.transaction)} changed {wording.port(write.port)} from: "
        f"{wording.state(before.state)} to: {wording.state(write.state)}; however, binding_generation went from {old} "
        f"to {new}. A concurrent binding could not tell that anything relevant had happened, or was told so in vain."
    )
    return Finding(name=FRESHNESS, cause="generation", port=write.port, events=events, says=says)

"""contract: drivers are called as core/driver_api.py says, so that each sees a port's committed states as one chain.

Stated, for each driver and port: every commit has exactly one precommit of its kind in its transaction, whose current
state is what was committed (of a deletion: what was there) and whose original is the state committed before, and which
did not fail; the values are those of cases 3a to 5 (an update that changes an input unbinds; a binding is committed on
an unbound port; nothing else touches it), and the revision rises; nothing follows a deletion. Every committed precommit
has one postcommit in its operation, after the commit, with the same states; a rolled-back one has none. bind_port runs
inside a transaction or outside as the strategy says, that of an inactive binding outside; precommits run inside,
postcommits outside. An activation is an update that changes the host and puts a binding there in one commit.

From: docs/design.md, section 3 (driver calls, cases, table of failures).

It cannot see: the order of postcommits of different operations, which is measured, not forbidden; the postcommits of an
operation whose process died, and those after a failed create_port_postcommit, which are not owed. Where a COMMIT's
acknowledgement was lost and the client could not find out that it took effect, a missing postcommit is unknown.
"""

from collections.abc import Iterator

from core.binding.promises import CONTRACT
from sim.history.properties.cases import wrong_case
from sim.history.properties.postcommits import postcommits
from sim.history.properties.precommits import Precommits
from sim.history.rows import GONE, Callback
from sim.history.verdict import Event, Finding, Verdict
from sim.history.view import View
from sim.history.wording import Wording


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its commits and callbacks."""
    findings = [
        *_places(view, wording),
        *_chain(view, wording, Precommits(view)),
        *postcommits(view, wording),
    ]
    return Verdict(name=CONTRACT, findings=tuple(findings), checked=len(view.callbacks))


def _places(view: View, wording: Wording) -> Iterator[Finding]:
    """Which calls are made inside a transaction."""
    methods = view.words.methods
    inside = {methods.find(f"{kind}_port_precommit"): True for kind in ("create", "update", "delete")}
    inside |= {methods.find(f"{kind}_port_postcommit"): False for kind in ("create", "update", "delete")}
    inside[methods.find("bind_port")] = view.facts.binds_inside
    bind = methods.find("bind_port")
    for row, call in enumerate(view.callbacks):
        right = inside[call.method] and not (call.method == bind and call.operation in view.further_bindings)
        if (call.transaction >= 0) != right:
            yield _misplaced(view, wording, row, call, inside=right)


def _misplaced(view: View, wording: Wording, row: int, call: Callback, *, inside: bool) -> Finding:
    method = view.words.methods.name(call.method)
    port = view.states[call.state].port
    where = "outside any transaction" if inside else f"inside {wording.transaction(call.transaction)}"
    says = (
        f"{wording.operation(call.operation)} called {method} for {wording.port(port)} {where}; however, strategy "
        f"{view.facts.strategy} calls it {'inside' if inside else 'outside'} one."
    )
    cause = f"{method} {'outside' if inside else 'inside'} a transaction"
    return Finding(name=CONTRACT, cause=cause, port=port, events=(Event("callbacks", row),), says=says)


def _chain(view: View, wording: Wording, precommits: Precommits) -> Iterator[Finding]:
    """What precommits said of what was committed."""
    for index, write in enumerate(view.writes):
        commit = view.commits[write.commit]
        if commit.transaction < 0:
            continue
        calls = precommits.of(commit.transaction, write.port)
        wrong = _wrong_calls(view, index, calls) or wrong_case(view, index)
        if wrong:
            yield _broken(view, wording, index, calls, *wrong)
    yield from _without_write(view, wording, precommits)


def _wrong_calls(view: View, index: int, calls: list[int]) -> tuple[str, str] | None:
    write, before = view.writes[index], view.replaced[index].state
    kind = _kind(before, write.state)
    method = view.words.methods.find(f"{kind}_port_precommit")
    told = [view.callbacks[row].driver for row in calls]
    if sorted(told) != sorted(view.words.drivers.find(name) for name in view.facts.drivers):
        return "precommits are not one a driver", "not every driver had exactly one precommit of it"
    for row in calls:
        wrong = _wrong_call(view, view.callbacks[row], method, before, write.state)
        if wrong:
            return wrong
        returned = view.return_of.get(row)
        if returned is not None and returned.outcome:
            return "committed after a failed precommit", "a precommit of it had failed, which rolls it back"
    return None


def _kind(before: int, after: int) -> str:
    if before == GONE:
        return "create"
    return "delete" if after == GONE else "update"


def _wrong_call(view: View, call: Callback, method: int, before: int, after: int) -> tuple[str, str] | None:
    if call.method != method:
        return "precommit of another kind", "the precommit was of another kind"
    current = before if after == GONE else after
    if not view.same(call.state, current):
        return "current is not what was committed", "the precommit's current state is another one"
    original = before if before != GONE and after != GONE else GONE
    if not view.same(call.previous, original):
        return "original is not the state before", "the precommit's original is not the state committed before"
    return None


def _broken(view: View, wording: Wording, index: int, calls: list[int], cause: str, why: str) -> Finding:
    write, before = view.writes[index], view.replaced[index]
    commit = view.commits[write.commit]
    events = [Event("commits", each) for each in (before.commit, write.commit) if each >= 0]
    events += [Event("callbacks", row) for row in calls]
    says = (
        f"{wording.port(write.port)} was: {wording.state(before.state)}. {wording.transaction(commit.transaction)} of "
        f"{wording.operation(commit.operation)} committed: {wording.state(write.state)}; however, {why}."
    )
    return Finding(name=CONTRACT, cause=cause, port=write.port, events=tuple(events), says=says)


def _without_write(view: View, wording: Wording, precommits: Precommits) -> Iterator[Finding]:
    """Precommits in transactions that committed without a change of the port."""
    for (transaction, port), rows in precommits.all().items():
        commit = view.commit_of.get(transaction)
        if commit is None or (commit, port) in view.write_of:
            continue
        says = (
            f"{wording.transaction(transaction)} committed with a precommit for {wording.port(port)}; however, it "
            "changed nothing of that port."
        )
        events = (Event("commits", commit), *(Event("callbacks", row) for row in rows))
        yield Finding(name=CONTRACT, cause="precommit of nothing", port=port, events=events, says=says)

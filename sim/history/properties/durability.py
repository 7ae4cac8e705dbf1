"""durability: a committed successful binding leaves the database only by a committed unbind, rebind or delete that
drivers were told of.

Stated: a commit that removes or replaces a successful binding deletes the port or changes a binding input, and every
driver has been told in the same transaction, by a precommit whose state before (the current one of a deletion) has
that binding. What breaks it is an *overwritten* binding.

From: docs/design.md, section 3 (cases 3d, 4b and 5) and section 6 (overwritten).

It cannot see: whether a driver acted on what it was told (agreement looks at controllers); whether postcommits followed
(contract), which a crash may prevent.
"""

from core.binding.promises import DURABILITY
from sim.history.properties.precommits import Precommits
from sim.history.rows import GONE
from sim.history.verdict import Event, Finding, Verdict
from sim.history.view import View
from sim.history.wording import Wording


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its commits."""
    precommits = Precommits(view)
    removed = [index for index in range(len(view.writes)) if _removes(view, index)]
    judged = (_judged(view, wording, precommits, index) for index in removed)
    return Verdict(name=DURABILITY, findings=tuple(filter(None, judged)), checked=len(removed))


def _removes(view: View, index: int) -> bool:
    before, after = view.replaced[index].state, view.writes[index].state
    if before == GONE or not view.states[before].is_successful:
        return False
    return after == GONE or view.states[after].binding != view.states[before].binding


def _judged(view: View, wording: Wording, precommits: Precommits, index: int) -> Finding | None:
    write, before = view.writes[index], view.states[view.replaced[index].state]
    deleted = write.state == GONE
    told_by = precommits.of(view.commits[write.commit].transaction, write.port)
    if not deleted and view.states[write.state].inputs == before.inputs:
        why = "neither deleted the port nor changed an input of the binding"
        return _finding(view, wording, index, told_by, cause="overwritten", why=why)
    transaction = view.commits[write.commit].transaction
    untold = precommits.untold(transaction, write.port, before.binding, deleted=deleted)
    if untold:
        why = f"did not tell {' and '.join(untold)} of it"
        return _finding(view, wording, index, told_by, cause="removed untold", why=why)
    return None


def _finding(view: View, wording: Wording, index: int, told_by: list[int], *, cause: str, why: str) -> Finding:
    write, removed = view.writes[index], view.replaced[index]
    commit = view.commits[write.commit]
    events = [Event("commits", each) for each in (removed.commit, write.commit) if each >= 0]
    events += [Event("callbacks", row) for row in told_by]
    says = (
        f"{wording.port(write.port)} was {wording.binding(removed.state)}. "
        f"{wording.transaction(commit.transaction)} of {wording.operation(commit.operation)} committed: "
        f"{wording.state(write.state)}; however, it {why}. The binding was overwritten."
    )
    return Finding(name=DURABILITY, cause=cause, port=write.port, events=tuple(events), says=says)

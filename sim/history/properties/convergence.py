"""convergence: at quiescence, after one read of each port, every port with a host that a working driver can bind is
bound.

Stated: once nothing is outstanding and each port that needs a binding has been read once, none is left that has a host,
no successful binding, and a driver that could bind it if nothing failed. What breaks it is a *missing* binding.

From: docs/design.md, section 3 (case 6) and section 6 (missing, quiescence).

It cannot see: how long ports were unbound before (the unbound windows measure that). Where the system did not come to
rest, or the reads did not end, the answer is unknown.
"""

from core.binding.promises import CONVERGENCE
from sim.history.rows import Bindable
from sim.history.verdict import Event, Finding, Verdict
from sim.history.view import View
from sim.history.wording import Wording


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in the ports that are not bound."""
    unknown = ""
    if not view.facts.quiescent:
        unknown = "the system did not come to rest"
    elif not view.facts.read_once:
        unknown = "the reads at rest did not come to an end"
    findings = [] if unknown else [_missing(view, wording, row) for row in view.bindable if row.can_bind]
    return Verdict(name=CONVERGENCE, findings=tuple(findings), checked=len(view.versions), unknown_because=unknown)


def _missing(view: View, wording: Wording, row: Bindable) -> Finding:
    last = view.versions_of(row.port).all[-1]
    events = [Event("commits", last.commit)]
    events += [Event("attempts", index) for index in view.attempts_of.get(row.port, [])[-2:]]
    cause = "missing after a read" if view.facts.reads_bind else "missing, reads do not bind"
    says = (
        f"{wording.port(row.port)} ended as: {wording.state(last.state)}, although a driver can bind it. Nothing is "
        f"outstanding{', and a read has tried once more' if view.facts.reads_bind else ''}; however, it is not bound."
    )
    return Finding(name=CONVERGENCE, cause=cause, port=row.port, events=tuple(events), says=says)

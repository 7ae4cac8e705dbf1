"""isolation: no dirty read, no aborted read, no lost update in what the database returned.

Stated: what a statement returns of a port is a state that was committed and in force at some moment while it ran, or
the transaction's own uncommitted one; and a transaction that read a port and then writes it replaces the very state
that it read.

From: READ COMMITTED as both engines define it (MySQL manual, 17.7.2.1; PostgreSQL manual, 13.2.1), with the row locks
that docs/design.md, section 3, has the core take; the names are those of Adya's phenomena G1a, G1b and P4.

It cannot see: what is no part of a port or its binding (addresses, leases, agents, journal rows); write skew between
ports, which no transaction of the core could have; a transaction's reads of what it wrote itself.
"""

from core.binding.promises import ISOLATION
from sim.history.verdict import Event, Finding, Verdict
from sim.history.view import View
from sim.history.wording import Wording


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its reads and commits."""
    own = _first_writes(view)
    findings = [*_bad_reads(view, wording, own), *_lost_updates(view, wording)]
    return Verdict(name=ISOLATION, findings=tuple(findings), checked=len(view.reads))


def _first_writes(view: View) -> dict[tuple[int, int], int]:
    """The position at which a transaction first changed a port."""
    found: dict[tuple[int, int], int] = {}
    for sent in view.sent:
        found.setdefault((sent.transaction, sent.port), sent.position)
    return found


def _bad_reads(view: View, wording: Wording, own: dict[tuple[int, int], int]) -> list[Finding]:
    found = []
    for row, read in enumerate(view.reads):
        wrote_at = own.get((read.transaction, read.port))
        if wrote_at is not None and wrote_at <= read.last:
            continue
        versions = view.versions_of(read.port)
        certainty = versions.in_force(read.state, view.content, read.first, read.last)
        if certainty != "surely":
            found.append(_bad_read(view, wording, row, certain=certainty == "never"))
    return found


def _bad_read(view: View, wording: Wording, row: int, *, certain: bool) -> Finding:
    read = view.reads[row]
    versions = view.versions_of(read.port)
    ever = [versions.all[place] for place in versions.like(read.state, view.content)]
    who = f"{wording.transaction(read.transaction)} read {wording.port(read.port)} as: {wording.state(read.state)}"
    events = [Event("reads", row), *(Event("commits", version.commit) for version in ever[:1] if version.commit >= 0)]
    if not certain:
        cause, why = "read not decided", "a commit has no exact instant, so that it cannot be told which came first"
    elif ever and ever[-1].first > read.last:
        cause, why = "dirty read", f"that was committed only later, by {_by(view, wording, ever[-1].commit)}"
    elif ever:
        cause, why = "old read", "that had been replaced by a commit before the statement was sent"
    else:
        cause, why = "aborted read", "no transaction ever committed that"
    says = f"{who}; however, {why}."
    return Finding(name=ISOLATION, cause=cause, port=read.port, events=tuple(events), says=says, certain=certain)


def _by(view: View, wording: Wording, commit: int) -> str:
    return wording.transaction(view.commits[commit].transaction)


def _lost_updates(view: View, wording: Wording) -> list[Finding]:
    last_read = _last_reads(view)
    found = []
    for index, write in enumerate(view.writes):
        commit = view.commits[write.commit]
        row = last_read.get((commit.transaction, write.port))
        if row is None:
            continue
        if not view.same(view.replaced[index].state, view.reads[row].state):
            found.append(_lost_update(view, wording, index, row))
    return found


def _last_reads(view: View) -> dict[tuple[int, int], int]:
    """A transaction's last read of a port before it changed it."""
    found: dict[tuple[int, int], int] = {}
    own = _first_writes(view)
    for row, read in enumerate(view.reads):
        key = (read.transaction, read.port)
        if read.last < own.get(key, read.last + 1):
            found[key] = row
    return found


def _lost_update(view: View, wording: Wording, index: int, row: int) -> Finding:
    write, read = view.writes[index], view.reads[row]
    before = view.replaced[index]
    events = [Event("reads", row), Event("commits", write.commit)]
    events += [Event("commits", before.commit)] if before.commit >= 0 else []
    says = (
        f"{wording.transaction(read.transaction)} read {wording.port(write.port)} as: {wording.state(read.state)}, and "
        f"committed its change. However, what it replaced was: {wording.state(before.state)}. The change in between "
        "was not seen."
    )
    return Finding(name=ISOLATION, cause="lost update", port=write.port, events=tuple(events), says=says)

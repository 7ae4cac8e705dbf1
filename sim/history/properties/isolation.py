"""isolation: no dirty read, no aborted read, no lost update in what the database returned.

Stated: what a statement returns of a port is a state that was committed and in force at some moment while it ran, or
the transaction's own uncommitted one; and a transaction that read a port and then writes it replaces the very state
that it read. Where commits have no exact instant, there are instants, in the intervals and in the order of each port's
commits, that explain all reads of a port together.

From: READ COMMITTED as both engines define it (MySQL manual, 17.7.2.1; PostgreSQL manual, 13.2.1), with the row locks
that docs/design.md, section 3, has the core take; the names are those of Adya's phenomena G1a, G1b and P4.

It cannot see: what is no part of a port or its binding (addresses, leases, agents, journal rows); write skew between
ports, which no transaction of the core could have; a transaction's reads of what it wrote itself.
"""

from core.binding.promises import ISOLATION
from sim.history.evidence import Misread, first_writes
from sim.history.instants import Clash
from sim.history.verdict import Event, Finding, Verdict
from sim.history.versions import Versions
from sim.history.view import View
from sim.history.wording import Wording


def check(view: View, wording: Wording) -> Verdict:
    """The verdict over one history; linear in its reads and commits."""
    misreads = [_misread(view, wording, misread) for misread in view.evidence.misreads]
    findings = (*misreads, *_lost_updates(view, wording))
    return Verdict(name=ISOLATION, findings=findings, checked=len(view.reads))


def _misread(view: View, wording: Wording, misread: Misread) -> Finding:
    read = view.reads[misread.row]
    who = f"{wording.transaction(read.transaction)} read {wording.port(read.port)} as: {wording.state(read.state)}"
    cause, why, commits = _cause(view, wording, misread)
    events = [Event("reads", misread.row), *(Event("commits", commit) for commit in commits if commit >= 0)]
    events += () if misread.clash is None else misread.clash.because
    says = f"{who}; however, {why}."
    return Finding(
        name=ISOLATION, cause=cause, port=read.port, events=tuple(events), says=says, certain=misread.certain
    )


def _cause(view: View, wording: Wording, misread: Misread) -> tuple[str, str, list[int]]:
    """A name of it, the same in words, and the commits that it is about."""
    read, clash = view.reads[misread.row], misread.clash
    versions = view.versions_of(read.port)
    ever = [versions.all[place] for place in versions.like(read.state, view.content)]
    commits = [version.commit for version in ever[:1]]
    if not misread.certain:
        return "read not decided", "in which order it and the commits around it took effect was not found out", commits
    if clash is not None:
        return _clash(wording, versions, clash)
    if ever and ever[-1].first > read.last:
        by = wording.transaction(view.commits[ever[-1].commit].transaction)
        return "dirty read", f"that was committed only later, by {by}", commits
    if ever:
        return "old read", "that had been replaced by a commit before the statement was sent", commits
    return "aborted read", "no transaction ever committed that", []


def _clash(wording: Wording, versions: Versions, clash: Clash) -> tuple[str, str, list[int]]:
    """What is wrong by what others had read: no instants of the commits explain both."""
    first, last = clash.demand.runs[-1]
    if clash.is_late:
        return (
            "dirty read",
            "others still read what was there before, so that it was committed only later",
            [versions.all[first].commit],
        )
    replaced = [version.commit for version in versions.all[last + 1 : last + 2]]
    return "old read", "others had read what replaced it before the statement was sent", replaced


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
    own = first_writes(view.sent)
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

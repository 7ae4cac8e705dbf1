"""Exact histories made such as a real engine would leave them: a COMMIT is seen to be sent and acknowledged, no more.

Used by the tests of what the checker says where no instants are known, against what it says where they are.
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import TypeVar

from sim.history import History, HistoryTables
from sim.history.rows import Callback, Commit, Ended, Read, Return, Sent, Write
from sim.history.tables import columns
from sim.metrics import Table

R = TypeVar("R")


def blurred(history: History) -> History:
    """The same run with commits in intervals: from the transaction's last event before its COMMIT to its end as the
    observer tells it; one that nobody heard of again, since its process died, may have been until
    the rows were looked at, at rest.

    Commits stand in the order in which they were acknowledged, but for those of one port, which keep theirs.
    """
    tables = history.tables
    commits, writes = rows_of(Commit, tables.commits), rows_of(Write, tables.writes)
    sent, ended = _sent(tables), _ended(tables)
    rest = history.facts.rest
    wide = [
        commit._replace(
            first=sent.get(commit.transaction, commit.first), last=max(ended.get(commit.transaction, rest), commit.last)
        )
        if commit.transaction >= 0
        else commit
        for commit in commits
    ]
    return with_commits(history, wide, _order(wide, writes))


def with_commits(history: History, commits: list[Commit], order: list[int]) -> History:
    """The history with other rows in `commits`, in another order (their numbers), its facts saying so."""
    old = history.tables
    place = {number: at for at, number in enumerate(order)}
    writes = sorted(rows_of(Write, old.writes), key=lambda write: place[write.commit])
    tables = {each.name: getattr(old, each.name) for each in fields(HistoryTables)}
    tables["commits"] = with_rows(old, "commits", (commits[number] for number in order))
    tables["writes"] = with_rows(old, "writes", (write._replace(commit=place[write.commit]) for write in writes))
    return History(replace(history.facts, exact=False), HistoryTables(**tables))


def _sent(tables: HistoryTables) -> dict[int, int]:
    """The position of each transaction's last event before its COMMIT."""
    calls = rows_of(Callback, tables.callbacks)
    events = [(read.transaction, read.last) for read in rows_of(Read, tables.reads)]
    events += [(sent.transaction, sent.position) for sent in rows_of(Sent, tables.sent)]
    events += [(call.transaction, call.position) for call in calls]
    events += [(calls[row.callback].transaction, row.position) for row in rows_of(Return, tables.returns)]
    committed = {commit.transaction: commit.first for commit in rows_of(Commit, tables.commits)}
    last: dict[int, int] = {}
    for transaction, position in events:
        if last.get(transaction, 0) < position < committed.get(transaction, 0):
            last[transaction] = position
    return last


def _ended(tables: HistoryTables) -> dict[int, int]:
    committed = tables.words.ends.find("commit")
    return {end.transaction: end.position for end in rows_of(Ended, tables.ends) if end.outcome == committed}


def _order(commits: list[Commit], writes: list[Write]) -> list[int]:
    latest: dict[int, int] = {}
    keys = [commit.last for commit in commits]
    for write in writes:
        keys[write.commit] = max(keys[write.commit], latest.get(write.port, 0))
        latest[write.port] = keys[write.commit]
    return sorted(range(len(commits)), key=lambda number: keys[number])


def rows_of(kind: type[R], table: Table) -> list[R]:
    """A table's rows as NamedTuples."""
    return [kind(*row) for row in table.rows()]


def with_rows(old: HistoryTables, name: str, rows: Iterable[tuple[int, ...]]) -> Table:
    """A table of that name with other rows and the same words."""
    table = Table(name, columns(name, old.words))
    for row in rows:
        table.append(*row)
    return table

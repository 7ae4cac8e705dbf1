"""Who waited for which row lock, and for whom: told afterwards from what every transaction locked and when.

No client can tell waiting for a lock from slow execution. But the lock set of every statement is known
(core.statements; tests/interleavings holds it against the engines), and so is when each of all transactions of the run
sent a statement, had its answer, and ended. A statement waited for a row from when it was sent until the last of those
ended who held the row before, or until its own answer, if that came first. So a wait is known to within a round trip.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from core import statements
from core.statements import Statement
from sim.metrics import Tables
from sim.metrics.table import Table
from sim.wall.event_log import Event

Key = tuple[str, Any]

_STATEMENTS = {statement.name: statement for statement in statements.all_statements()}


def key_params(name: str) -> list[str]:
    """The parameters that name the rows of a statement's lock set, in its order. An event has their values."""
    known = _STATEMENTS.get(name)
    return [] if known is None else [param for lock in known.locks for param in lock.params]


class Locked(NamedTuple):
    """A row that a statement asked for: sent and answered, and when the transaction ended, us of the run."""

    key: Key
    exclusive: bool
    sent_us: int
    answered_us: int
    ended_us: int
    operation: int
    began_us: int
    outcome: str

    @property
    def is_held(self) -> bool:
        """Whether the transaction had the row from the answer on."""
        return self.outcome == "granted"


class LockWait(NamedTuple):
    """A wait: of whom, for whom first, from when to when, us of the run."""

    request: Locked
    holder: int
    to_us: int

    @property
    def lasted_us(self) -> int:
        """How long."""
        return self.to_us - self.request.sent_us


def lock_waits(events: Iterable[Event]) -> list[LockWait]:
    """All waits of a run, by the time at which they ended."""
    asked: dict[Key, list[Locked]] = defaultdict(list)
    for event in events:
        if event.what == "locks":
            for locked in _unpacked(*event.arguments):
                asked[locked.key].append(locked)
    found = [wait for requests in asked.values() for wait in _waits(requests)]
    return sorted(_once_a_statement(found), key=lambda wait: (wait.to_us, wait.request.sent_us))


def _unpacked(
    operation: int, began_us: int, ended_us: int, began_ns: int, sent: list[tuple[str, int, int, str, Any]]
) -> Iterator[Locked]:
    """All rows that a transaction asked for; `began_ns` is the run's beginning on the machine's clock."""
    for name, sent_ns, answered_ns, outcome, values in sent:
        sent_us, answered_us = (sent_ns - began_ns) // 1000, (answered_ns - began_ns) // 1000
        for key, exclusive in _rows(_STATEMENTS[name], values):
            yield Locked(key, exclusive, sent_us, answered_us, ended_us, operation, began_us, outcome)


def _rows(statement: Statement, values: Any) -> Iterator[tuple[Key, bool]]:
    """The rows of a statement's lock set, and whether each is locked exclusively. `values`: those of `key_params`,
    the value itself where there is one."""
    left = list(values) if len(key_params(statement.name)) > 1 else [values]
    for lock in statement.locks:
        key, left = left[: len(lock.params)], left[len(lock.params) :]
        if None not in key:  # there is no such row
            yield (lock.space, key[0] if len(key) == 1 else tuple(key)), lock.mode == "X"


def _waits(requests: list[Locked]) -> Iterator[LockWait]:
    """Those for one row. Nobody waits among readers of a row that nobody locks exclusively."""
    if not any(request.exclusive for request in requests):
        return
    requests.sort(key=lambda request: request.answered_us)
    earliest_us = np.minimum.accumulate([request.sent_us for request in reversed(requests)])[::-1]
    holders: list[Locked] = []
    for request, no_sooner_us in zip(requests, earliest_us, strict=True):
        if len(holders) > 32:
            holders = [holder for holder in holders if holder.ended_us > no_sooner_us]
        wait = _wait(request, holders)
        if wait is not None:
            yield wait
        if request.is_held:
            holders.append(request)


def _wait(request: Locked, holders: list[Locked]) -> LockWait | None:
    before = [holder for holder in holders if holder.ended_us > request.sent_us and _conflict(holder, request)]
    if not before or any(_is_same(holder, request) for holder in holders):
        return None  # nobody waits for what it has
    to_us = request.answered_us
    if request.is_held:
        to_us = min(to_us, max(holder.ended_us for holder in before))
    return LockWait(request, before[0].operation, to_us)


def _conflict(one: Locked, other: Locked) -> bool:
    return not _is_same(one, other) and (one.exclusive or other.exclusive)


def _is_same(one: Locked, other: Locked) -> bool:
    """Whether two requests are of one transaction."""
    return (one.operation, one.began_us) == (other.operation, other.began_us)


def _once_a_statement(waits: list[LockWait]) -> list[LockWait]:
    """The longest of the waits of one statement, which asks for its rows one after the other."""
    longest: dict[tuple[int, int, int], LockWait] = {}
    for wait in waits:
        key = (wait.request.operation, wait.request.began_us, wait.request.sent_us)
        if key not in longest or wait.lasted_us > longest[key].lasted_us:
            longest[key] = wait
    return list(longest.values())


def with_lock_waits(tables: Tables, waits: list[LockWait]) -> Tables:
    """The tables with these waits in them: rows of their own, and time that transactions spent."""
    words = tables.words
    for wait in waits:
        request = wait.request
        tables.lock_waits.append(
            words.spaces.code(request.key[0]), words.rows.code(f"{request.key[0]} {request.key[1]}"),
            request.operation, wait.holder, request.sent_us, wait.to_us,
            words.lock_wait_outcomes.code(request.outcome),
        )  # fmt: skip
    changed = {table.name: table for table in tables.all()}
    changed["transactions"] = _charged(tables.transactions, waits)
    return Tables(words=words, **changed)


def _charged(transactions: Table, waits: list[LockWait]) -> Table:
    spent: dict[tuple[int, int], int] = defaultdict(int)
    for wait in waits:
        spent[wait.request.operation, wait.request.began_us] += wait.lasted_us
    rows = transactions.to_numpy().copy()
    keys = zip(rows["operation"].tolist(), rows["began_us"].tolist(), strict=True)
    waited = np.array([spent.get(key, 0) for key in keys], dtype=np.int64)
    waited = np.minimum(waited, rows["sql_us"]) if len(rows) else waited
    rows["lock_wait_us"] += waited
    rows["sql_us"] -= waited
    return Table(transactions.name, transactions.columns, rows.tobytes())

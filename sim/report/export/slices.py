"""The slices of a trace: who did what from when to when, and how slices share tracks without overlapping.

sim.report.export.perfetto turns them into events. Everything of an operation lies within it: attempts, transactions,
driver calls, waits and pauses are nested as the calls were.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sim.report.export.recorded import RecordedRun, Row

BACKGROUND = -1  # the operation of what no client asked for, such as a journal's worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A named stretch of time in microseconds."""

    name: str
    category: str
    began_us: int
    ended_us: int
    details: Row = field(default_factory=dict)

    @property
    def order(self) -> tuple[int, int]:
        """What comes first is earlier, or holds the other."""
        return self.began_us, -self.ended_us


def operation_slice(row: Row, inner: list[Slice], end_us: int) -> Slice:
    """An operation while a worker has it. One without an answer lasts to its last step if it died, else to the end."""
    ended_us = row["ended_us"]
    if ended_us < 0:
        last_us = max((each.ended_us for each in inner), default=row["started_us"])
        ended_us = last_us if row["outcome"] == "died" else end_us
    details = {name: row[name] for name in ("operation", "class", "port", "tenant", "client", "outcome")}
    extra = {name: row[name] for name in ("error", "repeat") if row[name]}
    return Slice(
        name=row["kind"], category="operation", began_us=row["started_us"], ended_us=ended_us,
        details={**details, **extra},
    )  # fmt: skip


def queue_slice(row: Row, end_us: int) -> Slice | None:
    """An operation while it waits for a worker; None when it did not."""
    until_us = row["started_us"] if row["started_us"] >= 0 else end_us
    if until_us <= row["intended_us"]:
        return None
    details = {"operation": row["operation"]}
    return Slice(
        name=f"{row['kind']} waits", category="queue", began_us=row["intended_us"], ended_us=until_us, details=details
    )


def inner_slices(run: RecordedRun) -> dict[int, list[Slice]]:
    """What is within each operation, outer before inner; under BACKGROUND what is in none."""
    found: dict[int, list[Slice]] = {}
    for table, made in _TABLES.items():
        for row in run.rows(table):
            found.setdefault(row["waiter" if table == "lock_waits" else "operation"], []).extend(made(row))
    for slices in found.values():
        slices.sort(key=lambda each: each.order)  # stable: of equal ones the earlier table is the outer one
    return found


def _attempt(row: Row) -> Iterator[Slice]:
    yield Slice(
        name=f"attempt {row['number']}", category="attempt", began_us=row["began_us"], ended_us=row["ended_us"],
        details={"port": row["port"], "drivers": row["result"], "outcome": row["outcome"], "reader": row["reader"]},
    )  # fmt: skip


def _driver_call(row: Row) -> Iterator[Slice]:
    if row["ended_us"] >= 0:
        yield Slice(
            name=f"{row['driver']} {row['method']}", category="driver call", began_us=row["began_us"],
            ended_us=row["ended_us"], details={"port": row["port"], "outcome": row["outcome"]},
        )  # fmt: skip


def _transaction(row: Row) -> Iterator[Slice]:
    began_us, waited_us = row["began_us"], row["pool_wait_us"]
    if waited_us > 0:
        yield Slice(name="pool wait", category="wait", began_us=began_us - waited_us, ended_us=began_us)
    names = ("outcome", "retry", "statements", "sql_us", "lock_wait_us", "driver_us", "own_us")
    yield Slice(
        name=f"transaction {row['name']}", category="transaction", began_us=began_us, ended_us=row["ended_us"],
        details={name: row[name] for name in names},
    )  # fmt: skip


def _lock_wait(row: Row) -> Iterator[Slice]:
    holder = "background" if row["holder"] == BACKGROUND else row["holder"]
    yield Slice(
        name="lock wait", category="wait", began_us=row["from_us"], ended_us=row["to_us"],
        details={"row": row["row"], "holder": holder, "outcome": row["outcome"]},
    )  # fmt: skip


def _pause(row: Row) -> Iterator[Slice]:
    if row["backoff_us"] > 0:
        yield Slice(
            name="back-off", category="wait", began_us=row["at_us"], ended_us=row["at_us"] + row["backoff_us"],
            details={"transaction": row["transaction"], "conflict": row["kind"], "retry": row["retry"]},
        )  # fmt: skip


_TABLES = {
    "attempts": _attempt, "transactions": _transaction, "driver_calls": _driver_call, "lock_waits": _lock_wait,
    "conflicts": _pause,
}  # fmt: skip


def lanes(slices: Iterable[Slice]) -> list[int]:
    """A lane for each slice, from 1, so that no two in one lane overlap and as few as possible are used.

    The slices come in order of their beginning.
    """
    free: list[int] = []
    busy: list[tuple[int, int]] = []  # until when, which lane
    chosen = []
    for each in slices:
        while busy and busy[0][0] <= each.began_us:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy) + 1
        heapq.heappush(busy, (each.ended_us, lane))
        chosen.append(lane)
    return chosen

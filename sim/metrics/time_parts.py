"""Where the time of an operation goes: its latency in parts that add up to it, to the microsecond.

`time_parts` gives a DataFrame for figures and notebooks, from the tables of a live run or of a result that was loaded;
`parts_of_operations` gives arrays, from which sim.metrics.measure takes means. Nothing is recorded for it: an operation
is served by one worker, which does one thing after the other, so the parts are lengths of disjoint stretches of its
rows in the other tables.

    queue        intended start until a worker begins with it
    cpu          the rest: computing, and waiting for a processor or for the worker's turn
    sql          round trips, execution, the database's processor queue, the flush of COMMIT
    lock_wait    waits for row locks
    pool_wait    waits for a connection
    controller   calls of mechanism drivers, inside and outside transactions, without the database in them
    backoff      pauses after a conflict, before its transaction is repeated
    lease_wait   pauses of a `serialized` binding between two tries to take the port's lease

Two waits leave no row of their own. One for the lock of the API process (a strategy with `process_lock`) is in `cpu`.
Of one for a connection that never came, `pool_wait` gets all that follows the last recorded step of an operation that
was answered with PoolTimeout, the computing before it included; where the core has swallowed the error it is in `cpu`.
A driver's call is as long as its caller sees it: with the wait for the worker's turn after it, and, inside a
transaction, with the computing for the statements in it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.metrics.registry import LATENCY_PARTS
from sim.metrics.statistics import Whole
from sim.metrics.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

PARTS = LATENCY_PARTS

_LEASE = "acquire_lease"  # the core's transaction that tries to take a lease (core.binding.exclusion)
_NO_CONNECTION = "PoolTimeout"
_GROUP = ("result", "strategy", "replication")  # columns that tell runs apart in loaded tables

_Rows = dict[str, Whole]
_Read = dict[str, _Rows]  # the tables' columns that are needed, in microseconds

_COLUMNS = {
    "operations": ("operation", "intended_us", "started_us", "ended_us"),
    "transactions": (
        "operation", "retry", "began_us", "ended_us", "pool_wait_us", "sql_us", "lock_wait_us", "driver_us",
    ),
    "driver_calls": ("operation", "began_us", "ended_us", "in_transaction"),
    "conflicts": ("operation", "at_us", "backoff_us"),
}  # fmt: skip
_WORDS = {
    ("operations", "outcome"): "no_target",
    ("operations", "error"): _NO_CONNECTION,
    ("transactions", "name"): _LEASE,
}


class LoadedTables(Protocol):
    """What `load_run` gives, as far as it matters here."""

    def table(self, name: str) -> "pd.DataFrame":
        """A table with the columns of docs/results.md."""


def time_parts(source: Tables | LoadedTables) -> "pd.DataFrame":
    """One row an answered operation (those without a target left out): its parts and `latency_us`, whole microseconds.

    The columns are those that tell runs apart (`strategy`, `replication`; for a live run none), `operation`, `kind`,
    `class`, `latency_us`, then one `<part>_us` for each of PARTS. The parts of a row add up to its latency.
    """
    import pandas as pd

    if isinstance(source, Tables):
        return _framed(source.operations.frame(), parts_of_operations(source))
    frames = {name: source.table(name) for name in _COLUMNS}
    keys = [name for name in _GROUP if name in frames["operations"].columns]
    found = [_framed(rows["operations"], _parts(_of_frames(rows)), keys) for rows in _runs(frames, keys)]
    return pd.concat(found, ignore_index=True) if found else _framed(frames["operations"], _parts(_of_frames(frames)))


def parts_of_operations(tables: Tables) -> _Rows:
    """Arrays of the same length in microseconds: `operation`, `latency` and each of PARTS, in the order of the table.

    One element an answered operation; those without a target are left out.
    """
    return _parts(_of_tables(tables))


# reading


def _of_tables(tables: Tables) -> _Read:
    found = {name: {each: getattr(tables, name).column(each) for each in columns} for name, columns in _COLUMNS.items()}
    for (name, column), word in _WORDS.items():
        table = getattr(tables, name)
        found[name][column] = (table.column(column) == table.codes(column).find(word)).astype(np.int64)
    return found


def _of_frames(frames: dict[str, "pd.DataFrame"]) -> _Read:
    found = {name: {each: _whole(frames[name], each) for each in columns} for name, columns in _COLUMNS.items()}
    for (name, column), word in _WORDS.items():
        found[name][column] = np.asarray(frames[name][column] == word, dtype=np.int64)
    return found


def _whole(frame: "pd.DataFrame", column: str) -> Whole:
    """A column as whole numbers; seconds become the microseconds that they were made from, and never becomes -1."""
    if not column.endswith("_us"):
        return frame[column].to_numpy(dtype=np.int64)
    seconds = frame[f"{column[:-3]}_s"].to_numpy(dtype=float)
    micros: Whole = np.where(np.isnan(seconds), -1, np.rint(np.nan_to_num(seconds) * 1e6)).astype(np.int64)
    return micros


def _runs(frames: dict[str, "pd.DataFrame"], keys: list[str]) -> Iterator[dict[str, "pd.DataFrame"]]:
    """The tables of each run, in the order in which runs first occur."""
    grouped = {name: dict(list(frame.groupby(keys, sort=False, observed=True))) for name, frame in frames.items()}
    for key in grouped["operations"]:
        yield {name: grouped[name].get(key, frame.iloc[:0]) for name, frame in frames.items()}


def _framed(operations: "pd.DataFrame", parts: _Rows, keys: list[str] | None = None) -> "pd.DataFrame":
    told = operations[[*(keys or ()), "operation", "kind", "class"]]
    chosen = told[operations["ended_s"].notna() & (operations["outcome"] != "no_target")].reset_index(drop=True)
    return chosen.assign(latency_us=parts["latency"], **{f"{part}_us": parts[part] for part in PARTS})


# computing


class _Timeline:
    """Puts each operation's time on a stretch of one long line, so that all are worked on at once."""

    def __init__(self, read: _Read) -> None:
        operations = read["operations"]
        chosen = (operations["ended_us"] >= 0) & (operations["outcome"] == 0)
        self.rows = {name: values[chosen] for name, values in operations.items()}
        self._sorted = np.sort(self.rows["operation"])
        self.places = np.searchsorted(self._sorted, self.rows["operation"])
        self._length = 1 + int(self.rows["ended_us"].max(initial=0))
        if len(self._sorted) * self._length >= 2**63:
            raise OverflowError(f"{len(self._sorted)} operations over {self._length} us do not fit 64 bits")

    def own(self, rows: _Rows) -> _Rows:
        """The rows of these operations, with `place`: which one, by rising number."""
        place = np.searchsorted(self._sorted, rows["operation"])
        found = place < len(self._sorted)
        found[found] = self._sorted[place[found]] == rows["operation"][found]
        return {"place": place[found], **{name: values[found] for name, values in rows.items()}}

    def at(self, place: Whole, time_us: Whole) -> Whole:
        """Instants on the line."""
        return place * self._length + time_us

    def total(self, place: Whole, spent_us: Whole) -> Whole:
        """Sums by operation, in the order of the operations' rows."""
        summed = np.zeros(len(self._sorted), dtype=np.int64)
        np.add.at(summed, place, spent_us)
        in_rows: Whole = summed[self.places]
        return in_rows


class _Stretches:
    """Stretches of the line by their beginning; of those inside another only the outer one counts."""

    def __init__(self, timeline: _Timeline, rows: _Rows, began_us: Whole, ended_us: Whole) -> None:
        began, ended = timeline.at(rows["place"], began_us), timeline.at(rows["place"], ended_us)
        order = np.lexsort((-ended, began))
        before = np.maximum.accumulate(np.concatenate(([-1], ended[order])))[:-1]
        outer = order[ended[order] > before]
        self.rows = {name: values[outer] for name, values in rows.items()}
        self.began, self.ended = began[outer], ended[outer]

    @property
    def place(self) -> Whole:
        """Whose they are."""
        return self.rows["place"]

    @property
    def length(self) -> Whole:
        """How long each is in microseconds."""
        length: Whole = self.ended - self.began
        return length

    def contain(self, others: "_Stretches") -> Any:
        """Which of the others lie in one of these: an array of bools."""
        nearest = np.searchsorted(self.began, others.began, side="right") - 1
        ended = np.append(self.ended, -1)[nearest]  # -1 for those before the first
        return others.ended <= ended


def _parts(read: _Read) -> _Rows:
    timeline = _Timeline(read)
    transactions, calls, pauses = _stretches(timeline, read)
    rows = timeline.rows
    found = {
        "operation": rows["operation"],
        "latency": rows["ended_us"] - rows["intended_us"],
        "queue": rows["started_us"] - rows["intended_us"],
        "controller": _controller(timeline, transactions, calls, pauses),
        "backoff": timeline.total(pauses.place, pauses.length),
        "lease_wait": timeline.total(*_lease_waits(transactions)),
    }
    for part in ("sql", "lock_wait", "pool_wait"):
        found[part] = timeline.total(transactions.place, transactions.rows[f"{part}_us"])
    found["pool_wait"] += _in_vain(timeline, transactions, calls, pauses)
    found["cpu"] = found["latency"] - sum(found[part] for part in PARTS if part != "cpu")
    return found


def _stretches(timeline: _Timeline, read: _Read) -> tuple[_Stretches, _Stretches, _Stretches]:
    """Transactions from when they asked for a connection; driver calls outside them; pauses after conflicts."""
    transactions = timeline.own(read["transactions"])
    began_us = transactions["began_us"] - transactions["pool_wait_us"]
    calls = timeline.own(_where(read["driver_calls"], "in_transaction", 0))
    pauses = timeline.own(read["conflicts"])
    paused_until_us = pauses["at_us"] + np.maximum(pauses["backoff_us"], 0)
    return (
        _Stretches(timeline, transactions, began_us, transactions["ended_us"]),
        _Stretches(timeline, calls, calls["began_us"], calls["ended_us"]),
        _Stretches(timeline, pauses, pauses["at_us"], paused_until_us),
    )


def _where(rows: _Rows, column: str, value: int) -> _Rows:
    chosen = rows[column] == value
    return {name: values[chosen] for name, values in rows.items()}


def _controller(timeline: _Timeline, transactions: _Stretches, calls: _Stretches, pauses: _Stretches) -> Whole:
    """A driver that looks something up outside a transaction has one of its own inside its call, with its pauses."""
    spent = timeline.total(calls.place, calls.length)
    spent += timeline.total(transactions.place, transactions.rows["driver_us"])
    for others in (transactions, pauses):
        spent -= timeline.total(others.place, np.where(calls.contain(others), others.length, 0))
    return spent


def _lease_waits(transactions: _Stretches) -> tuple[Whole, Whole]:
    """Whose, and how long: from a try that did not get the lease to the next one. A repeated try is a back-off."""
    lease, place = transactions.rows["name"] == 1, transactions.place
    again = lease[1:] & lease[:-1] & (place[1:] == place[:-1]) & (transactions.rows["retry"][1:] == 0)
    return place[1:][again], (transactions.began[1:] - transactions.ended[:-1])[again]


def _in_vain(timeline: _Timeline, *steps: _Stretches) -> Whole:
    """What follows the last step of operations that were answered with PoolTimeout, 0 for others."""
    rows, places = timeline.rows, timeline.places
    last = np.sort(timeline.at(places, rows["started_us"]))
    for each in steps:
        np.maximum.at(last, each.place, each.ended)
    left = timeline.at(places, rows["ended_us"]) - last[places]
    return np.where(rows["error"] == 1, left, 0)

"""Episodes: a few operations over a short time, taken from the tables, for the space-time diagram.

`telling_episode` chooses by a rule that it states: the longest wait for a row lock of all runs, else the longest
transaction. `finding_episode` takes what a finding of the checker names. Nothing here draws.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sim.experiment.verdict import number
from sim.report.figures.remembering import remembered
from sim.report.figures.sentences import counted

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import LoadedRun

TRANSACTION, CALL, WAIT = "transaction", "call", "wait"
_MOST_LANES: Final = 5  # operations of one strategy: more cannot be followed; assumption
_MARGIN: Final = 0.06  # of the time between first and last event, on both sides
_REACH_S: Final = 15.0  # how much of an operation is shown before and after the evidence; assumption
_EVENT = re.compile(r"\s*(\d+\.\d+) s\s+(.*)")
_OPERATION = re.compile(r"\boperation (\d+)\b")
_PORT = re.compile(r"\bport (\d+)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of an operation: a transaction, a driver's call, or a wait for a row lock that `holder` held."""

    what: str
    words: str
    from_s: float
    to_s: float
    holder: int = -1

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One operation under one strategy, with what it did. `ended_s` is None when it was never answered."""

    strategy: str
    operation: int
    kind: str
    outcome: str
    intended_s: float
    ended_s: float | None
    spans: tuple[Span, ...]

    @property
    def waits(self) -> list[Span]:
        """Its waits for row locks, the longest first."""
        return sorted((span for span in self.spans if span.what == WAIT), key=lambda span: -span.length_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A numbered event; `operation` is None for one at a controller."""

    number: int
    at_s: float
    operation: int | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What the diagram shows; `rule` says in a sentence how it was chosen, `message` what is seen."""

    rule: str
    message: str
    replication: int
    window_s: tuple[float, float]
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def from_s(self) -> float:
        """Where the diagram begins."""
        return self.window_s[0]

    @property
    def to_s(self) -> float:
        """Where it ends."""
        return self.window_s[1]


@remembered
def telling_episode(result: "LoadedRun") -> Episode | None:
    """The longest wait for a row lock, else the longest transaction; None when there was neither."""
    waits, transactions = result.table("lock_waits"), result.table("transactions")
    waits = waits[waits["to_s"].notna() & (waits["waiter"] >= 0) & (waits["holder"] >= 0)]
    if len(waits):
        return _of_wait(result, waits)
    transactions = transactions[transactions["ended_s"].notna() & (transactions["operation"] >= 0)]
    return _of_transaction(result, transactions) if len(transactions) else None


def finding_episode(result: "LoadedRun", finding: Mapping[str, Any]) -> Episode | None:
    """The operations that a finding's evidence names, its events numbered; None when none of them was recorded."""
    marks = tuple(_marks(finding["evidence"]))
    named = dict.fromkeys(int(found) for mark in marks for found in _OPERATION.findall(mark.words))
    run = _Run(result, finding["strategy"], finding["replication"])
    lanes = run.lanes([*named, *_others(run, marks, named)][:_MOST_LANES])
    if not lanes or not marks:
        return None
    first, last = min(mark.at_s for mark in marks), max(mark.at_s for mark in marks)
    near = [lane for lane in lanes if lane.operation in named] or lanes
    reach = max(last - first, _REACH_S)
    ends = [last if lane.ended_s is None else lane.ended_s for lane in near]
    first, last = (
        min(first, *(max(lane.intended_s, first - reach) for lane in near)),
        max(last, *(min(end, last + reach) for end in ends)),
    )
    return Episode(
        rule="The operations that the evidence names, then others on the same port, at most five.",
        message=finding["says"], replication=finding["replication"], window_s=_window(first, last), lanes=lanes,
        marks=marks,
    )  # fmt: skip


class _Run:
    """The tables of one replication of one strategy."""

    def __init__(self, result: "LoadedRun", strategy: str, replication: int) -> None:
        self.strategy = strategy
        names = ("operations", "transactions", "driver_calls", "lock_waits")
        self._tables = {name: _of_run(_tables(result)[name], strategy, replication) for name in names}

    def lanes(self, operations: Iterable[int]) -> tuple[Lane, ...]:
        """A lane for each operation that was recorded, in the order given."""
        return tuple(lane for each in dict.fromkeys(operations) if (lane := self._lane(each)) is not None)

    def on_port(self, port: int) -> list[int]:
        """The operations on a port."""
        rows = self._tables["operations"]
        return [int(each) for each in rows[rows["port"] == port]["operation"]]

    def waiting_for(self, row: str, from_s: float, to_s: float) -> list[int]:
        """Who waited for the same row meanwhile, by when they began to."""
        waits = self._tables["lock_waits"]
        chosen = waits[(waits["row"] == row) & (waits["from_s"] < to_s) & (waits["to_s"] > from_s)]
        return [int(each) for each in chosen.sort_values("from_s")["waiter"]]

    def _lane(self, operation: int) -> Lane | None:
        rows = self._tables["operations"]
        found = rows[rows["operation"] == operation].to_dict("records")
        if not found:
            return None
        first, last = found[0], found[-1]
        ended = last["ended_s"]
        return Lane(
            strategy=self.strategy, operation=operation, kind=str(first["kind"]), outcome=str(last["outcome"]),
            intended_s=float(first["intended_s"]), ended_s=None if ended != ended else float(ended),
            spans=tuple(self._spans(operation)),
        )  # fmt: skip

    def _spans(self, operation: int) -> Iterator[Span]:
        for row in self._rows("transactions", operation):
            yield Span(what=TRANSACTION, words=str(row["name"]), from_s=row["began_s"], to_s=row["ended_s"])
        for row in self._rows("driver_calls", operation):
            words = f"{row['method']} of {row['driver']}"
            yield Span(what=CALL, words=words, from_s=row["began_s"], to_s=row["ended_s"])
        for row in self._rows("lock_waits", operation, column="waiter"):
            yield Span(
                what=WAIT, words=str(row["space"]), from_s=row["from_s"], to_s=row["to_s"], holder=int(row["holder"])
            )  # fmt: skip

    def _rows(self, table: str, operation: int, *, column: str = "operation") -> list[dict[Any, Any]]:
        rows = self._tables[table]
        return list(rows[rows[column] == operation].dropna(subset=[rows.columns[-2]]).to_dict("records"))


@remembered
def _tables(result: "LoadedRun") -> dict[str, "pd.DataFrame"]:
    names = ("operations", "transactions", "driver_calls", "lock_waits")
    return {name: result.table(name) for name in names}


def _of_run(table: "pd.DataFrame", strategy: str, replication: int) -> "pd.DataFrame":
    return table[(table["strategy"] == strategy) & (table["replication"] == replication)]


def _window(first_s: float, last_s: float) -> tuple[float, float]:
    margin = _MARGIN * max(last_s - first_s, 1e-3)
    return max(0.0, first_s - margin), last_s + margin


# by the rule


def _of_wait(result: "LoadedRun", waits: "pd.DataFrame") -> Episode:
    length = waits["to_s"] - waits["from_s"]
    longest = waits.iloc[int(length.to_numpy().argmax())]
    strategy, replication = str(longest["strategy"]), int(longest["replication"])
    run = _Run(result, strategy, replication)
    waiter, holder = int(longest["waiter"]), int(longest["holder"])
    queue = run.waiting_for(longest["row"], longest["from_s"], longest["to_s"])
    others = [each for each in dict.fromkeys(queue) if each not in (waiter, holder)]
    lanes = [*run.lanes([holder, *others[: _MOST_LANES - 2], waiter])]
    compared = _elsewhere(result, strategy, replication, (holder, waiter))
    waited_s = float(longest["to_s"] - longest["from_s"])
    message = (
        f"Under {strategy} operation {waiter} waits {number(waited_s)} s for a row of {longest['space']}, "
        f"held at first by operation {holder}{_more(len(others))}{_instead(lanes, compared, waiter)}."
    )
    return Episode(
        rule="The longest wait for a row lock of all runs: first who held it, others who waited, and last that wait.",
        message=message, replication=replication, lanes=(*lanes, *compared),
        window_s=_around([*lanes, *compared], longest["from_s"], longest["to_s"]),
    )  # fmt: skip


def _of_transaction(result: "LoadedRun", transactions: "pd.DataFrame") -> Episode:
    held = transactions["ended_s"] - transactions["began_s"]
    longest = transactions.iloc[int(held.to_numpy().argmax())]
    strategy, replication = str(longest["strategy"]), int(longest["replication"])
    operation = int(longest["operation"])
    lanes = _Run(result, strategy, replication).lanes([operation])
    compared = _elsewhere(result, strategy, replication, (operation,))
    message = (
        f"Nobody waits for a row lock; the longest transaction, {longest['name']} of operation {operation} under "
        f"{strategy}, is held for {number(float(held.max()))} s{_instead(list(lanes), compared, operation)}."
    )
    return Episode(
        rule="There is no wait for a row lock, so the operation with the longest transaction of all runs.",
        message=message, replication=replication,
        window_s=_around([*lanes, *compared], longest["began_s"], longest["ended_s"]),
        lanes=(*lanes, *compared),
    )  # fmt: skip


def _elsewhere(result: "LoadedRun", strategy: str, replication: int, operations: Sequence[int]) -> tuple[Lane, ...]:
    """The same operations under the first other strategy of the comparison."""
    others = [name for name in result.details["strategies"] if name != strategy]
    return _Run(result, others[0], replication).lanes(operations) if others else ()


def _around(lanes: Sequence[Lane], from_s: float, to_s: float) -> tuple[float, float]:
    """From the first intended start to the last end, but not much longer than the stretch that it is about."""
    length_s = max(to_s - from_s, 1e-3)
    first = max(min(lane.intended_s for lane in lanes), from_s - length_s)
    last = min(max(lane.ended_s or to_s for lane in lanes), to_s + length_s)
    return _window(min(first, from_s), max(last, to_s))


def _more(others: int) -> str:
    return f", and {counted(others, 'other')} {'waits' if others == 1 else 'wait'} for it too" if others else ""


def _instead(lanes: Sequence[Lane], compared: Sequence[Lane], operation: int) -> str:
    """How long the same operation takes under both strategies; empty where it was not answered under both."""
    own = next((lane for lane in lanes if lane.operation == operation), None)
    other = next((lane for lane in compared if lane.operation == operation), None)
    if own is None or other is None or own.ended_s is None or other.ended_s is None:
        return ""
    took, takes = own.ended_s - own.intended_s, other.ended_s - other.intended_s
    return f"; it is answered after {number(took)} s, under {other.strategy} after {number(takes)} s"


# by a finding


def _marks(evidence: Sequence[str]) -> Iterator[Mark]:
    for place, line in enumerate(evidence, 1):
        found = _EVENT.match(line)
        if found:
            named = _OPERATION.search(found[2])
            operation = int(named[1]) if named else None
            yield Mark(number=place, at_s=float(found[1]), operation=operation, words=found[2])


def _others(run: _Run, marks: Sequence[Mark], named: Mapping[int, None]) -> list[int]:
    """Operations on the ports of the evidence that were under way at one of its events."""
    ports = dict.fromkeys(int(found) for mark in marks for found in _PORT.findall(mark.words))
    lanes = run.lanes(operation for port in ports for operation in run.on_port(port) if operation not in named)
    times = [mark.at_s for mark in marks]
    met = [lane for lane in lanes if any(lane.intended_s <= at <= (lane.ended_s or at) for at in times)]
    return [lane.operation for lane in met]

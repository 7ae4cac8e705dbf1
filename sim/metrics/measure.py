"""From one run's tables to the values of its metrics. Called once a replication, in the worker that ran it.

Integer numpy throughout, no pandas: 16 to 38 ms (busy machine) for 20,000 operations with all their rows
(`python tests/sim/metrics/measure_metrics.py`). It never judges or compares; that is sim.experiment's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.metrics.codes import Codes
from sim.metrics.facts import RunFacts
from sim.metrics.registry import HOLD_PARTS, LATENCY_PARTS, LOST_CLASSES, lookup
from sim.metrics.statistics import Whole, rounded, spread
from sim.metrics.steady import measured_operations
from sim.metrics.table import Table
from sim.metrics.time_parts import parts_of_operations

_MICROS = 1e6  # us in a second
_LATENCY = ("mean", "p50", "p95", "p99", "max")

Which = np.ndarray[Any, np.dtype[np.bool_]]
Found = Iterator[tuple[str, float | None, str]]  # name, value, why there is none


@dataclass(slots=True)
class Values:
    """The values of one replication by metric name; None where there is none, and then `reasons` says why."""

    values: dict[str, float | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float | None:
        return self.values[name]


def measure(run: RunFacts) -> Values:
    """Every metric of `run`. Names that the run has no rows for are left out."""
    found = Values()
    for part in _PARTS:
        for name, value, reason in part(run):
            found.values[name] = value
            if value is None:
                found.reasons[name] = reason
    return found


def _spreads(prefix: str, values: Whole, statistics: tuple[str, ...], *, scale: float = _MICROS) -> Found:
    for statistic, value in spread(values, statistics, scale=scale).items():
        yield f"{prefix}.{statistic}", value, "no observations"


def _totals(metric: str, codes: Whole, names: Codes) -> Found:
    """How often each name occurs, for those that do."""
    for code, count in zip(*np.unique(codes[codes >= 0], return_counts=True), strict=True):
        yield f"{metric}.{names.name(int(code))}.total", float(count), ""


class _Operations:
    """The columns of the operations that were sent, and which of them belong to a key."""

    def __init__(self, run: RunFacts, table: Table) -> None:
        rows = table.to_numpy()
        self.sent = rows[rows["outcome"] != table.codes("outcome").find("no_target")]
        self.absent = rows[rows["outcome"] == table.codes("outcome").find("no_target")]
        self.keys = _keys(table)
        self.ended = self.sent["ended_us"].astype(np.int64)
        self.answered = self.ended >= 0
        self.latency = np.where(self.answered, self.ended, run.virtual_us) - self.sent["intended_us"]
        self.good = self._good(run)

    def of(self, column: str, code: int) -> Which:
        """Which of those that were sent belong to a key."""
        return self.sent[column] == code if column else np.ones(len(self.sent), dtype=bool)

    def _good(self, run: RunFacts) -> Which:
        ok = self.sent["outcome"] == run.tables.operations.codes("outcome").find("ok")
        good: Which = self.answered & ok & (self.sent["bound"] != 0)
        return good if run.client_timeout_us is None else good & (self.latency <= run.client_timeout_us)


def _keys(table: Table) -> list[tuple[str, str, int]]:
    """(key, column, code) of each key: all, the kinds, and the classes that are not named like a kind."""
    kinds, classes = table.codes("kind").names, table.codes("class").names
    found = [("all", "", 0)] + [(name, "kind", code) for code, name in enumerate(kinds)]
    return found + [(name, "class", code) for code, name in enumerate(classes) if name not in kinds]


def _operations(run: RunFacts) -> Found:
    operations = _Operations(run, run.tables.operations)
    answers = operations if run.whole is None else _Operations(run, run.whole.operations)
    began, ended = _load_window(run, operations)
    for key, column, code in operations.keys:
        chosen = operations.of(column, code)
        absent = operations.absent[column] == code if column else np.ones(len(operations.absent), dtype=bool)
        yield f"operations_count.{key}.total", float(chosen.sum()), ""
        yield f"no_target_count.{key}.total", float(absent.sum()), ""
        in_time = answers.of(column, code) & (began <= answers.ended) & (answers.ended <= ended)
        yield f"throughput_per_s.{key}.mean", *_rate(int(in_time.sum()), ended - began)
        yield f"goodput_per_s.{key}.mean", *_rate(int((in_time & answers.good).sum()), ended - began)
        yield from _latency(run, key, operations.latency[chosen])
    yield from _unanswered(run, operations)


def _load_window(run: RunFacts, operations: _Operations) -> tuple[int, int]:
    """From the first intended start to the arrivals' end, or to the last answer where that tells more.

    From the end of the warm-up where that is cut off.
    """
    if run.cut_us is not None:
        return run.cut_us, run.load_end_us
    if not len(operations.sent):
        return 0, 0
    began = int(operations.sent["intended_us"].min())
    last = int(operations.ended.max()) if operations.answered.all() else run.virtual_us
    return began, min(run.load_end_us, last) if run.load_end_us > began else last


def _rate(count: int, length_us: int) -> tuple[float | None, str]:
    return (rounded(count * _MICROS / length_us), "") if length_us > 0 else (None, "the load has no length")


def _latency(run: RunFacts, key: str, latency: Whole) -> Found:
    if run.outcome in ("saturated", "stalled"):
        yield from ((f"latency_s.{key}.{statistic}", None, run.outcome) for statistic in _LATENCY)
    else:
        yield from _spreads(f"latency_s.{key}", latency, _LATENCY)


def _latency_parts(run: RunFacts) -> Found:
    if run.outcome in ("saturated", "stalled"):
        yield from ((f"latency_part_s.{part}.mean", None, run.outcome) for part in LATENCY_PARTS)
        return
    parts = parts_of_operations(measured_operations(run.tables, run.whole))
    for part in LATENCY_PARTS:
        yield from _spreads(f"latency_part_s.{part}", parts[part], ("mean",))


def _unanswered(run: RunFacts, operations: _Operations) -> Found:
    unfinished = run.unfinished if run.outcome == "saturated" else int((~operations.answered).sum())
    yield "unfinished_count.total", float(unfinished), ""
    late = 0 if run.client_timeout_us is None else int((operations.latency > run.client_timeout_us).sum())
    yield "give_ups_count.client.total", float(late), ""
    yield "retries_count.client_repeat.total", float((operations.sent["repeat"] > 0).sum()), ""


def _errors(run: RunFacts) -> Found:
    operations = run.tables.operations
    failed = operations.column("outcome") == operations.codes("outcome").find("error")
    yield "errors_count.all.total", float(failed.sum()), ""
    yield from _totals("errors_count", operations.column("error")[failed], operations.codes("error"))


def _attempts(run: RunFacts) -> Found:
    attempts = run.tables.attempts
    rows, outcome = attempts.to_numpy(), attempts.codes("outcome")
    bindings = rows["operation"].astype(np.int64) * 2**32 + rows["port"]
    counts = np.unique(bindings, return_counts=True)[1]
    yield from _spreads("attempts_per_binding_count", counts, ("mean", "max"), scale=1.0)
    yield "binding_attempts_count.all.total", float(len(rows)), ""
    yield from _totals("binding_attempts_count", attempts.column("outcome"), attempts.codes("outcome"))
    again = rows["number"] > 1  # not every 4c: one that found the host taken away is not tried again
    gave_up = rows["outcome"] == outcome.find("gave_up")
    yield "retries_count.inputs_changed.total", float(again.sum()), ""
    yield "give_ups_count.binding.total", float(gave_up.sum()), ""


def _conflicts(run: RunFacts) -> Found:
    conflicts = run.tables.conflicts
    repeated = conflicts.column("backoff_us") >= 0
    yield "retries_count.conflict.total", float(repeated.sum()), ""
    yield "give_ups_count.transaction.total", float((~repeated).sum()), ""
    yield from _totals("retries_count", conflicts.column("kind")[repeated], conflicts.codes("kind"))


def _transactions(run: RunFacts) -> Found:
    transactions = run.tables.transactions
    hold = transactions.column("ended_us") - transactions.column("began_us")
    yield from _spreads("hold_time_s", hold, _LATENCY)
    for part in HOLD_PARTS:
        spent = transactions.column(f"{part}_us")
        yield from _spreads(f"hold_time_s.{part}", spent, _LATENCY)
        yield f"hold_share_ratio.{part}.mean", *_share(int(spent.sum()), int(hold.sum()))
    for metric in ("lock_wait", "pool_wait"):
        yield from _spreads(f"{metric}_s", transactions.column(f"{metric}_us"), (*_LATENCY, "total"))
    yield "transactions_count.all.total", float(len(transactions)), ""
    yield from _totals("transactions_count", transactions.column("outcome"), transactions.codes("outcome"))


def _share(part: int, whole: int) -> tuple[float | None, str]:
    return (rounded(part / whole), "") if whole else (None, "no observations")


def _driver_calls(run: RunFacts) -> Found:
    calls = run.tables.driver_calls
    methods, length = calls.column("method"), calls.column("ended_us") - calls.column("began_us")
    finished = calls.column("ended_us") >= 0
    yield "driver_calls_count.all.total", float(len(calls)), ""
    yield from _totals("driver_calls_count", methods, calls.codes("method"))
    for code, method in enumerate(calls.codes("method").names):
        chosen = length[finished & (methods == code)]
        yield from _spreads(f"driver_call_s.{method}", chosen, ("mean", "p50", "p95", "max"))


def _windows(run: RunFacts) -> Found:
    none = np.zeros(0, dtype=np.int64)
    yield from _spreads("unbound_window_s", run.windows.get("unbound", none), ("p50", "p95", "max"))
    yield from _spreads("double_owner_s", run.windows.get("double_owner", none), ("max", "total"))


def _lost(run: RunFacts) -> Found:
    why = "unknown: the run did not come to rest" if run.outcome != "ok" else "unknown: not counted"
    for name in sorted({*LOST_CLASSES, *run.lost}):
        yield f"lost_bindings_count.{name.replace('.', '-')}.total", _as_float(run.lost.get(name)), why
    counts = [run.lost.get(name) for name in LOST_CLASSES]
    known = [count for count in counts if count is not None]
    yield "lost_bindings_count.total", _as_float(sum(known) if len(known) == len(counts) else None), why


def _as_float(count: int | None) -> float | None:
    return None if count is None else float(count)


def _whole_run(run: RunFacts) -> Found:
    if run.saturated_from_us is not None:
        yield "saturated_from_s.first", rounded(run.saturated_from_us / _MICROS), ""
    yield "stalls_count.total", float(run.outcome == "stalled"), ""
    for name in sorted(run.counts):
        yield f"noted_count.{name}.total", float(run.counts[name]), ""


_PARTS = (
    _operations, _latency_parts, _errors, _attempts, _conflicts, _transactions, _driver_calls, _windows, _lost,
    _whole_run,
)  # fmt: skip


def check_names(values: Values) -> None:
    """Raise UnknownMetric when a value has a name that the registry does not know. For tests."""
    for name in values.values:
        lookup(name)

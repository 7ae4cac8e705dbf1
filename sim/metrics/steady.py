"""The steady part of a run: what began after the warm-up and before the arrivals stopped; and the series of latencies
that shows where the warm-up ends.

sim.experiment calls both for scenarios with `horizon.kind: steady_state`; sim.metrics.measure then measures what is
left. docs/results.md says by which time each table is cut. Nothing here decides where to cut.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.metrics.facts import Micros, RunFacts
from sim.metrics.registry import lookup
from sim.metrics.table import Table
from sim.metrics.tables import Tables

BEGINS = {
    "operations": "intended_us", "attempts": "began_us", "transactions": "began_us", "driver_calls": "began_us",
    "lock_waits": "from_us", "levels": "at_us", "conflicts": "at_us",
}  # fmt: skip
"""The column by which a row counts as begun, by table."""


def within(run: RunFacts, cut_us: int) -> RunFacts:
    """The run with only what began at or after `cut_us` and before the arrivals stopped."""
    tables: dict[str, Any] = {table.name: _cut(table, cut_us, run.load_end_us) for table in run.tables.all()}
    began = {name: (times >= cut_us) & (times < run.load_end_us) for name, times in run.windows_from.items()}
    return replace(
        run,
        tables=replace(run.tables, **tables),
        windows={name: lengths[began[name]] for name, lengths in run.windows.items()},
        windows_from={name: times[began[name]] for name, times in run.windows_from.items()},
        cut_us=cut_us,
        whole=run.tables,
    )


def _cut(table: Table, from_us: int, to_us: int) -> Table:
    rows = table.to_numpy()
    times = rows[BEGINS[table.name]]
    return Table(table.name, table.columns, rows[(times >= from_us) & (times < to_us)].tobytes())


def measured_operations(tables: Tables, whole: Tables | None) -> Tables:
    """The measured operations with all that belongs to them, when they were cut."""
    return tables if whole is None else replace(whole, operations=tables.operations)


@dataclass(frozen=True, slots=True)
class Series:
    """Latencies of operations in the order of their intended starts, and these; microseconds."""

    starts: Micros
    latencies: Micros


def series_of(run: RunFacts, metric: str) -> Series:
    """The series of the operations that `metric` is about; of all operations where it is about none.

    Those without a target are left out, and those that should have started after the arrivals stopped. One without an
    answer is as long as its age at the end of the run.
    """
    table = run.tables.operations
    rows = table.to_numpy()
    chosen = (rows["outcome"] != table.codes("outcome").find("no_target")) & (rows["intended_us"] < run.load_end_us)
    rows = rows[chosen & _about(table, rows, metric)]
    rows = rows[np.argsort(rows["intended_us"], kind="stable")]
    ended = np.where(rows["ended_us"] < 0, run.virtual_us, rows["ended_us"])
    return Series(rows["intended_us"].astype(np.int64), (ended - rows["intended_us"]).astype(np.int64))


def _about(table: Table, rows: np.ndarray[Any, Any], metric: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which operations a metric is about: a kind's or a class's, else all."""
    key = lookup(metric).key
    for column in ("kind", "class"):
        if key in table.codes(column).names:
            return np.asarray(rows[column] == table.codes(column).find(key))
    return np.ones(len(rows), dtype=np.bool_)

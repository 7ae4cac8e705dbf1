"""What comparisons and maps look like in a notebook: HTML with the sentence first, then the rows that matter.

Called by their `_repr_html_`. All metrics are in their frames; this chooses a few.
"""

from typing import TYPE_CHECKING, Any

from sim.experiment.samples import Estimate
from sim.metrics.html import page_table, sentence, short_number

if TYPE_CHECKING:
    from sim.experiment.break_even import BreakEvenMap
    from sim.experiment.comparison import Comparison, Row

_SHOWN = (
    "throughput_per_s.all.mean", "goodput_per_s.all.mean", "errors_count.all.total", "unfinished_count.total",
    "retries_count.inputs_changed.total", "retries_count.conflict.total", "driver_calls_count.bind_port.total",
    "lost_bindings_count.total", "hold_time_s.p50", "hold_time_s.p95", "lock_wait_s.p95", "pool_wait_s.p95",
    "unbound_window_s.p95",
)  # fmt: skip


def comparison_html(found: "Comparison") -> str:
    """The verdict, and the primary latency and the usual metrics by strategy with the difference."""
    known = set(found.samples.metrics())
    family = found.scenario.primary_metric.rpartition(".")[0]
    wanted = (found.scenario.primary_metric, *(f"{family}.{each}" for each in ("p50", "p95", "p99")), *_SHOWN)
    rows = [_row(found.row(name)) for name in dict.fromkeys(wanted) if name in known]
    told = f"{found.replications} replications, seed {found.seed}; in brackets 95 % intervals; frame() has all metrics."
    return sentence(f"{found.scenario.name}: {found.verdict.sentence}") + page_table(rows) + sentence(told)


def map_html(found: "BreakEvenMap") -> str:
    """A cell a row."""
    told = (
        f"{found.second} as a multiple of {found.first}, p95 of create_port; {found.replications} replications a cell."
    )
    rows = [{**row, "saturated": ", ".join(f"{k} in {n}" for k, n in row["saturated"].items())} for row in found.rows()]
    return sentence(told) + page_table(rows)


def _row(row: "Row") -> dict[str, Any]:
    told = {"metric": row.metric}
    told |= {strategy: _estimate(estimate) for strategy, estimate in row.estimates.items()}
    for rival, difference in row.differences.items():
        told[f"{rival}: difference"] = _estimate(difference)
    return told


def _estimate(estimate: Estimate) -> str:
    found = estimate.interval
    if found is None:
        return estimate.note
    if found.low is None or found.high is None:
        return short_number(found.mean)
    return f"{short_number(found.mean)} [{short_number(found.low)}, {short_number(found.high)}]"

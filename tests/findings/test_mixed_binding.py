"""The figure and the numbers of docs/findings.md are those of results/mixed_binding."""

import re
from pathlib import Path

import pandas as pd

from sim.report import as_svg, mixed_over
from sim.results import load_run

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "results" / "mixed_binding"
PAGE = (ROOT / "docs" / "findings.md").read_text()
METRICS = {
    "mixed": "lost_bindings_count.stale-mixed.total",
    "p50 of an update, s": "latency_s.update_port.p50",
    "p95, s": "latency_s.update_port.p95",
    "conflicts": "retries_count.conflict.total",
    "updates": "operations_count.update_port.total",
}
STRATEGIES = ("neutron-2026.1", "row-lock", "compare-and-swap", "deferred")
ROW = re.compile(r"^\| ([0-9.]+) s \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_the_figure_is_drawn_from_the_published_result() -> None:
    axes = mixed_over(load_run(FOLDER), over="workload.clients")
    figure = axes.get_figure(root=True)
    assert figure is not None
    assert as_svg(figure) == (ROOT / "docs" / "mixed_binding.svg").read_text()


def test_the_table_says_what_the_result_says() -> None:
    rows = pd.read_csv(FOLDER / "summary.csv")
    clients, bind = rows.columns[:2]
    many = rows[rows[clients] == 32].set_index([bind, "metric", "strategy"])["mean"]
    told = ROW.findall(PAGE)
    assert len(told) == 3 * len(METRICS)
    for mean_s, label, *values in told:
        found = [many[float(mean_s), METRICS[label], strategy] for strategy in STRATEGIES]
        digits = 2 if label.endswith(", s") else 0
        assert values == [f"{value:,.{digits}f}" for value in found]


def test_only_what_neither_locks_nor_compares_has_mixed_bindings() -> None:
    rows = pd.read_csv(FOLDER / "summary.csv")
    mixed = rows[rows["metric"] == METRICS["mixed"]]
    assert set(mixed[mixed["mean"] > 0]["strategy"]) == {"neutron-2026.1"}

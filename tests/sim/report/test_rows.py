import pytest

from sim.metrics.registry import FAMILIES, lookup
from sim.report.rows import shown_metrics

EVERY = [
    f"{family.name}{key}.{statistic}"
    for family in FAMILIES
    for statistic in family.statistics
    for key in (
        "",
        ".all",
        ".create_port",
        ".get_ports",
        ".inputs_changed",
        ".deadlock",
        ".stale",
        ".driver",
        ".binding",
    )
]


def test_every_row_is_a_metric_of_the_registry() -> None:
    for metric, label in shown_metrics(EVERY):
        assert lookup(metric).name == metric
        assert len(label) <= 25


@pytest.mark.parametrize(
    "metric",
    [
        "throughput_per_s.all.mean",
        "goodput_per_s.all.mean",
        "latency_s.get_ports.p99",
        "attempts_per_binding_count.max",
        "retries_count.deadlock.total",
        "lost_bindings_count.stale.total",
        "hold_time_s.max",
        "lock_wait_s.p95",
        "pool_wait_s.p95",
        "hold_share_ratio.driver.mean",
        "unbound_window_s.p95",
        "errors_count.all.total",
    ],
)
def test_the_table_has_the_metrics_that_the_issue_asks_for(metric: str) -> None:
    assert metric in [name for name, _ in shown_metrics(EVERY)]


def test_a_metric_that_the_runs_do_not_have_gets_no_row() -> None:
    assert shown_metrics(["hold_time_s.p99"]) == [("hold_time_s.p99", "hold time p99 s")]


def test_each_conflict_kind_that_occurs_gets_a_row_of_its_own() -> None:
    known = ["retries_count.deadlock.total", "retries_count.lock_wait_timeout.total"]
    assert [label for _, label in shown_metrics(known)] == ["retry: deadlock", "retry: lock wait timeout"]

from dataclasses import replace

import pytest

from sim.validation.cell import Pairing, Runs
from sim.validation.result import Row
from tests.sim.validation.outcomes import runs, same, validation

P95 = "latency_s.all.p95"


def only(found: Runs) -> Row:
    (row,) = validation(found).rows
    return row


def at(found: Runs, load: float) -> Runs:
    return Runs(cell=replace(found.cell, load=load), outcomes=found.outcomes)


def test_the_error_is_predicted_over_measured_minus_1() -> None:
    assert only(same(P95, measured=0.2, predicted=0.19, again=0.2)).error == pytest.approx(-0.05)


def test_where_0_was_measured_the_error_is_the_difference() -> None:
    assert only(same("lock_wait_s.mean", measured=0.0, predicted=0.003, again=0.0)).error == 0.003


@pytest.mark.parametrize(
    ("metric", "predicted", "is_near"),
    [
        (P95, 0.110, True),
        (P95, 0.111, False),
        (P95, 0.089, False),
        ("latency_s.all.p99", 0.119, True),
        ("latency_s.all.p99", 0.121, False),
        ("throughput_per_s.all.mean", 0.104, True),
        ("throughput_per_s.all.mean", 0.106, False),
        ("hold_time_s.p50", 0.109, True),
        ("hold_time_s.p50", 0.112, False),
    ],
)
def test_each_metric_has_its_own_tolerance(metric: str, predicted: float, is_near: bool) -> None:
    row = only(same(metric, measured=0.1, predicted=predicted, again=0.1))
    assert row.is_near is is_near


def test_latencies_of_one_kind_of_operation_are_shown_and_not_judged() -> None:
    assert only(same("latency_s.get_port.p95", measured=0.1, predicted=0.9, again=0.1)).is_near is None


def test_at_a_high_load_twice_the_spread_of_the_pair_counts_where_it_is_larger_than_20_percent() -> None:
    found = same(P95, measured=0.1, predicted=0.145, again=0.125)
    assert only(at(found, 0.85)).is_near is True
    assert only(at(found, 0.6)).is_near is False
    calm = same(P95, measured=0.1, predicted=0.119, again=0.1)
    assert only(at(calm, 0.85)).is_near is True
    assert only(at(same(P95, measured=0.1, predicted=0.121, again=0.1), 0.85)).is_near is False


def test_predicted_retries_must_lie_in_the_measured_interval() -> None:
    metric = "retries_count.inputs_changed.total"
    inside = same(metric, measured=10.0, predicted=11.0, again=10.0, spread=2.0)
    outside = same(metric, measured=10.0, predicted=30.0, again=10.0, spread=2.0)
    assert only(inside).is_near is True
    assert only(outside).is_near is False


def test_counts_that_nobody_has_seen_have_no_row() -> None:
    nothing = {"retries_count.conflict.total": 0.0, P95: 0.1}
    found = runs({each: [nothing] * 5 for each in Pairing})
    assert [row.metric for row in validation(found).rows] == [P95]


def test_fewer_than_five_replications_have_no_interval_and_their_retries_are_not_judged() -> None:
    metric = "retries_count.inputs_changed.total"
    found = runs({each: [{metric: 3.0}] * 4 for each in Pairing})
    row = only(found)
    assert row.measured is not None
    assert row.measured.low is None
    assert row.is_near is None


def test_the_spread_is_the_difference_of_the_two_measurements() -> None:
    assert only(same(P95, measured=0.2, predicted=0.2, again=0.23)).spread == pytest.approx(0.03)


def test_what_is_missed_is_listed_and_the_data_are_plain() -> None:
    found = validation(same(P95, measured=0.1, predicted=0.5, again=0.1))
    assert [row.metric for row in found.missed] == [P95]
    data = found.data()
    assert data["replications"] == 5
    assert data["rows"][0]["is_near"] is False
    assert data["cells"] == [{"strategy": "deferred", "load": 0.3, "rate_per_s": 60.0, "blocks": {}}]
    assert list(found.frame()["metric"]) == [P95]

from typing import Any

import numpy as np
import pytest

from sim.metrics import RunFacts
from sim.metrics.measure import measure
from sim.metrics.steady import BEGINS, series_of, within
from sim.scenario import load_scenario
from sim.simulation import run

S = 1_000_000


@pytest.fixture(scope="module")
def one() -> RunFacts:
    return run(load_scenario("hot_port", ["horizon.duration_s=20"]), strategy="deferred", seed=3)


def test_what_began_before_the_cut_or_after_the_arrivals_stopped_is_left_out_of_every_table(one: RunFacts) -> None:
    steady = within(one, 8 * S)
    for before, after in zip(one.tables.all(), steady.tables.all(), strict=True):
        times = before.column(BEGINS[before.name])
        kept = times[(times >= 8 * S) & (times < one.load_end_us)]
        assert list(after.column(BEGINS[after.name])) == list(kept)
    assert 0 < len(steady.tables.operations) < len(one.tables.operations)


def test_windows_are_cut_by_their_beginning(one: RunFacts) -> None:
    assert len(one.windows["unbound"]) == len(one.windows_from["unbound"]) > 0
    steady = within(one, 8 * S)
    began = one.windows_from["unbound"]
    kept = (began >= 8 * S) & (began < one.load_end_us)
    assert list(steady.windows["unbound"]) == list(one.windows["unbound"][kept])
    assert 0 < kept.sum() < len(kept)


def test_latencies_are_those_of_the_operations_that_were_meant_to_start_after_the_cut(hand: Any) -> None:
    for began, ended in ((0.0, 5.0), (4.0, 5.0), (5.0, 8.0), (9.0, 11.0), (10.0, 30.0)):
        hand.operation(began=began, ended=ended)
    values = measure(within(hand.facts(), 4 * S))
    assert values["operations_count.all.total"] == 3
    assert (values["latency_s.all.max"], values["latency_s.all.p50"]) == (3.0, 2.0)


def test_throughput_counts_every_answer_between_cut_and_end_of_the_arrivals(hand: Any) -> None:
    for began, ended in ((0.0, 1.0), (1.0, 5.0), (4.0, 6.0), (9.0, 12.0)):
        hand.operation(began=began, ended=ended)
    assert measure(within(hand.facts(), 4 * S))["throughput_per_s.all.mean"] == pytest.approx(2 / 6)


def test_the_parts_of_a_latency_still_add_up_after_the_cut(one: RunFacts) -> None:
    values = measure(within(one, 8 * S)).values
    parts = [value for name, value in values.items() if name.startswith("latency_part_s.")]
    assert sum(parts) == pytest.approx(values["latency_s.all.mean"], rel=1e-6)


def test_a_cut_at_the_beginning_leaves_what_began_while_there_was_load(one: RunFacts) -> None:
    whole, steady = measure(one), measure(within(one, 0))
    began = one.tables.operations.column("intended_us")
    assert whole["operations_count.all.total"] - steady["operations_count.all.total"] == (began >= 20 * S).sum()


def test_the_series_is_that_of_the_metrics_operations_in_the_order_of_their_intended_starts(hand: Any) -> None:
    hand.operation("get_port", began=3.0, ended=4.0, label="read")
    hand.operation("create_port", began=2.0, ended=9.0)
    hand.operation("get_port", began=1.0, ended=None, outcome="unanswered")
    hand.operation("get_port", began=1.0, ended=1.0, outcome="no_target")
    hand.operation("get_port", began=12.0, ended=13.0)
    facts = hand.facts()
    for metric in ("latency_s.get_port.p95", "goodput_per_s.get_port.mean"):
        found = series_of(facts, metric)
        assert (list(found.starts), list(found.latencies)) == ([1 * S, 3 * S], [19 * S, 1 * S])
    assert list(series_of(facts, "latency_s.read.p95").latencies) == [1 * S]
    for metric in ("latency_s.all.mean", "hold_time_s.p95", "lost_bindings_count.stale.total"):
        assert list(series_of(facts, metric).starts) == [1 * S, 2 * S, 3 * S]


def test_a_run_without_operations_has_an_empty_series(hand: Any) -> None:
    assert len(series_of(hand.facts(), "latency_s.all.mean").starts) == 0
    assert np.asarray(series_of(hand.facts(), "latency_s.all.mean").latencies).dtype == np.int64

from typing import Any

import numpy as np
import pytest

from sim.metrics.measure import check_names, measure

S = 1_000_000


def test_throughput_counts_answers_while_the_load_lasts(hand: Any) -> None:
    for ended in (1.0, 4.0, 10.0, 12.0):
        hand.operation(ended=ended)
    assert measure(hand.facts())["throughput_per_s.all.mean"] == 0.3


def test_throughput_of_a_storm_runs_to_the_last_answer(hand: Any) -> None:
    for ended in (1.0, 2.0, 4.0):
        hand.operation(ended=ended)
    assert measure(hand.facts(load_end_us=0))["throughput_per_s.all.mean"] == 0.75


def test_goodput_leaves_out_errors_late_answers_and_ports_without_their_binding(hand: Any) -> None:
    hand.operation(ended=1.0, bound=1)
    hand.operation(ended=2.0)
    hand.operation(ended=2.0, bound=0)
    hand.operation(ended=3.0, outcome="error", error="PortNotFound")
    hand.operation(ended=9.0)
    hand.operation(ended=None, outcome="unanswered")
    values = measure(hand.facts(client_timeout_us=5 * S))
    assert values["goodput_per_s.all.mean"] == 0.2
    assert values["give_ups_count.client.total"] == 2


def test_latency_runs_from_the_intended_start_whenever_a_worker_began(hand: Any) -> None:
    hand.operation(began=1.0, queued=6.0, ended=8.0)
    assert measure(hand.facts())["latency_s.create_port.max"] == 7.0


def test_an_unanswered_operation_is_as_slow_as_its_age(hand: Any) -> None:
    hand.operation(began=0.0, ended=1.0)
    hand.operation(began=5.0, ended=None, outcome="unanswered")
    values = measure(hand.facts())
    assert values["latency_s.create_port.max"] == 15.0
    assert values["unfinished_count.total"] == 1


@pytest.mark.parametrize("outcome", ["saturated", "stalled"])
def test_latencies_are_not_given_when_they_would_measure_the_horizon(hand: Any, outcome: str) -> None:
    hand.operation()
    values = measure(hand.facts(outcome=outcome, unfinished=7))
    assert values["latency_s.create_port.p95"] is None
    assert values.reasons["latency_s.create_port.p95"] == outcome


def test_latency_is_given_by_operation_and_by_class(hand: Any) -> None:
    hand.operation("create_port", ended=1.0, label="boot")
    hand.operation("create_port", ended=2.0, label="create_port")
    hand.operation("delete_port", ended=3.0)
    values = measure(hand.facts())
    assert values["latency_s.boot.max"] == 1.0
    assert values["latency_s.create_port.max"] == 2.0
    assert values["latency_s.delete_port.max"] == 3.0
    assert values["operations_count.create_port.total"] == 2


def test_an_operation_without_a_target_is_counted_and_nowhere_else(hand: Any) -> None:
    hand.operation(ended=1.0)
    hand.operation(ended=0.0, outcome="no_target")
    values = measure(hand.facts())
    assert values["no_target_count.create_port.total"] == 1
    assert values["operations_count.create_port.total"] == 1
    assert values["latency_s.create_port.p50"] == 1.0


def test_errors_are_counted_by_kind(hand: Any) -> None:
    for error in ("PortNotFound", "MechanismDriverError", "PortNotFound"):
        hand.operation(outcome="error", error=error)
    values = measure(hand.facts())
    assert values["errors_count.all.total"] == 3
    assert values["errors_count.PortNotFound.total"] == 2


def test_attempts_are_counted_for_each_port_that_an_operation_binds(hand: Any) -> None:
    for operation, port, number in [(0, 0, 1), (0, 0, 2), (0, 0, 3), (1, 0, 1), (1, 5, 1)]:
        changed = operation == 0 and number < 3
        hand.attempt(operation, port, number, "inputs_changed" if changed else "committed")
    values = measure(hand.facts())
    assert values["attempts_per_binding_count.max"] == 3
    assert values["attempts_per_binding_count.mean"] == pytest.approx(5 / 3)
    assert values["retries_count.inputs_changed.total"] == 2


def test_an_attempt_after_which_the_host_was_taken_away_is_not_a_retry(hand: Any) -> None:
    hand.attempt(0, 0, 1, "inputs_changed")
    assert measure(hand.facts())["retries_count.inputs_changed.total"] == 0


def test_retries_are_told_apart_by_cause(hand: Any) -> None:
    hand.conflict("deadlock")
    hand.conflict("deadlock")
    hand.conflict("lock_wait_timeout")
    hand.conflict("lock_wait_timeout", backoff=None)
    hand.operation(repeat=1)
    values = measure(hand.facts())
    assert values["retries_count.conflict.total"] == 3
    assert values["retries_count.deadlock.total"] == 2
    assert values["retries_count.lock_wait_timeout.total"] == 1
    assert values["retries_count.client_repeat.total"] == 1
    assert values["give_ups_count.transaction.total"] == 1


def test_the_parts_of_the_hold_time_add_up(hand: Any) -> None:
    hand.transaction(sql=0.1, lock=0.2, driver=0.3, own=0.4)
    hand.transaction(sql=0.5, own=0.5, pool=2.0)
    values = measure(hand.facts())
    parts = [values[f"hold_time_s.{part}.mean"] for part in ("sql", "lock_wait", "driver", "own")]
    assert sum(parts) == pytest.approx(values["hold_time_s.mean"]) == 1.0
    assert values["hold_share_ratio.driver.mean"] == 0.15
    assert values["lock_wait_s.total"] == 0.2
    assert values["pool_wait_s.max"] == 2.0


def test_lost_bindings_are_unknown_when_the_run_did_not_come_to_rest(hand: Any) -> None:
    lost = {"overwritten": 2, "stale": None, "stale.mixed": None}
    values = measure(hand.facts(lost=lost, outcome="not quiescent"))
    assert values["lost_bindings_count.overwritten.total"] == 2
    assert values["lost_bindings_count.stale.total"] is None
    assert "did not come to rest" in values.reasons["lost_bindings_count.stale-mixed.total"]
    assert values["lost_bindings_count.total"] is None


def test_lost_bindings_in_all_are_those_of_the_classes_without_their_sub_counts(hand: Any) -> None:
    lost = {"overwritten": 2, "stale": 3, "stale.mixed": 1, "missing": 0, "orphaned": 4, "unbacked": 0, "diverged": 1}
    assert measure(hand.facts(lost=lost))["lost_bindings_count.total"] == 10


def test_windows_are_given_in_seconds(hand: Any) -> None:
    values = measure(hand.facts(windows={"unbound": [S, 2 * S, 3 * S], "double_owner": [S // 2, S]}))
    assert values["unbound_window_s.p50"] == 2.0
    assert values["double_owner_s.total"] == 1.5


def test_driver_calls_are_counted_and_timed_by_method(hand: Any) -> None:
    for length in (0.5, 1.5):
        hand.call("bind_port", length)
    hand.call("create_port_precommit", 0.0, in_transaction=1)
    values = measure(hand.facts())
    assert values["driver_calls_count.bind_port.total"] == 2
    assert values["driver_call_s.bind_port.mean"] == 1.0


def test_a_run_without_rows_has_zeros_and_unknowns_but_no_error(hand: Any) -> None:
    values = measure(hand.facts())
    assert values["operations_count.all.total"] == 0
    assert values["latency_s.all.p95"] is None
    assert values["hold_time_s.p99"] is None


def test_every_name_is_in_the_registry(hand: Any) -> None:
    hand.operation(outcome="error", error="PortNotFound", label="boot")
    hand.attempt(0, 0, 1, "gave_up")
    hand.conflict("deadlock")
    hand.transaction(outcome="deadlock")
    hand.call("bind_port", 1.0)
    facts = hand.facts(lost={"stale": 1, "stale.aba": 1}, saturated_from_us=5, counts={"confirm_refused": 1})
    check_names(measure(facts))


def test_the_same_rows_give_the_same_values(hand: Any) -> None:
    draws = np.random.default_rng(5)
    for ended in draws.exponential(3.0, size=500):
        hand.operation(ended=float(ended))
    assert measure(hand.facts()).values == measure(hand.facts()).values

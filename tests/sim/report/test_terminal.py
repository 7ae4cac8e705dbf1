import io
import json
from typing import Any

import pytest
from rich.console import Console

from sim.experiment.break_even import BreakEvenMap, Cell
from sim.experiment.comparison import Comparison
from sim.experiment.intervals import Interval
from sim.experiment.jobs import Outcome
from sim.metrics.measure import Values
from sim.report.terminal import as_json, print_comparison, print_map
from sim.scenario import parse_scenario

LATENCY = ("latency_s.create_port.p50", "latency_s.create_port.p95", "latency_s.create_port.p99")
SATURATED = dict.fromkeys(LATENCY, "saturated")


def scenario() -> Any:
    return parse_scenario(
        {
            "question": "from which remote latency on do users suffer more under one strategy than the other?",
            "horizon": {"duration_s": 50.0},
            "workload": {
                "arrivals": {"poisson": {"rate_per_s": 1.0}},
                "operations": [{"operation": "create_port", "bind": True}],
            },
            "drivers": [{"name": "ovs", "kind": "agent"}],
            "primary_metric": "latency_s.create_port.p95",
        },
        name="by_hand.yaml",
    )


def outcome(strategy: str, number: int, factor: float, *, saturated: bool = False) -> Outcome:
    values: dict[str, float | None] = {
        "operations_count.all.total": 1200.0,
        "throughput_per_s.all.mean": 10.1 + number / 100,
        "hold_time_s.p99": 0.000123 * factor + number * 1e-7,
        "retries_count.inputs_changed.total": 123456.0 * factor + number,
        "retries_count.deadlock.total": 3.0,
        "lost_bindings_count.stale.total": 0.0 if factor == 1 else 4.0 + number,
        "lost_bindings_count.missing.total": 0.0,
        "lost_bindings_count.orphaned.total": None,
        "unbound_window_s.max": None,
    }
    values |= dict.fromkeys(LATENCY, None if saturated else factor * (1 + number / 100))
    reasons = {
        "lost_bindings_count.orphaned.total": "unknown: the run did not come to rest",
        "unbound_window_s.max": "no observations",
        **(SATURATED if saturated else {}),
    }
    return Outcome(
        strategy=strategy, replication=number, values=Values(values, reasons), tables=None, virtual_us=60_000_000,
        outcome="saturated" if saturated else "ok", saturated_from_us=12_000_000 if saturated else None,
        unfinished=431 if saturated else 0, stall=("worker 1 waits for row ports/7 of worker 2",) if saturated else (),
    )  # fmt: skip


def comparison(*factors: float, slow: int = -1, names: tuple[str, ...] = ()) -> Comparison:
    usual = ("in-transaction", "deferred", "serialized", "deferred-with-values-and-a-long-name")
    outcomes = [
        outcome((names or usual)[place], number, factor, saturated=place == slow)
        for place, factor in enumerate(factors)
        for number in range(6)
    ]
    return Comparison(scenario(), outcomes, seed=1)


def printed(found: Comparison | BreakEvenMap) -> str:
    text = io.StringIO()
    console = Console(file=text, width=80)
    (print_comparison if isinstance(found, Comparison) else print_map)(found, console)  # type: ignore[operator]
    return text.getvalue()


@pytest.mark.parametrize("factors", [(1.0,), (1.0, 0.6), (1.0, 0.6, 1.4), (1.0, 0.6, 1.4, 2.0)])
@pytest.mark.parametrize("slow", [-1, 0])
def test_no_line_is_wider_than_80_columns(factors: tuple[float, ...], slow: int) -> None:
    lines = printed(comparison(*factors, slow=slow)).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)


def test_a_file_gets_plain_text() -> None:
    assert "\x1b" not in printed(comparison(1.0, 0.6))


def test_a_row_has_both_values_the_difference_its_interval_and_the_best() -> None:
    [row] = [line for line in printed(comparison(1.0, 0.6)).splitlines() if line.startswith("create_port p95 s")]
    assert row.split() == ["create_port", "p95", "s", "1.02", "0.615*", "-0.41", "[-0.42,-0.4]"]


def test_the_verdict_stands_above_the_table() -> None:
    text = " ".join(printed(comparison(1.0, 0.6)).split())
    assert "latency_s.create_port.p95: deferred is better, 0.615 s against 1.02 s under in-transaction" in text


def test_a_count_that_never_was_is_none_seen_with_its_exact_limit() -> None:
    text = printed(comparison(1.0, 0.6))
    [row] = [line for line in text.splitlines() if line.startswith("lost: missing")]
    assert row.split() == ["lost:", "missing", "none", "seen", "none", "seen"]
    flat = " ".join(text.split())
    assert "none seen in 6 replications, 7,200 operations; at most 0.416 in 1,000 operations" in flat


def test_a_saturated_strategy_says_so_instead_of_a_latency() -> None:
    text = printed(comparison(1.0, 0.6, slow=0))
    [row] = [line for line in text.splitlines() if line.startswith("create_port p95 s")]
    assert row.split() == ["create_port", "p95", "s", "saturated", "0.615"]
    flat = " ".join(text.split())
    assert "in-transaction: saturated in 6 of 6 replications, the first from t = 12 s with 431 unfinished" in flat
    assert "worker 1 waits for row ports/7 of worker 2" in flat


def test_a_difference_just_below_a_hundred_has_no_exponent() -> None:
    [row] = [line for line in printed(comparison(1.0, 100.0)).splitlines() if line.startswith("create_port p95 s")]
    assert "e+" not in row


def test_an_unknown_is_an_answer_of_its_own() -> None:
    [row] = [line for line in printed(comparison(1.0, 0.6)).splitlines() if line.startswith("lost: orphaned")]
    assert row.split() == ["lost:", "orphaned", "unknown", "unknown"]


def test_the_json_form_is_the_summary() -> None:
    found = comparison(1.0, 0.6)
    data = json.loads(as_json(found))
    assert data["verdict"]["words"] == {"deferred": "better"}
    assert data["strategies"]["deferred"]["values"]["lost_bindings_count.missing.total"] == [0.0] * 6


def sample_map() -> BreakEvenMap:
    ratio, even = Interval(0.61, 0.55, 0.68, 5), Interval(1.0, 0.99, 1.01, 5)
    cells = tuple(
        Cell(median_s=median_s, subnets=name, ratio=value, saturated=saturated, within_min_effect=value is even)
        for median_s, name, value, saturated in [
            (0.05, "one subnet for all", even, {}),
            (0.05, "one subnet a tenant", ratio, {}),
            (0.5, "one subnet for all", None, {"in-transaction": 3}),
            (0.5, "one subnet a tenant", None, {"in-transaction": 5, "deferred": 1}),
        ]
    )
    return BreakEvenMap(
        scenario="boot_storm", first="in-transaction", second="deferred", cells=cells, replications=5,
        duration_s=60.0, seed=1,
    )  # fmt: skip


def test_the_map_has_a_line_a_latency_and_a_column_a_layout() -> None:
    lines = printed(sample_map()).splitlines()
    [head, *_] = [number for number, line in enumerate(lines) if "bind median s" in line]
    assert lines[head].split() == ["bind", "median", "s", "one", "subnet", "for", "all", "one", "subnet", "a", "tenant"]
    assert lines[head + 1].split() == ["0.05", "no", "difference", "1.00", "[0.99,", "1.01]", "0.61", "[0.55,", "0.68]"]
    assert " ".join(lines[head + 2].split()) == "0.5 in-transaction saturated 3/5 both saturated 5/5 and 1/5"
    assert max(map(len, lines)) <= 80


def test_the_map_says_how_coarse_it_is() -> None:
    flat = " ".join(printed(sample_map()).split())
    assert "5 replications a cell, 60 s of load, seed 1" in flat


def test_a_cell_that_is_not_in_the_map_is_refused() -> None:
    with pytest.raises(KeyError, match=r"0\.7 s"):
        sample_map().cell(0.7, "one subnet for all")


def test_none_seen_is_explained_only_where_it_stands() -> None:
    seen = comparison(1.2, 0.6)
    for outcome_ in seen.samples.outcomes("deferred") + seen.samples.outcomes("in-transaction"):
        outcome_.values.values["lost_bindings_count.missing.total"] = 1.0
    assert "none seen" not in printed(seen)


def test_one_strategy_alone_is_shown_with_its_own_intervals() -> None:
    lines = printed(comparison(1.0)).splitlines()
    [row] = [line for line in lines if line.startswith("create_port p95 s")]
    assert row.split() == ["create_port", "p95", "s", "1.02", "[1.01,", "1.04]"]
    assert "difference" not in "\n".join(lines)

"""Every shipped scenario under every strategy: it ends well, it is small, and it shows what its question is about."""

import re
from functools import cache
from pathlib import Path

import pytest

from sim.cli import main
from sim.metrics import RunFacts
from sim.metrics.measure import measure
from sim.scenario import BASES, load_scenario, parse_scenario, shipped_names
from sim.scenario.yaml_text import parse
from sim.simulation import run

CASES = [
    (name, strategy)
    for name in shipped_names()
    for strategy in dict.fromkeys([*(each.name for each in load_scenario(name).strategies), *BASES])
]


@cache
def _run(name: str, strategy: str) -> RunFacts:
    scenario = load_scenario(name)
    known = {each.name for each in scenario.strategies}
    if strategy not in known:
        scenario = load_scenario(name, [f"strategies=[{strategy}]"])
    return run(scenario, strategy=strategy, seed=1)


def _value(name: str, strategy: str, metric: str) -> float:
    return measure(_run(name, strategy)).values.get(metric) or 0.0


@pytest.mark.parametrize(("name", "strategy"), CASES)
def test_its_base_case_is_stable_and_small(name: str, strategy: str) -> None:
    facts = _run(name, strategy)
    assert (facts.outcome, facts.unfinished) == ("ok", 0)
    assert 300 <= len(facts.tables.operations) <= 2000
    assert measure(facts).values[load_scenario(name).primary_metric] is not None


def test_boot_storm_shows_creates_queueing_behind_the_remote_bind() -> None:
    waits = [_value("boot_storm", strategy, "latency_s.create_port.p95") for strategy in ("in-transaction", "deferred")]
    assert waits[0] > 5 * waits[1]


@pytest.mark.parametrize("name", ["live_migration", "hot_port"])
def test_changes_during_a_bind_are_case_4c_of_deferred_binding_alone(name: str) -> None:
    assert _value(name, "deferred", "retries_count.inputs_changed.total") > 10
    assert _value(name, "in-transaction", "retries_count.inputs_changed.total") == 0


def test_a_stampede_of_readers_binds_at_once_unless_reads_are_plain_or_leased() -> None:
    calls = {
        strategy: _value("get_port_stampede", strategy, "driver_calls_count.bind_port.total")
        for strategy in ("in-transaction", "deferred", "deferred-plain-reads", "serialized")
    }
    assert calls["in-transaction"] == calls["deferred-plain-reads"] == 0
    assert calls["serialized"] == 40  # one a port
    assert calls["deferred"] > 80


def test_a_delete_waits_for_the_bind_only_when_that_is_inside_the_transaction() -> None:
    metric = "latency_s.delete_port.p95"
    assert _value("delete_during_bind", "in-transaction", metric) > 0.5
    assert _value("delete_during_bind", "deferred", metric) < 0.2


def test_green_threads_stand_still_for_50_s_only_with_a_bind_inside_the_transaction_and_no_lock_around_it() -> None:
    longest = {
        strategy: _value("eventlet_lock_wait", strategy, "latency_s.update_port.max")
        for strategy in ("in-transaction", "in-transaction-with-lock", "deferred")
    }
    assert longest["in-transaction"] > 50  # innodb's lock wait timeout, s
    assert max(longest["in-transaction-with-lock"], longest["deferred"]) < 20


def test_reads_heal_what_a_brownout_left_unbound() -> None:
    missing = "lost_bindings_count.missing.total"
    assert _value("controller_brownout", "in-transaction", missing) > 0
    assert _value("controller_brownout", "deferred", missing) < _value("controller_brownout", "in-transaction", missing)


def test_without_remote_calls_deferred_binding_costs_its_second_transaction() -> None:
    metric = "latency_s.create_port.p50"
    costs = [_value("rally_create_port", strategy, metric) for strategy in ("in-transaction", "deferred", "serialized")]
    assert costs == sorted(costs)


def test_the_annotated_example_of_the_documentation_runs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
    block = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    scenario = parse_scenario(parse(block[1])[0], ["horizon.duration_s=10"])
    assert {run(scenario, strategy=each, seed=1).outcome for each in scenario.strategies} == {"ok"}


def test_a_strategy_against_itself_is_inconclusive(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    small = ["--set", "horizon.duration_s=20", "--replications", "5", "--output", str(tmp_path / "out")]
    assert main(["compare", "boot_storm", "--strategies", "deferred,deferred", *small]) == 3
    assert "deferred#2: inconclusive" in capsys.readouterr().out

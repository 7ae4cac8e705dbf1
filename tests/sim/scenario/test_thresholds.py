"""Objectives in a scenario file, in each way to write them, and those asked for beside it."""

from typing import Any

import pytest

from sim.metrics.registry import metric_problem
from sim.scenario import (
    Objective,
    ScenarioError,
    Threshold,
    asked_objectives,
    load_scenario,
    parse_scenario,
    resolved,
    with_overrides,
)

P95 = "latency_s.create_port.p95"


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return resolved(load_scenario("boot_storm"))


def thresholds(plain: dict[str, Any], *given: Any) -> tuple[Threshold, ...]:
    return parse_scenario({**plain, "thresholds": list(given)}, metric_problem=metric_problem).thresholds


def test_a_plain_text_a_mapping_and_limits_mean_the_same_objective(plain: dict[str, Any]) -> None:
    text, mapping, limit = thresholds(
        plain,
        f"{P95} <= 5",
        {"that": f"{P95} <= 5", "strategies": ["deferred"]},
        {"metric": P95, "at_most": 5, "strategies": ["deferred"]},
    )
    assert text.objectives == mapping.objectives == limit.objectives == (Objective(P95, "<=", 5.0),)
    assert (text.strategies, mapping.strategies, limit.strategies) == ((), ("deferred",), ("deferred",))


def test_two_limits_are_two_objectives(plain: dict[str, Any]) -> None:
    (threshold,) = thresholds(plain, {"metric": P95, "at_most": 5, "at_least": 1})
    assert [objective.text for objective in threshold.objectives] == [f"{P95} <= 5", f"{P95} >= 1"]


def test_the_resolved_form_says_it_as_the_file_does_and_loads_again(plain: dict[str, Any]) -> None:
    scenario = parse_scenario({**plain, "thresholds": [f"{P95} < 5", {"metric": P95, "at_least": 1}]})
    said = resolved(scenario)["thresholds"]
    assert said == [
        {"that": f"{P95} < 5", "strategies": []},
        {"metric": P95, "at_least": 1.0, "strategies": []},
    ]
    assert parse_scenario({**plain, "thresholds": said}) == scenario


def test_an_override_changes_a_limit(plain: dict[str, Any]) -> None:
    scenario = parse_scenario({**plain, "thresholds": [f"{P95} < 5", {"metric": P95, "at_most": 5}]})
    changed = with_overrides(scenario, [f"thresholds.0={P95} < 7", "thresholds.1.at_most=8"])
    assert [threshold.objectives[0].limit for threshold in changed.thresholds] == [7, 8]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"{P95} = 5", f"thresholds.0 is '{P95} = 5': '=' is no comparison; allowed: < <= == >= >; did you mean ==?"),
        ("latency_ms.all.p95 < 5", "no name begins with 'latency_ms' (nearest: latency_s"),
        ("latency_s.create_port.p90 < 5", "the names of this kind are latency_s.<all|operation|class>.mean|p50|p95"),
        ("latency_s.create.p95 < 5", "is about 'create'; here it can be about all, create_port"),
        ({"strategies": ["deferred"]}, "thresholds.0 needs either that or metric"),
        ({"that": f"{P95} < 5", "metric": P95}, "thresholds.0 needs either that or metric"),
        ({"that": f"{P95} < 5", "at_most": 4}, "at_most and at_least belong to metric; that says its own limit"),
        ({"metric": P95}, "thresholds.0 needs at_most or at_least"),
        ({"that": f"{P95} < 5", "strategy": "deferred"}, "thresholds.0.strategy is not a known key"),
        ({"that": f"{P95} < 5", "strategies": ["none"]}, "name 'none': no such strategy"),
        (5, "thresholds.0 is 5: must be a mapping with the keys that, metric"),
    ],
)
def test_a_wrong_one_is_refused_with_its_place(plain: dict[str, Any], given: Any, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        thresholds(plain, given)
    assert said in str(refused.value)


def test_what_is_asked_for_beside_the_scenario_goes_through_the_same_parser() -> None:
    scenario = load_scenario("live_migration")
    texts = [f"{P95} < 5", "latency_s.migrate.p95 < 9", f"{P95}<5"]
    asked = asked_objectives(texts, scenario, metric_problem=metric_problem)
    assert [objective.text for objective in asked] == [f"{P95} < 5", "latency_s.migrate.p95 < 9"]


def test_everything_wrong_with_it_is_said_at_once() -> None:
    scenario = load_scenario("boot_storm")
    with pytest.raises(ScenarioError) as refused:
        asked_objectives([P95, "latency_s.migrate.p95 < 9"], scenario, metric_problem=metric_problem)
    first, second = str(refused.value).splitlines()
    assert first.startswith(f"--slo: '{P95}' holds no comparison")
    assert second.startswith("--slo: 'latency_s.migrate.p95' is about 'migrate'; here it can be about all, ")

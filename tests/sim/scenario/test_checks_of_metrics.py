"""The words under which a scenario's operations are reported, which its metrics may be about."""

from pathlib import Path

import pytest

from sim.metrics.registry import metric_problem
from sim.scenario import ScenarioError, load_scenario

MIGRATION = Path(__file__).resolve().parents[3] / "scenarios" / "live_migration.yaml"


def test_classes_of_the_mix_and_of_what_follows_can_be_asked_for() -> None:
    for word in ("migrate", "retarget", "poll", "update_port", "get_ports", "all"):
        load_scenario(MIGRATION, [f"primary_metric=latency_s.{word}.p95"], metric_problem=metric_problem)


def test_a_misspelt_class_is_refused_with_those_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"primary_metric .*'migrat'.*can be about all, create_port.*migrate"):
        load_scenario(MIGRATION, ["primary_metric=latency_s.migrat.p95"], metric_problem=metric_problem)

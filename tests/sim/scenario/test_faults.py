"""Faults in a scenario: what each kind takes, fills in and refuses, with sentences that say what is allowed."""

from typing import Any

import pytest

from sim.scenario import Crash, ScenarioError, parse_scenario, resolved

AGENTS = [{"name": "ovs", "kind": "agent"}]
GOOD: list[dict[str, Any]] = [
    {"crash": {"at_s": 1, "process": 3}},
    {"crash": {"probability": 0.1, "point": "before_commit", "restart_after_s": None}},
    {"crash": {"operation": 3, "nth": 2}},
    {"controller": {"name": "sdn", "at_s": 1, "for_s": 3, "down": True}},
    {"controller": {"name": "sdn", "at_s": 1, "for_s": 3, "latency_factor": 0, "error_probability": 1}},
    {"connection": {"when": "during_commit", "probability": 0.1, "took_effect": "yes"}},
    {"connection": {"when": "statement", "at_s": 4, "transactions": ["get_port", "commit_binding"]}},
    {"failover": {"at_s": 3}},
    {"deadlock": {"probability": 0.1, "operation": 3, "nth": 0}},
    {"impatience": {"patience_s": 1, "probability": 0.1}},
    {"agent": {"host": 99, "at_s": 1, "for_s": 5}},
]


def said(data: dict[str, Any], fault: Any, **changes: Any) -> str:
    with pytest.raises(ScenarioError) as error:
        parse_scenario({**data, "faults": [fault], **changes})
    return str(error.value)


@pytest.mark.parametrize("fault", GOOD, ids=lambda fault: next(iter(fault)))
def test_a_fault_survives_being_resolved_and_loaded_again(data: dict[str, Any], fault: dict[str, Any]) -> None:
    data["drivers"] += AGENTS
    scenario = parse_scenario({**data, "faults": [fault]})
    assert parse_scenario(resolved(scenario)) == scenario
    assert scenario.faults[0].kind == next(iter(fault))


def test_there_are_none_unless_the_file_says_so(data: dict[str, Any]) -> None:
    assert parse_scenario(data).faults == ()
    assert resolved(parse_scenario(data))["faults"] == []


def test_a_hundred_are_enough(data: dict[str, Any]) -> None:
    one = {"failover": {"at_s": 3}}
    assert len(parse_scenario({**data, "faults": [one] * 100}).faults) == 100
    with pytest.raises(ScenarioError, match="faults holds 101 items: may hold at most 100"):
        parse_scenario({**data, "faults": [one] * 101})


def test_defaults_are_filled_in() -> None:
    drawn, timed = Crash.model_validate({"probability": 0.5}), Crash.model_validate({"at_s": 1, "process": 0})
    assert (drawn.point, drawn.restart_after_s) == ("anywhere", 10)
    assert (timed.point, timed.restart_after_s) == (None, 10)
    assert Crash.model_validate({"probability": 0.5, "restart_after_s": None}).restart_after_s is None


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"crash": {}}, "faults.0.crash needs at_s, probability or operation: when it happens"),
        ({"crash": {"nth": 1}}, "faults.0.crash needs at_s, probability or operation"),
        ({"crash": {"at_s": 1}}, "faults.0.crash at_s needs process"),
        ({"crash": {"at_s": 1, "process": 4}}, "faults.0.crash.process is 4: no such process; allowed: 0 to 3"),
        (
            {"crash": {"at_s": 1, "process": 0, "point": "after_commit"}},
            "point (after_commit) has no meaning with at_s",
        ),
        ({"crash": {"probability": 1, "process": 0}}, "process (0) belongs to at_s"),
        ({"crash": {"probability": 1, "point": "x"}}, "faults.0.crash.point is 'x': must be one of 'anywhere', "),
        ({"crash": {"probability": 1.5}}, "faults.0.crash.probability is 1.5: must be at most 1"),
        ({"crash": {"at_s": 1, "nth": 3, "process": 0}}, "at_s (1.0) stands alone: it cannot be combined with nth"),
        ({"deadlock": {"at_s": 1, "probability": 0.4}}, "at_s (1.0) stands alone: it cannot be combined with prob"),
        ({"deadlock": {"operation": -1}}, "faults.0.deadlock.operation is -1: must be at least 0"),
        ({"deadlock": {"at_s": 1, "transactions": ["x"]}}, "transactions.0 is 'x': must be one of 'create_port', "),
        ({"connection": {"at_s": 1}}, "faults.0.connection.when is missing: statement, before_commit: the server"),
        (
            {"connection": {"when": "after_commit", "at_s": 1, "took_effect": "no"}},
            "took_effect (no) belongs to during_commit; with after_commit nothing is in doubt",
        ),
        (
            {"controller": {"name": "odl", "at_s": 1, "for_s": 3, "down": True}},
            "is 'odl': no such controller; allowed: sdn",
        ),
        ({"controller": {"name": "sdn", "at_s": 1, "for_s": 3}}, "faults.0.controller changes nothing: needs down, "),
        (
            {"controller": {"name": "sdn", "at_s": 1, "for_s": 3, "down": True, "latency_factor": 2}},
            "down leaves no call that anything else could be said of",
        ),
        ({"controller": {"name": "sdn", "at_s": 1, "for_s": 0, "down": True}}, "for_s is 0: must be more than 0"),
        ({"failover": {"at_s": 7200}}, "at_s is 7200, not before horizon.max_virtual_time_s (7200): it would never"),
        (
            {"failover": {"at_s": 1, "probability": 1}},
            "failover.probability is not a known key: allowed: at_s, pause_s",
        ),
        ({"impatience": {"patience_s": 1}}, "faults.0.impatience needs probability or operation: whose patience"),
        (
            {"impatience": {"patience_s": 1, "probability": 1, "at_s": 1}},
            "impatience.at_s is not a known key: allowed: patience_s, probability, operation",
        ),
        ({"agent": {"host": 1, "at_s": 1}}, "faults.0.agent.host has no agent that anybody asks for"),
        ({"crash": {"operation": 1}, "failover": {"at_s": 1}}, "faults.0 needs exactly one of crash, controller, "),
        ({"cresh": {}}, "faults.0.cresh is not a known key: did you mean 'crash'?"),
        ("crash", "faults.0 is 'crash': must be a mapping with one of the keys crash, controller, connection, "),
    ],
)
def test_what_makes_no_sense_is_refused(data: dict[str, Any], fault: Any, sentence: str) -> None:
    assert sentence in said(data, fault)


def test_a_host_must_exist(data: dict[str, Any]) -> None:
    data["drivers"] += AGENTS
    assert "faults.0.agent.host is 100: no such host; allowed: 0 to 99" in said(
        data, {"agent": {"host": 100, "at_s": 1}}
    )


def test_an_impatient_client_waits_less_than_others(data: dict[str, Any]) -> None:
    data["workload"]["client"] = {"timeout_s": 5}
    fault = {"impatience": {"patience_s": 5, "probability": 1}}
    assert "faults.0.impatience.patience_s is 5, not below workload.client.timeout_s (5)" in said(data, fault)


def test_a_controllers_fault_needs_controllers(data: dict[str, Any]) -> None:
    fault = {"controller": {"name": "sdn", "at_s": 1, "for_s": 3, "down": True}}
    assert "allowed: none, controllers is empty" in said(data, fault, drivers=AGENTS, controllers=[])

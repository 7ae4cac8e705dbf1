"""What cannot be had in real time is told at once, each with its place."""

from typing import Any

import pytest

from sim.scenario import Strategy, load_scenario
from sim.wall import unsupported
from tests.sim.wall.on_sqlite import small

CANNOT: dict[str, tuple[dict[str, Any], str, str]] = {
    "eventlet": ({"api": {"kind": "eventlet"}}, "api.kind", "workers are threads"),
    "a deadlock": ({"faults": [{"deadlock": {"probability": 0.1}}]}, "faults[0]", "deadlock"),
    "a crash anywhere": ({"faults": [{"crash": {"point": "anywhere", "probability": 0.1}}]}, "faults[0]", "anywhere"),
    "a crash that holds a lease": (
        {"faults": [{"crash": {"point": "holding_lease", "probability": 0.1}}]}, "faults[0]", "holding_lease",
    ),
    "a connection that breaks during COMMIT": (
        {"faults": [{"connection": {"when": "during_commit", "probability": 0.1}}]}, "faults[0]", "during_commit",
    ),
    "a connection that breaks at a time": (
        {"faults": [{"connection": {"when": "statement", "at_s": 0.1}}]}, "faults[0]", "at_s",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CANNOT)
def test_what_cannot_be_had_is_named_with_its_place(what: str) -> None:
    changes, place, says = CANNOT[what]
    (problem,) = unsupported(small(**changes), is_private=True)
    assert place in str(problem).replace(".0", "[0]")
    assert says in str(problem)


def test_a_cluster_cannot_be_started_here() -> None:
    assert "galera" in str(unsupported(load_scenario("galera_writers"), is_private=True)[0])


def test_somebody_elses_server_is_never_stopped() -> None:
    scenario = small(faults=[{"failover": {"at_s": 0.1, "pause_s": 0.1}}])
    assert unsupported(scenario, is_private=True) == []
    assert "only a private server" in str(unsupported(scenario, is_private=False)[0])


def test_every_problem_is_told_at_once() -> None:
    scenario = small(
        api={"kind": "eventlet"},
        faults=[{"deadlock": {"probability": 0.1}}, {"crash": {"at_s": 0.1, "process": 0}}],
    )
    assert len(unsupported(scenario, is_private=True)) == 2


def test_an_ordinary_scenario_has_none() -> None:
    assert unsupported(small(), is_private=False) == []


PLAIN = Strategy.model_validate({"name": "ours", "base": "deferred", "first_read": "plain"})
COMPARING = Strategy.model_validate({"name": "ours", "base": "deferred", "first_read": "compare_and_swap"})
IN_DOUBT = [{"crash": {"at_s": 0.1, "process": 0}}]


def test_a_commit_in_doubt_cannot_be_decided_where_two_may_leave_one_revision() -> None:
    (problem,) = unsupported(small(faults=IN_DOUBT), is_private=True, strategies=[PLAIN])
    assert "in real time under ours: with a plain read" in str(problem)
    assert unsupported(small(faults=IN_DOUBT), is_private=True, strategies=[COMPARING]) == []
    assert unsupported(small(), is_private=True, strategies=[PLAIN]) == []

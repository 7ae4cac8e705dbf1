"""Small systems whose capacity is known, for the tests of this folder: nothing takes time unless a test says so."""

from typing import Any

from sim.experiment.cache import OutcomeCache
from sim.experiment.planning.question import Question
from sim.scenario import Scenario, parse_objective, parse_scenario

NO_CACHE = OutcomeCache(None)

_SYSTEM: dict[str, Any] = {
    "question": "How much does it carry?",
    "strategies": ["deferred"],
    "horizon": {"duration_s": 30},
    "workload": {"arrivals": {"poisson": {"rate_per_s": 5}}, "operations": [{"operation": "create_port"}]},
    "topology": {"tenants": 50, "hosts": 4, "ip_allocation": False},
    "api": {"processes": 4, "threads": 15, "cores": 4, "cpu_s": 0, "cpu_s_per_statement": 0},
    "database": {"round_trip_s": 0, "execution_s": 0, "commit_s": 0, "commit_slots": 100,
                 "pool": {"size": 15, "max_overflow": 0}},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    "controllers": [{"name": "sdn", "concurrency": 100, "timeout_s": 1000, "latency": {"bind": 0.1}}],
    "primary_metric": "latency_s.create_port.mean",
}  # fmt: skip


def system(**changes: Any) -> Scenario:
    """The system; a mapping changes keys of a part, anything else replaces it."""
    merged = dict(_SYSTEM)
    for key, change in changes.items():
        old = merged.get(key)
        merged[key] = {**old, **change} if isinstance(old, dict) and isinstance(change, dict) else change
    return parse_scenario(merged, name="small")


def controller(**changes: Any) -> list[dict[str, Any]]:
    """The controllers of a system with one."""
    return [{**_SYSTEM["controllers"][0], **changes}]


def arriving(**arrivals: Any) -> dict[str, Any]:
    """A workload with these arrivals."""
    return {**_SYSTEM["workload"], "arrivals": arrivals}


def question(scenario: Scenario, *objectives: str, path: str = "workload.rate_per_s") -> Question:
    """A question about the first strategy."""
    return Question(
        scenario=scenario, strategy=scenario.strategies[0].name, path=path, seed=1, cache=NO_CACHE,
        objectives=tuple(map(parse_objective, objectives)),
    )  # fmt: skip

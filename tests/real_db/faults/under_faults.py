"""A scenario that keeps API processes busy, runs of it, and what must hold after each, whatever has gone wrong."""

from collections.abc import Mapping
from typing import Any

from sim.history import check
from sim.running import Run
from sim.scenario import Scenario
from sim.servers import RunDatabase
from sim.wall import run

BUSY: dict[str, Any] = {
    "question": "What is left when something breaks for real?",
    "horizon": {"duration_s": 1.5, "drain_limit_s": 40, "max_virtual_time_s": 60},
    "workload": {
        "arrivals": {"constant": {"rate_per_s": 40}},
        "operations": [
            {"operation": "update_port", "change": "host", "weight": 3},
            {
                "operation": "create_port",
                "weight": 2,
                "then": [{"operation": "delete_port", "after_s": 0.1, "weight": 0.5}],
            },
            {"operation": "get_port", "weight": 2},
        ],
        "ports": {"initial": 8, "bound": True},
        "client": {"timeout_s": 3, "on_timeout": "repeat", "retries": 3, "retry_pause_s": 0.1},
    },
    "topology": {"tenants": 2, "hosts": 4},
    "api": {"processes": 2, "threads": 6, "cores": 2, "cpu_s": 0, "cpu_s_per_statement": 0},
    "database": {"pool": {"size": 3, "max_overflow": 10, "timeout_s": 10}},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    "controllers": [{"name": "sdn", "latency": {"bind": 0.05, "confirm": 0.01, "drop": 0.01}}],
    "primary_metric": "latency_s.update_port.p95",
}


def busy(**changes: Any) -> Scenario:
    """The scenario; a mapping changes keys of a part, anything else replaces it."""
    merged = dict(BUSY)
    for key, change in changes.items():
        old = merged.get(key)
        merged[key] = {**old, **change} if isinstance(old, Mapping) and isinstance(change, Mapping) else change
    return Scenario.model_validate(merged)


def run_on(database: RunDatabase, scenario: Scenario, **how: Any) -> Run:
    """Runs it with its history."""
    return run(scenario, database=database, **{"strategy": "deferred", "history": True, **how})


def faults_of(run: Run, kind: str) -> int:
    """How many faults of this kind took effect."""
    assert run.history is not None
    faults = run.history.tables.faults
    kinds = faults.codes("kind").names
    return sum(kinds[code] == kind for code in faults.column("kind").tolist())


def errors_of(run: Run) -> set[str]:
    """The names of the errors that clients got."""
    table = run.tables.operations
    names = table.codes("error").names
    return {names[code] for code in table.column("error").tolist() if code >= 0}


def assert_all_is_well(run: Run, database: RunDatabase) -> None:
    """The run came to rest, every promise of its strategy is kept, and the server holds nothing of ours.

    Where a COMMIT's outcome stayed unknown to its own client, who had to go on from what it could see, the checker may
    leave a promise undecided, as it does in virtual time (docs/findings.md); it is never broken.
    """
    assert run.history is not None
    assert run.history.facts.quiescent
    report = check(run.history)
    said = [line for finding in report.findings for line in (finding.says, *report.evidence(finding))]
    kinds = run.tables.conflicts.codes("kind")
    in_doubt = kinds.find("commit_outcome_unknown") in run.tables.conflicts.column("kind").tolist()
    words = {verdict.word for verdict in report.promised}
    assert words <= ({"ok", "unknown"} if in_doubt else {"ok"}), "\n".join(said)
    assert (database.sessions(), database.locks()) == ([], 0)

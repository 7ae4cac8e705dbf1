"""All kinds together: no hook without faults, the same run for the same seed, and nothing changed by recording."""

from collections.abc import Callable
from typing import Any

import pytest

from sim.kernel import Draws
from sim.model.engine import Engine
from sim.model.system import System
from sim.scenario import Scenario, builtin
from tests.sim.model.tiny import controller, tiny

EVERYTHING: list[dict[str, Any]] = [
    {"crash": {"probability": 0.002, "restart_after_s": 1}},
    {"crash": {"point": "between_transactions", "probability": 0.02, "restart_after_s": 0}},
    {"crash": {"at_s": 6, "process": 1, "restart_after_s": None}},
    {"controller": {"name": "sdn", "at_s": 2, "for_s": 2, "down": True}},
    {"controller": {"name": "sdn", "at_s": 4, "for_s": 6, "latency_factor": 2, "answer_loss_probability": 0.2}},
    {"connection": {"when": "during_commit", "probability": 0.05}},
    {"connection": {"when": "after_commit", "probability": 0.05}},
    {"failover": {"at_s": 5, "pause_s": 2}},
    {"deadlock": {"probability": 0.02}},
    {"impatience": {"probability": 0.2, "patience_s": 2}},
    {"agent": {"host": 1, "at_s": 3, "for_s": 4}},
]


def stormy(**changes: Any) -> Scenario:
    return tiny(**{
        "horizon": {"duration_s": 10},
        "workload": {
            "arrivals": {"poisson": {"rate_per_s": 4}},
            "operations": [
                {"operation": "create_port", "then": [{"operation": "delete_port", "after_s": 4}]},
                {"operation": "update_port"},
                {"operation": "get_port"},
            ],
            "ports": {"initial": 3},
            "client": {"timeout_s": 8, "retries": 1, "on_timeout": "repeat"},
        },
        "api": {"processes": 2},
        "database": {"round_trip_s": 0.001, "commit_s": 0.002},
        "drivers": [{"name": "ovs", "kind": "agent"}, {"name": "odl", "kind": "journal", "controller": "sdn"}],
        "controllers": controller(timeout_s=3),
        "faults": EVERYTHING,
        **changes,
    })  # fmt: skip


def tables(scenario: Scenario, strategy: str, *, seed: int = 3, record: bool = False) -> tuple[Any, dict[str, int]]:
    """Everything that a run has measured, and how often each kind of fault took effect."""
    system = System(scenario, builtin(strategy), draws=Draws(seed), record=record)
    try:
        ending = Engine(system).run()
        rows = [table.to_numpy().tobytes() for table in system.tables.all()]
        counts = {name: n for name, n in system.recorder.counts.items() if name.startswith("fault-")}
        return (rows, ending.lost, ending.virtual_us, ending.quiescent), counts
    finally:
        system.close()


@pytest.mark.parametrize("ties", ["scheduled", "drawn"])
@pytest.mark.parametrize("strategy", ["in-transaction", "deferred", "serialized"])
def test_the_same_seed_gives_the_same_run_recorded_or_not(strategy: str, ties: str) -> None:
    scenario = stormy(horizon={"duration_s": 10, "ties": ties})
    first, counts = tables(scenario, strategy)
    assert tables(scenario, strategy, record=True) == (first, counts)
    assert tables(scenario, strategy, seed=4) != (first, counts)


def test_every_kind_takes_effect() -> None:
    seen: set[str] = set()
    for seed in range(3):
        seen |= set(tables(stormy(), "deferred", seed=seed)[1])
    kinds = ("crash", "restart", "controller", "connection", "failover", "deadlock", "impatience", "agent")
    assert seen == {f"fault-{kind}" for kind in kinds}


def test_a_scenario_without_faults_has_no_hook_anywhere() -> None:
    system = System(stormy(faults=[]), builtin("deferred"), draws=Draws(1))
    assert (system.kernel.interceptor, system.server.fault, system.load.patience) == (None, None, None)
    assert system.faults.observer is system.recorder
    assert [controller.disturbance for controller in system.controllers.values()] == [None]
    system.close()


@pytest.mark.parametrize(
    ("fault", "hook"),
    [
        (EVERYTHING[0], lambda s: s.kernel.interceptor is not None),
        (EVERYTHING[1], lambda s: s.faults.observer is not s.recorder),
        ({"crash": {"point": "after_commit", "operation": 1}}, lambda s: s.server.fault is not None),
        (EVERYTHING[3], lambda s: s.controllers["sdn"].disturbance is not None),
        (EVERYTHING[5], lambda s: s.server.fault is not None),
        (EVERYTHING[7], lambda s: s.server.fault is not None),
        (EVERYTHING[8], lambda s: s.server.fault is not None),
        (EVERYTHING[9], lambda s: s.load.patience is not None),
    ],
)
def test_each_kind_hooks_in_where_it_must_and_leaves_at_rest(
    fault: dict[str, Any], hook: Callable[[System], bool]
) -> None:
    system = System(stormy(faults=[fault]), builtin("deferred"), draws=Draws(1))
    hooks = (
        system.kernel.interceptor,
        system.server.fault,
        system.load.patience,
        system.controllers["sdn"].disturbance,
    )
    assert hook(system)
    assert sum(one is not None for one in hooks) == ("between" not in str(fault))
    system.faults.stop()
    assert system.kernel.interceptor is system.server.fault is system.controllers["sdn"].disturbance is None
    system.close()


def test_nothing_goes_wrong_any_more_while_ports_are_read_at_rest() -> None:
    hopeless = [{"crash": {"probability": 0.3, "restart_after_s": 0}}, {"deadlock": {"probability": 0.9}}]
    scenario = stormy(faults=hopeless, drivers=[{"name": "sdn", "kind": "controller", "controller": "sdn"}])
    (_, lost, _, quiescent), counts = tables(scenario, "deferred")
    assert quiescent
    assert counts["fault-crash"] > 10
    assert lost["missing.after_read"] == 0

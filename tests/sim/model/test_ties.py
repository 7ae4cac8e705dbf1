"""Whole systems whose events at one instant come in a drawn order: they come to rest, and the seed alone decides how.

Nothing takes time but where it is said, so that nearly everything happens at a few instants.
"""

from typing import Any

import pytest

from sim.kernel import Draws
from sim.model.engine import Ending, Engine
from sim.model.system import System
from sim.scenario import BASES, Scenario, builtin
from tests.sim.model.tiny import controller, tiny

ON_TWO_PORTS = [
    {"at_s": 0, "operation": "create_port", "host": 0},
    {"at_s": 0, "operation": "update_port", "port": 0, "host": 1},
    {"at_s": 0, "operation": "update_port", "port": 0, "host": 2},
    {"at_s": 0, "operation": "get_port", "port": 1},
    {"at_s": 0, "operation": "delete_port", "port": 1},
    {"at_s": 0, "operation": "update_port", "port": 1, "change": "vnic_type", "value": "direct"},
    {"at_s": 0.1, "operation": "update_port", "port_of": 0, "host": 3},
    {"at_s": 0.1, "operation": "get_ports"},
    {"at_s": 0.1, "operation": "update_port", "port": 0, "change": "name", "value": "x"},
]
ONE_PROCESS = {"api": tiny(api={"threads": 8}).api}  # so that nothing else is drawn


def racing(*, kind: str = "threads", profile: str = "innodb", driver: str = "controller", **horizon: Any) -> Scenario:
    return tiny(
        horizon={"ties": "drawn", **horizon},
        workload={"arrivals": {"script": ON_TWO_PORTS}, "operations": [], "ports": {"initial": 2, "bound": False}},
        api={"kind": kind, "processes": 2, "threads": 4},
        database={"profile": profile, "commit_slots": 2},
        drivers=[{"name": "sdn", "kind": driver, "controller": "sdn"}],
        controllers=controller(latency={"bind": 0.1}),
    )


def ran(scenario: Scenario, strategy: str, seed: int) -> tuple[Ending, list[bytes]]:
    """How the run ended, and the bytes of its tables."""
    system = System(scenario, builtin(strategy), draws=Draws(seed))
    try:
        ending = Engine(system).run()
        assert system.server.open_transactions() == []
        assert all(pool.resource.in_use == 0 for pool in system.pools.values())
        return ending, [table.to_numpy().tobytes() for table in system.tables.all()]
    finally:
        system.close()


@pytest.mark.parametrize("profile", ["innodb", "postgresql", "sqlite"])
@pytest.mark.parametrize("kind", ["threads", "eventlet"])
@pytest.mark.parametrize("strategy", BASES)
def test_every_order_comes_to_rest_and_loses_nothing_that_the_strategy_promises(
    strategy: str, kind: str, profile: str
) -> None:
    for seed in range(12):
        ending, tables = ran(racing(kind=kind, profile=profile), strategy, seed)
        assert ending.quiescent
        assert (ending.stall, ending.lost["overwritten"], ending.lost["stale"]) == ([], 0, 0)
        assert len(tables[0]) > 0


@pytest.mark.parametrize("driver", ["controller", "journal"])
def test_the_same_seed_gives_the_same_bytes(driver: str) -> None:
    scenario = racing(driver=driver)
    for seed in range(10):
        assert ran(scenario, "deferred", seed) == ran(scenario, "deferred", seed)


def test_operations_end_in_many_orders_only_when_ties_are_drawn() -> None:
    def order(ties: str, seed: int) -> tuple[int, ...]:
        system = System(racing(ties=ties).model_copy(update=ONE_PROCESS), builtin("deferred"), draws=Draws(seed))
        Engine(system).run()
        system.close()
        return tuple(system.tables.operations.column("operation").tolist())

    assert len({order("scheduled", seed) for seed in range(10)}) == 1
    assert len({order("drawn", seed) for seed in range(10)}) > 5


def test_a_run_without_ties_is_the_same_however_they_are_decided() -> None:
    apart: list[dict[str, Any]] = [{**item, "at_s": 5 * place} for place, item in enumerate(ON_TWO_PORTS)]
    changes = {"arrivals": {"script": apart}, "operations": [], "ports": {"initial": 2}}
    answers = [
        ran(tiny(horizon={"ties": ties, "duration_s": 60}, workload=changes, api={"threads": 1}), "deferred", 1)
        for ties in ("scheduled", "drawn")
    ]
    assert answers[0] == answers[1]

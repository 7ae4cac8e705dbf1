"""What makes thousands of small runs quick changes none of them."""

import gc
import logging
from typing import Any

import pytest

from sim.kernel import Draws
from sim.metrics import Table
from sim.model.engine import Ending, Engine
from sim.model.system import System
from sim.scenario import BASES, Scenario, builtin
from sim.simulation import executed, many_runs, run
from tests.sim.model.tiny import controller, tiny

ITEMS: list[dict[str, Any]] = [
    {"at_s": 0.1, "operation": "create_port", "host": 1},
    {"at_s": 0.1, "operation": "update_port", "port_of": 0, "host": 2},
    {"at_s": 0.2, "operation": "update_port", "port": 0, "host": 3},
    {"at_s": 0.25, "operation": "delete_port", "port": 1},
    {"at_s": 0.3, "operation": "get_ports"},
]


class EverySlice(Engine):
    """Looks whether the system is at rest ten times a virtual second."""

    def _next_look_at_rest_us(self) -> int:
        return self._kernel.now_us + 100_000


def scenario(**changes: Any) -> Scenario:
    workload = {"arrivals": {"script": ITEMS}, "operations": [], "ports": {"initial": 2}}
    return tiny(workload=workload, **changes)


SLOW: dict[str, dict[str, Any]] = {
    "a slow controller": {"controllers": controller(latency={"bind": 12.34}, timeout_s=100)},
    "a call given up": {"controllers": controller(latency={"bind": 47}, timeout_s=1)},
    "a journal": {"drivers": [{"name": "odl", "kind": "journal", "controller": "sdn"}]},
    "a limit": {"horizon": {"drain_limit_s": 7.77}, "controllers": controller(latency={"bind": 12}, timeout_s=100)},
    "a stall": {
        "api": {"kind": "eventlet", "db_driver": "blocking"},
        "database": {"profile": "postgresql"},
    },
}


@pytest.mark.parametrize("case", SLOW)
@pytest.mark.parametrize("strategy", BASES)
def test_a_drain_ends_when_it_would_if_every_slice_were_looked_at(case: str, strategy: str) -> None:
    def ended(kind: type[Engine]) -> tuple[Ending, list[bytes]]:
        system = System(scenario(**SLOW[case]), builtin(strategy), draws=Draws(3))
        ending = kind(system).run()
        system.close()
        return ending, [table.to_numpy().tobytes() for table in system.tables.all()]

    assert ended(Engine) == ended(EverySlice)


def test_a_drain_in_which_nothing_happens_takes_few_looks() -> None:
    looks: list[int] = []
    system = System(
        scenario(controllers=controller(latency={"bind": 300}, timeout_s=1000)), builtin("deferred"), draws=Draws(3)
    )
    run_clock = system.kernel.run
    system.kernel.run = lambda *, until_us=None: looks.append(until_us) or run_clock(until_us=until_us)  # type: ignore[method-assign]
    ending = Engine(system).run()
    system.close()
    assert ending.quiescent
    assert ending.virtual_us > 300_000_000
    assert len(looks) < 150  # a look for a stall every 5 s, and a few


def test_a_lean_run_is_the_same_run() -> None:
    whole = run(scenario(), strategy="deferred", seed=4, replication=2)
    with many_runs():
        for _ in range(3):
            with executed(scenario(), builtin("deferred"), seed=4, replication=2) as (system, ending):
                assert ending.lost == whole.lost
                assert ending.virtual_us == whole.virtual_us
                for mine, other in zip(system.tables.all(), whole.tables.all(), strict=True):
                    assert mine.to_numpy().tobytes() == other.to_numpy().tobytes()
    assert system.kernel.processes() == []


def test_around_many_runs_the_core_is_quiet_and_the_collector_as_before_afterwards() -> None:
    before = gc.get_threshold(), gc.get_freeze_count(), logging.getLogger("core").level
    with many_runs():
        assert gc.get_freeze_count() > 0
        assert not logging.getLogger("core").isEnabledFor(logging.CRITICAL)
    assert (gc.get_threshold(), gc.get_freeze_count(), logging.getLogger("core").level) == before


def test_many_runs_inside_many_runs_change_nothing_and_end_nothing() -> None:
    with many_runs():
        before = gc.get_threshold(), gc.get_freeze_count()
        collections = gc.get_stats()[2]["collections"]
        with many_runs():
            assert (gc.get_threshold(), gc.get_freeze_count()) == before
        assert (gc.get_threshold(), gc.get_freeze_count()) == before
        assert gc.get_stats()[2]["collections"] == collections
    assert gc.get_freeze_count() == 0


def test_a_run_without_levels_is_otherwise_the_same() -> None:
    with (
        many_runs(),
        executed(scenario(), builtin("deferred"), seed=4, history=True) as (whole, ending),
        executed(scenario(), builtin("deferred"), seed=4, history=True, levels=False) as (system, other),
    ):
        assert other.virtual_us == ending.virtual_us
        assert len(whole.tables.levels) > 0
        assert len(system.tables.levels) == 0
        assert _rows(system.tables.all()) == _rows(whole.tables.all())
        assert system.history is not None
        assert whole.history is not None
        assert _rows(system.history.tables.all()) == _rows(whole.history.tables.all())


def _rows(tables: tuple[Table, ...]) -> dict[str, list[tuple[int, ...]]]:
    return {table.name: list(table.rows()) for table in tables if table.name != "levels"}

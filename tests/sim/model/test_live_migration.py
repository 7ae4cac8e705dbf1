"""Live migrations in a run: a binding is made on the target host, then activated, while others change the port."""

from collections import Counter
from typing import Any

import pytest

from sim.history import check
from sim.metrics.measure import measure
from sim.scenario import Strategy
from sim.simulation import Run, run
from tests.sim.model.tiny import controller, tiny

MIGRATES = {
    "operation": "create_binding",
    "then": [{"operation": "activate", "after_s": 0.5, "then": [{"operation": "delete_binding", "after_s": 0.5}]}],
}
BUSY = [
    {**MIGRATES, "weight": 3},
    {"operation": "create_binding", "then": [{"operation": "delete_binding", "after_s": 0.1}]},
    *({"operation": "update_port", "change": change} for change in ("host", "vnic_type", "name")),
    {"operation": "get_port"},
    {"operation": "create_port", "weight": 0.3},
    {"operation": "delete_port", "weight": 0.2},
]
FAULTS = [
    {"connection": {"when": "during_commit", "probability": 0.05, "took_effect": "drawn"}},
    {"deadlock": {"probability": 0.01}},
    {"crash": {"at_s": 10, "process": 1, "restart_after_s": 2}},
]


def ran(strategy: str | Strategy, *, seed: int = 1, **changes: Any) -> Run:
    """A run whose SQL takes 10 ms a statement, so that others come in between."""
    database = {"round_trip_s": 0.01, "execution_s": 0, "commit_s": 0, **changes.pop("database", {})}
    latency = {"bind": 0.3, "confirm": 0.01, "drop": 0.01}
    scenario = tiny(horizon={"duration_s": 20}, database=database, controllers=controller(latency=latency), **changes)
    return run(scenario, strategy=strategy, seed=seed, history=True)


def scripted(strategy: str | Strategy, *, moved_at_s: float) -> Run:
    """A migration of port 0 from host-0 to host-2, activated at 5 s, while another client moves it to host-3."""
    items = [
        {"at_s": 1, "operation": "create_binding", "port": 0, "host": 2},
        {"at_s": 5, "operation": "activate", "port": 0, "host": 2},
        {"at_s": moved_at_s, "operation": "update_port", "port": 0, "host": 3},
    ]
    return ran(strategy, workload={"arrivals": {"script": items}, "operations": [], "ports": {"initial": 1}})


def ends(done: Run, kind: str) -> list[str]:
    """How the operations of a kind have ended, by the error's name where there is one."""
    words, table = done.tables.words, done.tables.operations
    columns = (table.column(name).tolist() for name in ("kind", "outcome", "error"))
    return [
        words.errors.name(error) or words.operation_outcomes.name(outcome) or ""
        for code, outcome, error in zip(*columns, strict=True)
        if words.kinds.name(code) == kind
    ]


def transactions(done: Run, name: str) -> int:
    words, table = done.tables.words, done.tables.transactions
    return Counter(table.column("name").tolist())[words.transactions.find(name)]


@pytest.mark.parametrize("moved_at_s", [4.98, 5.05])
def test_neutrons_activation_never_wins_against_a_change_of_host_and_that_of_deferred_does(moved_at_s: float) -> None:
    lost, won = (scripted(name, moved_at_s=moved_at_s) for name in ("neutron-2026.1", "deferred"))
    assert (ends(lost, "activate"), ends(won, "activate")) == (["PortBindingError"], ["ok"])
    assert transactions(lost, "activate_port_binding") >= 10 > transactions(won, "activate_port_binding") == 1
    assert ends(lost, "update_port") == ends(won, "update_port") == ["ok"]


@pytest.mark.parametrize("moved_at_s", [4.98, 5.05])
def test_neutron_wins_as_well_when_it_rereads(moved_at_s: float) -> None:
    mended = Strategy(name="mended", base="neutron-2026.1", activation="rereads")
    assert ends(scripted(mended, moved_at_s=moved_at_s), "activate") == ["ok"]


@pytest.mark.parametrize("profile", ["innodb", "postgresql"])
@pytest.mark.parametrize("deleted_after_s", [-0.02, 0.0, 0.02, 0.04, 0.06, 0.08])
def test_an_activation_and_the_deletion_of_its_binding_wait_for_each_other_and_make_no_circle(
    deleted_after_s: float, profile: str
) -> None:
    items = [
        {"at_s": 1, "operation": "create_binding", "port": 0, "host": 2},
        {"at_s": 5, "operation": "activate", "port": 0, "host": 2},
        {"at_s": 5 + deleted_after_s, "operation": "delete_binding", "port": 0, "host": 2},
    ]
    workload = {"arrivals": {"script": items}, "operations": [], "ports": {"initial": 1}}
    done = ran("deferred", workload=workload, database={"profile": profile})
    assert len(done.tables.conflicts) == 0
    assert ["ok"] in (ends(done, "activate"), ends(done, "delete_binding"))


def test_an_undisturbed_migration_leaves_nothing_behind_and_its_source_is_dropped() -> None:
    done = scripted("deferred", moved_at_s=15)
    assert [ends(done, kind) for kind in ("create_binding", "activate")] == [["ok"], ["ok"]]
    assert not any(done.lost.values())
    assert not any(verdict.findings for verdict in check(done.history).verdicts.values())  # type: ignore[arg-type]


def test_neutrons_migration_leaves_the_source_behind_of_whose_end_no_driver_is_told() -> None:
    done = scripted("neutron-2026.1", moved_at_s=15)
    assert done.lost["overwritten"] == 1
    found = {(each.name, each.cause) for v in check(done.history).verdicts.values() for each in v.findings}  # type: ignore[arg-type]
    assert ("durability", "overwritten") in found


def test_a_migration_in_novas_three_steps_ends_well_and_each_kind_has_its_metrics() -> None:
    workload = {
        "arrivals": {"constant": {"rate_per_s": 0.5}},
        "operations": [{"operation": "create_port", "then": [MIGRATES]}],
    }
    done = ran("deferred", workload=workload)
    for kind in ("create_binding", "activate", "delete_binding"):
        assert set(ends(done, kind)) == {"ok"}
    values = measure(done)
    assert values["latency_s.activate.p50"] < values["latency_s.create_binding.p50"]


@pytest.mark.parametrize("strategy", ["deferred", "in-transaction", "neutron-2026.1"])
def test_instances_that_migrate_again_and_again_find_no_binding_left_on_a_host_where_they_have_been(
    strategy: str,
) -> None:
    closed = {"closed": {"clients": 1, "iterations": 12}}
    workload = {"arrivals": closed, "operations": [MIGRATES], "ports": {"initial": 1}}
    done = ran(strategy, workload=workload)
    assert [len(ends(done, kind)) for kind in ("create_binding", "activate", "delete_binding")] == [12, 12, 12]
    assert "PortBindingAlreadyExists" not in ends(done, "create_binding")
    moved = ends(done, "activate").count("ok")
    assert moved >= 8  # a host drawn where the port is has nothing to activate
    assert ends(done, "delete_binding").count("ok") == moved


def test_a_port_that_was_never_on_a_host_leaves_no_binding_to_delete() -> None:
    operations = [{"operation": "create_port", "bind": False, "then": [MIGRATES]}]
    done = ran("deferred", workload={"arrivals": {"constant": {"rate_per_s": 0.5}}, "operations": operations})
    assert set(ends(done, "activate")) == {"ok"}
    assert set(ends(done, "delete_binding")) == {"no_target"}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("profile", ["innodb", "postgresql"])
@pytest.mark.parametrize("strategy", ["deferred", "serialized", "in-transaction"])
def test_under_load_and_faults_the_checker_finds_no_promise_broken(strategy: str, profile: str, seed: int) -> None:
    workload = {"arrivals": {"poisson": {"rate_per_s": 6}}, "operations": BUSY, "ports": {"initial": 6}}
    changes = {"workload": workload, "database": {"profile": profile}, "faults": FAULTS, "api": {"processes": 2}}
    done = ran(strategy, seed=seed, **changes)
    assert {"ok", "PortBindingAlreadyActive"} <= set(ends(done, "activate"))
    assert "ok" in ends(done, "delete_binding")
    report = check(done.history)  # type: ignore[arg-type]
    assert [f"{each.name}: {found.says}" for each in report.broken for found in each.findings] == []

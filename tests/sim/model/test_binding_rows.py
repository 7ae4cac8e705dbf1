"""Ports without binding rows in the simulator: two that insert one at once, and what the history says of it."""

from typing import Any

import pytest

from sim.history import check
from sim.scenario import Strategy
from sim.simulation import run
from tests.sim.model.recording.recorded import rows
from tests.sim.model.tiny import moves, reads, scripted, tiny

PORTS = {"initial": 1, "bound": False, "with_host": False}
ON_DEMAND = Strategy(name="on-demand", base="deferred", binding_row="on_demand")
MOVE = {"at_s": 1, "operation": "update_port", "port": 0, "host": 2}
RENAME = {"at_s": 2.5, "operation": "update_port", "port": 0, "change": "name"}
READ = {"at_s": 3, "operation": "get_port", "port": 0}
DETAILS = {"at_s": 1.2, "operation": "get_device_details", "port": 0}
DELETE = {"at_s": 5, "operation": "delete_port", "port": 0}
LIST = {"at_s": 0.5, "operation": "get_ports", "filter": "none"}
GONE = {"at_s": 6, "operation": "get_port", "port": 0}


def history(*items: dict[str, Any], strategy: str | Strategy = "havana") -> Any:
    workload = {"arrivals": {"script": list(items)}, "operations": [], "ports": PORTS}
    return run(tiny(workload=workload), strategy=strategy, seed=1, history=True).history


@pytest.mark.parametrize("strategy", ["havana", "icehouse"])
@pytest.mark.parametrize("profile", ["innodb", "postgresql"])
def test_who_comes_second_waits_for_the_first_and_meets_a_duplicate_key(strategy: str, profile: str) -> None:
    free = {"round_trip_s": 0, "execution_s": 0, "commit_s": 0, "commit_slots": 100, "profile": profile}
    with scripted(tiny(workload={"ports": PORTS}, database=free), strategy) as script:
        script.at(0, "update", moves(script, 0, "host-1"))
        script.at(200, "read", reads(script, 0))
        script.at(1500, "later read", reads(script, 0))
        assert script.run() == [
            "update done at 1000", "read DuplicateBindingRow at 1000", "later read done at 1500",
        ]  # fmt: skip
        assert len(script.system.server.committed("SELECT * FROM ml2_port_bindings")) == 1


def test_who_comes_second_finds_the_row_where_conflicts_are_repeated() -> None:
    repeating = Strategy(name="repeating", base="havana", conflict_repeats="transaction")
    with scripted(tiny(workload={"ports": PORTS}), repeating) as script:
        script.at(0, "update", moves(script, 0, "host-1"))
        script.at(200, "read", reads(script, 0))
        update, read = script.run()
        assert update == "update done at 1000"
        assert read.startswith("read done at 1")


@pytest.mark.parametrize("strategy", ["in-transaction", "deferred", "juno"])
def test_nobody_waits_for_a_row_that_came_with_its_port(strategy: str) -> None:
    with scripted(tiny(workload={"ports": PORTS}), strategy) as script:
        script.at(0, "update", moves(script, 0, "host-1"))
        script.at(200, "read", reads(script, 0))
        assert {line.split(" at ")[0] for line in script.run()} == {"update done", "read done"}


def test_a_row_that_a_read_inserts_is_no_change_of_the_port() -> None:
    found = history(READ)
    assert rows(found, "commits", "name") == [("initial",)]
    assert rows(found, "writes", "state") == [("- unbound r1",)]
    assert rows(found, "sent", "statement") == []
    assert rows(found, "reads", "statement", "state") == [("port.read", "- unbound r1")]
    assert rows(found, "answered", "state") == [("- unbound r1",)]
    assert check(found).findings == []


@pytest.mark.parametrize("strategy", ["havana", ON_DEMAND], ids=["havana", "on-demand"])
def test_a_list_shows_the_port_in_that_same_state(strategy: str | Strategy) -> None:
    found = history(LIST, strategy=strategy)
    assert rows(found, "reads", "statement", "state") == [("port.list", "- unbound r1")]
    assert rows(found, "answered", "state") == [("- unbound r1",)]
    assert check(found).findings == []


def test_a_change_replaces_the_state_in_which_the_port_was_without_a_row() -> None:
    found = history(MOVE, RENAME, DELETE)
    assert rows(found, "writes", "state") == [
        ("- unbound r1",), ("host-2 other r2",), ("host-2 other r3",), ("gone",),
    ]  # fmt: skip
    assert rows(found, "sent", "statement")[:2] == [("port.update",), ("binding.update",)]


@pytest.mark.parametrize("strategy", ["havana", ON_DEMAND], ids=["havana", "on-demand"])
def test_a_port_is_seen_gone_where_its_own_row_is_not_found(strategy: str | Strategy) -> None:
    found = history(DELETE, GONE, strategy=strategy)
    assert rows(found, "reads", "operation", "statement", "state")[-1] == (1, "port.exists", "gone")
    assert ("port.read", "gone") not in rows(found, "reads", "statement", "state")
    assert check(found).findings == []


@pytest.mark.parametrize("base", ["havana", "icehouse", "deferred", "neutron-2026.1"])
def test_what_is_found_wrong_is_what_is_wrong_where_rows_come_with_their_ports(base: str) -> None:
    causes = []
    for binding_row in ("on_demand", "with_port"):
        strategy = Strategy.model_validate({"name": "one", "base": base, "binding_row": binding_row})
        found = history(LIST, MOVE, DETAILS, RENAME, READ, DELETE, GONE, strategy=strategy)
        causes.append([(finding.name, finding.cause) for finding in check(found).findings])
    assert causes[0] == causes[1]

"""Broken connections: what the core makes of each, and that nothing is lost, in doubt for good, or done twice."""

from typing import Any

import pytest

from core.records import Port
from tests.sim.model.faults.faulty import Outcome, ran

CREATE = {"operation": "create_port"}
UPDATE = {"operation": "update_port", "change": "host"}
RENAME = {"operation": "update_port", "change": "name"}
DELETE = {"operation": "delete_port"}
BREAKS: list[dict[str, Any]] = [
    {"when": "statement"},
    {"when": "before_commit"},
    {"when": "during_commit", "took_effect": "no"},
    {"when": "during_commit", "took_effect": "yes"},
    {"when": "after_commit"},
]
NAMES = ["statement", "before", "during, no", "during, yes", "after"]


def load(operation: dict[str, Any]) -> dict[str, Any]:
    return {"operations": [operation], "ports": {"initial": 1}}


def broken(transaction: str, nth: int = 0, **settings: Any) -> list[dict[str, Any]]:
    """One connection of the first operation breaks in a transaction of this name."""
    return [{"connection": {"operation": 0, "nth": nth, "transactions": [transaction], **settings}}]


def transactions(run: Outcome) -> list[tuple[str, str]]:
    frame = run.system.tables.transactions.frame()
    return list(frame[["name", "outcome"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("how", BREAKS, ids=NAMES)
@pytest.mark.parametrize(
    ("operation", "transaction"),
    [(CREATE, "create_port"), (UPDATE, "update_port"), (RENAME, "update_port"), (DELETE, "delete_port")],
    ids=["create", "move", "rename", "delete"],
)
@pytest.mark.parametrize("strategy", ["in-transaction", "deferred"])
def test_one_broken_connection_changes_nothing_in_the_end(
    strategy: str, operation: dict[str, Any], transaction: str, how: dict[str, Any]
) -> None:
    def rows(run: Outcome) -> dict[int, Port]:
        # A binding that was made anew has another token.
        return {n: p._replace(binding=p.binding._replace(vif_details="")) for n, p in run.ports.items()}

    faults = broken(transaction, **how)
    with (
        ran(strategy, workload=load(operation)) as usual,
        ran(strategy, workload=load(operation), faults=faults) as run,
    ):
        assert rows(run) == rows(usual)
        assert run.operations("outcome", "bound") == usual.operations("outcome", "bound")
        assert len(run.told) == 1
        assert run.system.server.open_transactions() == []


@pytest.mark.parametrize(
    ("how", "conflicts", "told"),
    [
        (BREAKS[0], [("create_port", "connection_lost")], "in a statement of create_port (operation 0, visit 0)"),
        (BREAKS[1], [("create_port", "connection_lost")], "before commit of create_port (operation 0, visit 0)"),
        (
            BREAKS[2],
            [("create_port", "commit_outcome_unknown")],
            "during commit of create_port, took no effect (operation 0, visit 0)",
        ),
        (
            BREAKS[3],
            [("create_port", "commit_outcome_unknown")],
            "during commit of create_port, took effect (operation 0, visit 0)",
        ),
        (BREAKS[4], [("commit_binding", "connection_lost")], "after commit of create_port (operation 0, visit 0)"),
    ],
    ids=NAMES,
)
def test_each_way_to_break_is_seen_by_the_core_as_what_it_is(
    how: dict[str, Any], conflicts: list[tuple[str, str]], told: str
) -> None:
    with ran(faults=broken("create_port", **how)) as run:
        assert run.conflicts() == conflicts
        assert run.told == [f"0 connection in api-0: {told}"]


def test_a_commit_in_doubt_that_took_effect_is_found_and_not_made_again() -> None:
    with ran(workload=load(RENAME), faults=broken("update_port", **BREAKS[3])) as run:
        assert transactions(run) == [("update_port", "commit_outcome_unknown"), ("update_port", "commit")]
        assert run.system.server.feed.commits == 1  # the second one only looked


def test_a_commit_in_doubt_that_took_no_effect_is_made_again() -> None:
    with ran(workload=load(RENAME), faults=broken("update_port", **BREAKS[2])) as run:
        assert transactions(run) == [("update_port", "commit_outcome_unknown"), ("update_port", "commit")]
        assert run.system.server.feed.commits == 1


def test_the_commit_of_a_binding_in_doubt_asks_no_driver_again() -> None:
    with ran(faults=broken("commit_binding", nth=1, **BREAKS[3])) as run:
        assert run.conflicts() == [("commit_binding", "commit_outcome_unknown")]
        assert [entry.confirmed for entry in run.entries.values()] == [True]
        calls = run.system.tables.driver_calls.frame()
        assert (calls["method"] == "bind_port").sum() == 1


def test_whether_a_commit_in_doubt_took_effect_is_drawn_evenly() -> None:
    many = {**load(RENAME), "arrivals": {"storm": {"at_s": 0, "count": 200}}, "ports": {"initial": 200}}
    fault = {"connection": {"when": "during_commit", "probability": 0.5, "transactions": ["update_port"]}}
    with ran(workload=many, faults=[fault]) as run:
        effects = ["took effect" in line for line in run.told]
        assert 120 < len(effects) < 320  # about one an operation
        assert 0.3 < sum(effects) / len(effects) < 0.7
        assert run.operations("outcome") == [("ok",)] * 200


def test_a_connection_that_broke_in_the_pool_costs_the_next_transaction_and_no_other() -> None:
    two = {**load(RENAME), "arrivals": {"constant": {"rate_per_s": 1}}}
    with ran(workload=two, horizon={"duration_s": 4.5}, faults=broken("update_port", **BREAKS[4])) as run:
        assert [outcome for _, outcome in transactions(run)] == [
            "commit",
            "connection_lost",
            "commit",
            "commit",
            "commit",
        ]


def test_a_timed_one_breaks_the_first_that_comes() -> None:
    steady = {**load(RENAME), "arrivals": {"constant": {"rate_per_s": 1}}}
    fault = {"connection": {"when": "before_commit", "at_s": 2.5}}
    with ran(workload=steady, horizon={"duration_s": 5.5}, faults=[fault]) as run:
        assert run.told == ["3 connection in api-0: before commit of update_port (operation 2, visit 0)"]


def test_a_lock_goes_with_the_connection() -> None:
    both = {**load(RENAME), "arrivals": {"storm": {"at_s": 0, "count": 2}}}
    with ran(workload=both, database={"round_trip_s": 0.001}, faults=broken("update_port", **BREAKS[1])) as run:
        waits = run.system.tables.lock_waits.frame()
        assert waits["outcome"].tolist() == ["granted"]
        first, second = run.operations("operation", "ended_s")
        assert (first[0], second[0]) == (1, 0)  # the other one overtakes during the back-off

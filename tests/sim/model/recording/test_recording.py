"""What the witnesses of a run write down, and that it is what happened."""

from typing import Any

import pytest

from core.records import Port
from sim.history import check
from tests.sim.model.recording.recorded import CREATE, recorded, rows
from tests.sim.model.tiny import controller

MOVE = {"at_s": 3, "operation": "update_port", "port": 0, "host": 2}
RENAME = {"at_s": 3, "operation": "update_port", "port": 0, "change": "name"}
READ = {"at_s": 5, "operation": "get_port", "port": 0}
DELETE = {"at_s": 7, "operation": "delete_port", "port": 0}
LOST = {"at_s": 8, "operation": "get_port", "port": 0}
PROFILE = {"at_s": 1, "operation": "update_port", "port": 0, "change": "profile"}
LIST = {"at_s": 9, "operation": "get_ports"}
POSITIONS = {
    "calls": "position", "answers": "position", "commits": "last", "callbacks": "position", "ends": "position",
    "reads": "last", "sent": "position", "attempts": "position",
}  # fmt: skip


def test_calls_and_answers_are_those_of_the_plugins_door() -> None:
    history = recorded(CREATE, MOVE, READ, DELETE, LOST)
    assert rows(history, "calls", "operation", "kind", "port") == [
        (0, "create_port", None), (1, "update_port", 0), (2, "get_port", 0), (3, "delete_port", 0), (4, "get_port", 0),
    ]  # fmt: skip
    assert rows(history, "calls", "arguments")[1] == ('{"binding:host_id": "host-2"}',)
    assert rows(history, "answers", "operation", "outcome", "error") == [
        (0, "ok", None), (1, "ok", None), (2, "ok", None), (3, "ok", None), (4, "error", "PortNotFound"),
    ]  # fmt: skip
    assert rows(history, "answered", "operation", "state") == [
        (0, "host-1 other r2"), (1, "host-2 other r4"), (2, "host-2 other r4"),
    ]  # fmt: skip


def test_a_list_shows_every_port_that_it_returns() -> None:
    history = recorded(LIST, initial=3)
    assert sorted(rows(history, "answered", "state")) == [(f"host-{number} other r2",) for number in range(3)]


def test_commits_are_read_back_from_the_database_from_the_initial_ports_on() -> None:
    history = recorded(CREATE, MOVE, DELETE)
    assert rows(history, "commits", "transaction", "operation", "name") == [
        (-1, -1, "initial"), (0, 0, "create_port"), (1, 0, "commit_binding"), (2, 1, "update_port"),
        (3, 1, "commit_binding"), (4, 2, "delete_port"),
    ]  # fmt: skip
    assert rows(history, "writes", "commit", "port", "state") == [
        (0, 0, "host-0 other r2"), (1, 1, "host-1 unbound r1"), (2, 1, "host-1 other r2"), (3, 0, "host-2 unbound r3"),
        (4, 0, "host-2 other r4"), (5, 0, "gone"),
    ]  # fmt: skip


def test_a_commit_of_the_ports_row_alone_shows_the_binding_that_stands() -> None:
    history = recorded(RENAME)
    assert rows(history, "sent", "statement") == [("port.update",)]
    assert rows(history, "writes", "state") == [("host-0 other r2",), ("host-0 other r3",)]


def test_a_commit_of_the_bindings_row_alone_shows_the_port_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Port, "with_next_revision", lambda port: port)
    history = recorded(
        {"at_s": 1, "operation": "update_port", "port": 0, "change": "profile"}, strategy="in-transaction"
    )
    assert rows(history, "sent", "statement") == [("binding.update",)]
    assert rows(history, "writes", "port", "state") == [(0, "host-0 other r2"), (0, "host-0 other r2")]
    profiles = {state[9] for state in history.tables.states.rows()}
    assert len(profiles) > 1


@pytest.mark.parametrize(("strategy", "bind_in"), [("deferred", -1), ("in-transaction", 0)])
def test_callbacks_tell_what_the_driver_saw_and_in_which_transaction(strategy: str, bind_in: int) -> None:
    history = recorded(CREATE, strategy=strategy)
    calls = rows(history, "callbacks", "transaction", "method", "state", "previous")
    assert [call for call in calls if call[1] == "bind_port"] == [(bind_in, "bind_port", "host-1 unbound r1", "gone")]
    assert all((transaction >= 0) == method.endswith("precommit") for transaction, method, _, _ in calls
               if method != "bind_port")  # fmt: skip
    if strategy == "deferred":
        assert calls[-1] == (-1, "update_port_postcommit", "host-1 other r2", "host-1 unbound r1")


def test_returns_have_what_bind_port_has_set_and_how_calls_failed() -> None:
    history = recorded(CREATE)
    by_call = dict(rows(history, "returns", "callback", "vif_type"))
    methods = [method for (method,) in rows(history, "callbacks", "method")]
    assert {methods[call]: vif_type for call, vif_type in by_call.items() if vif_type} == {"bind_port": "other"}
    failing = recorded(CREATE, controllers=controller(error_probability=1))
    assert ("error",) in rows(failing, "returns", "outcome")


def test_reads_have_the_states_that_statements_returned_and_gone_where_they_returned_none() -> None:
    history = recorded(READ, DELETE, LOST)
    assert rows(history, "reads", "operation", "statement", "port", "state") == [
        (0, "port.read", 0, "host-0 other r2"), (1, "port.lock", 0, "host-0 other r2"), (2, "port.read", 0, "gone"),
    ]  # fmt: skip
    spans = [(first, last) for first, last in rows(history, "reads", "first", "last")]
    assert all(first < last for first, last in spans)


def test_a_statement_that_takes_time_has_an_interval_around_what_happens_meanwhile() -> None:
    slow = {"round_trip_s": 1, "execution_s": 0, "commit_s": 0, "commit_slots": 100}
    history = recorded({**READ, "at_s": 0.1}, {**RENAME, "at_s": 0.3}, database=slow)
    (read,) = rows(history, "reads", "first", "last")[:1]
    (second_call,) = [at for at, operation in rows(history, "calls", "position", "operation") if operation == 1]
    assert read[0] < second_call < read[1]


def test_the_controllers_table_tells_of_every_change_of_it() -> None:
    history = recorded(CREATE, {"at_s": 4, "operation": "delete_port", "port_of": 0})
    assert rows(history, "changes", "controller", "what", "port", "host") == [
        ("sdn", "reserved", 0, "host-0"), ("sdn", "reserved", 1, "host-1"), ("sdn", "confirmed", 1, None),
        ("sdn", "dropped", 1, "host-1"),
    ]  # fmt: skip


def test_the_observers_word_on_transactions_and_attempts_is_written_down_as_said() -> None:
    history = recorded(CREATE)
    assert rows(history, "ends", "operation", "name", "outcome") == [
        (0, "create_port", "commit"), (0, "commit_binding", "commit"),
    ]  # fmt: skip
    assert rows(history, "attempts", "operation", "port", "number", "bound", "outcome") == [(0, 1, 1, 1, "committed")]
    ((began, ended),) = rows(history, "attempts", "began", "position")
    (asked,) = [at for at, method in rows(history, "callbacks", "position", "method") if method == "bind_port"]
    (committed,) = [at for at, name in rows(history, "commits", "last", "name") if name == "commit_binding"]
    assert began < asked < committed < ended


def test_what_is_left_unbound_at_rest_says_whether_it_could_be_bound() -> None:
    history = recorded(CREATE, strategy="in-transaction", controllers=controller(error_probability=1))
    assert rows(history, "bindable", "port", "can_bind") == [(1, 1)]


@pytest.mark.parametrize("strategy", ["deferred", "in-transaction", "serialized"])
def test_the_checker_finds_every_promise_kept_in_what_was_recorded(strategy: str) -> None:
    report = check(recorded(CREATE, MOVE, READ, LIST, DELETE, LOST, strategy=strategy))
    assert {name: verdict.word for name, verdict in report.verdicts.items() if verdict.word != "ok"} == {}


def test_positions_are_the_order_of_happening_in_every_table() -> None:
    history = recorded(CREATE, MOVE, READ, LIST, DELETE)
    seen: list[int] = []
    for table, column in POSITIONS.items():
        positions: list[Any] = [at for (at,) in rows(history, table, column)]
        assert positions == sorted(positions)
        seen += positions
    assert len(seen) == len(set(seen))

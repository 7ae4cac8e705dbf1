"""What is recorded: parts of a transaction that add up, driver calls, attempts, conflicts, levels."""

from typing import Any

import pytest

from sim.running import Run
from sim.scenario import Strategy
from sim.simulation import run
from tests.sim.model.tiny import controller, moves, reads, scripted, tiny

BUSY: dict[str, Any] = {
    "workload": {
        "arrivals": {"poisson": {"rate_per_s": 20}},
        "operations": [
            {"operation": "create_port", "weight": 2},
            {"operation": "update_port", "weight": 2},
            {"operation": "update_port", "change": "name"},
            {"operation": "delete_port"},
            {"operation": "get_port"},
            {"operation": "get_ports"},
        ],
        "ports": {"initial": 20},
    },
    "horizon": {"duration_s": 10},
    "api": {"processes": 2, "cores": 2, "cpu_s": 0.001, "cpu_s_per_statement": 0.0003},
    "database": {"round_trip_s": 0.0007, "execution_s": {"exponential": {"mean_s": 0.001}}, "commit_s": 0.003},
    "drivers": [
        {"name": "sdn", "kind": "controller", "controller": "sdn"},
        {"name": "odl", "kind": "journal", "controller": "sdn"},
        {"name": "log", "kind": "logger"},
    ],
}


@pytest.fixture(scope="module", params=["in-transaction", "deferred", "serialized"])
def busy(request: pytest.FixtureRequest) -> Run:
    return run(tiny(**BUSY), strategy=request.param)


def test_the_parts_of_every_transaction_add_up_exactly(busy: Run) -> None:
    t = busy.tables.transactions
    parts = t.column("sql_us") + t.column("lock_wait_us") + t.column("driver_us") + t.column("own_us")
    assert len(t) > 200
    assert (parts == t.column("ended_us") - t.column("began_us")).all()
    for part in ("sql_us", "lock_wait_us", "driver_us", "own_us", "pool_wait_us"):
        assert (t.column(part) >= 0).all(), part


def test_every_operation_has_one_row_that_begins_and_ends_in_order(busy: Run) -> None:
    operations = busy.tables.operations
    assert len(set(operations.column("operation").tolist())) == len(operations)
    assert (operations.column("intended_us") <= operations.column("started_us")).all()
    assert (operations.column("started_us") <= operations.column("ended_us")).all()


def test_codes_of_words_fit_what_the_core_says(busy: Run) -> None:
    words = busy.tables.words
    assert words.attempt_outcomes.names[-1] == "error"  # none was added to the fixed ones
    assert words.call_outcomes.names == ["ok", "error", "conflict"]
    assert words.operation_outcomes.names == ["ok", "error", "no_target", "unanswered", "died"]
    assert words.lock_wait_outcomes.names == ["granted", "deadlock", "timeout", "died"]


def test_lock_waits_of_a_transaction_are_its_rows_in_lock_waits(busy: Run) -> None:
    waited = busy.tables.lock_waits.frame()
    total = (waited["to_s"] - waited["from_s"]).sum()
    assert total == pytest.approx(busy.tables.transactions.frame()["lock_wait_s"].sum(), abs=1e-6)


def test_the_driver_part_is_the_binding_when_it_happens_inside() -> None:
    with scripted(tiny(workload={"ports": {"initial": 1}}), "in-transaction") as script:
        script.at(0, "move", moves(script, 0, "host-1"))
        script.run()
        (row,) = script.system.tables.transactions.frame().to_dict("records")
        assert (row["name"], row["outcome"], row["driver_s"]) == ("update_port", "commit", 1.0)
        calls = script.system.tables.driver_calls.frame()
        (bind,) = calls[calls["method"] == "bind_port"].to_dict("records")
        assert (bind["began_s"], bind["ended_s"], bind["in_transaction"]) == (0.0, 1.0, 1)


def test_sql_of_a_driver_inside_a_transaction_is_sql() -> None:
    drivers = [{"name": "odl", "kind": "journal", "controller": "sdn"}]
    scenario = tiny(drivers=drivers, database={"execution_s": 0.01}, workload={"ports": {"initial": 1}})
    with scripted(scenario) as script:
        script.at(0, "rename", lambda: script.plugin.update_port(script.system.world.port_id(0), {"name": "x"}))
        script.run(until_s=5)
        frame = script.system.tables.transactions.frame()
        (row,) = frame[frame["name"] == "update_port"].to_dict("records")
        assert row["driver_s"] == 0
        assert row["sql_s"] == pytest.approx(0.01 * row["statements"])


def test_attempts_tell_how_each_ended() -> None:
    with scripted(tiny(workload={"ports": {"initial": 1}})) as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(500, "second", moves(script, 0, "host-2"))
        script.run()
        attempts = script.system.tables.attempts.frame()
        told = attempts[["operation", "number", "outcome"]].values.tolist()
        assert [0, 1, "inputs_changed"] in told
        assert sorted(outcome for _, _, outcome in told) == ["bound_by_other", "committed", "inputs_changed"]


def test_the_refused_attempt_after_which_an_operation_gives_up_is_told_so() -> None:
    variant = Strategy(name="one", base="deferred", max_attempts=1)
    with scripted(tiny(workload={"ports": {"initial": 1}}), variant) as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(500, "second", moves(script, 0, "host-2"))
        script.run()
        attempts = script.system.tables.attempts.frame()
        assert attempts["outcome"].tolist() == ["gave_up", "committed"]


@pytest.mark.parametrize("max_attempts", [1, 10])
def test_a_refused_attempt_in_which_no_driver_bound_the_port_is_told_as_failed(max_attempts: int) -> None:
    variant = Strategy(name="one", base="deferred", max_attempts=max_attempts)
    scenario = tiny(controllers=controller(error_probability=1.0), workload={"ports": {"initial": 1, "bound": False}})
    with scripted(scenario, variant) as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(500, "second", moves(script, 0, "host-2"))
        script.run()
        attempts = script.system.tables.attempts.frame()
        assert attempts["outcome"].tolist()[0] == ("gave_up" if max_attempts == 1 else "inputs_changed")
        assert set(attempts["result"]) == {"failed"}


def test_a_reader_is_marked_in_its_attempts() -> None:
    with scripted(tiny(workload={"ports": {"initial": 1, "bound": False}})) as script:
        script.at(0, "read", reads(script, 0))
        script.run()
        assert script.system.tables.attempts.frame()["reader"].tolist() == [1]


def test_levels_show_the_queue_of_a_controller() -> None:
    with scripted(tiny(controllers=controller(concurrency=1), workload={"ports": {"initial": 3}})) as script:
        for port in range(3):
            script.at(0, str(port), moves(script, port, "host-3"))
        script.run()
        levels = script.system.tables.levels.frame()
        of_sdn = levels[levels["resource"] == "sdn"]
        assert of_sdn["queued"].max() == 2
        assert of_sdn[["in_use", "queued"]].values[-1].tolist() == [0, 0]


def test_an_error_that_nobody_is_told_is_counted() -> None:
    scenario = tiny(controllers=controller(error_probability=1.0), workload={"ports": {"initial": 1}})
    with scripted(scenario, "in-transaction") as script:
        script.at(0, "move", moves(script, 0, "host-1"))
        script.run()
        assert script.system.recorder.counts["error_logged-bind_port"] == 1

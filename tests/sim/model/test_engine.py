"""When a run ends, and why: rest, drain limit, stall, the limit of virtual time; what is only known at rest."""

from typing import Any

from sim.kernel import Draws
from sim.model.engine import Ending, Engine
from sim.model.system import System
from sim.scenario import builtin
from tests.sim.model.tiny import controller, tiny

STORM = {"storm": {"at_s": 0, "count": 3}}


def ended(strategy: str = "deferred", **changes: Any) -> tuple[Ending, System]:
    changes["workload"] = {"arrivals": STORM, **changes.get("workload", {})}
    system = System(tiny(**changes), builtin(strategy), draws=Draws(1))
    try:
        return Engine(system).run(), system
    finally:
        system.close()


def test_a_run_ends_when_the_last_operation_has_its_answer() -> None:
    ending, system = ended(controllers=controller(latency={"bind": 3}))
    assert ending.quiescent
    assert 3_000_000 <= ending.virtual_us <= 3_200_000
    assert not system.load.outstanding


def test_the_load_of_a_storm_is_over_at_its_instant() -> None:
    ending, _ = ended(workload={"arrivals": {"storm": {"at_s": 0.25, "count": 3}}})
    assert ending.load_end_us == 250_000


def test_windows_that_are_open_when_the_run_ends_end_there() -> None:
    hopeless = controller(error_probability=1.0)
    _, system = ended(controllers=hopeless, drivers=[{"name": "sdn", "kind": "controller", "controller": "sdn"}])
    assert [us >= 1_000_000 for us in system.tracker.unbound_us] == [True] * 3
    with_two_owners = System(tiny(workload={"arrivals": STORM}), builtin("deferred"), draws=Draws(1))
    for host in ("host-0", "host-1"):
        with_two_owners.ownership.gained("a port", host, 0)
    ending = Engine(with_two_owners).run()
    with_two_owners.close()
    assert list(with_two_owners.ownership.double_us) == [ending.virtual_us]


def test_a_call_that_its_caller_gave_up_is_waited_for() -> None:
    ending, _ = ended(controllers=controller(latency={"bind": 30}, timeout_s=1))
    assert ending.quiescent
    assert ending.virtual_us >= 30_000_000


def test_rows_of_a_journal_are_waited_for() -> None:
    # The journal is looked at every 10 s, so that what was created at 0.1 s is delivered at 10 s.
    ending, system = ended(
        workload={"arrivals": {"storm": {"at_s": 0.1, "count": 3}}},
        drivers=[{"name": "odl", "kind": "journal", "controller": "sdn"}],
        controllers=controller(latency={"bind": 1, "confirm": 1}),
    )
    assert ending.quiescent
    assert ending.virtual_us >= 13_000_000
    assert all(entry.confirmed for _, entry in system.controllers["sdn"].table.entries())
    assert ending.lost["orphaned"] == ending.lost["unbacked"] == 0


def test_past_the_drain_limit_the_run_is_not_quiescent_and_counts_are_unknown() -> None:
    ending, system = ended(horizon={"drain_limit_s": 2}, controllers=controller(latency={"bind": 9}))
    assert not ending.quiescent
    assert ending.virtual_us == 2_500_000
    assert set(ending.lost.values()) == {None}
    assert system.tables.operations.frame()["outcome"].tolist() == ["unanswered"] * 3


def test_the_limit_of_virtual_time_ends_a_run() -> None:
    ending, _ = ended(
        horizon={"duration_s": 5, "drain_limit_s": 5, "max_virtual_time_s": 10},
        controllers=controller(latency={"bind": 9}, concurrency=1),
    )
    assert ending.virtual_us == 10_000_000
    assert not ending.quiescent


def test_a_stalled_process_ends_the_run_with_its_cycle() -> None:
    ending, _ = ended(
        "in-transaction",
        workload={
            "arrivals": {"constant": {"rate_per_s": 5}},
            "operations": [{"operation": "update_port"}],
            "ports": {"initial": 1},
        },
        horizon={"duration_s": 5},
        api={"kind": "eventlet", "db_driver": "blocking"},
        database={"profile": "postgresql"},
    )
    assert not ending.quiescent
    assert ending.virtual_us < 5_000_000
    assert len(ending.stall) == 2
    assert any("waits for 'turn of api-0'" in sentence for sentence in ending.stall)
    assert all(sentence.startswith("'update_port ") for sentence in ending.stall)


def test_missing_ports_are_counted_before_and_after_one_read_of_each() -> None:
    failing = controller(degraded=[{"from_s": 0, "to_s": 2, "error_probability": 1.0}])
    reading, _ = ended("deferred", controllers=failing)
    assert (reading.lost["missing"], reading.lost["missing.after_read"]) == (3, 0)  # within the 2 s: healed for them
    ending, _ = ended("deferred", controllers=failing, horizon={"duration_s": 3})
    assert (ending.lost["missing"], ending.lost["missing.after_read"]) == (3, 0)
    never, _ = ended("in-transaction", controllers=failing, horizon={"duration_s": 3})
    assert (never.lost["missing"], never.lost["missing.after_read"]) == (3, 3)


def test_the_reads_at_rest_are_not_recorded() -> None:
    failing = controller(degraded=[{"from_s": 0, "to_s": 2, "error_probability": 1.0}])
    _, system = ended("deferred", controllers=failing, horizon={"duration_s": 3})
    assert len(system.tables.operations) == 3
    assert system.tables.transactions.column("began_us").max() < 3_000_000


def test_a_target_that_is_gone_is_a_counted_outcome() -> None:
    deletes = {"operation": "delete_port", "then": [{"operation": "get_port"}, {"operation": "delete_port"}]}
    _, system = ended(workload={"operations": [deletes], "ports": {"initial": 1}, "arrivals": {"storm": {"count": 1}}})
    assert system.tables.operations.frame()["outcome"].tolist() == ["ok", "no_target", "no_target"]


def test_the_answer_says_whether_the_port_is_bound() -> None:
    operations = [
        {"operation": "create_port", "then": [{"operation": "get_port"}, {"operation": "delete_port", "after_s": 1}]}
    ]
    _, system = ended(workload={"operations": operations, "arrivals": {"storm": {"count": 1}}})
    assert system.tables.operations.column("bound").tolist() == [1, 1, -1]
    _, system = ended(workload={"operations": [{"operation": "create_port", "bind": False}]})
    assert system.tables.operations.column("bound").tolist() == [-1] * 3

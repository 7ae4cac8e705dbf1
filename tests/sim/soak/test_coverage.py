"""The coverage table: for every line a run of a few operations that hits it, and a run that hits none but one."""

import pytest

from sim.simulation import many_runs
from sim.soak import LINES, Case, play
from tests.sim.soak.small_cases import create, delete, failing, fault, move, read, rename, small_case

ELSEWHERE = {"controllers": [{"name": "sdn", "latency": {"bind": 0.5}, "hosts": {"first": 0, "count": 1}}]}
AGENT = {"drivers": [{"name": "ovs", "kind": "agent"}], "controllers": []}
SERIALIZED = {"strategies": [{"name": "serialized", "base": "serialized"}]}
IN_TRANSACTION = {"strategies": [{"name": "in-transaction", "base": "in-transaction"}]}
ONCE = {"strategies": [{"name": "deferred", "base": "deferred", "max_attempts": 1}]}
SLOW = {"round_trip_s": 0.1}
IMPATIENT = {"timeout_s": 0.2, "retries": 1, "retry_pause_s": 0.1, "on_timeout": "repeat"}


def crashing(point: str) -> dict[str, object]:
    """The process that works on the first operation dies there."""
    return fault("crash", point=point, operation=0)


def losing(when: str, *, seed: int = 1) -> Case:
    """The connection breaks in the first operation."""
    return small_case(create(), seed=seed, **fault("connection", when=when, operation=0, nth=0))


def troubled(**settings: object) -> Case:
    """The controller is worse than usual while the only port is bound."""
    return small_case(create(0.5), **fault("controller", name="sdn", at_s=0.2, for_s=2.0, **settings))


RUNS: dict[str, Case] = {
    "4a binding committed": small_case(create()),
    "4a failure committed": small_case(create(host=1), **ELSEWHERE),
    "4b bound by another": small_case(read(0.0), read(0.1), initial=1),
    "4c inputs changed": small_case(read(0.0), move(0.1), initial=1),
    "deleted during the attempt": small_case(read(0.0), delete(0.1), initial=1),
    "failed again, nothing written": small_case(move(0.0), read(2.0), initial=1, **ELSEWHERE),
    "attempt ended by an error": small_case(create(), **failing("update_port_precommit")),
    "gave up": small_case(read(0.0), move(0.1), initial=1, **ONCE),
    "4a on binding_failed": small_case(
        create(0.5), **fault("controller", name="sdn", at_s=0.2, for_s=2.0, error_probability=1.0)
    ),
    "create precommit fails": small_case(create(), **failing("create_port_precommit")),
    "delete precommit fails": small_case(delete(0.0), initial=1, **failing("delete_port_precommit")),
    "create postcommit fails": small_case(create(), **failing("create_port_postcommit")),
    "delete postcommit fails": small_case(delete(0.0), initial=1, **failing("delete_port_postcommit")),
    "bind_port fails": small_case(create(), **failing("bind_port")),
    "update precommit fails": small_case(rename(0.0), initial=1, **failing("update_port_precommit")),
    "update postcommit fails": small_case(rename(0.0), initial=1, **failing("update_port_postcommit")),
    "binding's precommit fails": small_case(create(), **failing("update_port_precommit")),
    "binding's postcommit fails": small_case(create(), **failing("update_port_postcommit")),
    "error while a read binds": small_case(read(0.0), initial=1, **failing("update_port_precommit")),
    "lock wait": small_case(rename(0.0), rename(0.0), initial=1, database=SLOW),
    "lock wait timeout": small_case(
        move(0.0), rename(0.05), initial=1, database={"lock_wait_timeout_s": 0.3}, **IN_TRANSACTION
    ),
    "transaction repeated": small_case(create(), **fault("deadlock", operation=0, nth=0)),
    "retries exhausted": small_case(
        create(), database={"conflict_retries": 0}, **fault("deadlock", operation=0, nth=0)
    ),
    "pool timeout": small_case(
        move(0.0), rename(0.0), rename(0.0), initial=1, api={"processes": 1, "threads": 4},
        database={"pool": {"size": 1, "max_overflow": 0, "timeout_s": 0.1}}, **IN_TRANSACTION,
    ),
    "client repeats": small_case(create(), workload={"client": IMPATIENT}),
    "crash before a commit": small_case(create(), **crashing("before_commit")),
    "crash after the first commit": small_case(create(), **crashing("after_commit")),
    "crash in a driver call": small_case(create(), **crashing("in_driver_call")),
    "crash between the transactions": small_case(create(), **crashing("between_transactions")),
    "crash before a postcommit": small_case(create(), **crashing("before_postcommit")),
    "crash holding a lease": small_case(create(), **crashing("holding_lease"), **SERIALIZED),
    "crash anywhere or at a time": small_case(create(), **fault("crash", at_s=0.2, process=0)),
    "restart": small_case(create(), **fault("crash", at_s=0.2, process=0, restart_after_s=1.0)),
    "controller down": troubled(down=True),
    "controller slow": troubled(latency_factor=2.0),
    "controller loses an answer": troubled(answer_loss_probability=1.0),
    "controller answers an error": troubled(error_probability=1.0),
    "connection lost in a statement": losing("statement"),
    "connection lost before COMMIT": losing("before_commit"),
    "COMMIT in doubt, took effect": losing("during_commit", seed=4),
    "COMMIT in doubt, no effect": losing("during_commit", seed=2),
    "connection lost after COMMIT": losing("after_commit"),
    "fail-over": small_case(create(), **fault("failover", at_s=0.2, pause_s=0.5)),
    "deadlock forced": small_case(create(), **fault("deadlock", operation=0, nth=0)),
    "client out of patience": small_case(create(), **fault("impatience", probability=1.0, patience_s=0.2)),
    "agent dead": small_case(create(), **AGENT, **fault("agent", host=0, at_s=0.2, for_s=1.0)),
    "agent back": small_case(create(), **AGENT, **fault("agent", host=0, at_s=0.2, for_s=1.0)),
}  # fmt: skip
"""For each line of the table a run that hits it."""


def test_every_line_has_a_run_below() -> None:
    assert tuple(RUNS) == LINES


@pytest.mark.parametrize("line", RUNS)
def test_a_run_of_a_few_operations_hits_the_line(line: str) -> None:
    with many_runs():
        assert play(RUNS[line]).coverage[line] > 0


def test_a_run_in_which_nothing_goes_wrong_hits_one_line_once() -> None:
    with many_runs():
        assert dict(play(small_case(create())).coverage) == {"4a binding committed": 1}


def test_a_line_counts_each_time_it_is_hit() -> None:
    with many_runs():
        assert play(small_case(create(), create(), create(1.0))).coverage["4a binding committed"] == 3

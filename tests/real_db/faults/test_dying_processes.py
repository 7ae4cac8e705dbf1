"""API processes killed with SIGKILL, at the points where it hurts most, on a real database."""

import pytest

from sim.servers import RunDatabase
from tests.real_db.faults.under_faults import assert_all_is_well, busy, faults_of, run_on

pytestmark = pytest.mark.databases

POINTS = ("before_commit", "after_commit", "between_transactions", "in_driver_call", "before_postcommit")


@pytest.mark.parametrize("point", POINTS)
def test_processes_that_kill_themselves_at_a_point_break_no_promise(database: RunDatabase, point: str) -> None:
    chance = 0.04 if point in ("before_commit", "in_driver_call") else 0.1
    run = run_on(database, busy(faults=[{"crash": {"point": point, "probability": chance, "restart_after_s": 0.2}}]))
    assert faults_of(run, "crash") > 0
    assert faults_of(run, "restart") > 0
    assert_all_is_well(run, database)


def test_processes_that_are_killed_wherever_they_are_break_no_promise(database: RunDatabase) -> None:
    faults = [
        {"crash": {"at_s": at_s, "process": process, "restart_after_s": 0.1}}
        for at_s, process in ((0.3, 0), (0.5, 1), (1.0, 0))
    ]
    run = run_on(database, busy(faults=faults))
    assert faults_of(run, "crash") == 3
    assert_all_is_well(run, database)


def test_both_processes_gone_and_none_comes_back_before_the_load_is_over(database: RunDatabase) -> None:
    faults = [{"crash": {"at_s": 0.7, "process": process, "restart_after_s": 1.5}} for process in (0, 1)]
    run = run_on(database, busy(faults=faults))
    assert faults_of(run, "restart") == 2
    assert_all_is_well(run, database)

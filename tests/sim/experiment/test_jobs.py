from typing import Any

import pytest

from sim.experiment.jobs import ReplicationFailed, jobs_for, perform
from sim.scenario import Scenario


def test_a_replication_draws_the_same_for_every_strategy(scenario: Scenario) -> None:
    jobs = jobs_for(scenario, ("in-transaction", "deferred"), seed=7, replications=3)
    assert [(job.label, job.replication, job.draw) for job in jobs] == [
        ("in-transaction", 0, 0), ("in-transaction", 1, 1), ("in-transaction", 2, 2),
        ("deferred", 0, 0), ("deferred", 1, 1), ("deferred", 2, 2),
    ]  # fmt: skip


def test_a_strategy_compared_with_itself_has_draws_of_its_own(scenario: Scenario) -> None:
    jobs = jobs_for(scenario, ("deferred", "deferred"), seed=7, replications=2)
    assert [(job.label, job.strategy, job.draw) for job in jobs] == [
        ("deferred", "deferred", 0), ("deferred", "deferred", 1),
        ("deferred#2", "deferred", 2), ("deferred#2", "deferred", 3),
    ]  # fmt: skip


def test_a_failure_says_what_reproduces_it(scenario: Scenario, broken_runner: Any) -> None:
    [job] = jobs_for(scenario, ("deferred",), seed=7, replications=1)
    with pytest.raises(ReplicationFailed) as failed:
        perform(job, broken_runner, lambda virtual_us, operations: None)
    assert str(failed.value) == (
        "by_hand (strategy deferred, seed 7, replication 0) failed: ZeroDivisionError: no values for deferred"
    )
    assert "test_jobs" not in str(failed.value)
    assert "in breaks" in failed.value.details

import multiprocessing
from typing import Any

import pytest

from sim.experiment.jobs import ReplicationFailed, jobs_for
from sim.experiment.pool import run_jobs
from sim.experiment.progress import Progress
from sim.scenario import Scenario


def jobs(scenario: Scenario, count: int = 6) -> list:
    return jobs_for(scenario, ("in-transaction", "deferred"), seed=1, replications=count // 2, keep_tables=True)


def test_one_and_two_workers_give_the_same_outcomes_in_the_same_order(scenario: Scenario, runner: Any) -> None:
    alone, together = (list(run_jobs(jobs(scenario), runner=runner, workers=count)) for count in (1, 2))
    assert [(each.strategy, each.replication) for each in together] == [
        (job.label, job.replication) for job in jobs(scenario)
    ]
    for one, other in zip(alone, together, strict=True):
        assert one.values == other.values
        assert one.tables.operations.to_numpy().tobytes() == other.tables.operations.to_numpy().tobytes()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_listener_sees_the_end(scenario: Scenario, runner: Any, workers: int) -> None:
    seen: list[Progress] = []
    list(run_jobs(jobs(scenario), runner=runner, workers=workers, on_progress=seen.append))
    assert (seen[-1].replications_done, seen[-1].replications, seen[-1].operations) == (6, 6, 300)
    assert seen[-1].left_s == 0.0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_ends_everything(scenario: Scenario, broken_runner: Any, workers: int) -> None:
    with pytest.raises(ReplicationFailed, match="no values for in-transaction"):
        list(run_jobs(jobs(scenario), runner=broken_runner, workers=workers))


def test_leaving_early_leaves_no_process_behind(scenario: Scenario, runner: Any) -> None:
    before = set(multiprocessing.active_children())
    outcomes = run_jobs(jobs(scenario, 40), runner=runner, workers=2)
    next(outcomes)
    outcomes.close()
    for child in set(multiprocessing.active_children()) - before:
        child.join(timeout=10)
    assert set(multiprocessing.active_children()) <= before

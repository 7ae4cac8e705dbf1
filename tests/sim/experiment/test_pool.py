import multiprocessing
import threading
from typing import Any

import pytest

from sim.experiment.jobs import Job, ReplicationFailed, Report, jobs_for
from sim.experiment.pool import run_jobs
from sim.experiment.progress import Progress
from sim.metrics import RunFacts, Tables
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


def heavy(job: Job, report: Report) -> RunFacts:
    """A replication that takes no time and hands back 3 MB: nearly always in the middle of that."""
    tables = Tables.empty()
    tables.levels.append(tables.words.resources.code("pool"), 0, 0, 0)
    for at_us in range(150_000):
        tables.levels.append(0, at_us, 0, 0)
    return RunFacts(
        scenario="heavy",
        strategy=job.strategy,
        seed=1,
        replication=job.draw,
        tables=tables,
        virtual_us=1,
        load_end_us=1,
    )


def test_leaving_while_results_are_handed_over_leaves_no_thread_behind(scenario: Scenario) -> None:
    before = set(threading.enumerate())
    for _ in range(5):
        outcomes = run_jobs(jobs(scenario, 40), runner=heavy, workers=2)
        next(outcomes)
        outcomes.close()
    assert set(threading.enumerate()) == before
    assert multiprocessing.active_children() == []

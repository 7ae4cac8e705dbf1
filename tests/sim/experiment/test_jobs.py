from typing import Any

import pytest

from sim.experiment.jobs import AGAIN, ReplicationFailed, jobs_for, perform, simulate
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
        ("deferred#2", "deferred", AGAIN), ("deferred#2", "deferred", AGAIN + 1),
    ]  # fmt: skip


def test_the_draws_of_a_replication_do_not_depend_on_how_many_there_are(scenario: Scenario) -> None:
    names = ("deferred", "deferred", "deferred")
    few = {(job.label, job.replication): job.draw for job in jobs_for(scenario, names, seed=7, replications=2)}
    many = {(job.label, job.replication): job.draw for job in jobs_for(scenario, names, seed=7, replications=9)}
    assert few.items() <= many.items()
    assert len(set(many.values())) == 27


def test_jobs_begin_with_the_replication_that_is_asked_for(scenario: Scenario) -> None:
    jobs = jobs_for(scenario, ("deferred", "deferred"), seed=7, replications=2, first=3)
    assert [(job.label, job.replication, job.draw) for job in jobs] == [
        ("deferred", 3, 3), ("deferred", 4, 4), ("deferred#2", 3, AGAIN + 3), ("deferred#2", 4, AGAIN + 4),
    ]  # fmt: skip


@pytest.mark.parametrize("options", [{"verify": True}, {"keep_history": True}])
def test_a_run_is_recorded_where_its_history_is_kept_or_checked(scenario: Scenario, options: dict[str, bool]) -> None:
    [plain] = jobs_for(scenario, ("deferred",), seed=7, replications=1, keep_tables=True)
    [recorded] = jobs_for(scenario, ("deferred",), seed=7, replications=1, **options)
    assert (plain.needs_history, recorded.needs_history) == (False, True)


def test_a_worker_hands_back_a_history_or_what_the_checker_says_of_it(scenario: Scenario) -> None:
    short = scenario.model_copy(update={"horizon": scenario.horizon.model_copy(update={"duration_s": 5.0})})
    [kept] = jobs_for(short, ("deferred",), seed=7, replications=1, keep_history=True)
    [checked] = jobs_for(short, ("deferred",), seed=7, replications=1, verify=True)
    with_history, with_verdicts = (perform(job, simulate, lambda *_: None) for job in (kept, checked))
    assert with_history.history is not None
    assert with_history.checked is None
    assert with_history.without_tables().history is None
    assert with_verdicts.history is None
    assert with_verdicts.checked is not None
    assert {each.word for each in with_verdicts.checked.properties} == {"ok"}


def test_a_failure_says_what_reproduces_it(scenario: Scenario, broken_runner: Any) -> None:
    [job] = jobs_for(scenario, ("deferred",), seed=7, replications=1)
    with pytest.raises(ReplicationFailed) as failed:
        perform(job, broken_runner, lambda virtual_us, operations: None)
    assert str(failed.value) == (
        "by_hand (strategy deferred, seed 7, replication 0) failed: ZeroDivisionError: no values for deferred"
    )
    assert "test_jobs" not in str(failed.value)
    assert "in breaks" in failed.value.details

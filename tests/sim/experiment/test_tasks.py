import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.experiment.executors import Report
from sim.experiment.jobs import ReplicationFailed
from sim.experiment.pool import Hooks, run_tasks
from sim.experiment.progress import Progress


def square(task: int, report: Report) -> int:
    report(task, 1)
    return task * task


@dataclass(frozen=True)
class Deadly:
    """A task that kills its worker process as often as its number says; `folder` counts."""

    number: int
    folder: Path
    deaths: int = 0


def survive(task: Deadly, report: Report) -> int:
    for death in range(task.deaths):
        mark = task.folder / f"{task.number}-{death}"
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return task.number


def refuse_three(task: int, report: Report) -> int:
    if task == 3:
        raise ZeroDivisionError("three")
    return task


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    assert list(run_tasks(square, range(20), workers=workers)) == [number**2 for number in range(20)]


def test_no_tasks_have_no_results() -> None:
    assert list(run_tasks(square, [], workers=2)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_the_listener_is_told_of_every_task(workers: int) -> None:
    seen: list[Progress] = []
    list(run_tasks(square, range(8), workers=workers, on_progress=seen.append))
    assert (seen[-1].replications_done, seen[-1].replications, seen[-1].left_s) == (8, 8, 0.0)
    assert seen[-1].replications_per_s > 0


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_failure_in_the_order_of_the_tasks_is_raised(workers: int) -> None:
    given = []
    with pytest.raises(ZeroDivisionError, match="three"):
        given.extend(run_tasks(refuse_three, range(6), workers=workers))
    assert multiprocessing.active_children() == []


def test_a_killed_worker_costs_nothing_but_time(tmp_path: Path) -> None:
    tasks = [Deadly(number, tmp_path, deaths=1 if number in (2, 9) else 0) for number in range(12)]
    assert list(run_tasks(survive, tasks, workers=2)) == list(range(12))
    assert len(list(tmp_path.iterdir())) == 2
    assert multiprocessing.active_children() == []


def test_a_task_that_kills_every_worker_is_given_up_and_its_neighbours_are_not(tmp_path: Path) -> None:
    tasks = [Deadly(number, tmp_path, deaths=99 if number == 1 else 0) for number in range(8)]
    found = list(run_tasks(survive, tasks, workers=2, hooks=Hooks(lost=lambda task, why: why)))
    assert found[1] == "its worker process ended 3 times; is there enough memory?"
    assert [each for each in found if each != found[1]] == [0, 2, 3, 4, 5, 6, 7]
    assert len(list(tmp_path.iterdir())) == 3


def test_without_an_answer_for_a_lost_task_its_loss_is_raised(tmp_path: Path) -> None:
    tasks = [Deadly(number, tmp_path, deaths=99 if number == 0 else 0) for number in range(3)]
    with pytest.raises(ReplicationFailed, match="ended 3 times"):
        list(run_tasks(survive, tasks, workers=2))


def test_a_task_that_survives_alone_is_not_given_up(tmp_path: Path) -> None:
    tasks = [Deadly(number, tmp_path, deaths=2 if number == 4 else 0) for number in range(8)]
    assert list(run_tasks(survive, tasks, workers=2)) == list(range(8))

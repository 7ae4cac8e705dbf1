"""Runs tasks on all cores or on a cluster, and gives their results in the order of the tasks, whatever order they
end in.

Called by the experiments. With one worker everything happens in this process; the results are the same. An interrupt
ends the worker processes that were started here, and no others.
"""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sim.experiment.executors import Crew, Report, WorkerLost
from sim.experiment.executors.here import here
from sim.experiment.jobs import Job, Outcome, ReplicationFailed, Runner, failure_of, perform
from sim.experiment.ordered import in_order
from sim.experiment.progress import Meter, OnProgress, durations_us

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 3  # large results a worker that may be under way or waiting to be read; bounds the tables held in memory
_AHEAD_SMALL = 100  # the same for results without tables: a slow task does not stop the other workers


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _raise_lost(task: Any, why: str) -> Any:
    raise ReplicationFailed(f"a task failed: {why}")


def _ignore(task: Any, result: Any) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What happens beside giving results back.

    `on_result(task, result)` is called as soon as a task is done, in any order; `lost(task, why)` gives the result of a
    task whose worker ended again and again.
    """

    on_result: Callable[[Any, Any], None] = _ignore
    lost: Callable[[Any, str], Any] = _raise_lost


def run_tasks(
    work: Callable[[Task, Report], Result],
    tasks: Sequence[Task],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    on_progress: OnProgress | None = None,
    hooks: Hooks | None = None,
) -> Iterator[Result]:
    """The results of `work(task, report)`, in the order of the tasks, each as soon as it and those before it are known.

    `work` is a function at the top of a module, so that other processes find it; it may call
    `report(virtual_us, operations)` as often as it likes. `workers`: processes, None for all cores. `scheduler`: the
    address of a Dask scheduler, whose workers are used instead. Raises what `work` raises, for the first task that
    does; the others are given up. A worker that is killed costs nothing but time; a task whose worker ends again and
    again raises ReplicationFailed, unless `hooks` say otherwise. Raises ClusterError when the cluster cannot be used.
    """
    meter = Meter([None] * len(tasks), on_progress)
    yield from _run(work, tasks, meter, _Where(workers, scheduler), hooks or Hooks())


def run_jobs(
    jobs: Sequence[Job],
    *,
    runner: Runner,
    workers: int | None = None,
    scheduler: str | None = None,
    on_progress: OnProgress | None = None,
) -> Iterator[Outcome]:
    """The outcomes of `jobs`, in their order, as soon as each is known. `workers`: None for all cores.

    Raises ReplicationFailed for the first job that fails; the others are given up.
    """
    meter = Meter(durations_us(jobs), on_progress)
    large = any(job.keep_tables or job.keep_history or job.keep_facts for job in jobs)
    where = _Where(workers, scheduler, ahead=_AHEAD if large else _AHEAD_SMALL)
    yield from _run(partial(_perform, runner), jobs, meter, where, Hooks(lost=_raise_lost_job))


class _Where:
    """Where tasks run, and how far ahead of what is read."""

    def __init__(self, workers: int | None, scheduler: str | None, *, ahead: int = _AHEAD_SMALL) -> None:
        self.workers, self.scheduler, self.ahead = workers, scheduler, ahead

    def count(self, tasks: int) -> int:
        """Worker processes for so many tasks."""
        return min(self.workers or available_cores(), tasks)

    def crew(self, work: Any, meter: Meter, tasks: int) -> Crew:
        """What runs them."""
        if self.scheduler is not None:
            from sim.experiment.executors.cluster import Cluster

            return Cluster(work, meter.report, self.scheduler)
        from sim.experiment.executors.processes import Processes

        return Processes(work, meter.report, self.count(tasks))


def _run(work: Any, tasks: Sequence[Any], meter: Meter, where: _Where, hooks: Hooks) -> Generator[Any, None, None]:
    def finish(number: int, result: Any) -> None:
        hooks.on_result(tasks[number], result)
        _finish(meter, number, result)

    if not tasks:
        return
    if where.scheduler is None and where.count(len(tasks)) <= 1:
        for number, result in enumerate(here(work, tasks, meter.report)):
            finish(number, result)
            yield result
        return
    with where.crew(work, meter, len(tasks)) as crew:
        futures = in_order(crew, tasks, ahead=where.ahead * crew.size, on_done=finish)
        with closing(futures):
            for task, future in zip(tasks, futures, strict=True):
                problem = future.exception()
                yield hooks.lost(task, str(problem)) if isinstance(problem, WorkerLost) else future.result()


def _finish(meter: Meter, number: int, result: Any) -> None:
    if isinstance(result, Outcome):
        meter.finish(number, result.virtual_us, result.operations)
    else:
        meter.finish(number)


def _perform(runner: Runner, job: Job, report: Report) -> Outcome:
    return perform(job, runner, report)


def _raise_lost_job(job: Job, why: str) -> Outcome:
    raise ReplicationFailed(failure_of(job, why))

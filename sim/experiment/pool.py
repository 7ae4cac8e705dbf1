"""Runs jobs on all cores and gives their outcomes in the order of the jobs, whatever order they end in.

Called by sim.experiment.comparing and break_even. With one worker everything happens in this process; the
outcomes are the same. An interrupt ends the worker processes that were started here, and no others.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from importlib import import_module
from typing import Any

from sim.experiment.jobs import Job, Outcome, ReplicationFailed, Runner, perform
from sim.experiment.progress import Meter, OnProgress

_AHEAD = 3  # jobs a worker that may be under way or waiting to be read; bounds the tables held in memory
_REPORT_EVERY_S = 0.1  # wall-clock
_END_WITHIN_S = 5.0  # wall-clock; how long to wait for a process that was told to end


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_jobs(
    jobs: Sequence[Job], *, runner: Runner, workers: int | None = None, on_progress: OnProgress | None = None
) -> Iterator[Outcome]:
    """The outcomes of `jobs`, in their order, as soon as each is known. `workers`: None for all cores.

    Raises ReplicationFailed for the first job that fails; the others are given up.
    """
    meter = Meter(jobs, on_progress)
    count = min(workers or available_cores(), len(jobs))
    outcomes = _here(jobs, runner, meter) if count <= 1 else _Workers(jobs, runner, meter, count).outcomes()
    with closing(outcomes):
        for number, outcome in enumerate(outcomes):
            meter.finish(number, outcome.virtual_us, outcome.operations)
            yield outcome


def _here(jobs: Sequence[Job], runner: Runner, meter: Meter) -> Generator[Outcome, None, None]:
    for number, job in enumerate(jobs):
        yield perform(job, runner, _Throttled(number, meter.report))


class _Throttled:
    """Passes reports on, at most one in _REPORT_EVERY_S."""

    def __init__(self, job: int, send: Any) -> None:
        self._job = job
        self._send = send
        self._next_s = 0.0

    def __call__(self, virtual_us: int, operations: int) -> None:
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + _REPORT_EVERY_S
            self._send(self._job, virtual_us, operations)


class _Workers:
    """Worker processes for one sequence of jobs."""

    def __init__(self, jobs: Sequence[Job], runner: Runner, meter: Meter, count: int) -> None:
        import_module("sim.simulation")  # before forking: then the workers have it already
        context = multiprocessing.get_context(_start_method())
        self._jobs, self._runner, self._meter = jobs, runner, meter
        self._ahead = _AHEAD * count
        self._others = set(multiprocessing.active_children())
        self._reports = context.SimpleQueue()
        self._executor = ProcessPoolExecutor(
            count, mp_context=context, initializer=_begin_worker, initargs=(self._reports,)
        )

    def outcomes(self) -> Generator[Outcome, None, None]:
        """In the order of the jobs. Leaving the iteration early ends the processes."""
        try:
            yield from self._in_order()
        except BrokenProcessPool:
            self._end()
            raise ReplicationFailed("a worker process ended before its result; is there enough memory?") from None
        except BaseException:
            self._end()
            raise
        self._executor.shutdown()

    def _in_order(self) -> Iterator[Outcome]:
        pending = deque[Future[Outcome]]()
        for number, job in enumerate(self._jobs):
            if len(pending) >= self._ahead:
                yield self._first(pending)
            pending.append(self._executor.submit(_perform_in_worker, number, job, self._runner))
        while pending:
            yield self._first(pending)

    def _first(self, pending: deque[Future[Outcome]]) -> Outcome:
        future = pending.popleft()
        while not wait([future], timeout=_REPORT_EVERY_S).done:
            self._read_reports()
        self._read_reports()
        return future.result()

    def _read_reports(self) -> None:
        while not self._reports.empty():
            self._meter.report(*self._reports.get())

    def _end(self) -> None:
        ours = set(multiprocessing.active_children()) - self._others
        for child in ours:
            child.terminate()
        for child in ours:
            child.join(_END_WITHIN_S)
        # One that ended in the middle of handing over a result leaves half of it in the pipe, and the executor's thread
        # waits for the rest until nobody can write any more: this process is the last one that could.
        results: Any = self._executor._result_queue
        results._writer.close()
        self._executor.shutdown(cancel_futures=True)


def _start_method() -> str:
    """Forking where it is safe: it starts at once, and needs no guard in a user's script."""
    return "fork" if sys.platform == "linux" else "spawn"


_reports: Any = None  # the queue to the parent, in a worker process


def _begin_worker(reports: Any) -> None:
    """An interrupt from the keyboard reaches every process of the terminal; only the parent answers it."""
    global _reports  # noqa: PLW0603  (set once, when a worker process begins)
    _reports = reports
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent ends its workers so, whatever it does itself


def _perform_in_worker(number: int, job: Job, runner: Runner) -> Outcome:
    return perform(job, runner, _Throttled(number, lambda *report: _reports.put(report)))

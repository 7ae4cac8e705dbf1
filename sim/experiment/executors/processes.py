"""Worker processes on this machine. Used by sim.experiment.pool.

An interrupt ends the processes that were started here, and no others. A process that is killed costs the time of what
it was doing: a new pool runs again what was not finished. A task during which two processes ended runs alone next, and
is given up when that ends a third: so an innocent neighbour is never blamed.
"""

import multiprocessing
import sys
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from sim.experiment.executors.crew import Crew, Ended, Listen, Work, WorkerLost, failed
from sim.experiment.executors.here import Throttled
from sim.forking import leave_signals_to_parent, signals_held
from sim.results.loading import load_whole

DEATHS = 3  # worker processes that end during one task before it is given up
_END_WITHIN_S = 5.0  # wall-clock; how long to wait for a process that was told to end
_BEGUN = -1  # reported as the virtual time by a task that begins


class _Pool:
    """One ProcessPoolExecutor, and the queue of what its workers report."""

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context(_start_method())
        self._others = set(multiprocessing.active_children())
        self.reports = context.SimpleQueue()
        self.executor = ProcessPoolExecutor(
            count, mp_context=context, initializer=_begin_worker, initargs=(self.reports,)
        )

    def end(self) -> None:
        """Ends the processes, whatever they are doing."""
        ours = set(multiprocessing.active_children()) - self._others
        for child in ours:
            child.terminate()
        for child in ours:
            child.join(_END_WITHIN_S)
        # One that ended in the middle of handing over a result leaves half of it in the pipe, and the executor's thread
        # waits for the rest until nobody can write any more: this process is the last one that could.
        results: Any = self.executor._result_queue
        results._writer.close()
        self.executor.shutdown(cancel_futures=True)


class Processes(Crew):
    """A pool of worker processes that is replaced when it breaks."""

    def __init__(self, work: Work, listen: Listen, count: int) -> None:
        super().__init__(count)
        load_whole("sim.simulation")  # before forking: then the workers have it already
        self._work, self._listen = work, listen
        self._tasks: dict[int, Any] = {}
        self._begun: set[int] = set()
        self._deaths = Counter[int]()
        self._pool = _Pool(count)

    def _submit(self, number: int, task: Any) -> "Future[Any]":
        self._tasks[number] = task
        try:
            with signals_held():  # the first one forks
                return self._pool.executor.submit(_perform, number, task, self._work)
        except BrokenProcessPool as broken:  # known before any of its futures: the next `collect` deals with it
            return failed(broken)

    def collect(self) -> Ended:
        """What has ended; a broken pool is replaced meanwhile."""
        ended = super().collect()
        self._read_reports()
        well = [(number, future) for number, future in ended if not _is_broken(future)]
        if len(well) < len(ended):
            self._read_reports()
            well += self._recover({number for number, future in ended if _is_broken(future)})
        for number, _ in well:
            self._tasks.pop(number)
            self._begun.discard(number)
        return well

    def close(self) -> None:
        """Lets the processes end."""
        self._pool.executor.shutdown()

    def abandon(self) -> None:
        """Ends the processes, whatever they are doing."""
        self._pool.end()

    def _read_reports(self) -> None:
        reports = self._pool.reports
        while not reports.empty():
            number, virtual_us, operations = reports.get()
            if virtual_us == _BEGUN:
                self._begun.add(number)
            else:
                self._listen(number, virtual_us, operations)

    def _recover(self, unfinished: set[int]) -> Ended:
        """A new pool for what the broken one did not finish; gives back what ended."""
        wait(self._numbers, timeout=_END_WITHIN_S)
        ended = [(number, future) for future, number in self._numbers.items() if _is_finished(future)]
        unfinished |= set(self._numbers.values()) - {number for number, _ in ended}
        self._numbers.clear()
        self._blame(unfinished)
        self._pool.end()
        ended += [(n, self._alone(n)) for n in sorted(unfinished) if self._deaths[n] >= DEATHS - 1]
        self._pool = _Pool(self.size)
        for number in sorted(unfinished - {number for number, _ in ended}):
            self.start(number, self._tasks[number])
        return ended

    def _blame(self, unfinished: set[int]) -> None:
        """Counts the death for what was running; when nothing had begun, for what was about to."""
        suspects = self._begun & unfinished or sorted(unfinished)[: self.size]
        self._deaths.update(suspects)
        self._begun.clear()

    def _alone(self, number: int) -> "Future[Any]":
        """The end of a task that has a process of its own."""
        while self._deaths[number] < DEATHS:
            self._pool = _Pool(1)
            future = self._submit(number, self._tasks[number])
            while not wait([future], timeout=0.1).done:
                self._read_reports()
            self._pool.end()
            if not _is_broken(future):
                return future
            self._deaths[number] += 1
        return failed(WorkerLost(f"its worker process ended {DEATHS} times; is there enough memory?"))


def _is_finished(future: "Future[Any]") -> bool:
    return future.done() and not _is_broken(future)


def _is_broken(future: "Future[Any]") -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _start_method() -> str:
    """Forking where it is safe: it starts at once, and needs no guard in a user's script."""
    return "fork" if sys.platform == "linux" else "spawn"


_reports: Any = None  # the queue to the parent, in a worker process


def _begin_worker(reports: Any) -> None:
    global _reports  # noqa: PLW0603  (set once, when a worker process begins)
    _reports = reports
    leave_signals_to_parent()


def _perform(number: int, task: Any, work: Work) -> Any:
    _reports.put((number, _BEGUN, 0))
    return work(task, Throttled(number, lambda *report: _reports.put(report)))

"""A Dask cluster, by the address of its scheduler. Used by sim.experiment.pool; needs the extra `bindsim[cluster]`.

Dask runs again what a lost worker did not finish. Every worker must have the same code and packages as this process:
a task on any other is refused, since it would give other results.
"""

import logging
import threading
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any

from sim.experiment.executors.crew import ClusterError, Crew, Ended, Listen, Work, WorkerLost, failed
from sim.results.code_version import code_version

if TYPE_CHECKING:
    from distributed import Client

_ANSWER_WITHIN_S = 10.0  # wall-clock; a scheduler that does not answer by then is not there
_WORKERS_WITHIN_S = 60.0  # wall-clock; how long a scheduler may be without workers


class Cluster(Crew):
    """The workers of a Dask scheduler, now and those that join later."""

    def __init__(self, work: Work, listen: Listen, address: str) -> None:
        self._address, self._work = address, work
        self._client = _connected(address)
        super().__init__(_worker_threads(self._client, address))
        self._executor = self._client.get_executor(pure=False)

    def _submit(self, number: int, task: Any) -> "Future[Any]":
        future: Future[Any] = self._executor.submit(_perform, self._work, task, code_version())
        return future

    def collect(self) -> Ended:
        """What has ended. Raises ClusterError when the scheduler has gone."""
        return [(number, self._checked(future)) for number, future in super().collect()]

    def _checked(self, future: "Future[Any]") -> "Future[Any]":
        from distributed import KilledWorker

        if future.cancelled() or isinstance(future.exception(), CancelledError):
            raise ClusterError(f"the scheduler at {self._address} has gone; start it, then repeat the command")
        problem = future.exception()
        if isinstance(problem, KilledWorker):
            return failed(WorkerLost("the Dask workers that ran it ended; is there enough memory?"))
        return future

    def close(self) -> None:
        """Leaves the cluster."""
        self._client.close()

    def abandon(self) -> None:
        """Takes back what is under way, and leaves the cluster."""
        for future in self._numbers:
            future.cancel()
        self._client.close()


def _connected(address: str) -> "Client":
    try:
        from sim.experiment.executors.dask_client import WholeClient
    except ImportError:
        raise ClusterError(
            f"--scheduler {address} needs Dask: python -m pip install 'bindsim[cluster]', here and on every worker"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is raised
    try:
        return WholeClient(address, timeout=_ANSWER_WITHIN_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as problem:
        why = " ".join(str(problem).split())
        raise ClusterError(f"--scheduler {address}: no Dask scheduler answers there ({why})") from None


def _worker_threads(client: "Client", address: str) -> int:
    try:
        client.wait_for_workers(1, timeout=_WORKERS_WITHIN_S)
    except TimeoutError:
        client.close()
        raise ClusterError(f"the scheduler at {address} has no workers; start some: dask worker {address}") from None
    return sum(client.nthreads().values())


_one_at_a_time = threading.Lock()


def _perform(work: Work, task: Any, version: str) -> Any:
    """In a worker. One task at a time in a process: simulations share the process's collector and loggers."""
    if version != code_version():
        raise ClusterError(
            "a Dask worker has other code or packages than this machine, which gives other results; install the same"
            " bindsim and requirements.lock on both"
        )
    with _one_at_a_time:
        return work(task, lambda virtual_us, operations: None)

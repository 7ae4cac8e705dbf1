"""SimRuntime: the core's first seam over the kernel. One for all API processes; it acts for whoever calls.

Ids are keyed by the operation and the n-th call in it, so that every strategy gives a port the same id. It never waits
but in virtual time, and an eventlet process gets on with other work meanwhile.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from sim.kernel import Draws, FifoResource, Kernel, OutsideProcess, current
from sim.model.naming import make_id
from sim.model.work import current_work

BACKGROUND_IDS = 1 << 47  # owners of ids from here on are background work, not ports


class Host(Protocol):
    """The API process that a caller belongs to (sim.model.api)."""

    locks: dict[str, FifoResource]
    name: str

    def step_aside(self) -> None:
        """The caller is about to wait for something that leaves the process free."""

    def come_back(self) -> None:
        """The wait is over."""

    def spawn(self, task: Callable[[], None], *, name: str) -> None:
        """Starts background work of this process."""


class SimRuntime:
    """Time, ids, locks and background work in virtual time.

    `first_owner` is the number of initial ports: operation k owns ids as number `first_owner` + k. `background` is the
    process that runs what is spawned from outside all processes; set it before anything is.
    """

    background: Host

    def __init__(self, kernel: Kernel, draws: Draws, *, first_owner: int = 0) -> None:
        self.kernel = kernel
        self._draws = draws
        self._ids = draws.purpose("id")
        self._first_owner = first_owner

    def now(self) -> float:
        """Virtual seconds since the run began."""
        return self.kernel.now()

    def sleep(self, seconds: float) -> None:
        """Suspends the caller; the point is 'sleep'."""
        self.pause_us(round(seconds * 1e6), "sleep")

    def pause_us(self, delay_us: int, point: str) -> None:
        """Suspends the caller; its API process is free meanwhile."""
        host: Host = current().api
        host.step_aside()
        self.kernel.sleep_us(delay_us, point)
        host.come_back()

    def new_id(self) -> str:
        """The next id of the caller's operation."""
        work = current_work()
        key = work.key
        owner = self._first_owner + key if key >= 0 else BACKGROUND_IDS - key
        nth = work.count(None)
        return make_id(self._draws.bits64(self._ids, key, nth), owner=owner, nth=nth)

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Mutual exclusion within the caller's API process, in order of asking."""
        return _ProcessLock(self.kernel, current().api, name)

    def spawn(self, task: Callable[[], None], *, name: str) -> None:
        """Background work of the caller's process, or, from outside all processes, of the first one."""
        try:
            host: Host = current().api
        except OutsideProcess:
            host = self.background
        host.spawn(task, name=name)


class _ProcessLock:
    """One use of a named lock."""

    __slots__ = ("_host", "_lock", "_point")

    def __init__(self, kernel: Kernel, host: Host, name: str) -> None:
        self._host = host
        self._point = f"lock {name}"
        lock = host.locks.get(name)
        if lock is None:
            lock = host.locks[name] = FifoResource(kernel, f"lock {name} of {host.name}", 1)
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.in_use:
            self._lock.acquire(self._point)  # a free lock makes nobody yield
            return
        self._host.step_aside()
        self._lock.acquire(self._point)
        self._host.come_back()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

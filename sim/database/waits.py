"""Waiting for a row lock: suspends the worker, breaks deadlocks, ends what waits too long, records every wait.

locking.py calls `wait` with a request that the lock table has queued. Which transaction loses is decided in
deadlocks.py; rolling it back is the server's business (`end`).
"""

from collections.abc import Callable, Iterable

from core.exceptions import ConnectionLost, DatabaseConflict, Deadlock, LockWaitTimeout
from sim.database.deadlocks import cycle_through, victim_of
from sim.database.locks import LockRequest, LockTable
from sim.database.profiles import Profile
from sim.database.seams import Recorder
from sim.database.server_transaction import OPEN, ServerTransaction
from sim.kernel import Kernel, Process, Signal

_POINT = "db.lock_wait"
_CONFLICTS: dict[str | None, tuple[type[DatabaseConflict], str]] = {
    "deadlock": (Deadlock, "lost a deadlock"),
    "timeout": (LockWaitTimeout, "was not granted the lock in time"),
}
_CUT_OFF = (ConnectionLost, "was ended by the server")


class LockWaits:
    """The lock `table` and those who wait at it. `end(transaction, state)` must roll back and call `give_up`."""

    def __init__(
        self,
        kernel: Kernel,
        profile: Profile,
        *,
        timeout_us: int | None,
        recorder: Recorder,
        end: Callable[[ServerTransaction, str], None],
    ) -> None:
        self.table = LockTable(self._granted, overtakes=profile.overtakes)
        self._kernel = kernel
        self._clock = kernel.clock
        self._profile = profile
        self._timeout_us = timeout_us
        self._recorder = recorder
        self._end = end

    def wait(self, request: LockRequest) -> None:
        """Suspends until the lock is granted; raises the conflict if that ended the transaction."""
        request.since_us = self._clock.now_us
        signal = Signal(self._kernel, _name(request), holders=lambda: self._processes_before(request))
        request.wake = signal.fire
        self._break_deadlocks(request, signal)
        if request.outcome is None:
            signal.wait(_POINT, timeout_us=self._left_us(request))
        if request.outcome is None:
            self._end(request.transaction, "timeout")
        request.transaction.lock_wait_us += self._clock.now_us - request.since_us
        # The server may have died after it had granted the lock.
        if request.outcome != "granted" or request.transaction.state != OPEN:
            raise _conflict(request)

    def _break_deadlocks(self, request: LockRequest, signal: Signal) -> None:
        delay_us = self._profile.deadlock_delay_us
        if delay_us:
            signal.wait(_POINT, timeout_us=delay_us)
        while request.outcome is None and (cycle := cycle_through(request.transaction, self.table)):
            self._end(victim_of(cycle, self._profile), "deadlock")

    def _left_us(self, request: LockRequest) -> int | None:
        if self._timeout_us is None:
            return None
        return max(0, self._timeout_us - (self._clock.now_us - request.since_us))

    def _processes_before(self, request: LockRequest) -> Iterable[Process]:
        blockers = self.table.blockers(request) if request.outcome is None else ()
        return [blocker.process for blocker in blockers if blocker.process is not None]

    def _granted(self, request: LockRequest) -> None:
        self._record(request)
        if request.wake is not None:
            request.wake()

    def give_up(self, transaction: ServerTransaction, state: str) -> None:
        """Releases all that an ended transaction holds; where it waits itself, it is told `state`."""
        request = transaction.waiting
        if request is not None:
            request.outcome = state
            self._record(request)
        self.table.release_all(transaction)
        if request is not None and request.wake is not None:
            request.wake()

    def _record(self, request: LockRequest) -> None:
        self._recorder.lock_wait(
            request.key,
            waiter=request.transaction,
            holder=request.holder,
            from_us=request.since_us,
            to_us=self._clock.now_us,
            outcome=request.outcome or "",
        )


def _name(request: LockRequest) -> str:
    space, value = request.key
    return f"row {value} of {space}"


def _conflict(request: LockRequest) -> DatabaseConflict:
    kind, fate = _CONFLICTS.get(request.outcome, _CUT_OFF)
    return kind(f"{request.transaction!r} {fate} while it waited for {_name(request)}; repeat it")

"""Group commit: the log is flushed by one flush at a time, which makes up to `slots` transactions durable together.

A commit that arrives during a flush waits for a following one. With one slot, commits are flushed one by one. The
server calls `join`; no data is touched here.
"""

from collections import deque
from collections.abc import Callable

from sim.database.costs import Costs
from sim.database.server_transaction import OPEN, ServerTransaction
from sim.kernel import Kernel, Signal


class GroupCommit:
    """The queue in front of the log, with the levels and the hook of a FifoResource: `in_use` transactions are being
    flushed, `queued` wait for a later flush."""

    def __init__(self, kernel: Kernel, costs: Costs, *, slots: int) -> None:
        if slots < 1:
            raise ValueError(f"commit_slots is {slots}; it must be at least 1")
        self.name = "db.commit"
        self.capacity = slots
        self.on_change: Callable[[GroupCommit], None] | None = None
        self.flushes = 0
        self._kernel = kernel
        self._costs = costs
        self._queue: deque[tuple[ServerTransaction, Callable[[], object]]] = deque()
        self._flushing: list[tuple[ServerTransaction, Callable[[], object]]] = []

    @property
    def in_use(self) -> int:
        """How many transactions the flush under way will make durable."""
        return len(self._flushing)

    @property
    def queued(self) -> int:
        """How many transactions wait for a later flush."""
        return len(self._queue)

    def join(self, transaction: ServerTransaction) -> None:
        """Suspends the current process until a flush that began no earlier than now has ended."""
        signal = Signal(self._kernel, "db.commit")
        self.add(transaction, signal.fire)
        signal.wait("db.commit")

    def add(self, transaction: ServerTransaction, done: Callable[[], object]) -> None:
        """Calls `done` when such a flush has ended, unless the transaction has ended before."""
        self._queue.append((transaction, done))
        if not self._flushing:
            self._start()
        self._changed()

    def breaks_off(self, transaction: ServerTransaction) -> bool:
        """Lets a transaction wait no longer, because its server has died; whether it did wait."""
        for waiting, done in (*self._flushing, *self._queue):
            if waiting is transaction:
                done()
                return True
        return False

    def _start(self) -> None:
        queue = self._queue
        while queue and len(self._flushing) < self.capacity:
            entry = queue.popleft()
            if entry[0].state == OPEN:
                self._flushing.append(entry)
        if self._flushing:
            lasts_us = self._costs.flush_us(self.flushes)
            self.flushes += 1
            self._kernel.at(self._kernel.clock.now_us + lasts_us, self._done)

    def _done(self) -> None:
        flushed, self._flushing = self._flushing, []
        for transaction, done in flushed:
            if transaction.state == OPEN:
                done()
        self._start()
        self._changed()

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)

"""Row locks: shared and exclusive, in order of arrival, held to the end of the transaction.

The server asks for locks and releases them here. Nothing waits here and no time passes: a request that cannot be
granted is queued, and `on_grant` is called when its turn comes. Nothing is known of deadlocks (see deadlocks.py).

Order: a request is granted when it is compatible with the holders and nobody is queued before it; nobody overtakes,
except a holder of a shared lock that asks for the exclusive one, which goes before all that do not hold the row.
"""

from collections.abc import Callable, Iterable, Iterator

from sim.database.server_transaction import Key, ServerTransaction


class LockRequest:
    """One transaction's wish for one row. `outcome` is None while it waits, then 'granted', 'deadlock', ..."""

    __slots__ = ("exclusive", "holder", "key", "outcome", "since_us", "transaction", "wake")

    def __init__(self, transaction: ServerTransaction, key: Key, *, exclusive: bool) -> None:
        self.transaction = transaction
        self.key = key
        self.exclusive = exclusive
        self.outcome: str | None = None
        self.holder: ServerTransaction | None = None  # whom it first waited for
        self.since_us = 0
        self.wake: Callable[[], object] | None = None  # resumes the waiting process


# Most rows are locked by one transaction and asked for by no other: what they all lack is made once.
_NOBODY: dict[ServerTransaction, None] = {}
_NO_QUEUE: list["LockRequest"] = []


class _Row:
    """The lock state of one row: an exclusive holder or shared ones, and the queue."""

    __slots__ = ("exclusive", "queue", "shared")

    def __init__(self) -> None:
        self.exclusive: ServerTransaction | None = None
        self.shared: dict[ServerTransaction, None] = _NOBODY
        self.queue: list[LockRequest] = _NO_QUEUE

    def admits(self, transaction: ServerTransaction, *, exclusive: bool) -> bool:
        """Whether the holders leave room for this lock."""
        if self.exclusive is not None:
            return self.exclusive is transaction
        if not exclusive or not self.shared:
            return True
        return len(self.shared) == 1 and transaction in self.shared

    def evict(self, transaction: ServerTransaction, key: Key, *, exclusive: bool) -> list[ServerTransaction]:
        """Makes room for this lock; those who are no holders any more."""
        if self.admits(transaction, exclusive=exclusive):
            return []
        losers = (
            [self.exclusive]
            if self.exclusive is not None
            else [each for each in self.shared if each is not transaction]
        )
        for loser in losers:
            del loser.held[key]
            self.shared.pop(loser, None)
        self.exclusive = None
        return losers

    def give(self, transaction: ServerTransaction, key: Key, exclusive: bool) -> None:  # noqa: FBT001
        """Makes the transaction a holder."""
        if exclusive:
            self.exclusive = transaction
            if self.shared:
                self.shared.pop(transaction, None)
        elif self.shared is _NOBODY:
            self.shared = {transaction: None}
        else:
            self.shared[transaction] = None
        transaction.held[key] = exclusive


class LockTable:
    """All row locks of a database. `on_grant` is called with each queued request when it is granted."""

    def __init__(self, on_grant: Callable[[LockRequest], None]) -> None:
        self._rows: dict[Key, _Row] = {}
        self._spare: list[_Row] = []  # of rows that nobody locks any more, to be used again
        self._on_grant = on_grant

    def acquire(self, transaction: ServerTransaction, key: Key, exclusive: bool) -> LockRequest | None:  # noqa: FBT001
        """Locks the row and returns None, or queues a request for it and returns that."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._spare.pop() if self._spare else _Row()
            if exclusive:
                row.exclusive = transaction
            else:
                row.shared = {transaction: None}
            transaction.held[key] = exclusive
            return None
        held = transaction.held.get(key)
        if held or (held is not None and not exclusive):
            return None
        upgrading = held is not None
        if row.admits(transaction, exclusive=exclusive) and (upgrading or not row.queue):
            row.give(transaction, key, exclusive)
            return None
        return self._enqueue(row, LockRequest(transaction, key, exclusive=exclusive), upgrading=upgrading)

    def _enqueue(self, row: _Row, request: LockRequest, *, upgrading: bool) -> LockRequest:
        place = len(row.queue)
        if upgrading:
            place = next((n for n, other in enumerate(row.queue) if other.transaction not in row.shared), place)
        if row.queue is _NO_QUEUE:
            row.queue = []
        row.queue.insert(place, request)
        request.transaction.waiting = request
        request.holder = next(self.blockers(request), None)
        return request

    def seize(self, transaction: ServerTransaction, key: Key, exclusive: bool) -> list[ServerTransaction]:  # noqa: FBT001
        """Locks the row at once, before all who wait for it; returns those who held it in its way and do no longer."""
        row = self._rows.get(key)
        if row is None:
            self.acquire(transaction, key, exclusive)
            return []
        held = transaction.held.get(key)
        if held or (held is not None and not exclusive):
            return []
        losers = row.evict(transaction, key, exclusive=exclusive)
        row.give(transaction, key, exclusive)
        return losers

    def withdraw(self, request: LockRequest) -> None:
        """Takes a waiting request out of its queue; those behind it may be granted."""
        row = self._rows[request.key]
        row.queue.remove(request)
        request.transaction.waiting = None
        self._serve(row, request.key)

    def release(self, transaction: ServerTransaction, keys: Iterable[Key]) -> None:
        """Gives up these locks of the transaction; those who wait for them may be granted."""
        rows = self._rows
        for key in keys:
            del transaction.held[key]
            row = rows[key]
            if row.exclusive is transaction:
                row.exclusive = None
            else:
                del row.shared[transaction]
            if row.queue:
                self._serve(row, key)
            elif not row.shared:
                del rows[key]
                self._spare.append(row)

    def release_all(self, transaction: ServerTransaction) -> None:
        """Ends the transaction's part in the lock table: its waiting request and everything that it holds."""
        if transaction.waiting is not None:
            self.withdraw(transaction.waiting)
        self.release(transaction, list(transaction.held))

    def _serve(self, row: _Row, key: Key) -> None:
        while row.queue and row.admits(row.queue[0].transaction, exclusive=row.queue[0].exclusive):
            request = row.queue.pop(0)
            row.give(request.transaction, key, request.exclusive)
            request.transaction.waiting = None
            request.outcome = "granted"
            self._on_grant(request)
        if not row.queue and row.exclusive is None and not row.shared:
            del self._rows[key]

    def blockers(self, request: LockRequest) -> Iterator[ServerTransaction]:
        """Whom a waiting request waits for: holders first, then those queued before it that it conflicts with."""
        row = self._rows[request.key]
        if row.exclusive is not None:
            yield row.exclusive
        elif request.exclusive:
            yield from (holder for holder in row.shared if holder is not request.transaction)
        for other in row.queue:
            if other is request:
                return
            if other.exclusive or request.exclusive:
                yield other.transaction

    def is_waited_for(self, transaction: ServerTransaction) -> bool:
        """Whether somebody is queued at a row that the transaction holds."""
        rows = self._rows
        return any(rows[key].queue for key in transaction.held)

    def waiting(self) -> list[LockRequest]:
        """Every request in a queue, for reports of a stall."""
        return [request for row in self._rows.values() for request in row.queue]

    def __len__(self) -> int:
        """How many rows are locked."""
        return len(self._rows)

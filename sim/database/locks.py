"""Row locks: shared, updating and exclusive, in order of arrival, held to the end of the transaction.

The server asks for locks and releases them here. Nothing waits here and no time passes: a request that cannot be
granted is queued, and `on_grant` is called when its turn comes. Nothing is known of deadlocks (see deadlocks.py).

Order: a request is granted when it is compatible with the holders and nobody is queued before it. Where requests may
overtake, those in the queue do not matter to one that is compatible with the holders, and a holder that asks for a
stronger lock goes before all that do not hold the row. Whoever only watches is in nobody's queue.
"""

from collections.abc import Callable, Iterable, Iterator

from sim.database.server_transaction import EXCLUSIVE, SHARED, UPDATING, WATCHING, Key, ServerTransaction


class LockRequest:
    """One transaction's wish for one row. `outcome` is None while it waits, then 'granted', 'deadlock', ..."""

    __slots__ = ("holder", "key", "mode", "outcome", "since_us", "transaction", "wake")

    def __init__(self, transaction: ServerTransaction, key: Key, mode: int) -> None:
        self.transaction = transaction
        self.key = key
        self.mode = mode
        self.outcome: str | None = None
        self.holder: ServerTransaction | None = None  # whom it first waited for
        self.since_us = 0
        self.wake: Callable[[], object] | None = None  # resumes the waiting process


# Most rows are locked by one transaction and asked for by no other: what they all lack is made once.
_NOBODY: dict[ServerTransaction, None] = {}
_NO_QUEUE: list["LockRequest"] = []


class _Row:
    """The lock state of one row: who holds it in `owner_mode`, updating or exclusive, who shares it, and the queue."""

    __slots__ = ("owner", "owner_mode", "queue", "shared")

    def __init__(self) -> None:
        self.owner: ServerTransaction | None = None
        self.owner_mode = EXCLUSIVE
        self.shared: dict[ServerTransaction, None] = _NOBODY
        self.queue: list[LockRequest] = _NO_QUEUE

    def admits(self, transaction: ServerTransaction, mode: int) -> bool:
        """Whether the holders leave room for this lock."""
        if self.owner is not None and self.owner is not transaction:
            return not _conflict(mode, self.owner_mode)
        if mode != EXCLUSIVE or not self.shared:
            return True
        return len(self.shared) == 1 and transaction in self.shared

    def in_the_way(self, transaction: ServerTransaction, mode: int) -> Iterator[ServerTransaction]:
        """The holders that leave no room for this lock."""
        owner = self.owner
        if owner is not None and owner is not transaction and _conflict(mode, self.owner_mode):
            yield owner
        if mode == EXCLUSIVE:
            yield from (holder for holder in self.shared if holder is not transaction)

    def give(self, transaction: ServerTransaction, key: Key, mode: int) -> None:
        """Makes the transaction a holder."""
        if mode >= UPDATING:
            self.owner = transaction
            self.owner_mode = mode
            if self.shared:
                self.shared.pop(transaction, None)
        elif self.shared is _NOBODY:
            self.shared = {transaction: None}
        else:
            self.shared[transaction] = None
        transaction.held[key] = mode

    def take(self, transaction: ServerTransaction) -> None:
        """The transaction is a holder no longer."""
        if self.owner is transaction:
            self.owner = None
        else:
            del self.shared[transaction]


def _conflict(one: int, other: int) -> bool:
    weaker, stronger = (one, other) if one < other else (other, one)
    return stronger == EXCLUSIVE or (stronger == UPDATING and weaker != SHARED)


class LockTable:
    """All row locks of a database. `on_grant` is called with each queued request when it is granted."""

    def __init__(self, on_grant: Callable[[LockRequest], None], *, overtakes: bool = False) -> None:
        self._overtakes = overtakes
        self._rows: dict[Key, _Row] = {}
        self._spare: list[_Row] = []  # of rows that nobody locks any more, to be used again
        self._on_grant = on_grant

    def acquire(self, transaction: ServerTransaction, key: Key, mode: int) -> LockRequest | None:
        """Locks the row and returns None, or queues a request for it and returns that."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._spare.pop() if self._spare else _Row()
            if mode >= UPDATING:
                row.owner = transaction
                row.owner_mode = mode
            else:
                row.shared = {transaction: None}
            transaction.held[key] = mode
            return None
        held = transaction.held.get(key, -1)
        if held >= mode:
            return None
        if (self._overtakes or not row.queue) and row.admits(transaction, mode):
            row.give(transaction, key, mode)
            return None
        return self._enqueue(row, LockRequest(transaction, key, mode), first=self._overtakes and held >= 0)

    def _enqueue(self, row: _Row, request: LockRequest, *, first: bool) -> LockRequest:
        place = len(row.queue)
        if request.mode == WATCHING:
            place = 0
        elif first:
            place = next((n for n, other in enumerate(row.queue) if request.key not in other.transaction.held), place)
        if row.queue is _NO_QUEUE:
            row.queue = []
        row.queue.insert(place, request)
        request.transaction.waiting = request
        request.holder = next(self.blockers(request), None)
        return request

    def seize(self, transaction: ServerTransaction, key: Key, mode: int) -> list[ServerTransaction]:
        """Locks the row at once, before all who wait for it; returns those who held it in its way and do no longer."""
        row = self._rows.get(key)
        if row is None:
            self.acquire(transaction, key, mode)
            return []
        if transaction.held.get(key, -1) >= mode:
            return []
        losers = list(row.in_the_way(transaction, mode))
        for loser in losers:
            del loser.held[key]
            row.take(loser)
        row.give(transaction, key, mode)
        return losers

    def withdraw(self, request: LockRequest) -> None:
        """Takes a waiting request out of its queue; those behind it may be granted."""
        row = self._rows[request.key]
        row.queue.remove(request)
        request.transaction.waiting = None
        self._serve(row, request.key)

    def share(self, transaction: ServerTransaction, key: Key) -> None:
        """Makes the transaction's exclusive lock a shared one; those who wait may be granted."""
        row = self._rows[key]
        row.owner = None
        row.give(transaction, key, SHARED)
        if row.queue:
            self._serve(row, key)

    def owner(self, key: Key) -> ServerTransaction | None:
        """Who holds the row in a mode of which there is one holder."""
        row = self._rows.get(key)
        return None if row is None else row.owner

    def release(self, transaction: ServerTransaction, keys: Iterable[Key]) -> None:
        """Gives up these locks of the transaction; those who wait for them may be granted."""
        rows = self._rows
        for key in keys:
            del transaction.held[key]
            row = rows[key]
            if row.owner is transaction:
                row.owner = None
            else:
                del row.shared[transaction]
            if row.queue:
                self._serve(row, key)
            elif not row.shared and row.owner is None:
                del rows[key]
                self._spare.append(row)

    def release_all(self, transaction: ServerTransaction) -> None:
        """Ends the transaction's part in the lock table: its waiting request and everything that it holds."""
        if transaction.waiting is not None:
            self.withdraw(transaction.waiting)
        self.release(transaction, list(transaction.held))

    def _serve(self, row: _Row, key: Key) -> None:
        while row.queue and row.admits(row.queue[0].transaction, row.queue[0].mode):
            request = row.queue.pop(0)
            row.give(request.transaction, key, request.mode)
            request.transaction.waiting = None
            request.outcome = "granted"
            self._on_grant(request)
        if not row.queue and row.owner is None and not row.shared:
            del self._rows[key]

    def blockers(self, request: LockRequest) -> Iterator[ServerTransaction]:
        """Whom a waiting request waits for: holders first, then those queued before it that it conflicts with."""
        row = self._rows[request.key]
        yield from row.in_the_way(request.transaction, request.mode)
        for other in row.queue:
            if other is request or request.mode == WATCHING:
                return
            if other.mode != WATCHING and _conflict(other.mode, request.mode):
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

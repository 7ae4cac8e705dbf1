"""Finds a circle of transactions that wait for each other, and chooses who loses.

The server asks when a transaction starts to wait (or some time later, as the profile says). Nothing is changed here.
"""

from collections import deque
from collections.abc import Iterable

from sim.database.locks import LockTable
from sim.database.profiles import Profile
from sim.database.server_transaction import Key, ServerTransaction


def cycle_through(start: ServerTransaction, locks: LockTable) -> list[ServerTransaction]:
    """The shortest circle of waits that `start` is in, beginning with it; empty when there is none.

    The shortest, so that nobody is sacrificed who merely queues between two who are really in each other's way.
    """
    if not locks.is_waited_for(start):
        return []
    came_from: dict[ServerTransaction, ServerTransaction] = {}
    frontier = deque([start])
    while frontier:
        waiter = frontier.popleft()
        for blocker in _waits_for(waiter, locks):
            if blocker is start:
                return _path(came_from, start, waiter)
            if blocker not in came_from:
                came_from[blocker] = waiter
                frontier.append(blocker)
    return []


def _waits_for(transaction: ServerTransaction, locks: LockTable) -> Iterable[ServerTransaction]:
    return () if transaction.waiting is None else locks.blockers(transaction.waiting)


def _path(
    came_from: dict[ServerTransaction, ServerTransaction], start: ServerTransaction, last: ServerTransaction
) -> list[ServerTransaction]:
    path = [last]
    while path[-1] is not start:
        path.append(came_from[path[-1]])
    return path[::-1]


def victim_of(cycle: list[ServerTransaction], profile: Profile) -> ServerTransaction:
    """Who is rolled back; `cycle` begins with the transaction whose request or search closed the circle."""
    if not profile.smallest_is_victim:
        return cycle[0]
    asked = {transaction.waiting.key for transaction in cycle if transaction.waiting is not None}
    return min(cycle, key=lambda transaction: _weight(transaction, asked))


def _weight(transaction: ServerTransaction, asked: set[Key]) -> int:
    """TRX_WEIGHT in MariaDB's trx0trx.h: undo records and locks. A table is locked as a whole too, by intention; a row
    that was inserted is not locked until somebody asks; locks of one mode on one page are one, and a table is taken to
    be one page (assumption)."""
    explicit = {key: mode for key, mode in transaction.held.items() if key in asked or not transaction.written.get(key)}
    pages = {(space, mode) for (space, _), mode in explicit.items() if "." not in space}
    tables = {space for space, _ in transaction.held if "." not in space}
    if transaction.waiting is not None:
        tables.add(transaction.waiting.key[0])
    return transaction.rows_changed + len(pages) + len(tables)

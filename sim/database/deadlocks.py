"""Finds a circle of transactions that wait for each other, and chooses who loses.

The server asks when a transaction starts to wait (or some time later, as the profile says). Nothing is changed here.
"""

from collections.abc import Iterator

from sim.database.locks import LockTable
from sim.database.profiles import Profile
from sim.database.server_transaction import ServerTransaction


def cycle_through(start: ServerTransaction, locks: LockTable) -> list[ServerTransaction]:
    """The transactions of a circle of waits that `start` is in, beginning with it; empty when there is none."""
    if not locks.is_waited_for(start):
        return []
    path = [start]
    branches = [_waits_for(start, locks)]
    seen = {start}
    while branches:
        following = next(branches[-1], None)
        if following is start:
            return path
        if following is None:
            branches.pop()
            path.pop()
        elif following not in seen:
            seen.add(following)
            path.append(following)
            branches.append(_waits_for(following, locks))
    return []


def _waits_for(transaction: ServerTransaction, locks: LockTable) -> Iterator[ServerTransaction]:
    return iter(()) if transaction.waiting is None else locks.blockers(transaction.waiting)


def victim_of(cycle: list[ServerTransaction], profile: Profile) -> ServerTransaction:
    """Who is rolled back; `cycle` begins with the transaction whose request or search closed the circle."""
    if not profile.smallest_is_victim:
        return cycle[0]
    return min(cycle, key=lambda transaction: transaction.rows_changed)

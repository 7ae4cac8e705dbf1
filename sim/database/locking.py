"""Takes the row locks of one statement, in the order in which it states them, and tells what it may change.

The server calls `lock` before a statement has its effect. Where parameters do not give the keys, they are selected in
the transaction's own view, locked in sorted order, and selected again if a wait came between, until nothing is new. A
lookup may only look at rows that the statement's `locks` hold exclusively: that is how its answer stays true.
"""

from typing import Any, NamedTuple

from sim.database.compiled import CompiledLookup, CompiledStatement, Params
from sim.database.profiles import Profile
from sim.database.server_transaction import Key, ServerTransaction
from sim.database.storage import Storage
from sim.database.waits import LockWaits

_WHOLE_DATABASE: Key = ("database", "")  # the only lock of a profile with one writer


class Locked(NamedTuple):
    """The rows that a statement may change, and those that it was the first of its transaction to lock."""

    changeable: list[Key]
    fresh: list[Key]


class StatementLocks:
    """The locks of statements, under the rules of one profile."""

    def __init__(self, waits: LockWaits, storage: Storage, profile: Profile) -> None:
        self._waits = waits
        self._acquire = waits.table.acquire
        self._storage = storage
        self._one_writer = profile.one_writer

    def lock(self, transaction: ServerTransaction, statement: CompiledStatement, params: Params) -> Locked:
        """Locks what the statement asks for; a DatabaseConflict when the transaction lost meanwhile."""
        locked = Locked([], [])
        if self._one_writer:
            self._take(transaction, _WHOLE_DATABASE, exclusive=True)
        for plan in statement.locks:
            key = plan.key(params)
            if key is not None:
                self._add(transaction, locked, key, plan.exclusive)
        for lookup in statement.lookups:
            self._lock_found(transaction, locked, lookup, lookup.arguments(params))
        return locked

    def _add(self, transaction: ServerTransaction, locked: Locked, key: Key, exclusive: bool) -> bool:  # noqa: FBT001
        """Locks one row; whether that took waiting."""
        if exclusive:
            locked.changeable.append(key)
        if self._one_writer:
            return False
        if key not in transaction.held:
            locked.fresh.append(key)
        request = self._acquire(transaction, key, exclusive)
        if request is None:
            return False
        self._waits.wait(request)
        return True

    def _take(self, transaction: ServerTransaction, key: Key, *, exclusive: bool) -> None:
        request = self._acquire(transaction, key, exclusive)
        if request is not None:
            self._waits.wait(request)

    def _lock_found(
        self, transaction: ServerTransaction, locked: Locked, lookup: CompiledLookup, arguments: tuple[Any, ...]
    ) -> None:
        waited = True
        while waited:
            # What the lookup may find is pinned by the statement's own exclusive locks, which are held by now.
            rows = self._storage.read(transaction, lookup, arguments, tuple(locked.changeable))
            found = lookup.keys(rows)
            waited = False
            for key in sorted(found):
                waited |= self._add(transaction, locked, key, found[key])

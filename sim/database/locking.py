"""Takes the row locks of one statement, in the order in which it states them, and tells what it may change.

The server calls `lock` before a statement has its effect. Where parameters do not give the keys, they are selected in
the transaction's own view and locked in sorted order. A lookup may look only at rows that the statement's `locks` hold
exclusively by then (a test sees to that), so its answer stays true while the keys that it found are waited for.
"""

from typing import Any

from sim.database.compiled import CompiledLookup, CompiledStatement, Params
from sim.database.profiles import Profile
from sim.database.server_transaction import Key, ServerTransaction
from sim.database.store import Store
from sim.database.waits import LockWaits

_WHOLE_DATABASE: Key = ("database", "")  # the only lock of a profile with one writer


Locked = tuple[list[Key], list[Key]]
"""The rows that a statement may change, and those that it was the first of its transaction to lock."""


class StatementLocks:
    """The locks of statements, under the rules of one profile."""

    def __init__(self, waits: LockWaits, storage: Store, profile: Profile) -> None:
        self._waits = waits
        self._acquire = waits.table.acquire
        self._storage = storage
        self._one_writer = profile.one_writer

    def lock(self, transaction: ServerTransaction, statement: CompiledStatement, params: Params) -> Locked:
        """Locks what the statement asks for; a DatabaseConflict when the transaction lost meanwhile."""
        changeable: list[Key] = []
        fresh: list[Key] = []
        one_writer, acquire, held = self._one_writer, self._acquire, transaction.held
        if one_writer:
            self._take_database(transaction)
        for space, exclusive, pick, several, writes in statement.locks:  # key() and _take() spelled out: 12 an operation
            value = pick(params)
            if value is None or (several and None in value):
                continue
            key = (space, value)
            if writes:
                changeable.append(key)
            if one_writer or (key in held and (held[key] or not exclusive)):
                continue
            if key not in held:
                fresh.append(key)
            request = acquire(transaction, key, exclusive)
            if request is not None:
                self._waits.wait(request)
        for lookup in statement.lookups:
            self._lock_found(transaction, (changeable, fresh), lookup, lookup.arguments(params))
        return changeable, fresh

    def _take(self, transaction: ServerTransaction, key: Key, exclusive: bool, fresh: list[Key]) -> None:  # noqa: FBT001
        """Locks a row that the transaction does not hold so yet."""
        if self._one_writer:
            return
        if key not in transaction.held:
            fresh.append(key)
        request = self._acquire(transaction, key, exclusive)
        if request is not None:
            self._waits.wait(request)

    def _lock_found(
        self, transaction: ServerTransaction, locked: Locked, lookup: CompiledLookup, arguments: tuple[Any, ...]
    ) -> None:
        changeable, fresh = locked
        rows = self._storage.read(transaction, lookup, arguments, tuple(changeable))
        found = lookup.keys(rows)
        for key in sorted(found):
            exclusive = found[key]
            if exclusive:
                changeable.append(key)
            self._take(transaction, key, exclusive, fresh)

    def _take_database(self, transaction: ServerTransaction) -> None:
        request = self._acquire(transaction, _WHOLE_DATABASE, True)
        if request is not None:
            self._waits.wait(request)

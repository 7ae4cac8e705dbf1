"""Takes the row locks of one statement, in the order in which it states them, and tells what it may change.

The server calls `lock` before a statement has its effect. Where parameters do not give the keys, they are selected in
the transaction's own view and locked in sorted order. A lookup may look only at rows that the statement's `locks` hold
exclusively by then (a test sees to that), so its answer stays true while the keys that it found are waited for.
"""

from core.exceptions import DatabaseError, DuplicateKey
from sim.database.compiled import CompiledLookup, CompiledStatement, Params
from sim.database.contention import Contention, NothingToLock
from sim.database.profiles import Profile
from sim.database.server_transaction import EXCLUSIVE, Key, ServerTransaction
from sim.database.store import Store
from sim.database.waits import LockWaits

_WHOLE_DATABASE: Key = ("database", "")  # the only lock of a profile with one writer


Locked = tuple[list[Key], dict[Key, bool]]
"""The rows that a statement may change; those that it was the first of its transaction to lock: after a wait?"""


class StatementLocks:
    """The locks of statements, under the rules of one profile."""

    def __init__(self, waits: LockWaits, storage: Store, profile: Profile) -> None:
        self._waits = waits
        self._acquire = waits.table.acquire
        self._storage = storage
        self._profile = profile
        self._contention = Contention(waits, storage, profile)
        self._one_writer = profile.one_writer
        self._by_use = profile.locks_what_it_sees

    def lock(self, transaction: ServerTransaction, statement: CompiledStatement, params: Params) -> Locked | None:
        """Locks what the statement asks for; None when it sees nothing to lock, and so will match nothing.

        A DatabaseConflict when the transaction lost meanwhile; DuplicateKey and MissingParent where they come first.
        """
        changeable: list[Key] = []
        fresh: dict[Key, bool] = {}
        try:
            self._lock_named(transaction, (changeable, fresh), statement, params)
            for lookup in statement.lookups:
                self._lock_found(transaction, (changeable, fresh), statement, lookup, params)
        except NothingToLock:
            self._waits.table.release(transaction, fresh)
            return None
        except DatabaseError:
            self.failed(transaction, statement, params, fresh)
            raise
        return changeable, fresh

    def _lock_named(
        self, transaction: ServerTransaction, locked: Locked, statement: CompiledStatement, params: Params
    ) -> None:
        changeable, fresh = locked
        one_writer, acquire, held = self._one_writer, self._acquire, transaction.held
        if one_writer:
            self._take_database(transaction)
        plans = statement.locks_by_use if self._by_use else statement.locks
        if self._by_use and statement.rechecked and statement.locks[0].key(params) in transaction.written:
            plans = plans + statement.rechecked
        for space, mode, pick, several, writes in plans:  # key() spelled out: 12 an operation
            value = pick(params)
            if value is None or (several and None in value):
                continue
            key = (space, value)
            if writes:
                changeable.append(key)
            if one_writer or held.get(key, -1) >= mode:
                continue
            is_fresh = key not in held
            if not is_fresh and statement.is_insert:
                self._contention.insert_what_is_held(transaction, statement, params, key)
                continue
            request = acquire(transaction, key, mode)
            waited = request is not None and self._contention.settle(request, statement, params)
            if is_fresh:
                fresh[key] = waited

    def _lock_found(
        self,
        transaction: ServerTransaction,
        locked: Locked,
        statement: CompiledStatement,
        lookup: CompiledLookup,
        params: Params,
    ) -> None:
        changeable, fresh = locked
        rows = self._storage.read(transaction, lookup, lookup.arguments(params), tuple(changeable))
        found = lookup.keys(rows)
        for key in sorted(found):
            mode = found[key]
            if mode == EXCLUSIVE:
                changeable.append(key)
            if self._one_writer:
                continue
            is_fresh = key not in transaction.held
            request = self._acquire(transaction, key, mode)
            if request is not None:
                self._waits.wait(request)
            if is_fresh:
                fresh[key] = request is not None

    def failed(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, fresh: dict[Key, bool]
    ) -> None:
        """A statement that took these locks has failed, and its transaction goes on or is ended by the server."""
        if not self._profile.error_aborts and not self._one_writer:
            self._contention.keep_after_failure(transaction, statement, params, fresh)

    def wait_for_duplicates(self, transaction: ServerTransaction, statement: CompiledStatement, params: Params) -> None:
        """Waits beforehand as `has_waited_for_duplicate` does when the statement has failed."""
        while (
            self._by_use and statement.is_insert and self._contention.wait_for_updater(transaction, statement, params)
        ):
            pass

    def has_waited_for_duplicate(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, error: DatabaseError
    ) -> bool:
        """Whether a statement that met a duplicate key had to wait for the row's writer first, and should try again."""
        if not isinstance(error, DuplicateKey) or not self._by_use:
            return False
        return self._contention.wait_for_updater(transaction, statement, params)

    def unmatched(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, fresh: dict[Key, bool]
    ) -> None:
        """A statement that took these locks has found no row."""
        if statement.drops_unmatched and not self._one_writer:
            self._contention.keep_unmatched(transaction, statement, params, fresh)

    def _take_database(self, transaction: ServerTransaction) -> None:
        request = self._acquire(transaction, _WHOLE_DATABASE, EXCLUSIVE)
        if request is not None:
            self._waits.wait(request)

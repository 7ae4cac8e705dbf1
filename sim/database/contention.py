"""What a statement does about a row lock that it cannot have at once, by profile, and what a failed one keeps.

locking.py calls `settle` with a request that has been queued. Most simply wait. Inserts do not: they only want to know
whether their key is free.
"""

from collections.abc import Iterable

from core.exceptions import DuplicateKey, MissingParent
from sim.database.compiled import CompiledStatement, Params
from sim.database.locks import LockRequest
from sim.database.looking import Looking
from sim.database.profiles import Profile
from sim.database.server_transaction import EXCLUSIVE, SHARED, WATCHING, Key, ServerTransaction
from sim.database.store import Store
from sim.database.waits import LockWaits


class NothingToLock(Exception):
    """The statement sees no row that it could lock."""


class Contention:
    """The rules of one profile."""

    def __init__(self, waits: LockWaits, storage: Store, profile: Profile) -> None:
        self._waits = waits
        self._table = waits.table
        self._storage = storage
        self._looking = Looking(storage)
        self._sees = profile.locks_what_it_sees

    def settle(self, request: LockRequest, statement: CompiledStatement, params: Params) -> bool:
        """Returns when the transaction has the lock; whether it had to wait for one of a row that was there.

        Raises a DatabaseConflict when the transaction lost meanwhile, DuplicateKey or MissingParent when there is
        nothing to wait for, and NothingToLock.
        """
        transaction, key = request.transaction, request.key
        if statement.is_insert:
            self._refuse_duplicate(request, statement, params)
        if statement.is_insert and request.mode == EXCLUSIVE:
            self._table.withdraw(request)
            insert = self._insert_after_writers if self._sees else self._insert_sharing
            insert(transaction, statement, params, key)
            return False
        if self._sees:
            self._refuse_unseen(request, statement, params)
        is_new = self._storage.is_new(transaction, key)
        self._waits.wait(request)
        return not is_new

    def _refuse_duplicate(self, request: LockRequest, statement: CompiledStatement, params: Params) -> None:
        """An insert has seen by now whether the keys before this one are free."""
        for plan in statement.locks_by_use if self._sees else statement.locks:
            key = plan.key(params)
            if key == request.key:
                return
            if (
                plan.mode == EXCLUSIVE
                and key is not None
                and self._looking.is_there(request.transaction, statement, params, key)
            ):
                self._table.withdraw(request)
                raise _duplicate(statement, key)

    def _refuse_unseen(self, request: LockRequest, statement: CompiledStatement, params: Params) -> None:
        transaction, key = request.transaction, request.key
        if request.mode != SHARED:
            if not self._looking.would_match(transaction, statement, params):
                self._table.withdraw(request)
                raise NothingToLock
        elif self._storage.is_new(transaction, key):
            self._table.withdraw(request)
            raise MissingParent(f"{statement.name}: {key[1]} of {key[0]} is not committed")

    # inserts

    def insert_what_is_held(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, key: Key
    ) -> None:
        """Locks a key of an insert of which the transaction has a weaker lock; DuplicateKey if it is not free."""
        if self._looking.is_there(transaction, statement, params, key):
            raise _duplicate(statement, key)
        self._take(transaction, key, EXCLUSIVE)

    def _insert_sharing(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, key: Key
    ) -> None:
        """InnoDB looks at the record with a shared lock, which two may get when the holder has gone."""
        self._take(transaction, key, SHARED)
        if self._looking.is_there(transaction, statement, params, key):
            raise _duplicate(statement, key)
        self._take(transaction, key, EXCLUSIVE)

    def _insert_after_writers(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, key: Key
    ) -> None:
        """PostgreSQL waits for whoever has inserted or deleted the key to end, keeps nothing, and looks again."""
        while (holder := self._table.owner(key)) is not None and holder is not transaction:
            if key not in holder.written and self._looking.is_there(transaction, statement, params, key):
                raise _duplicate(statement, key)
            self._watch(transaction, key)
        if self._looking.is_there(transaction, statement, params, key):
            raise _duplicate(statement, key)
        self._take(transaction, key, EXCLUSIVE)

    def _watch(self, transaction: ServerTransaction, key: Key) -> None:
        """Waits until nobody changes the row, and keeps nothing of that."""
        has_shared = key in transaction.held
        self._take(transaction, key, WATCHING)
        if has_shared:
            transaction.held[key] = SHARED
        else:
            self._table.release(transaction, (key,))

    def _take(self, transaction: ServerTransaction, key: Key, mode: int) -> None:
        request = self._table.acquire(transaction, key, mode)
        if request is not None:
            self._waits.wait(request)

    def wait_for_updater(self, transaction: ServerTransaction, statement: CompiledStatement, params: Params) -> bool:
        """PostgreSQL: the row that has the insert's key is being changed; whether it is, and that has ended now."""
        primary = statement.locks_by_use[0].key(params)
        if primary is not None and self._looking.is_there(transaction, statement, params, primary):
            return False  # its index comes first
        for key in self._looking.rows_of_keys(transaction, statement, params):
            writer = self._storage.writer(key)
            if writer is not None and writer is not transaction:
                self._watch(transaction, key)
                return True
        return False

    # statements that found nothing

    def keep_unmatched(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, fresh: dict[Key, bool]
    ) -> None:
        """Releases the locks of a statement that matched nothing.

        InnoDB keeps those that it waited for (row_unlock_for_mysql in MariaDB's row0mysql.cc) and, where a join has no
        row, those of the tables that have one. PostgreSQL keeps that of a row which it waited for and which does not
        meet the condition any more (ExecUpdate in nodeModifyTable.c).
        """
        waited = [key for key in fresh if fresh[key]]
        if self._sees:
            kept = waited if self._looking.fails_by_condition(statement) else []
        else:
            kept = [] if statement.is_write else list(fresh)
        there = {key for key in kept if self._looking.is_there(transaction, statement, params, key)}
        if not self._sees:
            there.update(waited)
        self._table.release(transaction, [key for key in fresh if key not in there])

    # failures

    def keep_after_failure(
        self, transaction: ServerTransaction, statement: CompiledStatement, params: Params, fresh: Iterable[Key]
    ) -> None:
        """A statement has failed and its transaction goes on: of the locks that it took those on rows that it has seen
        stay, shared; what it has inserted is gone, and with it its locks."""
        left = dict.fromkeys(fresh)
        for plan in statement.locks if statement.is_insert else ():
            key = plan.key(params)
            if key not in left or (plan.writes and plan.mode != EXCLUSIVE):
                continue
            if self._looking.is_there(transaction, statement, params, key):
                del left[key]
                if plan.mode == EXCLUSIVE:
                    self._share(transaction, key)
                    break  # the duplicate; later indexes were not looked at
        self._table.release(transaction, left)

    def _share(self, transaction: ServerTransaction, key: Key) -> None:
        if transaction.held[key] != SHARED:
            self._table.share(transaction, key)


def _duplicate(statement: CompiledStatement, key: Key) -> DuplicateKey:
    space, value = key
    return DuplicateKey(f"{statement.name}: there is a row with {value} of {space}")

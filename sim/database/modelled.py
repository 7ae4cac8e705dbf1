"""The modelled database server: what happens to a statement, a COMMIT and a ROLLBACK, in which order and when.

Connections call it in the worker's own process. The parts know nothing of each other: costs.py says how long things
take, locking.py and waits.py lock rows, storage.py holds the rows, flush.py the log, commits.py tells who listens.

A statement: its round trip (charged whole before the server acts, which moves everything that a client does by half a
round trip and changes no order and no hold time), then its row locks, then a core of the server for as long as it
executes, then its effect. It sees what is committed when it has executed.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Table

from core.database import Params, Result
from core.exceptions import CommitOutcomeUnknown, ConnectionLost, DatabaseError
from core.statements import Statement
from sim.database.commits import CommitFeed, Listener
from sim.database.compiled import STATEMENTS, CompiledStatement
from sim.database.cores import Cores, SharedCores
from sim.database.costs import Costs
from sim.database.direct import DirectConnection
from sim.database.epoch import Row
from sim.database.flush import GroupCommit
from sim.database.locking import Locked, StatementLocks
from sim.database.pool import Pool
from sim.database.profiles import INNODB, Profile
from sim.database.seams import FaultHook, NoOwner, Owner, Recorder
from sim.database.server_transaction import ABORTED, COMMITTED, LOST, OPEN, ROLLED_BACK, ServerTransaction
from sim.database.storage import Storage
from sim.database.store import Store, StoreMaker
from sim.database.waits import LockWaits
from sim.kernel import Kernel, Process

_new = tuple.__new__  # makes a Result without the calls of its constructor, once a statement


class ModelledDatabase:
    """One server, shared by all API processes.

    `cores` None means as many as needed, SharedCores those of a machine with others on it. `lock_wait_timeout_us`
    replaces the profile's. `storage` makes what holds the rows; None: SQLite. `fault` may be set at any time. Counters:
    `storage.replayed`, `feed.commits`, `flush.flushes`.
    """

    def __init__(
        self,
        kernel: Kernel,
        profile: Profile = INNODB,
        *,
        costs: Costs | None = None,
        cores: int | SharedCores | None = None,
        commit_slots: int = 1,
        lock_wait_timeout_us: int | None = None,
        recorder: Recorder | None = None,
        storage: StoreMaker | None = None,
    ) -> None:
        self.kernel = kernel
        self.profile = profile
        self.costs = costs or Costs()
        self.recorder = recorder or Recorder()
        self.storage: Store = Storage() if storage is None else storage(profile)
        self.feed = CommitFeed(self.storage)
        self.flush = GroupCommit(kernel, self.costs, slots=commit_slots)
        self._cores = cores if isinstance(cores, SharedCores) else Cores(kernel, cores)
        self._waits = LockWaits(
            kernel,
            profile,
            timeout_us=profile.lock_wait_timeout_us if lock_wait_timeout_us is None else lock_wait_timeout_us,
            recorder=self.recorder,
            end=self.end,
        )
        self._locks = StatementLocks(self._waits, self.storage, profile)
        self.fault: FaultHook | None = None
        self._statements = STATEMENTS
        self._open: dict[ServerTransaction, None] = {}
        self._begun = 0

    # what the layers above use

    def pool(
        self,
        owner: Owner | None = None,
        *,
        size: int = 5,  # connections; SQLAlchemy QueuePool's default
        max_overflow: int = 50,  # connections; oslo.db's default
        timeout_s: float = 30.0,  # seconds; SQLAlchemy QueuePool's default
        name: str = "db.pool",
    ) -> Pool:
        """The connections of one API process."""
        return Pool(self, owner or NoOwner(), size=size, max_overflow=max_overflow, timeout_s=timeout_s, name=name)

    def direct(self) -> DirectConnection:
        """A connection without time, for setting up with the core's own code; usable outside processes."""
        return DirectConnection(self)

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts rows that are there from the beginning, at no cost; nobody is told."""
        self.storage.load(table, rows)

    def committed(self, sql: str, arguments: Row = ()) -> list[Row]:
        """The answer of a query ('?' for arguments) on the committed state, at no cost; for checkers."""
        return self.storage.committed(sql, arguments)

    def change(self, sql: str, arguments: Row) -> None:
        """Changes committed rows at once and at no cost: those that no transaction writes."""
        self.storage.change(sql, arguments)

    def server_of(self, process: int) -> "ModelledDatabase":
        """The server that the API process with this number is connected to: this one, unless it is a cluster."""
        return self

    def is_settled(self) -> bool:
        """Whether everybody sees all that was committed."""
        return True

    def counts(self) -> dict[str, int]:
        """What a server of this kind counts beside what is recorded, by name."""
        return {}

    def close(self) -> None:
        """Frees the rows; nothing can be asked any more."""
        self.storage.close()

    def on_commit(self, listener: Listener) -> None:
        """Calls `listener` with a Commit whenever watched rows were changed."""
        self.feed.listen(listener)

    def open_transactions(self) -> list[ServerTransaction]:
        """The transactions that have not ended, in the order in which they began."""
        return list(self._open)

    def end_transactions_of(self, owner: object) -> None:
        """A client process has died: its transactions are rolled back at once and their locks released."""
        for transaction in list(self._open):
            if transaction.owner is owner:
                self.end(transaction, "died")

    def lose_connections(self, takes_effect: Callable[[ServerTransaction], bool]) -> int:
        """The server dies and another one has all that was committed: every open transaction ends.

        `takes_effect` is asked about those that are being committed, whose clients learn nothing; returns how many did.
        """
        committed = 0
        for transaction in list(self._open):
            if self.flush.breaks_off(transaction) and takes_effect(transaction):
                self.commit_at_once(transaction)
                committed += 1
            else:
                self.end(transaction, LOST)
        return committed

    # what connections use

    def exchange(self, name: str) -> None:
        """A round trip for what is no statement, such as BEGIN, on which the server works as long as the costs say."""
        self._round_trip()
        self.compute(name)

    def compute(self, name: str) -> None:
        """The server works on what is no statement, such as COMMIT."""
        execution_us = self.costs.execution_us(name)
        if execution_us:
            self._cores.execute(execution_us)

    def begin(self, owner: object, process: Process | None) -> ServerTransaction:
        """A new transaction; takes no time, because clients send BEGIN with the first statement or not at all."""
        transaction = ServerTransaction(self._begun, owner=owner, process=process, began_us=self.kernel.clock.now_us)
        self._begun += 1
        self._open[transaction] = None
        return transaction

    def execute(self, transaction: ServerTransaction, statement: Statement, params: Params) -> Result:
        """Runs one statement; see core.database.Connection."""
        compiled, costs = self._statements.get(statement), self.costs
        if compiled is None:
            compiled = self._statements[statement]
        if costs.statement_round_trip_us:
            self.kernel.sleep_us(costs.statement_round_trip_us, "db.round_trip")
        if self.fault is not None:
            self._ask_for_fault("statement", transaction)
        locked = self._lock(transaction, compiled, params)
        execution_us = costs.fixed_execution_us
        if execution_us is None:
            execution_us = costs.execution_us(compiled.name)
        if execution_us:
            self._cores.execute(execution_us)
        if transaction.state != OPEN:
            raise ConnectionLost(f"{compiled.name}: {transaction!r} was ended by the server; repeat it")
        return self._apply(transaction, compiled, params, locked) if locked is not None else _new(Result, ([], 0))

    def execute_at_once(self, transaction: ServerTransaction, statement: Statement, params: Params) -> Result:
        """`execute` without time."""
        compiled = self._statements[statement]
        locked = self._lock(transaction, compiled, params)
        return self._apply(transaction, compiled, params, locked) if locked is not None else _new(Result, ([], 0))

    def commit(self, transaction: ServerTransaction) -> None:
        """COMMIT: one round trip, a flush of the log if anything was written, then the locks go."""
        self._round_trip()
        if transaction.state == ABORTED:
            raise DatabaseError(f"nothing is committed: {transaction!r} was undone at a statement that failed")
        if self.fault is not None:
            self._ask_for_fault("commit", transaction)
        if transaction.log:
            self.flush.join(transaction)
        if transaction.state != OPEN:
            raise CommitOutcomeUnknown(f"the server died during COMMIT of {transaction!r}; read whether it took effect")
        self.commit_at_once(transaction)
        if self.fault is not None:
            self._ask_for_fault("committed", transaction)

    def commit_at_once(self, transaction: ServerTransaction) -> None:
        """`commit` without time."""
        wrote = bool(transaction.log)
        rows = self.storage.commit(transaction)
        if wrote:
            self.feed.deliver(transaction, rows, self.kernel.clock.now_us)
        self._finish(transaction, COMMITTED)

    def rollback(self, transaction: ServerTransaction) -> None:
        """ROLLBACK: one round trip, unless a conflict has ended the transaction, which the client knows."""
        if transaction.state in (OPEN, ABORTED):
            self._round_trip()
        if transaction.state == OPEN:
            self.storage.rollback(transaction)
            self._finish(transaction, ROLLED_BACK)

    def end(self, transaction: ServerTransaction, state: str) -> None:
        """The server itself rolls a transaction back; whoever waits for a lock in it is told so."""
        transaction.state = state
        self.storage.rollback(transaction)
        del self._open[transaction]
        self._waits.give_up(transaction, state)

    # the parts of these

    def _lock(self, transaction: ServerTransaction, compiled: CompiledStatement, params: Params) -> Locked | None:
        try:
            return self._locks.lock(transaction, compiled, params)
        except DatabaseError:
            if self.profile.error_aborts:
                self.end(transaction, ABORTED)
            raise

    def _apply(
        self, transaction: ServerTransaction, compiled: CompiledStatement, params: Params, locked: Locked
    ) -> Result:
        changeable, fresh = locked
        arguments = compiled.arguments(params)
        if compiled.is_write:
            rows: list[Row] = []
            if self.storage.waits:
                self._locks.wait_for_duplicates(transaction, compiled, params)
            try:
                count = self.storage.write(transaction, compiled, arguments, changeable)
            except DatabaseError as error:
                if self._locks.has_waited_for_duplicate(transaction, compiled, params, error):
                    return self._apply(transaction, compiled, params, locked)
                self._locks.failed(transaction, compiled, params, fresh)
                if self.profile.error_aborts:
                    self.end(transaction, ABORTED)
                raise
        else:
            keys = changeable if compiled.reads_changeable else compiled.keys_read(params)
            rows = self.storage.read(transaction, compiled, arguments, keys)
            count = len(rows)
        if not count and fresh:
            self._locks.unmatched(transaction, compiled, params, fresh)
        return _new(Result, (rows, count))

    def _round_trip(self) -> None:
        if self.costs.round_trip_us:
            self.kernel.sleep_us(self.costs.round_trip_us, "db.round_trip")

    def _finish(self, transaction: ServerTransaction, state: str) -> None:
        transaction.state = state
        del self._open[transaction]
        self._waits.table.release_all(transaction)

    def _ask_for_fault(self, point: str, transaction: ServerTransaction) -> None:
        error = None if self.fault is None else self.fault(point, transaction)
        if error is None:
            return
        if transaction.state == OPEN:
            self.end(transaction, "fault")
        raise error

"""The second seam and what stands on it: a connection, transactions made explicit, retry of a conflicting transaction.

`Database.transact` is the only place in the core that begins, commits and rolls back. It knows no port.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

from core.constants import FIRST_BACKOFF_S, LONGEST_BACKOFF_S, MAX_CONFLICT_RETRIES
from core.events import Observer
from core.exceptions import CommitOutcomeUnknown, DatabaseConflict, RetriesExhausted
from core.runtime import Runtime, chance
from core.statements import Statement

T = TypeVar("T")
Params = Mapping[str, Any]
Guard = Callable[[], AbstractContextManager[object]]
"""Makes what is held around each try of a transaction."""


class Result(NamedTuple):
    """What a statement gave: its rows in order, and the number of rows it changed (or returned)."""

    rows: list[tuple[Any, ...]]
    rowcount: int


class Connection(Protocol):
    """A connection taken from a pool, with one transaction: begun by the first execute, ended by commit or rollback.

    Any method may raise a DatabaseConflict, after which the server has ended the transaction; `rollback` and `close`
    are still called and must then do nothing harmful.
    """

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs one statement; raises DatabaseError for what repeating cannot mend."""

    def commit(self) -> None:
        """Makes the transaction's changes durable; CommitOutcomeUnknown when that cannot be told."""

    def rollback(self) -> None:
        """Undoes the transaction."""

    def close(self) -> None:
        """Gives the connection back to its pool."""


class Transaction:
    """An open transaction: what precommits and the strategies use to read and write."""

    __slots__ = ("_connection", "name", "retry")

    def __init__(self, connection: Connection, *, name: str, retry: int) -> None:
        self._connection = connection
        self.name = name
        self.retry = retry

    def rows(self, statement: Statement, **params: Any) -> list[tuple[Any, ...]]:
        """The statement's rows, in the order that it asks for."""
        return self._connection.execute(statement, params).rows

    def row(self, statement: Statement, **params: Any) -> tuple[Any, ...] | None:
        """The statement's first row, or None."""
        rows = self._connection.execute(statement, params).rows
        return rows[0] if rows else None

    def write(self, statement: Statement, **params: Any) -> int:
        """Runs an INSERT, UPDATE or DELETE; the number of rows changed."""
        return self._connection.execute(statement, params).rowcount

    def write_row(self, statement: Statement, params: Params) -> int:
        """`write` with the parameters in a mapping."""
        return self._connection.execute(statement, params).rowcount


class Database:
    """Runs transactions on connections from `connect`, repeating those that met a conflict.

    `connect` takes a connection from the pool (PoolTimeout when there is none). Retries, back-off and jitter as
    OpenStack does it: at most 20, from 0.5 s doubling to 10 s (neutron-lib, db/api).
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        runtime: Runtime,
        observer: Observer | None = None,
        max_retries: int = MAX_CONFLICT_RETRIES,
    ) -> None:
        self._connect = connect
        self._runtime = runtime
        self._observer = observer or Observer()
        self._max_retries = max_retries

    def transact(
        self,
        name: str,
        body: Callable[[Transaction], T],
        *,
        took_effect: Callable[[Transaction, T], bool] | None = None,
        guard: Guard | None = None,
        repeats: bool = True,
    ) -> T:
        """Runs `body` in a transaction, commits it and returns what it returned.

        An exception of the body rolls back and passes through. A DatabaseConflict ends the transaction and `body` runs
        again in a new one, so a body must hold no state that a second run would trip over. Where a COMMIT's outcome is
        unknown, the next transaction first asks `took_effect` with the answer whose commit is in doubt; when it says
        yes, that is the answer, whatever becomes of the transaction that has looked. `guard` is held around each try,
        not while backing off. RetriesExhausted after the last try; the DatabaseConflict itself unless it `repeats`.
        """
        doubtful = _Doubtful(body, took_effect)
        for retry in range(self._max_retries + 1):
            try:
                if guard is None:
                    return self._try(name, retry, doubtful)
                with guard():
                    return self._try(name, retry, doubtful)
            except DatabaseConflict as conflict:
                if doubtful.is_settled:
                    return doubtful.answer
                if not repeats:
                    raise
                doubtful.ended_by(conflict)
                self._back_off(name, retry, conflict)
        raise AssertionError("the last try returns or raises")

    def repeating(self, name: str, work: Callable[[], T], *, repeats: bool = True) -> T:
        """Does work of several transactions, and all of it again, as `transact` does, when a conflict comes out of it.

        RetriesExhausted after the last try; the DatabaseConflict itself unless it `repeats`.
        """
        if not repeats:
            return work()
        for retry in range(self._max_retries + 1):
            try:
                return work()
            except DatabaseConflict as conflict:
                self._back_off(name, retry, conflict)
        raise AssertionError("the last try returns or raises")

    def _try(self, name: str, retry: int, body: "_Doubtful[T]") -> T:
        connection = self._connect()
        try:
            self._observer.transaction_began(name, retry)
            return self._run(connection, Transaction(connection, name=name, retry=retry), body)
        finally:
            connection.close()

    def _run(self, connection: Connection, transaction: Transaction, body: "_Doubtful[T]") -> T:
        outcome = "rollback"
        try:
            answer = body.run(transaction)
            connection.commit()
            outcome = "commit"
            return answer
        except Exception as error:
            if isinstance(error, DatabaseConflict):
                outcome = error.kind
            connection.rollback()
            raise
        finally:
            self._observer.transaction_ended(transaction.name, outcome)

    def _back_off(self, name: str, retry: int, conflict: DatabaseConflict) -> None:
        if retry == self._max_retries:
            raise RetriesExhausted(name, retry + 1, conflict) from conflict
        longest = min(FIRST_BACKOFF_S * 2**retry, LONGEST_BACKOFF_S)
        backoff_s = longest * (0.5 + 0.5 * chance(self._runtime))
        self._observer.conflict(name, conflict.kind, retry, backoff_s)
        self._runtime.sleep(backoff_s)


class _Doubtful(Generic[T]):
    """A transaction's body that remembers an answer whose COMMIT may or may not have taken effect.

    `is_settled` once a transaction has seen that it did.
    """

    __slots__ = ("_answer", "_body", "_in_doubt", "_took_effect", "is_settled")

    def __init__(self, body: Callable[[Transaction], T], took_effect: Callable[[Transaction, T], bool] | None) -> None:
        self._body = body
        self._took_effect = took_effect
        self._answer: T | None = None
        self._in_doubt = False
        self.is_settled = False

    @property
    def answer(self) -> T:
        """The body's last answer."""
        return cast(T, self._answer)

    def run(self, transaction: Transaction) -> T:
        """The answer that was in doubt and has taken effect, or that of the body."""
        if self._in_doubt and self._took_effect and self._took_effect(transaction, self.answer):
            self.is_settled = True
            return self.answer
        self._in_doubt = False
        self._answer = self._body(transaction)
        return self._answer

    def ended_by(self, conflict: DatabaseConflict) -> None:
        """A try ended so; once in doubt, the answer stays so until a transaction has looked."""
        self._in_doubt = self._in_doubt or isinstance(conflict, CommitOutcomeUnknown)

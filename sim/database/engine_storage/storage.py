"""The rows in a real engine: each virtual transaction on a connection of its own, each statement executed there once.

No epoch and no replay: the engine keeps open transactions apart, and what a read sees is its own affair. The server
has taken the row locks in the model before it calls here, so the engine must never wait; if it does, that is
EngineBlocked. Real time passes while statements run, virtual time does not.
"""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from sqlalchemy import Engine, Table

from core.exceptions import CoreError, Deadlock, DuplicateKey, LockWaitTimeout, MissingParent
from core.schema import metadata
from sim.database.compiled import CompiledQuery, CompiledStatement
from sim.database.engine_storage.errors import EngineFailed, blocked
from sim.database.engine_storage.kinds import kind_of, storage_refusal
from sim.database.engine_storage.open_writes import OpenWrites
from sim.database.engine_storage.session import Session, Sessions
from sim.database.engine_storage.texts import Texts, emptying, marked
from sim.database.profiles import Profile
from sim.database.server_transaction import Key, ServerTransaction
from sim.database.store import Row


class EngineStorage:
    """Holds the rows in the core's tables of an engine at READ COMMITTED; makes and empties them first.

    `profile` is the server's. EngineFailed for one that may lock less than this engine does.
    """

    def __init__(self, engine: Engine, profile: Profile) -> None:
        self._kind = kind_of(engine)
        if refusal := storage_refusal(engine.dialect.name, profile.name):
            raise EngineFailed(refusal)
        self._profile = profile.name
        self._texts = Texts(engine.dialect)
        self._sessions = Sessions(engine)
        self._writes = OpenWrites()
        self._open: dict[ServerTransaction, Session] = {}
        self._ran: dict[ServerTransaction, dict[CompiledStatement, None]] = {}
        self._failure: Exception | None = None
        metadata.create_all(engine)
        self._outside = self._sessions.opened(autocommit=True)
        for text in emptying(engine.dialect):
            self._outside.change(text, ())

    waits = True
    """A statement that others are in the way of would wait here."""
    replayed = 0
    """How many statements ran again: never one."""

    # reading and writing

    def read(
        self, transaction: ServerTransaction, statement: CompiledQuery, arguments: Row, keys: Iterable[Key] | None
    ) -> list[Row]:
        """The statement's rows as the engine shows them to this transaction; a locking read locks them there."""
        session = self._session(transaction, statement)
        try:
            return session.rows(self._texts.of(statement), arguments)
        except CoreError as error:
            raise self._failed(transaction, statement, error) from error

    def write(
        self, transaction: ServerTransaction, statement: CompiledStatement, arguments: Row, rows: Iterable[Key]
    ) -> int:
        """Runs a write; `rows` are those that it can change. The number changed, DuplicateKey or MissingParent."""
        session = self._session(transaction, statement)
        change = session.change_or_nothing if self._kind.error_aborts else session.change
        try:
            count = change(self._texts.of(statement), arguments)
        except (DuplicateKey, MissingParent) as error:
            raise type(error)(f"{statement.name}: {error}") from None
        except CoreError as error:
            raise self._failed(transaction, statement, error) from error
        if count > 0:
            self._writes.add(transaction, (statement, arguments, count), list(rows))
        return count

    def writer(self, key: Key) -> ServerTransaction | None:
        """The open transaction that has changed this row."""
        return self._writes.writer(key)

    def is_new(self, transaction: ServerTransaction, key: Key) -> bool:
        """Whether the row is there only for another transaction, which has inserted it and is open."""
        return self._writes.is_new(transaction, key)

    def commit(self, transaction: ServerTransaction) -> dict[Key, bool]:
        """COMMIT in the engine; returns the rows that the transaction could change."""
        session = self._ended(transaction)
        if session is not None:
            session.commit()
            self._sessions.give_back(session)
        return self._writes.forget(transaction)

    def rollback(self, transaction: ServerTransaction) -> None:
        """ROLLBACK in the engine."""
        session = self._ended(transaction)
        if session is not None:
            session.rollback()
            self._sessions.give_back(session)
        self._writes.forget(transaction)

    # outside transactions

    def committed(self, sql: str, arguments: Row = ()) -> list[Row]:
        """The rows of a query on the committed state alone."""
        return self._outside.rows(marked(sql), arguments)

    def unwritten(self, sql: str, arguments: Row) -> list[Row]:
        """The same: outside a transaction there is nothing else to be seen."""
        return self._outside.rows(marked(sql), arguments)

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts committed rows."""
        text, names = self._texts.insertion(table)
        complete = [itemgetter(*names)(row) for row in rows]
        if not complete:
            return
        session = self._sessions.take()
        try:
            session.insert(text, complete)
        except (DuplicateKey, MissingParent) as error:
            session.rollback()
            raise type(error)(f"loading {table.name}: {error}") from None
        session.commit()
        self._sessions.give_back(session)

    def change(self, sql: str, arguments: Row) -> None:
        """Changes committed rows that no transaction writes."""
        self._outside.change(marked(sql), arguments)

    def close(self) -> None:
        """Ends all connections; the rows stay until the next storage empties the tables or the schema goes."""
        self._open.clear()
        self._ran.clear()
        self._sessions.close()

    # the parts of these

    def _session(self, transaction: ServerTransaction, statement: CompiledQuery) -> Session:
        if self._failure is not None:
            raise self._failure  # nobody may swallow it
        session = self._open.get(transaction)
        if session is None:
            session = self._open[transaction] = self._sessions.take()
            self._ran[transaction] = {}
        if isinstance(statement, CompiledStatement) and statement.source.kind != "read":
            self._ran[transaction][statement] = None
        return session

    def _ended(self, transaction: ServerTransaction) -> Session | None:
        self._ran.pop(transaction, None)
        return self._open.pop(transaction, None)

    def _failed(self, transaction: ServerTransaction, statement: CompiledQuery, error: CoreError) -> Exception:
        complaint = " ".join(str(error).split())
        if isinstance(statement, CompiledStatement) and isinstance(error, LockWaitTimeout | Deadlock):
            others = {other: ran for other, ran in self._ran.items() if other is not transaction}
            self._failure = blocked(
                statement,
                transaction,
                engine=self._kind.name,
                profile=self._profile,
                complaint=complaint,
                others=others,
            )
        else:
            name = statement.name if isinstance(statement, CompiledStatement) else statement.sql
            self._failure = EngineFailed(f"{name} of {transaction!r} failed in {self._kind.name}: {complaint}")
        return self._failure

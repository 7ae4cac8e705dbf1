"""What the modelled server asks of whatever holds its rows: SQLite (storage.py) or a real engine (engine_storage).

The server takes the row locks before it calls; here no virtual time passes and nobody waits.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from sqlalchemy import Table

from sim.database.compiled import CompiledQuery, CompiledStatement
from sim.database.profiles import Profile
from sim.database.server_transaction import Key, ServerTransaction

Row = tuple[Any, ...]


class Store(Protocol):
    """Committed rows and the writes of open transactions, whose `log`, `written` and `rows_changed` it keeps."""

    @property
    def waits(self) -> bool:
        """Whether a statement that somebody is in the way of would wait here, so that the model must do so first."""

    @property
    def replayed(self) -> int:
        """How many statements ran again."""

    def read(
        self, transaction: ServerTransaction, statement: CompiledQuery, arguments: Row, keys: Iterable[Key] | None
    ) -> list[Row]:
        """The statement's rows as this transaction sees them: what is committed, and what it wrote itself.

        `keys` are the rows that it looks at; None where only the database can tell.
        """

    def write(
        self, transaction: ServerTransaction, statement: CompiledStatement, arguments: Row, rows: Iterable[Key]
    ) -> int:
        """Runs a write; `rows` are those that it can change. The number changed, DuplicateKey or MissingParent."""

    def writer(self, key: Key) -> ServerTransaction | None:
        """The open transaction that has changed this row."""

    def is_new(self, transaction: ServerTransaction, key: Key) -> bool:
        """Whether the row is there only for another transaction, which has inserted it and is open."""

    def commit(self, transaction: ServerTransaction) -> dict[Key, bool]:
        """Makes the transaction's writes what everybody sees; returns the rows that they could change."""

    def rollback(self, transaction: ServerTransaction) -> None:
        """Drops the transaction's writes."""

    def committed(self, sql: str, arguments: Row = ()) -> list[Row]:
        """The rows of a query ('?' for arguments) on the committed state alone."""

    def unwritten(self, sql: str, arguments: Row) -> list[Row]:
        """The rows of a query on rows that no open transaction has written, such as those that were just committed."""

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts committed rows at once, without locks; before transactions begin."""

    def change(self, sql: str, arguments: Row) -> None:
        """Changes committed rows at once, without locks: those that no transaction writes."""

    def close(self) -> None:
        """Frees the rows; nothing can be asked any more."""


StoreMaker = Callable[[Profile], Store]
"""Makes an empty store for a server with this profile."""

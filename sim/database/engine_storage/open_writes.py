"""Who has written which rows and not yet ended: what the server asks of its storage beside the rows themselves."""

from sim.database.compiled import CompiledStatement
from sim.database.server_transaction import Key, ServerTransaction
from sim.database.store import Row


class OpenWrites:
    """The rows that open transactions could have changed; keeps `log`, `written` and `rows_changed` of each."""

    def __init__(self) -> None:
        self._writers: dict[Key, dict[ServerTransaction, None]] = {}

    def add(self, transaction: ServerTransaction, change: tuple[CompiledStatement, Row, int], rows: list[Key]) -> None:
        """A statement (with its arguments, and how many rows it changed) has changed some of these rows."""
        statement, _, count = change
        transaction.log.append(change)
        transaction.rows_changed += count
        for key in rows:
            transaction.written.setdefault(key, statement.is_insert)
            self._writers.setdefault(key, {})[transaction] = None

    def writer(self, key: Key) -> ServerTransaction | None:
        """The open transaction that has changed this row."""
        return next(iter(self._writers.get(key, ())), None)

    def is_new(self, transaction: ServerTransaction, key: Key) -> bool:
        """Whether the row is there only for another transaction, which has inserted it."""
        writers = list(self._writers.get(key, ()))
        return len(writers) == 1 and writers[0] is not transaction and writers[0].written.get(key, False)

    def forget(self, transaction: ServerTransaction) -> dict[Key, bool]:
        """A transaction has ended; the rows that it could have changed."""
        rows, transaction.written, transaction.log = transaction.written, {}, []
        for key in rows:
            writers = self._writers[key]
            del writers[transaction]
            if not writers:
                del self._writers[key]
        return rows

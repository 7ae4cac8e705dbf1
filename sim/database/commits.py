"""Tells listeners what a commit changed: row images of watched tables, read back from the database after its COMMIT.

The server calls `deliver`; histories and checkers listen. Costs nothing for a commit that wrote no watched row.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from core import schema
from sim.database.epoch import Row
from sim.database.server_transaction import Key, ServerTransaction
from sim.database.store import Store

WATCHED = ("ports", "ml2_port_bindings")
_PORTS, _BINDINGS = WATCHED
_new = tuple.__new__  # makes a NamedTuple without the calls of its constructor, once a commit
_PORT_WIDTH = len(schema.ports.columns)
_BOTH = "SELECT * FROM ports LEFT JOIN ml2_port_bindings ON port_id = id WHERE id = ?"


class RowChange(NamedTuple):
    """A row that a commit inserted, changed or deleted: its table, primary key, and columns in the schema's order."""

    table: str
    key: Any
    image: Row | None  # None: deleted


class Commit(NamedTuple):
    """One commit that wrote rows; `number` counts them from 1 in the order in which they took effect."""

    number: int
    at_us: int
    transaction: ServerTransaction
    changes: tuple[RowChange, ...]  # watched rows only, in the order in which they were first written


Listener = Callable[[Commit], None]


class CommitFeed:
    """Numbers the commits and delivers those that changed watched rows to every listener, in order."""

    def __init__(self, storage: Store, *, tables: Iterable[str] = WATCHED) -> None:
        self._storage = storage
        self._texts = {name: _image_text(name) for name in tables}
        self._listeners: list[Listener] = []
        self.commits = 0

    def listen(self, listener: Listener) -> None:
        """Calls `listener` with every Commit from now on."""
        self._listeners.append(listener)

    def deliver(self, transaction: ServerTransaction, written: Iterable[Key], at_us: int) -> None:
        """A transaction that wrote these rows has just been committed."""
        self.commits += 1
        if not self._listeners:
            return
        watched = [key for key in written if key[0] in self._texts]
        if not watched:
            return
        commit = _new(Commit, (self.commits, at_us, transaction, self._changes(watched)))
        for listener in self._listeners:
            listener(commit)

    def _changes(self, watched: list[Key]) -> tuple[RowChange, ...]:
        if len(watched) == 2:
            (first, port_id), (second, other_id) = watched
            if first == _PORTS and second == _BINDINGS and port_id == other_id:
                return self._both(port_id)
        return tuple(self._change(key) for key in watched)

    def _both(self, port_id: str) -> tuple[RowChange, ...]:
        """A port and its binding, what nearly every commit writes, with one query for both."""
        rows = self._storage.unwritten(_BOTH, (port_id,))  # their locks are still held
        port, binding = (rows[0][:_PORT_WIDTH], rows[0][_PORT_WIDTH:]) if rows else (None, None)
        bound = binding if binding and binding[0] is not None else None
        return _new(RowChange, (_PORTS, port_id, port)), _new(RowChange, (_BINDINGS, port_id, bound))

    def _change(self, key: Key) -> RowChange:
        table, value = key
        arguments = value if isinstance(value, tuple) else (value,)
        rows = self._storage.unwritten(self._texts[table], arguments)  # its locks are still held
        return RowChange(table, value, rows[0] if rows else None)


@cache
def _image_text(name: str) -> str:
    table = schema.metadata.tables[name]
    columns = ", ".join(column.name for column in table.columns)
    keys = " AND ".join(f"{column.name} = ?" for column in table.primary_key.columns)
    return f"SELECT {columns} FROM {name} WHERE {keys}"

"""What a transaction of one node has changed, as the others get it: its statements, certification keys and locks.

node.py collects one while a transaction runs. A statement stands for the row images of a real write set: it writes
literals into rows named by their keys, and certification sees to it that these rows are everywhere what they were.
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import UniqueConstraint

from core import schema
from core.exceptions import DatabaseConflict
from sim.database.compiled import CompiledStatement, Params
from sim.database.epoch import ReplayDiverged, Row
from sim.database.server_transaction import EXCLUSIVE, Key, ServerTransaction
from sim.database.store import Store
from sim.kernel import Kernel, Signal

if TYPE_CHECKING:
    from sim.database.galera.node import Node, NodeTransaction


class KeyKind(IntEnum):
    """What a transaction did to the row of a certification key, from the weakest to the strongest.

    SHARED: an updated row refers to it; REFERENCE: an inserted one does; UPDATE: it was updated and kept its key;
    EXCLUSIVE: it was inserted or deleted. MariaDB documentation, Information Schema WSREP_CERT_KEYS.
    """

    SHARED = 0
    REFERENCE = 1
    UPDATE = 2
    EXCLUSIVE = 3


class _Change(NamedTuple):
    """One statement and the number of rows that it changed; `rows` are those that it could change."""

    statement: CompiledStatement
    arguments: Row
    changed: int
    rows: tuple[Key, ...]


class WriteSet:
    """`keys` are certified; `locks` are what an applier locks, with whether exclusively. A row that was only locked is
    in neither: SELECT ... FOR UPDATE is a matter of its own node."""

    __slots__ = ("_changes", "keys", "locks")

    def __init__(self) -> None:
        self.keys: dict[Key, KeyKind] = {}
        self.locks: dict[Key, bool] = {}
        self._changes: list[_Change] = []

    def add(self, change: tuple[CompiledStatement, Row, int], params: Params, rows: Iterable[Key]) -> None:
        """A statement (with its arguments, and how many rows it changed) has changed some of these rows."""
        statement = change[0]
        written = tuple(rows)
        self._changes.append(_Change(*change, written))
        is_update = statement.sql.startswith("UPDATE")
        for key in written:
            self.locks[key] = True
            self._certify(key, KeyKind.UPDATE if is_update else KeyKind.EXCLUSIVE)
        for plan in statement.locks:
            parent = None if plan.mode == EXCLUSIVE else plan.key(params)
            if parent is not None and plan.writes:
                self.locks[parent] = False
            elif parent is not None:
                self.locks.setdefault(parent, False)
                self._certify(parent, KeyKind.SHARED if is_update else KeyKind.REFERENCE)

    def __len__(self) -> int:
        """How many statements are in it."""
        return len(self._changes)

    def _certify(self, key: Key, kind: KeyKind) -> None:
        if key[0] in _certified_spaces():
            self.keys[key] = max(kind, self.keys.get(key, kind))

    def write(self, storage: Store, transaction: ServerTransaction) -> None:
        """Does in a transaction of another storage what was done in the first one."""
        for statement, arguments, expected, rows in self._changes:
            count = storage.write(transaction, statement, arguments, rows)
            if count != expected:
                raise ReplayDiverged(f"{statement.name} changed {expected} rows on one node and {count} on another")


@cache
def _certified_spaces() -> frozenset[str]:
    """Primary and unique keys. Other indexes are locked by appliers and certified by nobody."""
    spaces = set[str](schema.metadata.tables)
    for table in schema.metadata.tables.values():
        uniques = (each for each in table.constraints if isinstance(each, UniqueConstraint))
        spaces.update(f"{table.name}.{'_'.join(column.name for column in unique.columns)}" for unique in uniques)
    return frozenset(spaces)


class SentWriteSet:
    """A write set between COMMIT and its end: on its way, then `seqno` (from 1) in the order, or refused.

    `last_seen` is the last seqno that its node had applied when it was sent. `over` fires when its client may know.
    """

    __slots__ = ("failure", "is_flushed", "last_seen", "node", "over", "seqno", "transaction", "write_set")

    def __init__(self, kernel: Kernel, node: "Node", transaction: "NodeTransaction") -> None:
        self.node = node
        self.transaction = transaction
        self.write_set = transaction.write_set
        self.last_seen = 0
        self.seqno = 0
        self.is_flushed = False
        self.failure: DatabaseConflict | None = None
        self.over = Signal(kernel, "db.replication")

    def refuse(self, failure: DatabaseConflict) -> None:
        """It takes effect nowhere; the client learns why."""
        self.failure = failure
        self.over.fire()

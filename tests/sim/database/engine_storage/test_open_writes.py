"""Who writes what beside a real engine: the same answers as SQLite's storage gives."""

from collections.abc import Iterable
from typing import Any

import pytest

from core import statements as sql
from core.statements import Statement
from sim.database import Key, ServerTransaction
from sim.database.compiled import STATEMENTS
from sim.database.engine_storage.open_writes import OpenWrites
from sim.database.storage import Storage
from tests.interleavings.world import initial_rows, port_row

PORT: Key = ("ports", "p1")
NEW: Key = ("ports", "p9")
GROUP: Key = ("ip_allocations.port_id", "p1")

KEYS = (PORT, NEW, GROUP)


class Both:
    """SQLite's storage and an OpenWrites that is told of the same writes."""

    def __init__(self) -> None:
        self.storage = Storage()
        self.writes = OpenWrites()
        for table, rows in initial_rows():
            self.storage.load(table, rows)
        self._twins: dict[ServerTransaction, ServerTransaction] = {}

    def begin(self, number: int) -> ServerTransaction:
        transaction = ServerTransaction(number)
        self._twins[transaction] = ServerTransaction(number)
        return transaction

    def write(self, transaction: ServerTransaction, statement: Statement, keys: Iterable[Key], **params: Any) -> None:
        compiled = STATEMENTS[statement]
        arguments = compiled.arguments(params)
        count = self.storage.write(transaction, compiled, arguments, list(keys))
        assert count > 0
        self.writes.add(self._twins[transaction], (compiled, arguments, count), list(keys))

    def check(self) -> None:
        for transaction, twin in self._twins.items():
            assert (twin.log, twin.written) == (transaction.log, transaction.written)
            assert twin.rows_changed == transaction.rows_changed
            for key in KEYS:
                assert self.writes.is_new(twin, key) == self.storage.is_new(transaction, key)
        for key in (PORT, NEW):
            writer = self.storage.writer(key)
            assert self.writes.writer(key) is (None if writer is None else self._twins[writer])

    def commit(self, transaction: ServerTransaction) -> None:
        assert self.writes.forget(self._twins[transaction]) == self.storage.commit(transaction)

    def rename(self, transaction: ServerTransaction, *port_ids: str) -> None:
        for port_id in port_ids:
            self.write(transaction, sql.PORT_UPDATE, [("ports", port_id)], **port_row(port_id), port_id=port_id)

    def create(self, transaction: ServerTransaction, port_id: str) -> None:
        self.write(transaction, sql.PORT_INSERT, [("ports", port_id)], **port_row(port_id))

    def take_address(self, transaction: ServerTransaction, offset: int) -> None:
        address = {"subnet_id": "sub", "ip_offset": offset, "ip_address": f"10.0.0.{offset}", "port_id": "p1"}
        self.write(transaction, sql.IP_INSERT, [GROUP], **address)


@pytest.fixture
def both() -> Both:
    return Both()


def test_rows_that_were_changed_and_rows_that_are_new(both: Both) -> None:
    one, other = both.begin(1), both.begin(2)
    both.rename(one, "p1", "p2")
    both.create(other, "p9")
    both.rename(other, "p9")
    both.check()
    assert both.storage.is_new(one, NEW)
    assert not both.storage.is_new(one, PORT)
    both.commit(other)
    both.check()
    both.commit(one)
    both.check()


def test_a_group_has_several_writers(both: Both) -> None:
    some = [both.begin(number) for number in range(3)]
    for offset, transaction in enumerate(some, start=50):
        both.take_address(transaction, offset)
        both.check()
    for transaction in some:
        both.commit(transaction)
        both.check()

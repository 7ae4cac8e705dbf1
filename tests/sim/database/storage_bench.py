"""A storage without a server: tests run statements in transactions of their own making."""

from typing import Any

from core import statements as sql
from core.statements import Statement
from sim.database import ServerTransaction
from sim.database.compiled import StatementCache
from sim.database.storage import Storage
from tests.sim.database.scripted import binding_values, port_values


class Bench:
    """A storage, with locks left to the test: each statement names its rows as the server would."""

    def __init__(self) -> None:
        self.storage = Storage()
        self.statements = StatementCache()
        setup = self.begin()
        self.run(setup, sql.NETWORK_INSERT, id="net", name="")
        for n in range(1, 4):
            self.run(setup, sql.PORT_INSERT, **port_values(f"p{n}", name="old"))
            self.run(setup, sql.BINDING_INSERT, **binding_values(f"p{n}", segment_id=None))
        self.storage.commit(setup)

    def begin(self) -> ServerTransaction:
        return ServerTransaction(0)

    def run(self, transaction: ServerTransaction, statement: Statement, **params: Any) -> Any:
        compiled = self.statements[statement]
        arguments = compiled.arguments(params)
        if not compiled.is_write:
            return self.storage.read(transaction, compiled, arguments, compiled.keys_read(params))
        keys = [(plan.key(params), plan.mode) for plan in compiled.locks]
        return self.storage.write(transaction, compiled, arguments, [key for key, x in keys if x and key is not None])

    def rename(self, transaction: ServerTransaction, port_id: str, name: str) -> int:
        values = {**port_values(port_id, name=name), "port_id": port_id}
        count: int = self.run(transaction, sql.PORT_UPDATE, **values)
        return count

    def names(self, transaction: ServerTransaction) -> list[str]:
        rows = self.run(transaction, sql.port_list((("network_id", 1),)), network_id_0="net")
        return [row[2] for row in rows]

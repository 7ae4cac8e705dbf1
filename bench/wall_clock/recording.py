"""Writes down the statements of the core, with parameters and transactions, while one thread performs all operations.

It is a probe (sim.wall.probe) in the only API process of an untimed run. What it has found is grouped by port: all
operations of one port are a unit, in which order matters; between units it does not, since every port has a row, an
address and a binding of its own.
"""

import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

from bench.wall_clock.load import SEED, Shape, scenario
from core.database import Connection, Params, Result
from core.statements import Statement
from sim.model.work import current_work
from sim.servers import RunDatabase
from sim.wall import run

T = TypeVar("T")


class Issued(NamedTuple):
    """A statement by its name, its parameters, and the number of rows that it gave or `changed`."""

    name: str
    params: dict[str, Any]
    changed: int


class Transaction(NamedTuple):
    """One use of a connection: its statements and how it ended."""

    statements: tuple[Issued, ...]
    commits: bool


Unit = list[Transaction]
"""Everything that is done to one port, from its creation to its deletion."""


def record(database: RunDatabase, shape: Shape) -> list[Unit]:
    """Performs the operations of this shape one after the other; their statements, a unit a port, in order."""
    with TemporaryDirectory(prefix="bindsim-bench-") as folder:
        path = Path(folder) / "statements"
        done = run(scenario(shape.alone()), database=database, seed=SEED, probe=partial(StatementProbe, path))
        assert not done.tables.operations.column("outcome").any(), "an operation of the bench's load failed"
        by_port: dict[int, Unit] = pickle.loads(path.read_bytes())
    return list(by_port.values())


class StatementProbe:
    """Stands in an API process with one thread."""

    def __init__(self, path: Path, _slot: int) -> None:
        self._path = path
        self._transactions: list[Transaction] = []
        self._by_port: dict[int, Unit] = {}

    def connection(self, inner: Connection) -> Connection:
        """A connection that writes down what it is asked for."""
        return _Watched(inner, self._transactions)

    def operation(self, kind: str, perform: Callable[[], T]) -> T:
        """Performs it; what was written down meanwhile belongs to its port."""
        self._transactions.clear()
        answer = perform()
        self._by_port.setdefault(current_work().port, []).extend(self._transactions)
        return answer

    def write(self) -> None:
        """The run is over."""
        self._path.write_bytes(pickle.dumps(self._by_port))


class _Watched:
    """One use of a connection."""

    def __init__(self, inner: Connection, transactions: list[Transaction]) -> None:
        self._inner = inner
        self._transactions = transactions
        self._issued: list[Issued] = []
        self.close = inner.close

    def execute(self, statement: Statement, params: Params) -> Result:
        result = self._inner.execute(statement, params)
        self._issued.append(Issued(statement.name, dict(params), rows_of(result)))
        return result

    def commit(self) -> None:
        self._inner.commit()
        self._transactions.append(Transaction(tuple(self._issued), commits=True))

    def rollback(self) -> None:
        self._inner.rollback()
        self._transactions.append(Transaction(tuple(self._issued), commits=False))


def rows_of(result: Result) -> int:
    """The number of rows that a statement gave, or changed."""
    return len(result.rows) or result.rowcount

"""A connection that writes down what the database returned and what was changed, statement by statement.

Wraps the modelled database's connection behind the core's own seam. It knows statements by their names and the tables
that they touch; it never changes what passes through. A port without a binding row is to it what it is to the core: one
with the row that would be inserted on demand.
"""

from collections.abc import Callable
from typing import Any

from core import statements
from core.database import Params, Result
from core.statements import Statement
from sim.history import HistoryWriter
from sim.history.rows import GONE
from sim.kernel import Process, current
from sim.model.commits import NO_BINDING_ROW
from sim.model.work import MeasuredConnection, current_work

_OPEN = "history.connections"  # the key in a process's scratch: its connections, the innermost last
_BINDING_AT = statements.PORT_WIDTH
_IPS_AT = statements.PORT_WIDTH + statements.BINDING_WIDTH
_TABLES = ("ports", "ml2_port_bindings")


class _Kind:
    """What is to be written down of a statement: the ports that it returned, or the one that it changed."""

    __slots__ = ("param", "reads", "writes")

    def __init__(self, statement: Statement) -> None:
        touched = next((lock for lock in statement.locks if lock.space in _TABLES and lock.mode == "X"), None)
        named = touched or next((read for read in statement.reads or () if read.space in _TABLES), None)
        columns: Any = getattr(statement.clause, "selected_columns", ())
        self.reads = len(columns) >= _IPS_AT and next(iter(columns)).table.name == "ports"
        self.writes = statement.kind == "write" and touched is not None
        self.param = None if named is None else named.params[0]


class _Kinds(dict[Statement, _Kind]):
    def __missing__(self, statement: Statement) -> _Kind:
        kind = self[statement] = _Kind(statement)
        return kind


_KINDS = _Kinds()


def open_connections(process: Process) -> list["RecordedConnection"]:
    """The connections that a process holds, the innermost last."""
    found: list[RecordedConnection] = process.scratch.setdefault(_OPEN, [])
    return found


class RecordedConnection:
    """One use of a pooled connection. `number` is that of the server's transaction, -1 before the first statement.

    `rows_on_demand`: a port that the core's reads do not find may be one without a binding row, which it asks next.
    """

    __slots__ = ("_inner", "_process", "_rows_on_demand", "_writer", "is_open", "name", "number", "operation")

    def __init__(
        self, connect: Callable[[], MeasuredConnection], writer: HistoryWriter, *, rows_on_demand: bool = False
    ) -> None:
        self._inner = connect()
        self._writer = writer
        self._rows_on_demand = rows_on_demand
        self._process = current()
        self.operation = current_work().operation
        self.number = -1
        self.name = ""
        self.is_open = True
        open_connections(self._process).append(self)

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs the statement and writes down what it did to ports."""
        sent = self._writer.step()
        try:
            result = self._inner.execute(statement, params)
        finally:
            if self.number < 0 and self._inner.transaction is not None:
                self.number = self._inner.transaction.number
        kind = _KINDS[statement]
        if kind.reads:
            self._returned(sent, statement, kind, params, result.rows)
        elif statement is statements.PORT_EXISTS:
            if not result.rows:
                self._writer.read(sent, self.number, self.operation, statement.name, params["port_id"], GONE)
        elif kind.writes and result.rowcount and kind.param is not None and not _adds_row(statement, params):
            self._writer.wrote(self.number, statement.name, params[kind.param])
        return result

    def _returned(
        self, sent: int, statement: Statement, kind: _Kind, params: Params, rows: list[tuple[Any, ...]]
    ) -> None:
        read, port_id = self._writer.read, None
        for row in rows:
            if row[0] == port_id:
                continue  # a port with several addresses has several rows
            port_id = row[0]
            state = self._writer.state(_flat(row))
            read(sent, self.number, self.operation, statement.name, port_id, state)
        if not rows and kind.param is not None and not self._rows_on_demand:
            read(sent, self.number, self.operation, statement.name, params[kind.param], GONE)

    def commit(self) -> None:
        """Commits; the history hears of it from the database itself."""
        self._inner.commit()
        self.is_open = False

    def rollback(self) -> None:
        """Rolls back."""
        self.is_open = False
        self._inner.rollback()

    def close(self) -> None:
        """Gives the connection back."""
        self.is_open = False
        stack = open_connections(self._process)
        if stack and stack[-1] is self:
            stack.pop()
        self._inner.close()


def _adds_row(statement: Statement, params: Params) -> bool:
    """Whether it gives a port without a binding row one, which changes nothing that can be seen of the port."""
    return statement is statements.BINDING_INSERT and params["binding_generation"] == NO_BINDING_ROW.generation


def _flat(row: tuple[Any, ...]) -> tuple[Any, ...]:
    binding = NO_BINDING_ROW if row[_BINDING_AT] is None else row[_BINDING_AT:_IPS_AT]
    return (row[0], row[2], row[4], row[5], row[6], row[7], row[8], *binding)

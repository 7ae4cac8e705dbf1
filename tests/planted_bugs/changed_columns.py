"""UPDATEs of a port's rows that set only the columns that differ, as an ORM does. For the bug that mixes bindings.

The statements take the locks of the core's own when they execute, and no sooner. Each set of columns is one statement.
"""

from functools import cache
from typing import Any

from core.database import Transaction
from core.port_rows import _binding_columns, _mutable_columns
from core.records import Port
from core.statements import BINDING_UPDATE, PORT_UPDATE, Statement


def write_changed_columns(transaction: Transaction, port: Port, *, previous: Port) -> None:
    """Of each of the port's two rows, writes the columns that differ from the previous state."""
    _write(transaction, PORT_UPDATE, {"port_id": port.id}, _mutable_columns(port), _mutable_columns(previous))
    _write(
        transaction,
        BINDING_UPDATE,
        {"binding_port_id": port.id},
        _binding_columns(port.binding),
        _binding_columns(previous.binding),
    )


def _write(
    transaction: Transaction, whole: Statement, key: dict[str, str], now: dict[str, Any], before: dict[str, Any]
) -> None:
    changed = {name: value for name, value in now.items() if value != before[name]}
    if changed:
        transaction.write_row(_update_of(whole, tuple(changed)), {**key, **changed})


@cache
def _update_of(whole: Statement, columns: tuple[str, ...]) -> Statement:
    unset = set(whole.column_keys or ()) - set(columns)
    locks = tuple(lock for lock in whole.locks if not unset & set(lock.params))
    return Statement(whole.name, whole.kind, whole.clause, column_keys=columns, locks=locks)

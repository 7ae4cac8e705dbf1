"""What must never happen over a real engine. None is the core's: the core would repeat the transaction."""

from collections.abc import Mapping

from core import schema
from sim.database.compiled import CompiledStatement
from sim.database.server_transaction import EXCLUSIVE, SHARED, UPDATING, WATCHING, Key, ServerTransaction

_MOST_TRANSACTIONS = 5
_MOST_KEYS = 8
_MODES = {SHARED: "shared", WATCHING: "watched", UPDATING: "updated", EXCLUSIVE: "exclusive"}


Ran = Mapping[ServerTransaction, Mapping[CompiledStatement, None]]


class EngineFailed(RuntimeError):
    """The real engine refused what SQLite would do, or cannot be reached: the run cannot go on."""


class EngineBlocked(RuntimeError):
    """A statement had to wait in the real engine though the model had given it all its locks.

    The model locks less than the engine: a lock set or a rule of the profile is wrong, and so is every result.
    """


def blocked(
    statement: CompiledStatement,
    transaction: ServerTransaction,
    *,
    engine: str,
    profile: str,
    complaint: str,
    others: Ran,
) -> EngineBlocked:
    """The error: what the engine said, and who holds which keys of the statement's tables in the model.

    `others` are the other open transactions, with the statements that took locks in them.
    """
    tables = _tables_near(statement.tables)
    near = [
        f"{other!r}, after {', '.join(each.name for each in ran)}, holds {_keys(other, tables)}"
        for other, ran in others.items()
        if any(tables & each.tables for each in ran)
    ]
    return EngineBlocked(
        f"{statement.name} of {transaction!r} had to wait in {engine}: {complaint}. In the model it holds"
        f" {_keys(transaction, tables)}; {'; '.join(near[:_MOST_TRANSACTIONS]) or 'nobody else locked such rows'}."
        f" The model (profile {profile}) locks less than the engine does."
    )


def _tables_near(tables: frozenset[str]) -> frozenset[str]:
    """These, those that they refer to, and those that refer to them: where a statement on them may take locks."""
    related = [
        {table.name, key.column.table.name} for table in schema.metadata.tables.values() for key in table.foreign_keys
    ]
    return tables.union(*(pair for pair in related if pair & tables))


def _keys(transaction: ServerTransaction, tables: frozenset[str]) -> str:
    near = [_key(key, mode) for key, mode in transaction.held.items() if key[0].partition(".")[0] in tables]
    left = len(near) - _MOST_KEYS
    return (", ".join(near[:_MOST_KEYS]) or "no row of these tables") + (f" and {left} more" if left > 0 else "")


def _key(key: Key, mode: int) -> str:
    space, value = key
    return f"{space} {value} ({_MODES[mode]})"

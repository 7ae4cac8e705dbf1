"""What must never happen over a real engine. None is the core's: the core would repeat the transaction."""

from collections.abc import Iterable

from sim.database.server_transaction import EXCLUSIVE, SHARED, UPDATING, WATCHING, Key, ServerTransaction

_MOST_TRANSACTIONS = 5
_MOST_KEYS = 8
_MODES = {SHARED: "shared", WATCHING: "watched", UPDATING: "updated", EXCLUSIVE: "exclusive"}


class EngineFailed(RuntimeError):
    """The real engine refused what SQLite would do, or cannot be reached: the run cannot go on."""


class EngineBlocked(RuntimeError):
    """A statement had to wait in the real engine though the model had given it all its locks.

    The model locks less than the engine: a lock set or a rule of the profile is wrong, and so is every result.
    """


def blocked(
    name: str,
    transaction: ServerTransaction,
    *,
    engine: str,
    complaint: str,
    tables: frozenset[str],
    others: Iterable[ServerTransaction],
) -> EngineBlocked:
    """The error: who holds which keys of these tables in the model, and what the engine said."""
    near = [(other, _keys(other, tables)) for other in others]
    holders = [f"{other!r} holds {keys}" for other, keys in near if keys][:_MOST_TRANSACTIONS]
    found = "; ".join(holders) or "no other transaction holds a row of these tables"
    mine = _keys(transaction, tables) or "nothing"
    return EngineBlocked(
        f"{name} of {transaction!r} had to wait in {engine}: {complaint}. In the model it holds {mine}, and {found}."
        " The model locks less than the engine does."
    )


def _keys(transaction: ServerTransaction, tables: frozenset[str]) -> str:
    near = [_key(key, mode) for key, mode in transaction.held.items() if key[0].partition(".")[0] in tables]
    left = len(near) - _MOST_KEYS
    return ", ".join(near[:_MOST_KEYS]) + (f" and {left} more" if left > 0 else "")


def _key(key: Key, mode: int) -> str:
    space, value = key
    return f"{space} {value} ({_MODES[mode]})"

"""What a named SQL statement is: its text as an expression, the rows it locks and the rows it reads."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sqlalchemy import Table, insert
from sqlalchemy.sql.expression import Executable

LockMode = Literal["X", "S", "G"]
"""Exclusive; shared; and a member of a group, which many add to at a time and which one may have for itself ('X')."""
Kind = Literal["read", "locking_read", "write"]


class RowLock(NamedTuple):
    """One row (or unique key value) that a statement locks: `space` is a table or `table.key`, `params` name the key.

    Where a parameter of the key is None there is no row and no lock.
    """

    mode: LockMode
    space: str
    params: tuple[str, ...]


class FoundLock(NamedTuple):
    """A lock on rows that only a query finds: `columns` are positions in its rows that make the key.

    Where a column of the key is None there is no row and no lock.
    """

    mode: LockMode
    space: str
    columns: tuple[int, ...]


class Lookup(NamedTuple):
    """Where parameters do not give the keys: the query that finds them and the locks each of its rows asks for."""

    name: str
    query: Executable
    locks: tuple[FoundLock, ...]


class RowRead(NamedTuple):
    """A row that a plain read touches, named as a lock would be; lets an engine see that nobody is changing it."""

    space: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A named SQL statement.

    `name` is stable and appears in results. `clause` is the SQLAlchemy expression; `column_keys` are the columns an
    INSERT or UPDATE sets, whose parameters have the columns' names. `locks` and `lookups` are the lock set; `reads`
    are the rows of a plain read, None when only the database can tell.
    """

    name: str
    kind: Kind
    clause: Executable
    column_keys: tuple[str, ...] | None = None
    locks: tuple[RowLock, ...] = ()
    lookups: tuple[Lookup, ...] = field(default=())
    reads: tuple[RowRead, ...] | None = None


def exclusive(space: str, *params: str) -> RowLock:
    """An exclusive lock."""
    return RowLock("X", space, params)


def shared(space: str, *params: str) -> RowLock:
    """A shared lock."""
    return RowLock("S", space, params)


def member(space: str, *params: str) -> RowLock:
    """A row of a group, such as all children of one parent, is written: others may write rows of it too."""
    return RowLock("G", space, params)


def column_names(table: Table) -> tuple[str, ...]:
    """The names of a table's columns."""
    return tuple(column.name for column in table.columns)


def insertion(name: str, table: Table, *locks: RowLock) -> Statement:
    """The INSERT of all of a table's columns."""
    return Statement(name, "write", insert(table), column_keys=column_names(table), locks=locks)

"""A statement of the core made ready: its SQLite text, and how to get arguments, locks and rows read from parameters.

Done once a statement and process; the server and the storage use the result at every execution. Runs nothing.

Arguments are positional ('qmark') and picked by one itemgetter: measured 13 % cheaper than named ones with a dict
(create, bind and delete of a port in bare sqlite3: 58 against 66 us), and a tuple is what the replay log needs anyway.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, cast

from sqlalchemy import Insert, Table, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Executable

from core import schema
from core.statements import LockMode, Lookup, RowLock, Statement
from sim.database.server_transaction import EXCLUSIVE, SHARED, UPDATING, Key

Params = Mapping[str, Any]
Arguments = Callable[[Params], tuple[Any, ...]]

_DIALECT = sqlite.dialect(paramstyle="qmark")


class KeyPlan(NamedTuple):
    """How to get one key from parameters or from a row; None when a part of it is None, because there is no row.

    `mode` is the lock's. `writes`: the statement may change what the key names, alone or beside others.
    """

    space: str
    mode: int
    pick: Callable[[Any], Any]
    several: bool
    writes: bool

    def key(self, source: Any) -> Key | None:
        """The key; a tuple of values where it has several parts."""
        value = self.pick(source)
        if value is None or (self.several and None in value):
            return None
        return (self.space, value)


def _plan(space: str, parts: tuple[Any, ...], mode: LockMode) -> KeyPlan:
    return KeyPlan(space, EXCLUSIVE if mode == "X" else SHARED, itemgetter(*parts), len(parts) > 1, mode != "S")


class CompiledQuery:
    """A text, its `arguments` in order (their `names`), and the `tables` that it names.

    `clause` and `column_keys` are what it was compiled from, for those who need it in another dialect.
    """

    __slots__ = ("arguments", "clause", "column_keys", "names", "sql", "tables")

    def __init__(self, clause: Executable, column_keys: tuple[str, ...] | None = None) -> None:
        self.clause = clause
        self.column_keys = column_keys
        self.sql, self.names, self.arguments = _compiled(clause, column_keys)
        self.tables = _tables(clause)


class CompiledLookup(CompiledQuery):
    """A query that finds keys to lock which parameters do not give."""

    __slots__ = ("locks",)

    def __init__(self, lookup: Lookup) -> None:
        super().__init__(lookup.query)
        self.locks = [_plan(lock.space, lock.columns, lock.mode) for lock in lookup.locks]

    def keys(self, rows: Iterable[tuple[Any, ...]]) -> dict[Key, int]:
        """The keys that the query's rows ask for, in their order, each with its mode."""
        found = ((plan.key(row), plan.mode) for row in rows for plan in self.locks)
        return {key: mode for key, mode in found if key is not None}


class CompiledStatement(CompiledQuery):
    """One statement: also its locks, and the keys of a read.

    `locks` are InnoDB's; `locks_by_use`, PostgreSQL's, differ in their order and where an UPDATE leaves the key alone.
    `rechecked` are parents that PostgreSQL locks too when the transaction has written the row before. `source` is what
    was compiled.

    `drops_unmatched`: a locking read, UPDATE or DELETE that finds no row keeps no lock on it; under READ COMMITTED
    both engines let it go (MySQL manual, 17.7.2.1; PostgreSQL manual, 13.2.1). An INSERT keeps what it locked.
    `reads_changeable`: it reads the rows that it locks exclusively and no others.
    """

    __slots__ = (
        "drops_unmatched",
        "is_insert",
        "is_write",
        "locks",
        "locks_by_use",
        "lookups",
        "name",
        "reads",
        "reads_changeable",
        "rechecked",
        "source",
    )

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement.clause, statement.column_keys)
        self.source = statement
        self.name = statement.name
        self.is_insert = isinstance(statement.clause, Insert)
        self.is_write = statement.kind == "write"
        self.drops_unmatched = statement.kind != "read" and not self.is_insert
        self.locks = [_plan(lock.space, lock.params, lock.mode) for lock in _as_innodb_orders(statement)]
        self.locks_by_use = list(_locks_by_use(statement))
        self.rechecked = list(_rechecked(statement))
        self.lookups = [CompiledLookup(lookup) for lookup in statement.lookups]
        self.reads = _read_plans(statement)
        locks_all = statement.kind == "locking_read" and not statement.lookups
        self.reads_changeable = locks_all and all(plan.mode == EXCLUSIVE for plan in self.locks)

    def keys_read(self, params: Params) -> list[Key] | None:
        """The rows that the statement looks at, None when only the database can tell."""
        if self.reads is None:
            return None
        keys: list[Key] = []
        for space, _, pick, several, _ in self.reads:
            value = pick(params)
            if value is not None and not (several and None in value):
                keys.append((space, value))
        return keys


def _as_innodb_orders(statement: Statement) -> list[RowLock]:
    """An insert goes from index to index, first the primary key's, and looks for a parent before the first index that
    begins with the child's column: row_ins_index_entry_step in MariaDB's row0ins.cc."""
    if not isinstance(statement.clause, Insert):
        return list(statement.locks)
    primary, *unique = [lock for lock in statement.locks if lock.mode == "X"]
    parents = [lock for lock in statement.locks if lock.mode == "S"]
    first = [lock for lock in parents if lock.params[0] == primary.params[0]]
    groups = [lock for lock in statement.locks if lock.mode == "G"]
    return [*first, primary, *(lock for lock in parents if lock not in first), *unique, *groups]


def _locks_by_use(statement: Statement) -> Iterator[KeyPlan]:
    """FOR KEY SHARE of a parent, FOR NO KEY UPDATE of what is updated, FOR UPDATE of the rest: PostgreSQL manual,
    13.3.2 Row-Level Locks. No UPDATE of the core changes a key."""
    for lock in sorted(statement.locks, key=lambda lock: lock.mode == "G"):
        plan = _plan(lock.space, lock.params, lock.mode)
        yield plan._replace(mode=UPDATING) if lock.mode == "X" and isinstance(statement.clause, Update) else plan


def _rechecked(statement: Statement) -> Iterator[KeyPlan]:
    """An UPDATE that leaves a foreign key as it is locks no parent, unless the row's last version is the transaction's
    own: RI_FKey_fk_upd_check_required in PostgreSQL's ri_triggers.c. Here keys are foreign where they are primary."""
    if isinstance(statement.clause, Update):
        row = statement.locks[0]
        columns = zip(schema.metadata.tables[row.space].primary_key, row.params, strict=True)
        for column, param in columns:
            yield from (_plan(key.column.table.name, (param,), "S") for key in column.foreign_keys)


def _read_plans(statement: Statement) -> list[KeyPlan] | None:
    """A locking read looks at the rows that it locks; a plain one at those that it names."""
    if statement.kind == "locking_read" and not statement.lookups:
        return [_plan(lock.space, lock.params, "X") for lock in statement.locks]
    if statement.reads is None:
        return None
    return [_plan(read.space, read.params, "S") for read in statement.reads]


def _compiled(clause: Executable, column_keys: tuple[str, ...] | None) -> tuple[str, list[str], Arguments]:
    compiled = cast(ClauseElement, clause).compile(
        dialect=_DIALECT, column_keys=None if column_keys is None else list(column_keys)
    )
    assert isinstance(compiled, SQLCompiler)
    names = compiled.positiontup or []
    fixed = {name: compiled.binds[name].value for name in names if not compiled.binds[name].required}
    return str(compiled), names, _arguments(names, fixed)


def _arguments(names: list[str], fixed: dict[str, Any]) -> Arguments:
    if fixed:
        return lambda params: tuple(fixed[name] if name in fixed else params[name] for name in names)
    if not names:
        return lambda params: ()
    if len(names) == 1:
        only = names[0]
        return lambda params: (params[only],)
    return itemgetter(*names)


def _tables(clause: Executable) -> frozenset[str]:
    parts = visitors.iterate(cast(ClauseElement, clause))
    return frozenset(part.name for part in parts if isinstance(part, Table))


class StatementCache(dict[Statement, CompiledStatement]):
    """Compiles each statement at its first use. One for all databases of a process: nothing in it belongs to a run."""

    def __missing__(self, statement: Statement) -> CompiledStatement:
        compiled = self[statement] = CompiledStatement(statement)
        return compiled


STATEMENTS = StatementCache()

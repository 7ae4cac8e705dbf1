"""Each statement: compiles for three dialects, locks only what it names, and says its order."""

import sys

import pytest
from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.sql import Delete, Insert, Select, Update

from core import schema, statements
from core.statements import (
    Statement,
    all_statements,
    binding_update,
    filter_params,
    port_delete,
    port_list,
    port_update,
)

LISTS = [port_list([(name, size)]) for name in statements.PORT_FILTERS for size in statements.CHUNK_SIZES]
SHAPES = [
    port_update(("status", "revision_number"), same_revision=False),
    port_update(("name", "revision_number"), same_revision=True),
    port_delete(same_revision=True),
    binding_update(("host",)),
    binding_update(("vif_type", "segment_id")),
]
STATEMENTS = [*all_statements(), *LISTS, *SHAPES, port_list([]), port_list([("id", 8), ("status", 1)], rowless=True)]
DIALECTS = [sqlite.dialect(paramstyle="qmark"), postgresql.dialect(), mysql.dialect()]
TABLES = schema.metadata.tables

every = pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)


def parameters(statement: Statement) -> set[str]:
    keys = list(statement.column_keys) if statement.column_keys else None
    return set(statement.clause.compile(dialect=sqlite.dialect(), column_keys=keys).params)


def known_spaces() -> set[str]:
    """Tables, their foreign keys and indexed columns, and their unique keys, as lock sets may name them."""
    spaces = set(TABLES) | {"agents.host"}
    for table in TABLES.values():
        spaces |= {f"{table.name}.{column.name}" for column in table.columns}
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                spaces.add(f"{table.name}." + "_".join(column.name for column in constraint.columns))
    return spaces


@every
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_it_compiles_for_every_dialect_with_plain_parameters(statement: Statement, dialect) -> None:
    keys = list(statement.column_keys) if statement.column_keys else None
    text = str(statement.clause.compile(dialect=dialect, column_keys=keys))
    assert "POSTCOMPILE" not in text
    assert ("FOR UPDATE" in text) == (statement.kind == "locking_read" and dialect.name != "sqlite")
    if dialect.name == "mysql":
        assert "RETURNING" not in text


@every
def test_its_lock_set_names_only_parameters_that_it_has(statement: Statement) -> None:
    named = {param for lock in statement.locks for param in lock.params}
    named |= {param for read in statement.reads or () for param in read.params}
    assert named <= parameters(statement)


@every
def test_its_lock_set_names_only_tables_and_keys_that_exist(statement: Statement) -> None:
    spaces = {lock.space for lock in statement.locks} | {read.space for read in statement.reads or ()}
    spaces |= {lock.space for lookup in statement.lookups for lock in lookup.locks}
    assert spaces <= known_spaces()


@every
def test_its_kind_is_what_it_does(statement: Statement) -> None:
    kinds = {Select: "read", Insert: "write", Update: "write", Delete: "write"}
    kind = next(kind for clause, kind in kinds.items() if isinstance(statement.clause, clause))
    assert statement.kind in (kind, "locking_read" if kind == "read" else kind)
    assert bool(statement.locks) == (statement.kind != "read")
    assert (statement.reads is None) or statement.kind == "read"


@every
def test_a_query_of_several_rows_has_an_order(statement: Statement) -> None:
    one_row = {"port.exists", "port.lock", "ip_pool.lock", "lease.lock", "subnet.read", "inactive_binding.read"}
    if isinstance(statement.clause, Select) and statement.name not in one_row:
        assert statement.clause._order_by_clauses
    for lookup in statement.lookups:
        assert lookup.query._order_by_clauses


@every
def test_an_insert_names_every_column_and_an_update_no_key(statement: Statement) -> None:
    if isinstance(statement.clause, Insert):
        assert statement.column_keys == tuple(column.name for column in statement.clause.table.columns)
    if isinstance(statement.clause, Update):
        keys = {column.name for column in statement.clause.table.primary_key.columns}
        assert statement.column_keys
        assert not keys & set(statement.column_keys)


@every
def test_a_write_locks_the_primary_key_of_its_table(statement: Statement) -> None:
    if statement.kind == "write":
        table = statement.clause.table
        (lock,) = [lock for lock in statement.locks if lock.space == table.name]
        assert (lock.mode, len(lock.params)) == ("X", len(table.primary_key.columns))


@every
def test_an_insert_locks_its_unique_keys_and_shares_its_parents(statement: Statement) -> None:
    if not isinstance(statement.clause, Insert):
        return
    table = statement.clause.table
    locks = {(lock.mode, lock.space, lock.params) for lock in statement.locks}
    for key in table.foreign_keys:
        assert ("S", key.column.table.name, (key.parent.name,)) in locks
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            names = tuple(column.name for column in constraint.columns)
            assert ("X", f"{table.name}.{'_'.join(names)}", names) in locks


def test_an_update_of_a_foreign_key_shares_its_parent_and_no_other_update_does() -> None:
    parents = {("S", "network_segments")}
    locked = [{(lock.mode, lock.space) for lock in statement.locks} for statement in SHAPES[-2:]]
    assert [locks & parents for locks in locked] == [set(), parents]


@pytest.mark.parametrize("same", [False, True])
def test_only_who_compares_revisions_asks_for_one(same: bool) -> None:
    asking = [port_update(("name",), same_revision=same), port_delete(same_revision=same)]
    assert {"previous_revision" in parameters(statement) for statement in asking} == {same}


def test_deleting_a_port_locks_every_table_that_cascades() -> None:
    children = {
        table.name for table in TABLES.values() for key in table.foreign_keys if key.column.table.name == "ports"
    }
    delete = statements.PORT_DELETE
    locked = {lock.space for lock in delete.locks} | {lock.space for look in delete.lookups for lock in look.locks}
    assert children <= locked
    assert "ports.network_id_mac_address" in locked


def test_names_are_unique() -> None:
    names = [statement.name for statement in all_statements()]
    assert len(set(names)) == len(names)
    assert len(names) > 20


def test_all_statements_leaves_none_out() -> None:
    folder = [module for name, module in sorted(sys.modules.items()) if name.startswith("core.statements")]
    defined = {id(value) for module in folder for value in vars(module).values() if isinstance(value, Statement)}
    assert {id(statement) for statement in all_statements()} == defined


def test_a_list_of_one_shape_is_made_once() -> None:
    assert port_list([("id", 8)]) is port_list([("id", 8)])
    assert filter_params("binding:host_id", 2) == ["binding_host_id_0", "binding_host_id_1"]

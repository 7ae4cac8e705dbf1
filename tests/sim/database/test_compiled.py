"""The core's statements made ready: their lock keys, and that the rules storage relies on hold for all of them."""

from typing import Any

import pytest
from sqlalchemy.sql import Delete, Insert, Update

from core import statements as sql
from core.statements import Statement
from sim.database import ModelledDatabase
from sim.database.compiled import STATEMENTS, CompiledStatement
from sim.database.server_transaction import EXCLUSIVE, UPDATING
from sim.kernel import Kernel

ALL = {statement.name: statement for statement in sql.all_statements()}
WRITES = {name: statement for name, statement in ALL.items() if statement.kind == "write"}
READS = {name: statement for name, statement in ALL.items() if statement.kind == "read"}


def table_of(space: str) -> str:
    return space.partition(".")[0]


@pytest.mark.parametrize("statement", ALL.values(), ids=ALL)
def test_every_statement_takes_its_arguments_by_position(statement: Statement) -> None:
    compiled = CompiledStatement(statement)
    anything = dict.fromkeys(_parameter_names(compiled), 1)
    assert len(compiled.arguments(anything)) == compiled.sql.count("?")


def _parameter_names(compiled: CompiledStatement) -> list[str]:
    seen: list[str] = []

    class Asked(dict[str, Any]):
        def __missing__(self, name: str) -> int:
            seen.append(name)
            return 1

    asked = Asked()
    try:
        compiled.arguments(asked)
    except KeyError as error:
        seen.append(error.args[0])
    return seen


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
def test_a_write_locks_the_row_that_it_changes_exclusively(statement: Statement) -> None:
    clause = statement.clause
    assert isinstance(clause, Insert | Update | Delete)
    name = clause.table.name  # type: ignore[attr-defined]
    assert name in [lock.space for lock in statement.locks if lock.mode == "X"]


@pytest.mark.parametrize("statement", READS.values(), ids=READS)
def test_whoever_writes_to_a_table_names_each_key_by_which_it_is_read(statement: Statement) -> None:
    for space, _ in statement.reads or ():
        for write in WRITES.values():
            written = [lock.space for lock in write.locks if lock.mode != "S"]
            inserts_or_deletes = not isinstance(write.clause, Update)
            if inserts_or_deletes and table_of(space) in map(table_of, written):
                assert space in written, f"{write.name} changes what {statement.name} reads by {space}"


def test_lookups_look_only_at_rows_that_the_statements_own_locks_hold() -> None:
    found = {lookup.name: statement for statement in ALL.values() for lookup in statement.lookups}
    assert list(found) == ["port.keys"], "a new lookup: see sim/database/locking.py, then add it here"
    exclusive = [lock.space for lock in found["port.keys"].locks if lock.mode == "X"]
    assert {"ports", "ip_allocations.port_id"} <= set(exclusive)


def test_whoever_writes_inactive_bindings_holds_the_port_against_a_deletion_that_looks_for_them() -> None:
    for statement in (sql.INACTIVE_BINDING_INSERT, sql.INACTIVE_BINDING_DELETE):
        assert ("S", "ports", ("port_id",)) in statement.locks


def test_a_key_with_a_missing_part_is_no_row() -> None:
    compiled = CompiledStatement(sql.BINDING_INSERT)
    params = {"port_id": "p", "segment_id": None}
    assert [plan.key(params) for plan in compiled.locks] == [("ports", "p"), ("ml2_port_bindings", "p"), None]


def test_keys_of_several_columns_are_tuples() -> None:
    compiled = CompiledStatement(sql.PORT_INSERT)
    keys = [plan.key({"id": "p", "network_id": "n", "mac_address": "m"}) for plan in compiled.locks]
    assert keys == [("ports", "p"), ("networks", "n"), ("ports.network_id_mac_address", ("n", "m"))]


def test_postgresql_looks_for_parents_last_and_leaves_the_key_of_what_it_updates_alone() -> None:
    inserting, updating = CompiledStatement(sql.PORT_INSERT), CompiledStatement(sql.PORT_UPDATE)
    assert [plan.space for plan in inserting.locks_by_use] == ["ports", "ports.network_id_mac_address", "networks"]
    assert [(plan.space, plan.mode) for plan in updating.locks_by_use] == [("ports", UPDATING)]
    assert [(plan.space, plan.mode) for plan in updating.locks] == [("ports", EXCLUSIVE)]


def test_an_update_of_a_row_that_was_written_before_looks_for_its_parent_again() -> None:
    assert [plan.space for plan in CompiledStatement(sql.BINDING_UPDATE).rechecked] == ["ports"]
    assert not CompiledStatement(sql.PORT_UPDATE).rechecked


def test_all_databases_of_a_process_share_what_is_compiled() -> None:
    with Kernel() as kernel:
        databases = [ModelledDatabase(kernel) for _ in range(2)]
        for database in databases:
            connection = database.direct()
            connection.execute(sql.PORT_READ, {"port_id": "p"})
            connection.close()
            database.storage.close()
    assert databases[0]._statements is databases[1]._statements
    assert databases[0]._statements[sql.PORT_READ] is STATEMENTS[sql.PORT_READ]

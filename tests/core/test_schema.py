"""The tables: plain columns, nothing that counts by itself, cascades only where a port or network owns rows."""

import pytest
from sqlalchemy import BigInteger, Float, Integer, String, Table, Text
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.schema import CreateTable

from core import schema

TABLES = list(schema.metadata.tables.values())
every = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@every
def test_columns_are_text_integer_or_float(table: Table) -> None:
    assert {type(column.type) for column in table.columns} <= {String, Text, Integer, BigInteger, Float}


@every
def test_nothing_counts_by_itself_or_has_a_default(table: Table) -> None:
    for dialect in (sqlite.dialect(), postgresql.dialect(), mysql.dialect()):
        text = str(CreateTable(table).compile(dialect=dialect)).upper()
        assert not [
            word for word in ("AUTO_INCREMENT", "AUTOINCREMENT", "SERIAL", "IDENTITY", "DEFAULT") if word in text
        ]
    assert table.autoincrement_column is None or not isinstance(table.autoincrement_column.type, Integer)


def test_a_lease_and_a_journal_row_refer_to_no_port() -> None:
    assert not schema.port_binding_leases.foreign_keys
    assert not schema.ml2_journal.foreign_keys


def test_what_a_port_owns_goes_with_it() -> None:
    owned = {
        table.name for table in TABLES for key in table.foreign_keys
        if key.column.table.name == "ports" and key.ondelete == "CASCADE"
    }  # fmt: skip
    assert owned == {"ip_allocations", "ml2_inactive_port_bindings", "ml2_port_bindings"}

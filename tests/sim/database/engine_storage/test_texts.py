"""The core's statements in the engines' own SQL take the arguments that are made for SQLite."""

import pytest
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import Dialect

from core import schema
from core import statements as sql
from core.statements import Statement
from sim.database.compiled import CompiledStatement
from sim.database.engine_storage.texts import Texts, emptying, marked

DIALECTS: list[Dialect] = [PGDialect_psycopg(), MySQLDialect_pymysql()]  # type: ignore[no-untyped-call]
ALL = {statement.name: statement for statement in [*sql.all_statements(), sql.port_list((("id", 8), ("status", 1)))]}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("statement", ALL.values(), ids=ALL)
def test_every_statement_takes_the_same_arguments(statement: Statement, dialect: Dialect) -> None:
    compiled = CompiledStatement(statement)
    texts = Texts(dialect)
    for query in (compiled, *compiled.lookups):
        text = texts.of(query)
        assert text.count("%s") == query.sql.count("?")
        assert texts.of(query) is text
    assert ("FOR UPDATE" in texts.of(compiled)) == (statement.kind == "locking_read")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_rows_are_inserted_by_the_names_of_their_columns(dialect: Dialect) -> None:
    text, names = Texts(dialect).insertion(schema.networks)
    assert (names, text.count("%s")) == (["id", "name"], 2)


def test_marks_are_those_of_the_drivers() -> None:
    assert marked("SELECT 1 WHERE name LIKE 'a%' AND id = ?") == "SELECT 1 WHERE name LIKE 'a%%' AND id = %s"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_table_is_emptied(dialect: Dialect) -> None:
    said = " ".join(emptying(dialect))
    assert all(name in said for name in schema.metadata.tables)

"""The names by which costs are given are those of the core."""

from typing import get_args

from core.statements import all_statements
from core.statements.ports import port_list
from sim.database import BEGIN, COMMIT, COMMIT_READ_ONLY
from sim.scenario.calls import CallName


def test_every_statement_of_the_core_has_its_name_and_so_have_begin_and_commit() -> None:
    named = {statement.name for statement in all_statements()} | {port_list([]).name}
    assert set(get_args(CallName)) == named | {BEGIN, COMMIT, COMMIT_READ_ONLY}

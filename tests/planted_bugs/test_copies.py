"""The planted bugs are edited copies of the core's functions: when one of those changes, its copies must follow."""

import ast
import inspect
from collections.abc import Callable
from hashlib import blake2b
from textwrap import dedent
from typing import Any

import pytest

import core.plugin
from core.binding.binder import Binder
from core.binding.commit import BindingCommit
from core.database import Database
from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.planted import Edit

FURTHER: tuple[Callable[..., Any], ...] = (
    Binder._under_exclusion,
    BindingCommit._write,
    Database.transact,
    core.plugin.Ml2Plugin._update,
)
"""Functions that copies take in besides the one that they replace."""

COPIED: dict[str, str] = {
    "core.binding.binder.Binder._attempt": "c2b02576",
    "core.binding.binder.Binder._bind": "39a48e79",
    "core.binding.binder.Binder._under_exclusion": "9a1bce6d",
    "core.binding.changes.with_inputs": "5996dd21",
    "core.binding.commit.BindingCommit._decide": "b285da4f",
    "core.binding.commit.BindingCommit._write": "fce96874",
    "core.binding.commit.BindingCommit.commit": "91a6c9a0",
    "core.binding.policies.concurrency_check.ConcurrencyCheck.unchanged": "4fa8ac45",
    "core.database.Database.transact": "3b754d7d",
    "core.plugin.Ml2Plugin._delete": "160b2c5a",
    "core.plugin.Ml2Plugin._update": "576082a9",
    "core.plugin.Ml2Plugin.create_port": "0534b852",
    "core.plugin.Ml2Plugin.update_port": "fab864b4",
    "core.records.PortBinding.needs_binding": "155baec4",
}
"""A checksum of each function that has a copy here, as it was when its copies were last brought up to date."""


def original(edit: Edit) -> Callable[..., Any]:
    """The core's own function."""
    found = vars(edit.target)[edit.attribute]
    function: Callable[..., Any] = found.fget if isinstance(found, property) else found
    return function


def copied() -> dict[str, Callable[..., Any]]:
    """Every function that has a copy, by its full name."""
    functions = [*(original(edit) for bug in BUGS for edit in bug.edits), *FURTHER]
    return {f"{function.__module__}.{function.__qualname__}": function for function in functions}


def checksum(source: str) -> str:
    """Of a function's code alone: not of its docstring, its comments and its layout."""
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    told = node.body[0] if ast.get_docstring(node) is not None else None
    docstring = range(told.lineno, (told.end_lineno or 0) + 1) if told is not None else range(0)
    lines = [line.strip() for number, line in enumerate(source.splitlines(), start=1) if number not in docstring]
    code = "".join(line for line in lines if not line.startswith("#"))
    return blake2b("".join(code.split()).encode(), digest_size=4).hexdigest()


@pytest.mark.parametrize("name", copied())
def test_a_function_of_the_core_is_as_it_was_when_its_copies_were_brought_up_to_date(name: str) -> None:
    assert checksum(dedent(inspect.getsource(copied()[name]))) == COPIED[name], (
        f"{name} has changed: bring its copies in tests/planted_bugs up to date, then put its checksum into COPIED"
    )


def test_no_checksum_is_left_of_a_function_that_has_no_copy() -> None:
    assert set(COPIED) == set(copied())


def test_layout_and_words_do_not_change_a_checksum_and_code_does() -> None:
    plain = "def one(number):\n    return number + 1\n"
    told = 'def one(\n    number\n):\n    """Words."""\n    # more\n    return number + 1\n'
    assert checksum(told) == checksum(plain)
    assert checksum(plain.replace("+ 1", "+ 2")) != checksum(plain)

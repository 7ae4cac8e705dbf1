"""docs/eras.md says what the presets, their promises and the files of scenarios/eras are."""

import re
from dataclasses import fields
from pathlib import Path

from core.binding import DEFERRED, PRESETS, BindingStrategy, promises_of
from core.binding.promises import PROPERTIES
from tests.core.binding.test_presets import word
from tests.eras.test_eras import FILES, header

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "eras.md").read_text()
_NUMBERS = ("name", "max_attempts", "lease_s", "lease_poll_s")


def table(first: str) -> dict[str, list[str]]:
    """The rows of the table whose head begins so, by their first cell."""
    lines = PAGE[PAGE.index(f"| {first} |") :].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0][1:] == list(PRESETS)
    return {row[0].strip("`"): row[1:] for row in cells[2:]}


def shown(preset: BindingStrategy, policy: str) -> str:
    value = getattr(preset, policy)
    return word(value) if preset is DEFERRED or value != getattr(DEFERRED, policy) else ""


def test_the_table_of_policies_is_that_of_the_presets() -> None:
    policies = [each.name for each in fields(BindingStrategy) if each.name not in _NUMBERS]
    assert table("policy") == {policy: [shown(preset, policy) for preset in PRESETS.values()] for policy in policies}


def test_the_table_of_promises_is_what_follows_from_the_policies() -> None:
    assert table("promised") == {
        name: ["yes" if name in promises_of(preset) else "" for preset in PRESETS.values()] for name in PROPERTIES
    }


def test_every_file_is_on_the_page_with_its_bug_and_who_has_it() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| `([^|]+)` \|$", PAGE, re.MULTILINE)
    told = {name: (bug, have, shown_by) for name, bug, have, shown_by in rows}
    assert told == {
        file.stem: (header(file).bug, ", ".join(header(file).have), header(file).shown_by) for file in FILES
    }

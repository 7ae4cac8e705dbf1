"""Which files there may be, how they are named, how long they are, and what none of them may say."""

import ast
import re
from pathlib import Path

from tests.tidy.source_tree import ROOT, Source

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}
MOST_LINES_A_FILE = 400
LARGEST_FILE_BYTES = 2 * 1024 * 1024

# Bracketed letters keep these patterns from finding this file.
REGISTRY_HOST = re.compile(r"[p]ypi\.org|[p]ythonhosted\.org|registry\.[n]pmjs|[d]eb\.debian\.org")
MACHINE_PATH = re.compile(r"(?<![\w.])/([w]ork|[r]oot|[h]ome|[f]arm|[U]sers)/\w|/[t]mp/\w")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _places(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{_name(path)}:{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return found


def test_every_file_name_says_what_the_file_holds(tracked: list[Path]) -> None:
    assert [_name(path) for path in tracked if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_no_folder_of_tests_is_a_package(tracked: list[Path]) -> None:
    inside = [path for path in tracked if path.is_relative_to(ROOT / "tests")]
    assert [_name(path) for path in inside if path.name == "__init__.py"] == []


def test_a_source_file_holds_one_concept_in_at_most_400_lines(sources: list[Source]) -> None:
    lengths = {source.name: len(source.text.splitlines()) for source in sources}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_A_FILE} == {}


def test_every_module_says_what_it_is(sources: list[Source]) -> None:
    assert [source.name for source in sources if not ast.get_docstring(source.tree)] == []


def test_no_tracked_file_names_a_package_registry(tracked: list[Path]) -> None:
    assert _places(REGISTRY_HOST, tracked) == []


def test_no_tracked_file_names_a_path_of_somebodys_machine(tracked: list[Path]) -> None:
    assert _places(MACHINE_PATH, tracked) == []


def test_no_large_file_is_tracked(tracked: list[Path]) -> None:
    assert [_name(path) for path in tracked if path.stat().st_size > LARGEST_FILE_BYTES] == []

"""README and docs show what commands print: each block behind `<!-- from: COMMAND -->` is held against a run of it.

A block behind `<!-- from: results/.../output.txt -->` is held against that published text, which `publish --check`
holds against the code.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sim.cli.app import app
from sim.scenario import load_scenario, scenario_hash

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = (README, *(page.read_text() for page in sorted((ROOT / "docs").glob("*.md"))))
MAIN = "import sys; from sim.cli import main; sys.exit(main())"
PREPARED = ", after the lines above"
BLOCK = re.compile(r"<!-- from: (bindsim .*?) -->\n```text\n(.*?)```", re.DOTALL)
QUOTED = re.compile(r"<!-- from: (results/\S+) -->\n```text\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    return [block for page in PAGES for block in BLOCK.findall(page)]


def quotations() -> list[tuple[str, str]]:
    return [quoted for page in PAGES for quoted in QUOTED.findall(page)]


def missing(shown: str, output: str) -> Iterator[str]:
    """The lines of a block, gaps aside, that the output does not have in this order."""
    printed = iter(output.splitlines())
    for line in shown.splitlines():
        if line.strip() not in ("", "...") and line not in printed:
            yield line


def lines_above(page: str, marker: str) -> list[str]:
    """The indented lines that stand right before a marker."""
    found: list[str] = []
    for line in reversed(page[: page.index(marker)].splitlines()):
        if line.strip() and not line.startswith("    "):
            break
        found.append(line[4:])
    return found[::-1]


def run_here(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def prepare(command: str, folder: Path) -> None:
    """Runs the lines above a command: other commands of bindsim, or a program."""
    marker = f"<!-- from: {command}{PREPARED} -->"
    lines = lines_above(next(page for page in PAGES if marker in page), marker)
    commands = [line for line in lines if line.startswith("bindsim ") and line != command]
    for each in commands:
        assert run_here([MAIN, *shlex.split(each)[1:]], folder).returncode in (0, 3)
    if not commands:
        done = run_here(["\n".join(lines)], folder)
        assert done.returncode == 0, done.stderr


@cache
def output_of(command: str) -> str:
    typed = command.removesuffix(PREPARED)
    program, *arguments = shlex.split(typed)
    assert program == "bindsim"
    with TemporaryDirectory() as folder:
        if typed == command:
            done = run_here([MAIN, *arguments, "--output", folder], ROOT)
        else:
            prepare(typed, Path(folder))
            done = run_here([MAIN, *arguments], Path(folder))
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def test_the_readme_shows_output_of_make_compare() -> None:
    assert "make compare" in README
    assert len([command for command, _ in blocks() if command == "bindsim compare"]) >= 3
    assert all(shown.strip() for _, shown in blocks())


def test_a_line_that_was_not_printed_is_found() -> None:
    assert list(missing("one\n...\nthree\n", "one\ntwo\nthree")) == []
    assert list(missing("one\nfour\n", "one\ntwo\nthree")) == ["four"]
    assert list(missing("three\none\n", "one\ntwo\nthree")) == ["one"]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), blocks(), ids=range(len(blocks())))
def test_every_shown_line_is_printed_by_its_command_in_this_order(command: str, shown: str) -> None:
    assert list(missing(shown, output_of(command))) == []


@pytest.mark.parametrize(("file", "shown"), quotations(), ids=range(len(quotations())))
def test_every_quoted_line_stands_in_the_published_text_in_this_order(file: str, shown: str) -> None:
    assert shown.strip()
    assert list(missing(shown, (ROOT / file).read_text())) == []


def test_the_folder_that_is_loaded_is_the_one_that_make_compare_writes() -> None:
    folder = f"results/local/boot_storm-compare-1-{scenario_hash(load_scenario('boot_storm'))}"
    assert f'load_run("{folder}")' in README


def test_every_command_of_the_pages_is_a_command_of_bindsim() -> None:
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    named = {word for page in PAGES for word in re.findall(r"^    bindsim ([a-z]+)", page, re.MULTILINE)}
    assert named
    assert named <= known

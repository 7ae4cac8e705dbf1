"""The notebooks: what readers see is what executing the sources gives, and what the text says is in the outputs."""

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 5  # lines; a notebook calls sim
LARGEST_BYTES = 600_000
QUOTED = re.compile(r"\*\*(-?[\d.]+)\*\*")


def _build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_notebooks", ROOT / "notebooks" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = _build()
SOURCES: list[Path] = build.sources()


def saved(source: Path) -> NotebookNode:
    return nbformat.read(build.target(source), as_version=4)


def shown(notebook: NotebookNode) -> str:
    """All text of all outputs but pictures."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    texts = [output.get("text", "") for output in outputs]
    for output in outputs:
        texts += [text for kind, text in output.get("data", {}).items() if kind.startswith("text/")]
    return "\n".join(texts)


def name(source: Path) -> str:
    return source.stem


def test_there_are_five_notebooks_each_with_its_source() -> None:
    assert [source.stem[0] for source in SOURCES] == ["1", "2", "3", "4", "5"]
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == {source.stem for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_the_saved_cells_are_those_of_the_source(source: Path) -> None:
    written = build.numbered(jupytext.read(source, fmt="py:percent"))
    assert [(c.id, c.cell_type, c.source) for c in saved(source).cells] == [
        (c.id, c.cell_type, c.source) for c in written.cells
    ]


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_every_cell_was_executed_without_an_error(source: Path) -> None:
    cells = [cell for cell in saved(source).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert [output.ename for cell in cells for output in cell.outputs if output.output_type == "error"] == []
    assert any(cell.outputs for cell in cells)


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_every_number_that_the_text_quotes_in_bold_is_in_an_output(source: Path) -> None:
    notebook = saved(source)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    outputs = set(re.findall(r"-?\d+(?:\.\d+)?", shown(notebook)))
    quoted = QUOTED.findall(text)
    values = {float(number) for number in outputs}
    assert len(quoted) >= 3
    assert [number for number in quoted if number not in outputs and float(number) not in values] == []


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_a_notebook_names_no_place_of_the_machine_that_built_it_and_is_small(source: Path) -> None:
    text = build.target(source).read_text()
    assert re.findall(r"(?:/tmp|/home|/root|/work|/Users)/", text) == []
    assert len(text) < LARGEST_BYTES


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_a_notebook_defines_no_long_function(source: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > LONGEST_FUNCTION] == []


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_executing_again_gives_the_same_bytes(source: Path) -> None:
    assert build.built(source) == build.target(source).read_text()

"""Builds the notebooks: every `N_name.py` (percent format, what is reviewed) becomes an executed `N_name.ipynb`.

    python notebooks/build.py                 all of them
    python notebooks/build.py 3_anatomy.py    one
    python notebooks/build.py --check         builds them elsewhere and says which differ

Executing again gives the same bytes: cells are numbered, the kernel's version and times are left out, progress bars are
off, and a notebook runs in a directory of its own, with the scenarios beside it as in a checkout. `make notebooks` and
tests/notebooks call it.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).parent
BESIDE = ("own_data.py", "own_scenario.yaml")  # what notebooks read
CELL_LIMIT_S = 300
QUIET = ["--log-level=ERROR"]  # of the kernel: it warns of its own sockets


def sources() -> list[Path]:
    """The notebooks' sources in their order."""
    return sorted(HERE.glob("[0-9]_*.py"))


def built(source: Path) -> str:
    """The executed notebook of a source, as the file has it."""
    notebook = numbered(jupytext.read(source, fmt="py:percent"))
    with TemporaryDirectory() as place:
        _furnish(Path(place))
        _execute(notebook, Path(place) / "notebooks")
    return text_of(notebook)


def numbered(notebook: NotebookNode) -> NotebookNode:
    """The notebook with fixed cell ids, and with nothing in its metadata but the kernel that it needs."""
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata = NotebookNode()
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(kernel), language_info=NotebookNode(name="python"))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """The file's text."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _furnish(place: Path) -> None:
    """A directory like a checkout: scenarios, and the notebooks' own files in a folder beside them."""
    (place / "scenarios").symlink_to(HERE.parent / "scenarios", target_is_directory=True)
    (place / "notebooks").mkdir()
    for name in BESIDE:
        shutil.copy(HERE / name, place / "notebooks" / name)


def _execute(notebook: NotebookNode, folder: Path) -> None:
    environment = {**os.environ, "BINDSIM_PROGRESS": "off", "PYTHONPATH": str(HERE.parent)}
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, timeout=CELL_LIMIT_S, resources=resources, record_timing=False, extra_arguments=QUIET
    )
    client.execute(env=environment)
    numbered(notebook)


def differing(names: Iterable[Path]) -> list[str]:
    """The notebooks that executing again does not give."""
    return [source.stem for source in names if target(source).read_text() != built(source)]


def target(source: Path) -> Path:
    """Where a source's notebook stands."""
    return source.with_suffix(".ipynb")


def main() -> int:
    """The program; 1 when --check finds a difference."""
    parser = argparse.ArgumentParser(description="Builds the executed notebooks from their sources.")
    parser.add_argument("names", nargs="*", help="sources; default: all")
    parser.add_argument("--check", action="store_true", help="build elsewhere and compare")
    asked = parser.parse_args()
    chosen = [HERE / Path(name).name for name in asked.names] or sources()
    if asked.check:
        found = differing(chosen)
        sys.stdout.writelines(f"{name} is not what executing it gives\n" for name in found)
        return 1 if found else 0
    for source in chosen:
        target(source).write_text(built(source))
        sys.stdout.write(f"{target(source).name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

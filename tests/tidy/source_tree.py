"""The source of core and sim as the style guards see it: parsed, never imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Function:
    """One function: where it is, and its length without docstring, blank and comment lines."""

    place: str
    length: int


@dataclass(frozen=True)
class Source:
    """One Python file of core or sim, parsed."""

    path: Path
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def functions(self) -> Iterator[Function]:
        lines = self.text.splitlines()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _has_no_length(node):
                yield Function(f"{self.name}:{node.lineno} {node.name}", _code_lines(node, lines))

    def imported(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of every absolute import, wherever it stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield node.lineno, str(node.module)


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> range:
    if ast.get_docstring(node, clean=False) is None:
        return range(0)
    return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)


def _has_no_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True for a protocol's method (docstring or `...` alone) and for a property: neither can be long."""
    declared = all(isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) for part in node.body)
    return declared or any(ast.unparse(mark).endswith("property") for mark in node.decorator_list)


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    docstring = _docstring_lines(node)
    numbers = (n for n in range(node.lineno, (node.end_lineno or 0) + 1) if n not in docstring)
    return sum(1 for n in numbers if lines[n - 1].strip() and not lines[n - 1].lstrip().startswith("#"))


def read_sources(*folders: Path) -> list[Source]:
    """The Python files below the folders, sorted."""
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    texts = ((path, path.read_text(encoding="utf-8")) for path in paths)
    return [Source(path, text, ast.parse(text)) for path, text in texts]

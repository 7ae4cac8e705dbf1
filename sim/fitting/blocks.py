"""What goes into a scenario: the YAML of a fit under a comment that says where it comes from.

sim.cli.fitting prints it. The comment holds the command and the file's hash, so that anybody can fit again.
"""

import shlex
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from sim.fitting.columns import Column
from sim.fitting.laws import Spec

_WIDTH = 80


def block(spec: Spec, column: Column, command: Sequence[str]) -> str:
    """The comment and the YAML, lines of at most 80 characters where words allow it."""
    return "\n".join((*_comment(column, command), *_yaml(spec))) + "\n"


def _comment(column: Column, command: Sequence[str]) -> Iterator[str]:
    chosen = len(column.values)
    rows = f"{chosen:,} of {column.rows:,} rows" if chosen < column.rows else f"{chosen:,} rows"
    without = f" ({column.without:,} more without a value)" if column.without else ""
    for line in wrap(" ".join(map(_quoted, command)), _WIDTH - 4, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"
    yield f"# {rows}{without} of the file with SHA-256"
    yield f"# {column.sha256}"


def _quoted(word: str) -> str:
    """As one types it: in double quotes where a shell leaves everything between them alone."""
    quoted = shlex.quote(word)
    return quoted if quoted == word or set(word) & set('"$`\\!') else f'"{word}"'


def _yaml(spec: Spec) -> Iterator[str]:
    ((kind, body),) = spec.items()
    if isinstance(body, list):
        yield f"{kind}:"
        yield from (f"  - {_flow(part)}" for part in body)
    elif any(isinstance(held, list) for held in body.values()):
        yield f"{kind}:"
        for key, held in body.items():
            yield from _listed(key, held)
    else:
        yield _flow(spec)[1:-1]


def _listed(key: str, numbers: Sequence[float]) -> list[str]:
    words = ", ".join(map(_number, numbers))
    lines = wrap(words, _WIDTH - 6, break_long_words=False)
    if len(lines) == 1 and len(words) + len(key) < _WIDTH - 8:
        return [f"  {key}: [{words}]"]
    return [f"  {key}: [", *(f"    {line}" for line in lines), "  ]"]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(held)}" for key, held in value.items()) + "}"
    return _number(value)


def _number(value: float) -> str:
    """A number as YAML 1.2 reads it again, the same."""
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text

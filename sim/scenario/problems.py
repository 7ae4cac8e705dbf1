"""What is wrong with a scenario, in sentences: one problem a line, with file, line, field and value.

The loader collects problems and raises them all at once as one `ScenarioError`, printed as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

LONGEST_SHOWN = 60  # characters of a value in a message; assumption
_WORDS = {"None": "null", "True": "true", "False": "false"}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `place` is a file and line, or an override; `path` leads to the field."""

    place: str
    path: Path
    sentence: str

    def __str__(self) -> str:
        field = dotted(self.path)
        return f"{self.place}: {field + ' ' if field else ''}{self.sentence}"


class ScenarioError(ValueError):
    """A scenario that cannot be used. Its text is one line a problem; `problems` are the same as objects."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def dotted(path: Path) -> str:
    """The path as users write it: drivers.0.latency."""
    return ".".join(map(str, path))


def shown(value: Any) -> str:
    """A scalar as YAML users write it, shortened; the word for anything larger."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = _WORDS.get(repr(value)) or (f"'{value}'" if isinstance(value, str) else str(value))
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."

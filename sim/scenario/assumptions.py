"""Which numbers of a scenario file are marked as assumptions: a comment that holds the word `assumption`.

A comment at the end of a line marks every number of that line, and the block that the line begins. A comment on lines
of its own marks the number, the block or the item of a list that follows. A comment that goes on below, in the same
column, belongs to the line where it began. Screening (sim.experiment.sweeps) asks; nothing is run or checked here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from sim.scenario import overrides as override_module
from sim.scenario.document import Scenario
from sim.scenario.loader import _text_of, find
from sim.scenario.problems import Path
from sim.scenario.yaml_text import parse

WORD = "assumption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A number that is a guess: where it stands, under the names that `--set` takes, and its value."""

    path: str
    line: int
    value: float


@dataclass(frozen=True, slots=True)
class _Comment:
    line: int  # from 1
    column: int
    text: str
    alone: bool  # nothing else on its line


def assumptions(name_or_path: str, overrides: Iterable[str] = ()) -> tuple[Assumption, ...]:
    """The marked numbers of a scenario file that can be loaded, in its order, each as the overrides leave it."""
    text = _text_of(find(name_or_path))
    data, lines = parse(text)
    changed, _ = override_module.apply(Scenario, data, overrides)
    marked = _marked(data, lines, list(_comments(text)))
    found = [path for path in _numbers(data) if path in marked]
    return tuple(_assumptions(found, lines, data, changed))


def _assumptions(found: Iterable[Path], lines: dict[Path, int], data: Any, changed: Any) -> Iterator[Assumption]:
    for path in found:
        value = _at(changed, path)
        if _is_number(value):
            yield Assumption(path=_named(data, path), line=lines[path], value=value)


def _marked(data: Any, lines: dict[Path, int], comments: list[_Comment]) -> set[Path]:
    marked = set[Path]()
    for comment in _joined(comments):
        if WORD not in comment.text.lower():
            continue
        if comment.alone:
            marked.update(_following(data, lines, comment.line))
        else:
            marked.update(_of_line(data, lines, comment.line))
    return marked


def _joined(comments: list[_Comment]) -> list[_Comment]:
    """Comments that go on below are one; one of whole lines counts as standing on its last."""
    joined = list[_Comment]()
    end = 0
    for comment in comments:
        before = joined[-1] if joined else None
        if before and comment.alone and comment.line == end + 1 and comment.column == before.column:
            line = comment.line if before.alone else before.line
            joined[-1] = _Comment(line, before.column, f"{before.text} {comment.text}", before.alone)
        else:
            joined.append(comment)
        end = comment.line
    return joined


def _of_line(data: Any, lines: dict[Path, int], line: int) -> Iterator[Path]:
    for path in [path for path, at in lines.items() if at == line]:
        below = [lines[other] for other in lines if len(other) == len(path) + 1 and other[:-1] == path]
        if not below or min(below) > line:
            yield from _under(data, path)


def _following(data: Any, lines: dict[Path, int], line: int) -> Iterator[Path]:
    """What begins on the next line; nothing when that is empty."""
    starting = [path for path, at in lines.items() if at == line + 1 and path]
    if starting:
        yield from _under(data, min(starting, key=len))


def _under(data: Any, path: Path) -> Iterator[Path]:
    return ((*path, *rest) for rest in _numbers(_at(data, path)))


def _numbers(data: Any) -> Iterator[Path]:
    if _is_number(data):
        yield ()
    elif isinstance(data, (dict, list)):
        for key, held in data.items() if isinstance(data, dict) else enumerate(data):
            yield from ((key, *rest) for rest in _numbers(held))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _at(data: Any, path: Path) -> Any:
    """What stands there; None where an override has replaced it."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _named(data: Any, path: Path) -> str:
    """The path with items of lists by their names, where they have one."""
    steps = list[str]()
    for step in path:
        data = data[step]
        name = data.get("name") if isinstance(step, int) and isinstance(data, dict) else None
        steps.append(name if isinstance(name, str) and "." not in name else str(step))
    return ".".join(steps)


def _comments(text: str) -> Iterator[_Comment]:
    """Every comment, in order. What looks like one inside a text value is none."""
    ends = dict[int, int]()  # of a line: the column where its last token ends
    inside = set[int]()  # lines that begin inside a token
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        start, end = token.start_mark, token.end_mark
        if (end.line, end.column) == (start.line, start.column):
            continue
        ends[end.line] = max(ends.get(end.line, 0), end.column)
        inside.update(range(start.line, end.line))
    for number, line in enumerate(text.splitlines()):
        place = line.find("#", ends.get(number, 0))
        if number not in inside and place >= 0 and not line[ends.get(number, 0) : place].strip():
            yield _Comment(number + 1, place, line[place + 1 :].strip(), alone=not line[:place].strip())

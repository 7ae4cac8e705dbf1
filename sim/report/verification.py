"""What the checker found, as text within 80 columns: a table of properties by strategies, then each cause explained.

The command line prints it after a comparison, and for `bindsim verify`. It reads a Verification and changes nothing.
"""

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from sim.experiment import Group, Unknown, Verification
from sim.history import OK, VIOLATED
from sim.report.folding import WIDTH, cut, folded

_LABEL = 12  # columns for the property
_COLUMN = 17  # columns for a strategy, one of them for the mark
_AT_ONCE = (WIDTH - _LABEL) // _COLUMN  # strategies in one table
_PROMISED = "*"
_INDENT = "  "


def print_verification(found: Verification, console: Console) -> None:
    """The table, what it means, and the findings: broken promises first."""
    for start in range(0, len(found.strategies), _AT_ONCE):
        console.print()
        for line in _table(found, found.strategies[start : start + _AT_ONCE]):
            console.print(line, soft_wrap=True)
    console.print()
    console.print(Text("\n".join(_footnotes(found))), soft_wrap=True)
    for group in found.groups:
        console.print()
        _print_group(group, found, console)
    for unknown in found.unknowns:
        console.print()
        console.print(Text("\n".join(folded(_said_of(unknown, found), indent=_INDENT))), soft_wrap=True)


def _table(found: Verification, strategies: Sequence[str]) -> Iterator[Text]:
    names = "".join(f"{cut(name, _COLUMN - 2):>{_COLUMN - 1}} " for name in strategies)
    yield Text(f"{'':{_LABEL}}{names}".rstrip(), style="bold")
    yield Text("-" * (_LABEL + _COLUMN * len(strategies)))
    for name in found.properties:
        line = Text(f"{name:{_LABEL}}")
        for strategy in strategies:
            line.append(_cell(found, strategy, name), style=_style(found, strategy, name))
        line.rstrip()
        yield line


def _cell(found: Verification, strategy: str, name: str) -> str:
    verdicts = found.verdicts(strategy, name)
    mark = _PROMISED if _is_promised(found, strategy, name) else " "
    word, checked = found.word(strategy, name), sum(each.checked for each in verdicts)
    if word == VIOLATED:
        text = f"{word} {sum(each.violations for each in verdicts):,}"
    else:
        text = f"{word}, none seen" if word == OK and not checked else word
    return f"{text:>{_COLUMN - 1}}{mark}"


def _style(found: Verification, strategy: str, name: str) -> str:
    return "bold red" if found.word(strategy, name) == VIOLATED and _is_promised(found, strategy, name) else ""


def _is_promised(found: Verification, strategy: str, name: str) -> bool:
    return any(each.promised for each in found.verdicts(strategy, name))


def _footnotes(found: Verification) -> Iterator[str]:
    words = "runs" if len(found.runs) > 1 else "run"
    text = f"{len(found.runs)} {words} checked. {_PROMISED} promised by the strategy; a violation of it is an error."
    yield from folded(f"{text} 'bindsim properties' says what each property means.")
    if any(_is_of_none(found, strategy, name) for strategy in found.strategies for name in found.properties):
        yield from folded("'ok, none seen': nothing happened that the property is about.", indent=_INDENT)


def _is_of_none(found: Verification, strategy: str, name: str) -> bool:
    return found.word(strategy, name) == OK and not any(each.checked for each in found.verdicts(strategy, name))


def _print_group(group: Group, found: Verification, console: Console) -> None:
    """What was found how often, the first of them explained, and the command that repeats it."""
    style = "bold red" if group.is_broken_promise else "bold"
    console.print(Text("\n".join(folded(_heading(group, found), indent=_INDENT)), style=style), soft_wrap=True)
    lines = [line for text in group.first.evidence for line in _evidence(text)]
    lines += folded(group.first.says, first=_INDENT, indent=_INDENT)
    console.print(Text("\n".join([*lines, *command_lines(group.command)])), soft_wrap=True)


def _heading(group: Group, found: Verification) -> str:
    times = "once" if group.count == 1 else f"{group.count:,} times"
    what = f"{group.name} of {group.strategy}, '{group.cause}': {times}{_in_runs(group, found)}"
    first = "" if group.count == 1 else "; the first"
    where = f", in replication {group.run.replication}" if len(found.runs) > 1 else ""
    if group.is_broken_promise:
        return f"Broken promise: {what}{first}{where}:"
    promised = "promised" if group.promised else "not promised"
    return f"{'Finding' if group.certain else 'Undecided'} ({promised}): {what}{first}{where}:"


def _said_of(unknown: Unknown, found: Verification) -> str:
    promised = "promised" if unknown.promised else "not promised"
    what = f"{unknown.name} of {unknown.strategy}, because {unknown.because}"
    return f"Unknown ({promised}): {what}{_in_runs(unknown, found)}."


def _in_runs(each: Group | Unknown, found: Verification) -> str:
    runs = sum(run.label == each.strategy for run in found.runs)
    return "" if runs == 1 else f" in {each.runs} of {runs} runs"


def _evidence(text: str) -> list[str]:
    """An event's line; what does not fit goes on below its words."""
    return folded(text, first=_INDENT, indent=" " * 18)


def command_lines(command: str) -> list[str]:
    """A command that can be copied: broken before an option, each line but the last ending in a backslash."""
    lines, line = [], _INDENT
    for part in _parts(shlex.split(command)):
        if len(line) + len(part) + len(" \\") > WIDTH and line.strip():
            lines.append(f"{line.rstrip()} \\")
            line = _INDENT * 2
        line += f"{part} "
    return [*lines, line.rstrip()]


def _parts(words: list[str]) -> list[str]:
    """What stays on one line: the command with its argument, an option with its value."""
    parts: list[list[str]] = []
    for word in words:
        if not parts or word.startswith("--"):
            parts.append([])
        parts[-1].append(word)
    return [shlex.join(part) for part in parts]

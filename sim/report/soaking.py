"""What a soak has found, as text within 80 columns: verdicts, broken promises explained, findings, coverage.

The command line prints it. It reads a SoakResult, or the one run that was asked for, and changes nothing.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from core.binding.promises import PROPERTIES
from sim.history import OK, Finding
from sim.report.folding import WIDTH, cut, folded
from sim.report.verification import command_lines
from sim.soak import LINES, Key, Played, Reading, Shrunk, SoakResult, Tally

_STRATEGY = 23  # columns for a strategy
_NUMBER = 8  # columns for its number of runs, and for a hit count
_CELL = 6  # columns for a property
_LINE = WIDTH // 2 - _NUMBER  # columns for the name of a coverage line; two stand side by side
_INDENT = "  "
_BELOW = " " * 18  # where evidence goes on that does not fit in its line


def print_soak(result: SoakResult, console: Console, *, files: dict[Key, Path], command: str) -> None:
    """Everything; `files` are the shrunk cases that were kept, `command` the soak without its end."""
    for part in (
        _summary(result),
        _verdicts(result.tally),
        _broken(result, files, command),
        _findings(result, command),
        _coverage(result.tally),
    ):
        lines = list(part)
        if lines:
            console.print("\n".join(lines), soft_wrap=True, markup=False)
            console.print()
    console.print(Text("\n".join(folded(_verdict(result))), style="bold red" if result.failed else "bold"))


def told_run(played: Played, *, file_name: str) -> Iterator[str]:
    """One run's findings explained, as comments that can stand below its scenario in a file."""
    report = played.report
    for finding in report.findings:
        yield "#"
        yield from _commented(f"{_standing(played, finding)}: {finding.name} of {played.strategy}: {finding.cause}")
        for line in report.evidence(finding):
            yield from _commented(line, first=_INDENT, indent=_BELOW)
        yield from _commented(finding.says, first=_INDENT, indent=_INDENT)
    for name, verdict in report.verdicts.items():
        if verdict.unknown_because:
            yield "#"
            yield from _commented(f"Not decided: {name}, {verdict.unknown_because}")
    kept = "Every property held." if all(verdict.word == OK for verdict in report.verdicts.values()) else ""
    yield "#"
    yield from _commented(f"{kept} This text is a scenario file; saved as {file_name}, it is run again with".strip())
    yield from (f"# {line}" for line in command_lines(f"bindsim run {file_name} --seed {played.case.seed} --verify"))


def _standing(played: Played, finding: Finding) -> str:
    if not finding.certain:
        return "Not decided"
    return "Broken promise" if finding.name in played.report.facts.promises else "Finding, not promised"


def _commented(text: str, *, first: str = "", indent: str = "") -> Iterator[str]:
    mark = "# "
    yield from folded(text, first=mark + first, indent=mark + indent)


def in_words(reading: Reading) -> str:
    """How far a soak is, in one line."""
    tally = reading.tally
    if reading.shrinking:
        return f"{tally.runs:,} runs, {len(tally.broken)} broken; {reading.shrinking}"
    return (
        f"{tally.runs:,} runs, {_short(tally.operations)} ops, {_short(tally.faults)} faults, "
        f"{_short(tally.checked)} checked, {len(tally.broken)} broken, {_short(_found(tally))} found"
    )


def _found(tally: Tally) -> int:
    return sum(group.findings for group in tally.groups.values())


def _short(count: int) -> str:
    """A few digits and, for a large one, a letter."""
    return str(count) if count < 10_000 else f"{count // 1000}k" if count < 1_000_000 else f"{count / 1e6:.1f}M"


def _times(count: int, what: str) -> str:
    """3 runs, 1 run."""
    return f"{count:,} {what.removesuffix('s') if count == 1 else what}"


def _summary(result: SoakResult) -> Iterator[str]:
    tally, seconds = result.tally, result.passed_s
    rate = f"{tally.runs / seconds:,.0f} runs/s, " if seconds else ""
    yield from folded(
        f"soak: {_times(tally.runs, 'runs')} in {seconds:,.1f} s ({rate}"
        f"{result.settings.jobs} {'process' if result.settings.jobs == 1 else 'processes'}), seed "
        f"{result.settings.seed}. {_times(tally.operations, 'operations')}, {_times(tally.faults, 'faults')}, "
        f"{_times(tally.checked, 'verdicts')}; {_times(tally.quiescent, 'runs')} came to rest."
    )


def _verdicts(tally: Tally) -> Iterator[str]:
    """One line a strategy; a cell says in how many runs the property did not hold. Below, those not decided."""
    yield "In how many runs a property did not hold, by strategy"
    yield from _heads()
    for strategy in sorted({strategy for strategy, _, _ in tally.verdicts}):
        cells = "".join(f"{_cell(tally, strategy, name):>{_CELL}}" for name in PROPERTIES)
        yield f"{cut(strategy, _STRATEGY):{_STRATEGY}}{_runs(tally, strategy):>{_NUMBER},}{cells}"
        yield from _undecided(tally, strategy)
    yield from folded(
        "ok: promised, and kept in every run. 12!: promised, and broken in 12. 12: not promised, and so in 12. Not "
        "decided: a COMMIT in doubt, or no rest."
    )


def _heads() -> Iterator[str]:
    """The properties' names, every second one a line below, since the columns are narrow."""
    for shown, label in ((0, ""), (1, f"{'':{_STRATEGY}}{'runs':>{_NUMBER}}")):
        cells = "".join(f"{name:>{2 * _CELL}}" for name in PROPERTIES[shown::2])
        yield f"{label:{_STRATEGY + _NUMBER - _CELL * (1 - shown)}}{cells}"


def _runs(tally: Tally, strategy: str) -> int:
    first = PROPERTIES[0]
    return sum(count for (name, which, _), count in tally.verdicts.items() if (name, which) == (strategy, first))


def _cell(tally: Tally, strategy: str, name: str) -> str:
    violated, promised = tally.verdicts[strategy, name, "violated"], (strategy, name) in tally.promised
    if violated:
        return f"{_short(violated)}{'!' if promised else ''}"
    return "ok" if promised else "0"


def _undecided(tally: Tally, strategy: str) -> Iterator[str]:
    counts = [tally.verdicts[strategy, name, "unknown"] for name in PROPERTIES]
    if any(counts):
        cells = "".join(f"{_short(count) if count else '':>{_CELL}}" for count in counts)
        yield f"{_INDENT + 'not decided':{_STRATEGY + _NUMBER}}{cells}".rstrip()


def _broken(result: SoakResult, files: dict[Key, Path], command: str) -> Iterator[str]:
    """Each broken promise, shrunk and explained."""
    for place, key in enumerate(result.tally.broken):
        group, shrunk = result.tally.groups[key], result.shrunk.get(key)
        if place:
            yield ""
        yield from folded(
            f"Broken promise: {key.property} of {key.strategy}: {key.cause}, in {group.runs:,} of "
            f"{_times(result.tally.runs, 'runs')}", indent=_INDENT,
        )  # fmt: skip
        if shrunk is None:
            yield from command_lines(replay(result, key, command))
        else:
            yield from _shrunk_lines(shrunk, files.get(key))


def _shrunk_lines(shrunk: Shrunk, file: Path | None) -> Iterator[str]:
    """A shrunk case: its size, its evidence, what follows, and how to repeat it."""
    faults = len(shrunk.case.data.get("faults", ()))
    yield f"{_INDENT}Shrunk to {_times(shrunk.operations, 'operations')} and {_times(faults, 'faults')}:"
    for line in shrunk.evidence:
        yield from folded(line, first=_INDENT, indent=_BELOW)
    yield from folded(shrunk.says, first=_INDENT, indent=_INDENT)
    if file is not None:
        yield from command_lines(f"bindsim run {shlex.quote(str(file))} --seed {shrunk.case.seed} --verify")


def replay(result: SoakResult, key: Key, command: str) -> str:
    """The command that plays and explains the smallest run of a group."""
    return f"{command} --run {result.tally.groups[key].smallest[1]}"


def _findings(result: SoakResult, command: str) -> Iterator[str]:
    """What nobody promised to avoid, and what could not be decided: one line a cause."""
    causes: dict[tuple[str, str], list[Key]] = {}
    for key, group in sorted(result.tally.groups.items()):
        if not group.is_broken:
            causes.setdefault((key.property, key.cause), []).append(key)
    if causes:
        yield "Findings (not promised, or not decided), each with its smallest run"
    for (name, cause), keys in causes.items():
        groups = [result.tally.groups[key] for key in keys]
        total, runs = sum(group.findings for group in groups), sum(group.runs for group in groups)
        smallest = min(keys, key=lambda key: result.tally.groups[key].smallest)
        yield from folded(
            f"{name}: {cause}, {total:,} in {_times(runs, 'runs')}", first=_INDENT, indent=_INDENT * 2
        )  # fmt: skip
        lines = command_lines(replay(result, smallest, command))
        deeper = _INDENT if max(map(len, lines)) + len(_INDENT) <= WIDTH else ""
        yield from (f"{deeper}{line}" for line in lines)


def _coverage(tally: Tally) -> Iterator[str]:
    yield "Coverage: how often each case, failure, conflict and fault was met"
    half = (len(LINES) + 1) // 2
    for left, right in zip(LINES[:half], [*LINES[half:], ""], strict=False):
        yield "".join(_line(tally, name) for name in (left, right) if name)


def _line(tally: Tally, name: str) -> str:
    count = tally.coverage[name]
    return f"{_INDENT + name:{_LINE}}{f'{count:,}' if count < 1_000_000 else _short(count):>{_NUMBER}}"


def _verdict(result: SoakResult) -> str:
    said = []
    if result.interrupted:
        said.append("Interrupted; this is what there was so far.")
    count = len(result.tally.broken)
    if count:
        said.append("1 promise was broken." if count == 1 else f"{count} promises were broken.")
    else:
        said.append("Every promise was kept, as far as it could be decided.")
    if result.uncovered:
        said.append(f"Never met: {', '.join(result.uncovered)}.")
    return " ".join(said)

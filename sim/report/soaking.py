"""What a soak has found, as text within 80 columns: verdicts, broken promises explained, findings, coverage.

The command line prints it. It reads a SoakResult and changes nothing.
"""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from core.binding.promises import PROPERTIES
from sim.report.folding import WIDTH, cut, folded
from sim.report.verification import command_lines
from sim.soak import LINES, Key, Shrunk, SoakResult, Tally

_STRATEGY = 24  # columns for the strategy and its runs
_CELL = 7  # columns for a property
_COVERAGE = WIDTH // 2  # columns for a line of the coverage table; two stand side by side
_INDENT = "  "


def print_soak(result: SoakResult, console: Console, *, files: dict[Key, Path]) -> None:
    """Everything; `files` are the shrunk cases that were kept."""
    for part in (
        _summary(result),
        _verdicts(result.tally),
        _broken(result, files),
        _findings(result),
        _coverage(result),
    ):
        lines = list(part)
        if lines:
            console.print("\n".join(lines), soft_wrap=True, markup=False)
            console.print()
    console.print(Text("\n".join(folded(_verdict(result))), style="bold red" if result.failed else "bold"))


def _summary(result: SoakResult) -> Iterator[str]:
    tally, seconds = result.tally, result.passed_s
    rate = f"{tally.runs / seconds:,.0f} runs/s" if seconds else ""
    yield from folded(
        f"soak: {tally.runs:,} runs in {seconds:,.1f} s ({rate}, {result.settings.jobs} processes), seed "
        f"{result.settings.seed}. {tally.operations:,} operations, {tally.faults:,} faults, {tally.checked:,} verdicts; "
        f"{tally.quiescent:,} runs came to rest."
    )


def _verdicts(tally: Tally) -> Iterator[str]:
    """One line a strategy; a cell says in how many runs the property did not hold."""
    yield "Runs in which a property did not hold, by strategy and its number of runs"
    yield from _heads()
    for strategy in sorted({strategy for strategy, _, _ in tally.verdicts}):
        label = f"{strategy} {_runs(tally, strategy):,}"
        yield f"{cut(label, _STRATEGY):{_STRATEGY}}" + "".join(_cell(tally, strategy, name) for name in PROPERTIES)
    yield from folded(
        "ok: promised and kept in every run. 12!: promised and broken in 12. 12: not promised, and so in 12. 3?: not "
        "decided in 3 more (a COMMIT in doubt, or no rest)."
    )


def _heads() -> Iterator[str]:
    """The properties' names, every second one a line below, since the columns are narrow."""
    for shown in (0, 1):
        cells = (f"{name:>{2 * _CELL}}" for name in PROPERTIES[shown::2])
        yield " " * (_STRATEGY - _CELL * (1 - shown)) + "".join(cells)


def _runs(tally: Tally, strategy: str) -> int:
    first = PROPERTIES[0]
    return sum(count for (name, which, _), count in tally.verdicts.items() if (name, which) == (strategy, first))


def _cell(tally: Tally, strategy: str, name: str) -> str:
    violated, unknown = (tally.verdicts[strategy, name, word] for word in ("violated", "unknown"))
    promised = (strategy, name) in tally.promised
    text = f"{violated}{'!' if promised else ''}" if violated else "ok" if promised else "0"
    return f"{text + (f' {unknown}?' if unknown else ''):>{_CELL}}"


def _broken(result: SoakResult, files: dict[Key, Path]) -> Iterator[str]:
    """Each broken promise, shrunk and explained."""
    for key in result.tally.broken:
        group, shrunk = result.tally.groups[key], result.shrunk.get(key)
        yield from folded(
            f"Broken promise: {key.property} of {key.strategy}: {key.cause}, in {group.runs:,} of "
            f"{result.tally.runs:,} runs.", indent=_INDENT,
        )  # fmt: skip
        if shrunk is None:
            yield from command_lines(_replay(result, key))
        else:
            yield from shrunk_lines(shrunk, files.get(key))
        yield ""


def shrunk_lines(shrunk: Shrunk, file: Path | None) -> Iterator[str]:
    """A shrunk case: its size, its evidence, what follows, and how to repeat it."""
    yield f"{_INDENT}Shrunk to {shrunk.operations} operations and {len(shrunk.case.data.get('faults', ()))} faults:"
    for line in shrunk.evidence:
        yield from folded(line, first=_INDENT, indent=" " * 18)
    yield from folded(shrunk.says, first=_INDENT, indent=_INDENT)
    if file is not None:
        yield from command_lines(f"bindsim run {file} --seed {shrunk.case.seed} --verify")


def _replay(result: SoakResult, key: Key) -> str:
    return f"bindsim soak --seed {result.settings.seed} --run {result.tally.groups[key].smallest[1]}"


def _findings(result: SoakResult) -> Iterator[str]:
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
        yield from folded(f"{name}: {cause}, {total:,} in {runs:,} runs", first=_INDENT, indent=_INDENT * 2)
        yield f"{_INDENT * 2}{_replay(result, smallest)}"


def _coverage(result: SoakResult) -> Iterator[str]:
    yield "Coverage: how often each case, failure, conflict and fault was met"
    half = (len(LINES) + 1) // 2
    for left, right in zip(LINES[:half], [*LINES[half:], ""], strict=False):
        cells = "".join(_line(result.tally, name) for name in (left, right) if name)
        yield cells.rstrip()


def _line(tally: Tally, name: str) -> str:
    return f"{_INDENT}{name:{_COVERAGE - 12}}{tally.coverage[name]:>8,}  "


def _verdict(result: SoakResult) -> str:
    said = []
    if result.interrupted:
        said.append("Interrupted; this is what there was so far.")
    if result.tally.broken:
        said.append(f"{len(result.tally.broken)} promises were broken.")
    else:
        said.append("Every promise was kept, as far as it could be decided.")
    if result.uncovered:
        said.append(f"Never met: {', '.join(result.uncovered)}.")
    return " ".join(said)

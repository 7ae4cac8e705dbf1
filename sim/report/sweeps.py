"""The text of a sweep: points by strategies, one metric, within 80 columns. The command line calls it.

It reads a Sweep and changes nothing.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from sim.experiment.comparison import Row
from sim.experiment.intervals import LEAST_REPLICATIONS
from sim.experiment.sweeps import Sweep, SweptPoint
from sim.experiment.verdict import number
from sim.metrics.registry import lookup
from sim.report.folding import WIDTH, cut, folded
from sim.scenario.experiments.varying import in_words, value_in_words

_CELL = 25  # columns for a strategy: its mean, its interval, and the mark of the best
_SETTING = 20  # columns for a varied path, at most


def print_sweep(sweep: Sweep, console: Console) -> None:
    """What was asked, the table, and what its words mean."""
    console.print(Text("\n".join(_heading(sweep)), style="bold"), soft_wrap=True)
    settings = _settings(sweep)
    width = len(settings[0]) if settings else 0
    for part in _parts(sweep.over.strategies, (WIDTH - width) // _CELL):
        console.print()
        for line in _table(sweep, settings, part):
            console.print(line, soft_wrap=True)
    console.print()
    console.print(Text("\n".join(_footnotes(sweep))), soft_wrap=True)


def _heading(sweep: Sweep) -> Iterator[str]:
    over, metric = sweep.over, lookup(sweep.over.metric)
    yield from folded(f"{over.scenario.name}: {over.scenario.question}")
    better = "" if metric.better == "neither" else f", {metric.better} is better"
    part = "" if over.shard is None else f" of shard {over.shard}"
    yield from folded(f"{metric.name} in {metric.unit or 'no unit'}{better}: {len(sweep.points)} points{part}.")


def _parts(strategies: Sequence[str], at_once: int) -> Iterator[Sequence[str]]:
    step = max(1, at_once)
    for start in range(0, len(strategies), step):
        yield strategies[start : start + step]


def _settings(sweep: Sweep) -> list[str]:
    """The left part of each line, the header first: a column for each varied path, or the numbers of the points."""
    names = _short_names(sweep.over.paths)
    columns = [[name, *(_shown(point.settings[path]) for point in sweep.points)] for path, name in names.items()]
    widths = [min(_SETTING, max(map(len, column))) for column in columns]
    if sum(widths) + len(widths) > WIDTH - _CELL or any(len(cell) > _SETTING for column in columns for cell in column):
        return [f"{cell:>6} " for cell in ("point", *(str(point.number + 1) for point in sweep.points))]
    return [
        "".join(f"{cell:>{width}} " for cell, width in zip(row, widths, strict=True))
        for row in zip(*columns, strict=True)
    ]


def _short_names(paths: Sequence[str]) -> dict[str, str]:
    """The shortest end of each path that no other path has."""
    return {path: next(end for end in _ends(path) if _is_only(end, path, paths)) for path in paths}


def _ends(path: str) -> Iterator[str]:
    steps = path.split(".")
    return (".".join(steps[start:]) for start in range(len(steps) - 1, -1, -1))


def _is_only(end: str, path: str, paths: Sequence[str]) -> bool:
    return path == end or not any(other != path and f".{other}".endswith(f".{end}") for other in paths)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value_in_words(value).strip("'")


def _table(sweep: Sweep, settings: Sequence[str], strategies: Sequence[str]) -> Iterator[Text]:
    header, *labels = settings
    yield Text((header + "".join(f"{cut(name, _CELL - 1):>{_CELL}}" for name in strategies)).rstrip(), style="bold")
    yield Text("-" * WIDTH)
    for label, point in zip(labels, sweep.points, strict=True):
        yield _line(label, point, sweep.over.metric, strategies)


def _line(label: str, point: SweptPoint, metric: str, strategies: Sequence[str]) -> Text:
    line = Text(label)
    row = None if point.comparison is None else point.comparison.row(metric)
    for name in strategies:
        text = "failed" if row is None else _cell(row, name)
        line.append(f"{text:>{_CELL}}", style="bold green" if row is not None and row.best == name else "")
    line.rstrip()
    return line


def _cell(row: Row, strategy: str) -> str:
    interval = row.estimates[strategy].interval
    if interval is None:
        return cut(row.estimates[strategy].note, _CELL - 1)
    if strategy in row.none_seen:
        return "none seen"
    best = "*" if row.best == strategy else " "
    if interval.low is None or interval.high is None:
        return number(interval.mean) + best
    return cut(f"{number(interval.mean)} [{number(interval.low)}, {number(interval.high)}]", _CELL - 2) + best


def _footnotes(sweep: Sweep) -> Iterator[str]:
    if sweep.points and _settings(sweep)[0].split() == ["point"]:
        for point in sweep.points:
            yield from folded(f"{point.number + 1}: {in_words(point.settings)}", indent="    ")
        yield ""
    yield from folded(_how(sweep))
    for point in sweep.failures:
        assert point.failure is not None
        yield from folded(f"The point {in_words(point.settings)} failed: {point.failure.message}", indent="  ")
        yield from folded(point.failure.command, first="  ", indent="    ")


def _how(sweep: Sweep) -> str:
    counts = sorted({point.comparison.replications for point in sweep.points if point.comparison is not None})
    if not counts:
        return f"Seed {sweep.over.seed}."
    told = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    words = f"{told} replication{'' if counts == [1] else 's'} a point, seed {sweep.over.seed}."
    if counts[-1] < LEAST_REPLICATIONS:
        return f"{words} Fewer than {LEAST_REPLICATIONS} have no interval."
    best = "" if len(sweep.over.strategies) == 1 else (
        " * best: better than every other strategy of the point with a paired interval that excludes zero."
    )  # fmt: skip
    return f"{words} Each value is the mean of the replications' own values, with its 95 % interval.{best}"

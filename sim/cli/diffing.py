"""diff: what changed between two saved results. sim.experiment.diffing compares; this prints."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from sim.cli.progress import shown_progress
from sim.cli.status import BROKEN, GOOD, UNKNOWN, Refused, Status
from sim.experiment.diffing import (
    Change,
    Difference,
    Noise,
    ResultDiff,
    diff_results,
    learned_noise,
    noise_of_pairs,
)
from sim.experiment.diffing.differences import GAINED, LOST, SAME, UNDECIDED
from sim.experiment.verdict import BETTER, WORSE, number
from sim.metrics.registry import UnknownMetric, lookup
from sim.report.folding import WIDTH, cut, folded
from sim.report.rows import shown_metrics
from sim.results import LoadedRun, load_run

_MOST_SHOWN = 20  # fields of a scenario that are listed; JSON has all
_LABEL, _VALUE, _DIFFERENCE, _FLOOR = 23, 8, 21, 8  # columns
_STYLE = {WORSE: "bold red", LOST: "bold red", BETTER: "bold green"}
_SHORT = {LOST: "lost", GAINED: "new", SAME: "", UNDECIDED: "?"}


@dataclass(frozen=True, kw_only=True)
class DiffOrder:
    """What was asked for on the command line."""

    before: Path
    after: Path
    metrics: Sequence[str]
    noise: Path | None
    noise_runs: int | None
    every: bool
    fail_on_regression: bool
    json: bool
    workers: int | None = None


def diff_folders(order: DiffOrder) -> Status:
    """`bindsim diff`: 0; with --fail-on-regression 1 for one, 3 when nothing could be told."""
    if order.noise is not None and order.noise_runs is not None:
        raise Refused("--noise and --noise-runs are two ways to learn the noise; use one of them")
    before, after = load_run(order.before), load_run(order.after)
    found = diff_results(before, after, metrics=_metrics(before, after, order), noise=_noise(before, order))
    if order.json:
        typer.echo(json.dumps(found.data(), indent=2, allow_nan=False))
    else:
        _print(found, order, Console(width=WIDTH, highlight=False))
    if not order.fail_on_regression:
        return GOOD
    return BROKEN if found.regressions else UNKNOWN if found.undecided else GOOD


def _metrics(before: LoadedRun, after: LoadedRun, order: DiffOrder) -> list[str]:
    """Those asked for, else those of the terminal's table, and the primary one."""
    known = list(dict.fromkeys(str(name) for result in (before, after) for name in result.summary["metric"]))
    for name in order.metrics:
        try:
            lookup(name)
        except UnknownMetric as problem:
            raise Refused(f"--metric {problem}") from None
        if name not in known:
            raise Refused(f"--metric '{name}' is in neither result")
    usual = [metric for metric, _ in shown_metrics(known)]
    primary = [str(result.details.get("primary_metric")) for result in (before, after)]
    varied = [str(result.details["metric"]) for result in (before, after) if "metric" in result.details]
    return list(order.metrics) or list(dict.fromkeys((*usual, *primary, *varied)))


def _noise(before: LoadedRun, order: DiffOrder) -> Noise | None:
    if order.noise is not None:
        return noise_of_pairs(load_run(order.noise))
    if order.noise_runs is not None:
        with shown_progress("A/A runs") as listener:
            runs, workers = order.noise_runs, order.workers
            return learned_noise(before, replications=runs, workers=workers, on_progress=listener)
    return None


def _print(found: ResultDiff, order: DiffOrder, console: Console) -> None:
    for line in _lines(found, every=order.every or bool(order.metrics)):
        console.print(line if isinstance(line, Text) else Text(line), soft_wrap=True)


def _lines(found: ResultDiff, *, every: bool) -> Iterator[str | Text]:
    for name, result in (("A", found.before), ("B", found.after)):
        yield from folded(f"{name}: {_about(result)}", indent="   ")
    if found.is_same:
        yield from folded("The results are the same: every file but the manifest has the same bytes.")
    yield ""
    yield from _changed("Asked for", found.run)
    yield from _changed("Scenario", found.scenario)
    yield from _changed("Code", found.code)
    if not found.is_same:
        yield ""
        yield from _table(found, every=every)
        yield from (line for text in _sentences(found) for line in folded(text))


def _about(result: LoadedRun) -> str:
    run = result.manifest["run"]
    count = run.get("replications") or "several"
    return f"{result.folder}, {run['verb']} of {run['scenario']}, seed {run['seed']}, {count} replications"


def _changed(title: str, changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield f"{title}: the same."
        return
    yield f"{title}: {len(changes)} field{'s differ' if len(changes) > 1 else ' differs'}"
    for change in changes[:_MOST_SHOWN]:
        yield from folded(
            f"{change.path}: {_value(change.before)} -> {_value(change.after)}", first="  ", indent="    "
        )
    if len(changes) > _MOST_SHOWN:
        yield f"  and {len(changes) - _MOST_SHOWN} more; --json has all"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value)
    return cut(text, 50)


def _table(found: ResultDiff, *, every: bool) -> Iterator[str | Text]:
    rows = [each for each in found.differences if every or each.is_change or each.word == UNDECIDED]
    if not rows:
        return
    labels = dict(shown_metrics([each.key.metric for each in rows]))
    heading = f"{'A':>{_VALUE}} {'B':>{_VALUE}} {'B - A [95 %]':>{_DIFFERENCE}} {'noise':>{_FLOOR}}"
    for group in dict.fromkeys((each.key.point, each.key.strategy) for each in rows):
        yield from folded(" ".join(filter(None, (group[1], _point(group[0])))))
        yield f"{'':{_LABEL}} {heading}"
        yield "-" * WIDTH
        for each in rows:
            if (each.key.point, each.key.strategy) == group:
                yield _row(each, labels.get(each.key.metric, each.key.metric))
        yield ""


def _point(point: str) -> str:
    return "at " + ", ".join(f"{path} = {_value(value)}" for path, value in json.loads(point).items()) if point else ""


def _row(each: Difference, label: str) -> Text:
    numbers = (_number(each.before), _number(each.after))
    values = " ".join(f"{text:>{_VALUE}}" for text in numbers)
    floor = "-" if each.floor is None else number(each.floor)
    word = _SHORT.get(each.word, each.word)
    line = f"{cut(label, _LABEL):{_LABEL}} {values} {_interval(each):>{_DIFFERENCE}} {floor:>{_FLOOR}} {word}"
    return Text(line.rstrip(), style=_STYLE.get(each.word, ""))


def _number(value: float | None) -> str:
    return "-" if value is None else number(value)


def _interval(each: Difference) -> str:
    """In the longest form that fits."""
    interval = each.interval
    if interval is None:
        return "-"
    if interval.low is None or interval.high is None:
        return f"{interval.mean:+.3g}"
    bounds = (interval.mean, interval.low, interval.high)
    forms = ("{:+.3g} [{:+.2g},{:+.2g}]", "{:+.2g} [{:+.1g},{:+.1g}]", "{:+.1e}")
    texts = [form.format(*bounds) for form in forms]
    return next((text for text in texts if len(text) <= _DIFFERENCE), texts[-1])


def _sentences(found: ResultDiff) -> Iterator[str]:
    total, changes, worse = len(found.differences), len(found.changes), len(found.regressions)
    rest = total - changes - len(found.undecided)
    yield f"{changes} of {total} series changed, {worse} for the worse; {rest} did not beyond the noise."
    if found.within_noise:
        yield (
            f"Of those, {len(found.within_noise)} surely differ, but by less than the noise floor: less than other "
            "draws alone would do."
        )
    if found.undecided:
        yield (
            f"{len(found.undecided)} are undecided (?): fewer than 5 replications have no spread; --noise DIR or "
            "--noise-runs N learns the noise from A/A runs."
        )
    how = "paired, since both drew the same" if found.paired else "by Welch, since the two drew differently"
    yield (
        f"Differences are {how}. Noise floor: {found.noise.source}. A change exceeds it, and differs from zero after "
        "Holm's correction for all series, so at most one in twenty diffs of the same thing errs."
    )

"""fit: the distributions of scenarios against a column of data. sim.fitting does the work; this prints it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import typer

from sim.cli.status import GOOD, Refused, Status
from sim.experiment.verdict import number
from sim.fitting import UNITS, Column, CountFit, DurationFit, fit_counts, fit_durations, read_column
from sim.fitting.blocks import block
from sim.fitting.durations import LARGEST_DISTANCE, LARGEST_ERROR, Candidate
from sim.fitting.quantiles import MEASURED, Measured
from sim.report.folding import WIDTH, folded

_SHARES = (*MEASURED, "mean")
_HEADER = f"{'':23}{'log L':>9}{'AIC':>9}{'BIC':>9}{'KS':>6}" + "".join(f"{word:>6}" for word in _SHARES)


@dataclass(frozen=True, kw_only=True)
class FitOrder:
    """What was asked for on the command line. `arguments` is all of it, for the comment."""

    arguments: Sequence[str]
    file: str
    column: str
    where: str
    unit: str
    counts: bool
    most: int | None
    ranges: str
    bootstrap: int
    json: bool


def fit_file(order: FitOrder) -> Status:
    """`bindsim fit`."""
    _check(order)
    column = read_column(order.file, order.column, where=order.where, unit="s" if order.counts else order.unit)
    fit: DurationFit | CountFit
    if order.counts:
        fit = fit_counts(column, most=order.most, ranges=_ranges(order.ranges))
    else:
        fit = fit_durations(column, bootstrap=order.bootstrap)
    yaml = block(fit.spec, column, ["bindsim", *order.arguments])
    text = json.dumps(_data(fit, yaml), indent=2, allow_nan=False) if order.json else "\n".join(_lines(fit)) + "\n\n"
    typer.echo(text, nl=order.json)
    if not order.json:
        typer.echo(yaml, nl=False)
    return GOOD


def _check(order: FitOrder) -> None:
    if order.unit not in UNITS:
        raise Refused(f"--unit {order.unit}: must be one of {', '.join(UNITS)}")
    if order.counts and (order.unit != "s" or order.bootstrap):
        raise Refused("--unit and --bootstrap are about durations; leave them out with --counts")
    if not order.counts and (order.most is not None or order.ranges):
        raise Refused("--most and --ranges are about counts; give --counts too")


def _ranges(text: str) -> list[tuple[int, int]]:
    """`7..8,9..12` as pairs that ascend."""
    found = [part.strip().partition("..") for part in text.split(",")] if text else []
    if not all(low.isdecimal() and high.isdecimal() for low, _, high in found):
        raise Refused(f"--ranges {text}: must be ranges of whole numbers such as 7..8,9..12")
    pairs = [(int(low), int(high)) for low, _, high in found]
    ends = [end for pair in pairs for end in pair]
    if ends != sorted(ends) or any(one[1] >= two[0] for one, two in pairwise(pairs)):
        raise Refused(f"--ranges {text}: must ascend and not overlap")
    return pairs


def _data(fit: DurationFit | CountFit, yaml: str) -> dict[str, Any]:
    column = fit.column
    return {
        "file": column.file, "column": column.name, "where": column.where, "sha256": column.sha256,
        "rows": column.rows, "values": len(column.values), "without_value": column.without,
        "candidates": [candidate.data() for candidate in fit.candidates], "skipped": fit.skipped,
        "empirical": fit.empirical.data(), "best": fit.best.name, "spec": fit.spec, "yaml": yaml,
        "bootstrap": None if fit.bootstrap is None else dict(zip(("samples", "p"), fit.bootstrap, strict=True)),
    }  # fmt: skip


def _lines(fit: DurationFit | CountFit) -> Iterator[str]:
    yield from folded(_about(fit.column))
    yield _measured(fit.column, unit="" if isinstance(fit, CountFit) else " s")
    if isinstance(fit, CountFit) and fit.cut:
        yield from folded(f"{fit.cut:,} of them are above the most that counts.")
    yield ""
    yield _HEADER
    yield "-" * WIDTH
    yield from map(_row, (*fit.candidates, fit.empirical))
    yield ""
    for text in (*_judgement(fit), *_notes(fit)):
        yield from folded(text)


def _about(column: Column) -> str:
    rows = f"{len(column.values):,} of {column.rows:,} rows"
    where = f" where {column.where}" if column.where else ""
    without = f"; {column.without:,} rows have no value" if column.without else ""
    return f"{column.file}, {column.name}{where}: {rows}{without}."


def _measured(column: Column, *, unit: str) -> str:
    data, values = Measured(column.values), column.values
    found = {"min": values[0], **{word: data.quantile(share) for word, share in MEASURED.items()}, "max": values[-1]}
    words = ", ".join(f"{word} {number(float(value))}" for word, value in found.items())
    return f"{words}, mean {number(float(values.mean()))}{unit}"


def _row(candidate: Candidate) -> str:
    criteria = (candidate.log_likelihood, candidate.aic, candidate.bic)
    known = "".join(f"{'-' if value is None else _short(value):>9}" for value in criteria)
    percents = "".join(f"{_percent(candidate.errors[word]):>6}" for word in _SHARES)
    return f"{candidate.name:23}{known}{candidate.distance:>6.3f}{percents}"


def _short(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 99_999.5 else f"{value:.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:+.0f}%" if abs(share) < 9.995 else ">999%"


def _judgement(fit: DurationFit | CountFit) -> Iterator[str]:
    best, first = fit.best, fit.candidates[0] if fit.candidates else None
    if best is fit.empirical:
        nearest = f", not even the likeliest, {first.name}" if first is not None else ""
        yield f"None of them is good enough{nearest}. Use what was measured, below."
    elif best is first:
        yield f"Best: {best.name}, the likeliest by BIC, and good enough."
    else:
        yield f"Best: {best.name}, the likeliest of those that are good enough."
    yield (
        f"Good enough: KS at most {LARGEST_DISTANCE:g}, and p50, p95 and p99 each within {100 * LARGEST_ERROR:g} % of "
        "the data's, or within the 95 % interval in which the data leave it."
    )


def _notes(fit: DurationFit | CountFit) -> Iterator[str]:
    yield (
        "KS is the largest difference of the two distribution functions. Tables of its p-value do not hold for "
        "parameters that were fitted to the same data" + _bootstrapped(fit)
    )
    for name, reason in fit.skipped.items():
        yield f"Left out: {name}: {reason}."


def _bootstrapped(fit: DurationFit | CountFit) -> str:
    if fit.bootstrap is None:
        return "." if isinstance(fit, CountFit) else "; --bootstrap N computes one."
    samples, chance = fit.bootstrap
    return f"; for {fit.candidates[0].name} it is {chance:.2g} ({samples} samples drawn from it and fitted again)."

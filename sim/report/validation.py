"""The text of a validation: a table of measured and predicted for every strategy and load, 80 columns wide.

sim.cli.validating prints it; `make validation` puts it into docs/validation.md.
"""

from collections.abc import Iterator

from sim.experiment.intervals import Interval
from sim.experiment.verdict import number
from sim.metrics.registry import lookup
from sim.report.folding import folded
from sim.validation import Cell, Row, Validation

_LABEL, _VALUE, _SHARE = 23, 19, 7  # columns
_HEADS = (("measured (95 %)", _VALUE), ("predicted (95 %)", _VALUE), ("error", _SHARE), ("A/A", _SHARE))
_RULE = "-" * (_LABEL + 2 * _VALUE + 2 * _SHARE + 3)


def validation_lines(found: Validation) -> Iterator[str]:
    """The whole text."""
    yield from folded(f"{found.scenario.name}: {found.scenario.question}")
    yield from folded(_about(found))
    for cell in found.cells:
        yield ""
        yield from cell_lines(found, cell)
    yield ""
    yield from folded(_judgement(found))
    yield from folded(_LEGEND)


_LEGEND = (
    "error is predicted over measured, minus 1; A/A the difference of two measurements of the same runs, as a share of "
    "the measured value. ok: as near as docs/validation.md asks for; miss: not; without a word nothing was asked."
)


def _about(found: Validation) -> str:
    capacities = ", ".join(f"{value:.0f}/s of {name}" for name, value in found.capacities.items())
    return f"On {found.version}. Measured capacity: {capacities} (arrivals, follow-ups apart)."


def _judgement(found: Validation) -> str:
    asked = [row for row in found.rows if row.is_near is not None]
    return f"{len(asked) - len(found.missed)} of {len(asked)} values that something is asked of are near enough."


def cell_lines(found: Validation, cell: Cell) -> Iterator[str]:
    """The table of one strategy at one load."""
    yield f"{cell.strategy} at {cell.load:.0%} of its capacity, {cell.rate_per_s:.1f} arrivals/s"
    heads = (f"{head:>{width}}" for head, width in _HEADS)
    yield f"{'':{_LABEL}}{''.join(heads)}"
    yield _RULE
    for row in found.of(cell):
        yield _line(row)


def _line(row: Row) -> str:
    word = {True: " ok", False: " miss", None: ""}[row.is_near]
    values = f"{_interval(row.measured):>{_VALUE}}{_interval(row.predicted):>{_VALUE}}"
    return f"{_label(row.metric):{_LABEL}}{values}{_error(row):>{_SHARE}}{_spread(row):>{_SHARE}}{word}"


def _label(metric: str) -> str:
    """The metric in words that fit: `latency_s.create_port.p95` is `create_port p95 s`."""
    family, *keys = metric.split(".")
    unit = lookup(metric).unit
    what = family.rsplit("_", 2 if family.endswith("per_s") else 1)[0].replace("_", " ")
    parts = [key for key in keys if key not in ("mean", "total")] or ["all"] * (family == "lost_bindings_count")
    if family == "latency_s":
        what = ""
    if family in ("retries_count", "lost_bindings_count"):
        what, unit = {"retries_count": "retry:", "lost_bindings_count": "lost:"}[family], ""
    text = " ".join(word for word in (what, *parts, unit if unit not in ("", "1") else "") if word)
    return text if len(text) < _LABEL else text[: _LABEL - 1]


def _interval(interval: Interval | None) -> str:
    """The mean and half the width of its interval."""
    if interval is None:
        return "-"
    if interval.half is None:
        return _short(interval.mean)
    return f"{_short(interval.mean)} +-{_short(float(f'{interval.half:.2g}'))}"


def _short(value: float) -> str:
    return number(float(f"{value:.3g}"))


def _error(row: Row) -> str:
    if row.error is None:
        return "-"
    return f"{100 * row.error:+.1f}%" if row.measured is not None and row.measured.mean else f"{row.error:+.2g}"


def _spread(row: Row) -> str:
    if row.spread is None or row.measured is None or not row.measured.mean:
        return "-"
    return f"{100 * row.spread / abs(row.measured.mean):.1f}%"

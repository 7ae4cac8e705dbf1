"""The text that the command line prints: verdict, table, break-even map, all within 80 columns, and the JSON
form.

Plain text where the output is no terminal, with a few colours where it is one. It reads a Comparison or a
BreakEvenMap and changes nothing.
"""

import json
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from sim.experiment import BreakEvenMap, Cell, Comparison, Row
from sim.experiment.intervals import LEAST_REPLICATIONS
from sim.experiment.precision import Known
from sim.experiment.verdict import NO_DIFFERENCE, SATURATED, number
from sim.experiment.warm_up import WarmUp
from sim.metrics.registry import lookup
from sim.report.folding import WIDTH, cut, folded
from sim.report.rows import shown_metrics

_LABEL = 25  # columns for the metric
_SIDE_BY_SIDE = 2  # strategies with which the difference still fits into the same line
_AT_ONCE = 3  # strategies in one table
_VALUE = 14  # columns for a strategy in a table of one or two
_DIFFERENCE = 24  # columns for the difference beside two strategies
_LABEL_OF_THREE = 21  # columns for the metric in a table of three
_RIVAL = 22  # columns for each rival, and its difference below, in a table of three
_NONE_SEEN = "none seen"


def print_comparison(comparison: Comparison, console: Console) -> None:
    """The verdict, the table, and what its words mean."""
    console.print(Text("\n".join(_heading(comparison)), style="bold"), soft_wrap=True)
    for part in _parts(comparison.strategies):
        console.print()
        for line in _table(comparison, part):
            console.print(line, soft_wrap=True)
    console.print()
    console.print(Text("\n".join(_footnotes(comparison))), soft_wrap=True)


def print_map(found: BreakEvenMap, console: Console) -> None:
    """The break-even map with what it was made from."""
    console.print(Text("\n".join(_map_lines(found))), soft_wrap=True)


def as_json(result: Comparison | BreakEvenMap) -> str:
    """The summary of either as one JSON object, the same that summary.json holds."""
    return json.dumps(result.summary(), indent=2, ensure_ascii=True, allow_nan=False)


def _heading(comparison: Comparison) -> Iterator[str]:
    yield from folded(f"{comparison.scenario.name}: {comparison.scenario.question}")
    yield from folded(comparison.verdict.sentence)


def _parts(strategies: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The strategies of each table: always the first, and as many others as fit."""
    first, *others = strategies
    step = _AT_ONCE - 1
    for start in range(0, max(1, len(others)), step):
        yield (first, *others[start : start + step])


def _table(comparison: Comparison, strategies: tuple[str, ...]) -> Iterator[Text]:
    lines = _wide if len(strategies) > _SIDE_BY_SIDE else _narrow
    rows = shown_metrics(comparison.samples.metrics())
    has_intervals = comparison.replications >= LEAST_REPLICATIONS
    yield Text(_header(strategies, has_intervals=has_intervals).rstrip(), style="bold")
    yield Text("-" * WIDTH)
    for metric, label in rows:
        yield from lines(comparison.row(metric), label, strategies)


def _header(strategies: tuple[str, ...], *, has_intervals: bool) -> str:
    if len(strategies) > _SIDE_BY_SIDE:
        widths = (_VALUE, _RIVAL - 1, _RIVAL - 1)
        columns = (f" {cut(name, width):>{width}}" for name, width in zip(strategies, widths, strict=True))
        return " " * _LABEL_OF_THREE + "".join(columns)
    names = "".join(f" {cut(name, _VALUE):>{_VALUE}}" for name in strategies)
    interval = "95 % interval" if has_intervals else ""
    last = interval if len(strategies) == 1 else "difference [95 %]" if has_intervals else "difference"
    return f"{'':{_LABEL}}{names} {last:>{_DIFFERENCE}}"


def _narrow(row: Row, label: str, strategies: tuple[str, ...]) -> Iterator[Text]:
    """One line: label, one or two strategies, and the difference or, for one alone, its own interval."""
    line = Text(f"{cut(label, _LABEL):{_LABEL}}")
    for name in strategies:
        line.append(f" {_value(row, name):>{_VALUE}}", style=_style(row, name))
    last = strategies[-1]
    right = _difference(row, last, width=_DIFFERENCE) if len(strategies) > 1 else _interval(row, last)
    line.append(f" {right:>{_DIFFERENCE}}")
    line.rstrip()
    yield line


def _interval(row: Row, strategy: str) -> str:
    interval = row.estimates[strategy].interval
    if interval is None or interval.low is None or interval.high is None or strategy in row.none_seen:
        return ""
    return f"[{number(interval.low)}, {number(interval.high)}]"


def _wide(row: Row, label: str, strategies: tuple[str, ...]) -> Iterator[Text]:
    """Two lines: the values, and below each rival its difference."""
    first, *rivals = strategies
    values = Text(f"{cut(label, _LABEL_OF_THREE):{_LABEL_OF_THREE}}")
    values.append(f" {_value(row, first):>{_VALUE}}", style=_style(row, first))
    below = Text(" " * len(values))
    for name in rivals:
        values.append(f" {_value(row, name):>{_RIVAL - 1}}", style=_style(row, name))
        below.append(f" {_difference(row, name, width=_RIVAL - 1):>{_RIVAL - 1}}", style="dim")
    values.rstrip()
    yield values
    if below.plain.strip():
        below.rstrip()
        yield below


def _value(row: Row, strategy: str) -> str:
    estimate = row.estimates[strategy]
    if estimate.mean is None:
        return estimate.note.split(" ", 1)[0].rstrip(":") if "no obs" not in estimate.note else "-"
    if strategy in row.none_seen:
        return _NONE_SEEN
    return number(estimate.mean) + ("*" if row.best == strategy else "")


def _style(row: Row, strategy: str) -> str:
    return "bold green" if row.best == strategy else ""


def _difference(row: Row, strategy: str, *, width: int) -> str:
    """The paired difference with its interval in the metric's unit, in the longest form that fits."""
    interval = row.differences[strategy].interval
    if interval is None or (len(row.none_seen) == len(row.estimates)):
        return ""
    bounds = [interval.mean, *(bound for bound in (interval.low, interval.high) if bound is not None)]
    full = _bracketed([_short(bound) for bound in bounds])
    forms = (full, full.replace("0.", "."), _bracketed([f"{bound:+.0e}" for bound in bounds]))
    return next((form for form in forms if len(form) <= width), f"{interval.mean:+.0e}")


def _bracketed(bounds: Sequence[str]) -> str:
    middle, *ends = bounds
    return middle + (f" [{','.join(ends)}]" if ends else "")


def _short(value: float) -> str:
    if 99.5 <= abs(value) < 1e6:
        return f"{value:+.0f}"
    return f"{value:+.2g}" if value else "0"


def _footnotes(comparison: Comparison) -> Iterator[str]:
    yield from folded(_how(comparison))
    if comparison.warm_up is not None:
        yield from folded(_warm_up(comparison.warm_up))
    if comparison.scenario.workload.arrivals.trace is not None:
        yield from folded("Conditional on this trace: every replication has the same arrivals.")
    for text in _none_seen(comparison):
        yield from folded(text, indent="  ")
    for strategy in comparison.strategies:
        yield from _endings(comparison, strategy)


def _how(comparison: Comparison) -> str:
    count = comparison.replications
    seeds = f"{_replications(comparison)}, seed {comparison.seed}{_precision(comparison)}."
    if count == 1:
        return f"{seeds} One replication has no interval."
    values = "Each value is the mean of the replications' own values"
    if len(comparison.strategies) == 1:
        return f"{seeds} {values}, with its 95 % interval (Student's t, each row by itself)."
    return (
        f"{seeds} {values}; a difference is paired with the first strategy, with its 95 % interval (Student's t, "
        "each row by itself). * best: better than every other with an interval that excludes zero."
    )


def _warm_up(found: WarmUp) -> str:
    """What was cut of a steady-state scenario, or why there are no values."""
    operations = f"{found.operations:,} of {found.length:,} operations"
    if found.cut_us is None:
        return (
            "No values: MSER-5 finds the end of the warm-up in the second half of the series of latencies, so the runs "
            "are too short or unstable. A longer horizon.duration_s tells which."
        )
    by = "found by MSER-5 on the latencies averaged over replications" if found.found else "as given"
    return (
        f"Warm-up: what began before t = {number(found.cut_us / 1e6)} s is left out, {operations} ({by}, one cut for "
        "all); so is what began after the arrivals stopped."
    )


def _precision(comparison: Comparison) -> str:
    """Whether the precision that was asked for is reached, and for which metrics; nothing where none was."""
    asked, samples = comparison.precision, comparison.samples
    if asked is None:
        return ""
    wanted = f"a precision of {100 * asked.share:g} % in {', '.join(asked.metrics)}"
    if not asked.has_values(samples):
        return f"; {wanted} cannot be judged, since values are missing"
    missing = [_far(known) for known in asked.missing(samples)]
    unknown = [f"{known.metric} of {known.strategy}" for known in asked.without_values(samples)]
    without = f"; without values, so left out: {', '.join(unknown)}" if unknown else ""
    if missing:
        return f"; stopped at the limit of {asked.most}, {wanted} is not reached: {', '.join(missing)}{without}"
    return f"; {wanted} is reached{without}"


def _far(known: Known) -> str:
    """How far a metric is known instead."""
    if known.interval is None or known.interval.half is None:
        return f"{known.metric} of {known.strategy} has no interval"
    unit = lookup(known.metric).unit
    reached, wanted = (f"{number(half)}{' ' * bool(unit)}{unit}" for half in (known.interval.half, known.wanted))
    return f"{known.metric} of {known.strategy} +-{reached} instead of {wanted}"


def _replications(comparison: Comparison) -> str:
    return "1 replication" if comparison.replications == 1 else f"{comparison.replications} replications"


def _none_seen(comparison: Comparison) -> Iterator[str]:
    """What 'none seen' excludes: one sentence for all strategies with as many operations."""
    rows = [comparison.row(metric) for metric, _ in shown_metrics(comparison.samples.metrics())]
    by_operations: dict[int, list[str]] = {}
    for strategy in comparison.strategies:
        if any(strategy in row.none_seen for row in rows):
            by_operations.setdefault(comparison.samples.operations(strategy), []).append(strategy)
    for operations, strategies in by_operations.items():
        limit = number(1000 * comparison.upper_limit(strategies[0]))
        yield (
            f"'{_NONE_SEEN}' ({', '.join(strategies)}): none seen in {_replications(comparison)}, "
            f"{operations:,} operations; at most {limit} in 1,000 operations (exact one-sided 95 % limit for "
            "independent operations)."
        )


def _endings(comparison: Comparison, strategy: str) -> Iterator[str]:
    """A line for each way in which replications ended other than well, with the first such as an example."""
    outcomes = comparison.samples.outcomes(strategy)
    for ending in sorted({outcome.outcome for outcome in outcomes} - {"ok"}):
        ended = [outcome for outcome in outcomes if outcome.outcome == ending]
        example, start = ended[0], ended[0].saturated_from_us
        since = "" if start is None else f" from t = {number(start / 1e6)} s"
        text = (
            f"{strategy}: {ending} in {len(ended)} of {len(outcomes)} replications, the first{since} with "
            f"{example.unfinished} unfinished{_because(example.stall)}."
        )
        yield from folded(text, indent="  ")


def _because(stall: Sequence[str]) -> str:
    return f"; {'; '.join(stall)}" if stall else ""


def _map_lines(found: BreakEvenMap) -> Iterator[str]:
    yield from folded(
        f"{found.scenario}, break-even map: p95 of create_port latency of {found.second} as a multiple of "
        f"{found.first}'s; below 1, {found.second} is faster.",
    )
    yield ""
    subnets = list(dict.fromkeys(cell.subnets for cell in found.cells))
    yield f"{'bind median s':>13}" + "".join(f" {name:>32}" for name in subnets)
    for median_s in dict.fromkeys(cell.median_s for cell in found.cells):
        cells = (found.cell(median_s, name) for name in subnets)
        yield f"{median_s:>13g}" + "".join(f" {_cell_text(cell, found):>32}" for cell in cells)
    yield ""
    yield from folded(
        f"A coarse look: {found.replications} replications a cell, {found.duration_s:g} s of load, seed "
        f"{found.seed}. In brackets the 95 % interval of the ratio (t over the logarithms of paired ratios); one that "
        "holds 1 leaves open which is faster. 'saturated 2/5': in two of five replications."
    )


def _cell_text(cell: Cell, found: BreakEvenMap) -> str:
    if cell.word == SATURATED:
        name = "both" if len(cell.saturated) > 1 else next(iter(cell.saturated))
        counts = " and ".join(f"{count}/{found.replications}" for count in cell.saturated.values())
        return f"{name} saturated {counts}"
    if cell.ratio is None:
        return cell.note or "unknown"
    text = f"{cell.ratio.mean:.2f}"
    if cell.ratio.low is not None and cell.ratio.high is not None:
        text += f" [{cell.ratio.low:.2f}, {cell.ratio.high:.2f}]"
    return f"{NO_DIFFERENCE} {text}" if cell.word == NO_DIFFERENCE else text

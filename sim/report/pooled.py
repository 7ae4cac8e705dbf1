"""The table of pooled quantiles that `bindsim compare --pooled` prints below the comparison's own, and its data.

It reads a saved result and a comparison, and changes neither.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from sim.experiment import Comparison
from sim.experiment.pooled import LEAST, Quantile, can_be_pooled, pooled
from sim.experiment.verdict import number
from sim.report.folding import WIDTH, cut, folded
from sim.report.rows import shown_metrics
from sim.results import LoadedRun

_LABEL = 25  # columns for the metric
_VALUE = 27  # columns for a strategy's quantile with its interval
_AT_ONCE = 2  # strategies in one table

Pooled = dict[str, dict[str, Quantile]]  # by metric and strategy


def pooled_quantiles(comparison: Comparison, result: LoadedRun) -> Pooled:
    """Every quantile of the comparison's table that can be pooled."""
    metrics = [metric for metric, _ in shown_metrics(comparison.samples.metrics()) if can_be_pooled(metric)]
    return {metric: {name: pooled(result, metric, name) for name in comparison.strategies} for metric in metrics}


def pooled_data(found: Pooled) -> dict[str, Any]:
    """As it stands in JSON."""
    return {metric: {strategy: asdict(quantile) for strategy, quantile in row.items()} for metric, row in found.items()}


def print_pooled(comparison: Comparison, found: Pooled, console: Console) -> None:
    """A table of two strategies at a time, and what it says."""
    names = comparison.strategies
    for start in range(0, len(names), _AT_ONCE):
        console.print()
        console.print(Text("\n".join(_table(found, names[start : start + _AT_ONCE]))), soft_wrap=True)
    console.print()
    console.print(Text("\n".join(_footnotes(comparison))), soft_wrap=True)


def _table(found: Pooled, strategies: Sequence[str]) -> Iterator[str]:
    names = "".join(f" {cut(name, _VALUE - 1):>{_VALUE - 1}}" for name in strategies)
    yield f"{'pooled [95 %]':{_LABEL}}{names}".rstrip()
    yield "-" * WIDTH
    labels = dict(shown_metrics(list(found)))
    for metric, row in found.items():
        values = "".join(f" {_value(row[name]):>{_VALUE - 1}}" for name in strategies)
        yield f"{cut(labels[metric], _LABEL):{_LABEL}}{values}".rstrip()


def _value(found: Quantile) -> str:
    if found.value is None:
        return "-" if "no obs" in found.note else found.note.split(" ", 1)[0].rstrip(":")
    if found.low is None or found.high is None:
        return number(found.value)
    return f"{number(found.value)} [{number(found.low)}, {number(found.high)}]"


def _footnotes(comparison: Comparison) -> Iterator[str]:
    yield from folded("Pooled: the quantile of all operations of all replications together, not the mean of theirs.")
    if comparison.replications < LEAST:
        few = f"no interval, since the bootstrap by replication takes at least {LEAST} replications"
        yield from folded(f"There is {few}; here are {comparison.replications}.")
    else:
        yield from folded("In brackets a 95 % interval, bootstrapped by replication.")

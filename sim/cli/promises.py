"""The thresholds of a scenario against what was measured: kept, broken, or unknown.

sim.cli.running calls it after a comparison.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from sim.cli.status import BROKEN, GOOD, UNKNOWN, Status
from sim.experiment import Comparison
from sim.scenario import Threshold

KEPT, BREACHED, UNMEASURED = "kept", "broken", "unknown"
_STATUS = {KEPT: GOOD, BREACHED: BROKEN, UNMEASURED: UNKNOWN}


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One threshold under one strategy. `value` is the mean over the replications, None when it is not known."""

    metric: str
    strategy: str
    at_most: float | None
    at_least: float | None
    value: float | None

    @property
    def word(self) -> str:
        """kept, broken or unknown."""
        if self.value is None:
            return UNMEASURED
        too_much = self.at_most is not None and self.value > self.at_most
        too_little = self.at_least is not None and self.value < self.at_least
        return BREACHED if too_much or too_little else KEPT

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {**asdict(self), "result": self.word}

    def __str__(self) -> str:
        limits = [f"at most {self.at_most:g}"] if self.at_most is not None else []
        limits += [f"at least {self.at_least:g}"] if self.at_least is not None else []
        found = "unknown" if self.value is None else f"{self.value:.3g}"
        return f"{self.word}: {self.metric} of {self.strategy} {' and '.join(limits)}, found {found}"


def promises(comparison: Comparison) -> list[Promise]:
    """Every threshold of the scenario under every strategy that it is for."""
    return [each for threshold in comparison.scenario.thresholds for each in _under(threshold, comparison)]


def promises_status(found: Sequence[Promise]) -> Status:
    """1 when one is broken, else 3 when one is unknown, else 0."""
    statuses = {_STATUS[promise.word] for promise in found}
    return BROKEN if BROKEN in statuses else max(statuses, default=GOOD)


def print_promises(found: Sequence[Promise], console: Console) -> None:
    """One line each."""
    if found:
        console.print()
    for promise in found:
        console.print(Text(str(promise), style="bold red" if promise.word == BREACHED else ""), soft_wrap=True)


def _under(threshold: Threshold, comparison: Comparison) -> Iterator[Promise]:
    row = comparison.row(threshold.metric)
    for strategy, estimate in row.estimates.items():
        if not threshold.strategies or strategy in threshold.strategies:
            yield Promise(
                metric=threshold.metric, strategy=strategy, at_most=threshold.at_most, at_least=threshold.at_least,
                value=estimate.mean,
            )  # fmt: skip

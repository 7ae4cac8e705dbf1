"""The thresholds of a scenario against what was measured: kept, broken, or unknown.

sim.cli.running calls it after a comparison.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from sim.cli.status import BROKEN, GOOD, UNKNOWN, Status
from sim.experiment import Comparison
from sim.scenario import Objective, Threshold

KEPT, BREACHED, UNMEASURED = "kept", "broken", "unknown"
_STATUS = {KEPT: GOOD, BREACHED: BROKEN, UNMEASURED: UNKNOWN}


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One objective under one strategy. `value` is the mean over the replications, None when it is not known."""

    objective: Objective
    strategy: str
    value: float | None

    @property
    def word(self) -> str:
        """kept, broken or unknown."""
        if self.value is None:
            return UNMEASURED
        return KEPT if self.objective.holds(self.value) else BREACHED

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {"objective": self.objective.text, "strategy": self.strategy, "value": self.value, "result": self.word}

    def __str__(self) -> str:
        found = "unknown" if self.value is None else f"{self.value:.3g}"
        return f"{self.word}: {self.objective} of {self.strategy}, found {found}"


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
    for objective in threshold.objectives:
        for strategy, estimate in comparison.row(objective.metric).estimates.items():
            if not threshold.strategies or strategy in threshold.strategies:
                yield Promise(objective=objective, strategy=strategy, value=estimate.mean)

"""check: every property over one history, and what is a broken promise and what a finding.

Called by `bindsim verify`, by runs with --verify and by the soak. Pure: the same history gives the same verdicts.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.binding.promises import PROPERTIES
from sim.history.history import Facts, History
from sim.history.properties import (
    agreement,
    answers,
    contract,
    convergence,
    durability,
    freshness,
    isolation,
    outcome,
)
from sim.history.verdict import Finding, Verdict
from sim.history.view import View
from sim.history.wording import Wording

CHECKS: dict[str, Callable[[View, Wording], Verdict]] = {
    name: module.check
    for name, module in zip(
        PROPERTIES,
        (contract, durability, freshness, answers, outcome, convergence, agreement, isolation),
        strict=True,
    )
}
"""The check of each property, in the order of core.binding.promises."""


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts on one history, by property, and what explains their findings."""

    facts: Facts
    verdicts: dict[str, Verdict]
    view: View

    @property
    def broken(self) -> list[Verdict]:
        """The promised properties that are violated."""
        return [verdict for verdict in self.promised if verdict.word == "violated"]

    @property
    def promised(self) -> list[Verdict]:
        """The verdicts on what the strategy promises."""
        return [verdict for name, verdict in self.verdicts.items() if name in self.facts.promises]

    @property
    def findings(self) -> list[Finding]:
        """All of them, certain or not, promised or not."""
        return [finding for verdict in self.verdicts.values() for finding in verdict.findings]

    def evidence(self, finding: Finding) -> list[str]:
        """The lines of a finding, in time order."""
        return Wording(self.view).evidence(finding.events)


def check(history: History, properties: Iterable[str] = PROPERTIES) -> Report:
    """The verdicts; linear in the history's length."""
    view = View(history)
    wording = Wording(view)
    with _no_collections():
        verdicts = {name: CHECKS[name](view, wording) for name in properties}
    return Report(history.facts, verdicts, view)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Keeps the garbage collector away: a check makes millions of tuples and no cycle, and took 1.6 times as long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

"""The objectives of a run or comparison: asked for, printed, turned into an exit status, written for a CI system.

sim.cli.running calls it. sim.experiment judges; nothing is judged here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sim.cli.status import BROKEN, GOOD, UNKNOWN, Refused, Status, worst
from sim.experiment import Comparison, Judged
from sim.experiment.objectives import FAIL, INCONCLUSIVE, PASS
from sim.experiment.objectives import UNKNOWN as NO_VALUE
from sim.metrics.registry import metric_problem
from sim.report.folding import folded
from sim.report.junit import junit
from sim.scenario import Objective, Scenario, asked_objectives

_STATUS = {PASS: GOOD, FAIL: BROKEN, INCONCLUSIVE: UNKNOWN, NO_VALUE: UNKNOWN}
_STYLE = {FAIL: "bold red", INCONCLUSIVE: "yellow", NO_VALUE: "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demanded:
    """What the command line says about objectives. `judge`: whose set the exit status, None for the last strategy."""

    slo: tuple[str, ...] = ()
    judge: str | None = None
    junit: Path | None = None


def asked_of(scenario: Scenario, demanded: Demanded) -> tuple[Objective, ...]:
    """What --slo says, checked against the scenario. Raises ScenarioError."""
    return asked_objectives(demanded.slo, scenario, metric_problem=metric_problem)


def check_demanded(demanded: Demanded, strategies: Sequence[Sequence[str]], *, has_objectives: bool) -> None:
    """Refused when --judge names a strategy that is not compared everywhere, or there is nothing to judge or write."""
    for names in strategies:
        known = _labels(names)
        if demanded.judge is not None and demanded.judge not in known:
            raise Refused(f"--judge {demanded.judge}: no such strategy is compared; allowed: {', '.join(known)}")
    given = [option for option, held in (("--judge", demanded.judge), ("--junit", demanded.junit)) if held is not None]
    if given and not has_objectives:
        raise Refused(f"{given[0]}: there are no objectives; give --slo, or thresholds in the scenario")


def _labels(names: Sequence[str]) -> list[str]:
    """What results call the strategies: name#2 for one that is named again."""
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}#{times + 1}" if times else name for name, times in zip(names, before, strict=True)]


def judged_by(demanded: Demanded, comparison: Comparison) -> list[Judged]:
    """The answers that set the exit status: those of the strategy that --judge names, else of the last."""
    judge = _judge(demanded, comparison)
    return [each for each in comparison.judged if each.strategy == judge]


def _judge(demanded: Demanded, comparison: Comparison) -> str:
    return demanded.judge or comparison.strategies[-1]


def objectives_status(demanded: Demanded, comparison: Comparison) -> Status:
    """1 when the judged strategy misses one, else 3 when one is open or unknown, else 0."""
    return worst(*(_STATUS[each.word] for each in judged_by(demanded, comparison)))


def print_objectives(comparison: Comparison, demanded: Demanded, console: Console) -> None:
    """A sentence each, and whose set the exit status."""
    judged = comparison.judged
    if judged:
        console.print()
    for each in judged:
        lines = "\n".join(folded(each.sentence, indent="  "))
        console.print(Text(lines, style=_STYLE.get(each.word, "")), soft_wrap=True)
    if judged and len(comparison.strategies) > 1:
        console.print(Text("\n".join(folded(_whose(demanded, comparison), indent="  "))), soft_wrap=True)


def _whose(demanded: Demanded, comparison: Comparison) -> str:
    words = [each.word for each in judged_by(demanded, comparison)]
    counts = ", ".join(f"{words.count(word)} {word}" for word in (PASS, FAIL, INCONCLUSIVE, NO_VALUE) if word in words)
    judge = _judge(demanded, comparison)
    return f"The exit status is about {judge}: {counts or 'no objective is for it'} (--judge names another)."


def write_junit(demanded: Demanded, comparisons: Sequence[Comparison]) -> None:
    """All answers as a JUnit file, where one is asked for. Refused when it cannot be written."""
    if demanded.junit is None:
        return
    try:
        demanded.junit.write_bytes(junit(comparisons))
    except OSError as problem:
        raise Refused(f"--junit {demanded.junit}: cannot be written: {problem.strerror or problem}") from None

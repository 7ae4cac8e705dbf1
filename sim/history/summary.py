"""What is left of a checked history: verdicts, counts by cause, and the first findings put into words.

It is small and can be pickled: worker processes hand it back instead of a history, and reports print it. It judges
nothing: the words are the checker's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sim.history.checker import CHECKS, Report
from sim.history.verdict import Finding, Verdict, Word

EXAMPLES = 3  # findings of each cause that are put into words; assumption, more than a reader looks at


def meaning(name: str) -> str:
    """A property in a sentence: the first paragraph of its module, without its name."""
    module = import_module(CHECKS[name].__module__)
    first = " ".join((module.__doc__ or name).split("\n\n")[0].split())
    return first.removeprefix(f"{name}: ")


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding in words: its events in time order, one line each, and what follows from them."""

    evidence: tuple[str, ...]
    says: str

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {"evidence": list(self.evidence), "says": self.says}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The findings of one cause: how many, and the first of them. What is not `certain` could not be decided."""

    name: str
    certain: bool
    count: int
    examples: tuple[Explained, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProperty:
    """The verdict on one property, and whether the strategy promises it. `checked` counts what was looked at."""

    name: str
    promised: bool
    word: Word
    checked: int
    unknown_because: str
    causes: tuple[Cause, ...]

    @property
    def violations(self) -> int:
        """How many findings are certain."""
        return sum(cause.count for cause in self.causes if cause.certain)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRun:
    """The verdicts on one run.

    `label` and `replication` are what results call it. `strategy`, `seed` and `draw` are what sim.simulation.run
    repeats it with; they differ from those only where one strategy is compared with itself.
    """

    label: str
    replication: int
    strategy: str
    seed: int
    draw: int
    properties: tuple[CheckedProperty, ...]


def summarized(
    report: Report, *, label: str | None = None, replication: int | None = None, examples: int = EXAMPLES
) -> CheckedRun:
    """The summary of a report, with the first `examples` findings of each cause in words."""
    facts = report.facts
    return CheckedRun(
        label=facts.strategy if label is None else label,
        replication=facts.replication if replication is None else replication,
        strategy=facts.strategy,
        seed=facts.seed,
        draw=facts.replication,
        properties=tuple(_property(report, verdict, examples) for verdict in report.verdicts.values()),
    )


def _property(report: Report, verdict: Verdict, examples: int) -> CheckedProperty:
    return CheckedProperty(
        name=verdict.name,
        promised=verdict.name in report.facts.promises,
        word=verdict.word,
        checked=verdict.checked,
        unknown_because=verdict.unknown_because,
        causes=tuple(_causes(report, verdict.findings, examples)),
    )


def _causes(report: Report, findings: Sequence[Finding], examples: int) -> Iterator[Cause]:
    """In the order in which each cause was first found."""
    groups: dict[tuple[str, bool], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.cause, finding.certain), []).append(finding)
    for (name, certain), group in groups.items():
        told = tuple(Explained(tuple(report.evidence(each)), each.says) for each in group[:examples])
        yield Cause(name=name, certain=certain, count=len(group), examples=told)

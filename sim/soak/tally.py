"""What a soak has seen so far, added up: counts by property and strategy, coverage, and groups of alike findings.

Tallies of parts of a soak are merged; the result does not depend on how it was divided. Nothing here runs anything.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.history import Finding
from sim.soak.play import Played


class Key(NamedTuple):
    """What makes two findings alike: the property, the cause, and under which strategy."""

    property: str
    cause: str
    strategy: str


@dataclass(slots=True)
class Group:
    """Findings that are alike. `smallest` is the size and the number of the smallest run that shows one.

    A name can stand for strategies of which only one promises the property; then the smallest is a run of that one.
    """

    is_broken: bool  # a promise of the strategy, and certain
    findings: int = 0
    runs: int = 0
    smallest: tuple[int, int] = (1 << 60, -1)

    def add(self, other: "Group") -> None:
        """Adds another part of the same soak."""
        self.findings += other.findings
        self.runs += other.runs
        if self.is_broken == other.is_broken:
            self.smallest = min(self.smallest, other.smallest)
        elif other.is_broken:
            self.is_broken, self.smallest = True, other.smallest


@dataclass(slots=True)
class Tally:
    """The sum of a soak's runs."""

    runs: int = 0
    operations: int = 0
    faults: int = 0
    quiescent: int = 0
    verdicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # strategy, property, word
    promised: set[tuple[str, str]] = field(default_factory=set)  # strategy, property
    coverage: Counter[str] = field(default_factory=Counter)
    groups: dict[Key, Group] = field(default_factory=dict)

    @property
    def checked(self) -> int:
        """How many verdicts there were."""
        return sum(self.verdicts.values())

    @property
    def broken(self) -> list[Key]:
        """The groups that break a promise."""
        return [key for key, group in self.groups.items() if group.is_broken]

    def count(self, played: Played, number: int) -> None:
        """One more run."""
        report, strategy = played.report, played.strategy
        self.runs += 1
        self.operations += played.operations
        self.faults += played.faults
        self.quiescent += report.facts.quiescent
        self.coverage.update(played.coverage)
        self.promised.update((strategy, name) for name in report.facts.promises)
        self.verdicts.update((strategy, name, verdict.word) for name, verdict in report.verdicts.items())
        for key, found in grouped(played).items():
            is_broken = found[0].certain and key.property in report.facts.promises
            self._add(key, Group(is_broken, len(found), 1, (played.case.size, number)))

    def _add(self, key: Key, group: Group) -> None:
        self.groups.setdefault(key, Group(group.is_broken)).add(group)

    def merge(self, other: "Tally") -> None:
        """Adds another part of the same soak."""
        self.runs += other.runs
        self.operations += other.operations
        self.faults += other.faults
        self.quiescent += other.quiescent
        self.verdicts.update(other.verdicts)
        self.promised |= other.promised
        self.coverage.update(other.coverage)
        for key, group in other.groups.items():
            self._add(key, group)


def grouped(played: Played) -> dict[Key, list[Finding]]:
    """The findings of a run that are alike; those that could not be decided are a cause of their own."""
    found: dict[Key, list[Finding]] = {}
    for finding in played.report.findings:
        cause = finding.cause if finding.certain else f"{finding.cause} (not decided)"
        found.setdefault(Key(finding.name, cause, played.strategy), []).append(finding)
    return found

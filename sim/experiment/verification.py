"""Verification: the checker's verdicts over the runs of a result: which promises are broken, and what else was found.

Comparisons have one, `bindsim verify` makes one from a folder; sim.report prints it. It judges nothing that the checker
has not.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from core.binding.promises import PROPERTIES
from sim.history import OK, UNKNOWN, VIOLATED, check
from sim.history.summary import Cause, CheckedProperty, CheckedRun, Explained, summarized
from sim.history.verdict import Word
from sim.results import LoadedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The findings of one strategy, property and cause: how many in how many runs, and the first, in words.

    `command` is what repeats the run of the first; `run` is that run.
    """

    strategy: str
    name: str
    cause: str
    certain: bool
    promised: bool
    count: int
    runs: int
    run: CheckedRun
    first: Explained
    command: str

    @property
    def is_broken_promise(self) -> bool:
        """Whether it is an error, and not a finding alone."""
        return self.certain and self.promised

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "strategy": self.strategy, "property": self.name, "cause": self.cause, "certain": self.certain,
            "promised": self.promised, "count": self.count, "runs": self.runs, "replication": self.run.replication,
            **self.first.data(), "command": self.command,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A property of which the checker could say nothing in some runs, and why."""

    strategy: str
    name: str
    promised: bool
    because: str
    runs: int

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "strategy": self.strategy, "property": self.name, "promised": self.promised, "because": self.because,
            "runs": self.runs,
        }  # fmt: skip


_Key = tuple[str, str, str, bool]  # strategy, property, cause, whether it is certain
_Found = tuple[CheckedRun, CheckedProperty, Cause]


class Verification:
    """The verdicts on several runs of one scenario. `origin` is the scenario as `bindsim run` is told it."""

    def __init__(self, runs: Sequence[CheckedRun], *, origin: Sequence[str]) -> None:
        self.runs = tuple(runs)
        self._origin = tuple(origin)

    @classmethod
    def of(cls, result: LoadedRun) -> Self:
        """Checks every history that was saved with a result. Raises ResultError when there is none."""
        return cls(list(checked_histories(result)), origin=result.origin)

    @property
    def strategies(self) -> tuple[str, ...]:
        """In the order in which they were run."""
        return tuple(dict.fromkeys(run.label for run in self.runs))

    @property
    def properties(self) -> tuple[str, ...]:
        """Those that were checked, in the order of core.binding.promises."""
        return tuple(name for name in PROPERTIES if any(each.name == name for _, each in self._verdicts()))

    def verdicts(self, strategy: str, name: str) -> list[CheckedProperty]:
        """One property in each run of a strategy."""
        return [each for run, each in self._verdicts() if run.label == strategy and each.name == name]

    def word(self, strategy: str, name: str) -> Word:
        """violated if it is in any run, else unknown if it is in any, else ok."""
        words = {each.word for each in self.verdicts(strategy, name)}
        return VIOLATED if VIOLATED in words else UNKNOWN if UNKNOWN in words else OK

    @property
    def is_broken(self) -> bool:
        """Whether a promise is broken in any run."""
        return any(each.promised and each.word == VIOLATED for _, each in self._verdicts())

    @property
    def is_unknown(self) -> bool:
        """Whether something promised is unknown in any run."""
        return any(each.promised and each.word == UNKNOWN for _, each in self._verdicts())

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All findings: broken promises first, then what else is certain, then what could not be decided."""
        found = [self._group(key, among) for key, among in self._by_cause().items()]
        return tuple(sorted(found, key=lambda group: (not group.is_broken_promise, not group.certain)))

    @cached_property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What could not be said at all, by strategy, property and reason; promised or not."""
        counts: dict[tuple[str, str, bool, str], int] = {}
        for run, each in self._verdicts():
            if each.unknown_because:
                key = (run.label, each.name, each.promised, each.unknown_because)
                counts[key] = counts.get(key, 0) + 1
        return tuple(
            Unknown(strategy=strategy, name=name, promised=promised, because=because, runs=count)
            for (strategy, name, promised, because), count in counts.items()
        )

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "strategies": {
                strategy: {name: self._property_data(strategy, name) for name in self.properties}
                for strategy in self.strategies
            },
            "findings": [group.data() for group in self.groups],
            "unknown": [unknown.data() for unknown in self.unknowns],
        }

    def _property_data(self, strategy: str, name: str) -> dict[str, Any]:
        verdicts = self.verdicts(strategy, name)
        return {
            "word": self.word(strategy, name),
            "promised": any(each.promised for each in verdicts),
            "violations": sum(each.violations for each in verdicts),
            "checked": sum(each.checked for each in verdicts),
            "runs": [each.word for each in verdicts],
        }

    def _verdicts(self) -> Iterator[tuple[CheckedRun, CheckedProperty]]:
        return ((run, each) for run in self.runs for each in run.properties)

    def _by_cause(self) -> dict[_Key, list[_Found]]:
        found: dict[_Key, list[_Found]] = {}
        for run, each in self._verdicts():
            for cause in each.causes:
                found.setdefault((run.label, each.name, cause.name, cause.certain), []).append((run, each, cause))
        return found

    def _group(self, key: _Key, among: list[_Found]) -> Group:
        strategy, name, cause, certain = key
        run, verdict, first = among[0]
        return Group(
            strategy=strategy, name=name, cause=cause, certain=certain, promised=verdict.promised,
            count=sum(each.count for _, _, each in among), runs=len(among), run=run, first=first.examples[0],
            command=self._command(run),
        )  # fmt: skip

    def _command(self, run: CheckedRun) -> str:
        """What repeats a run and checks it."""
        which = ["--strategy", run.strategy, "--seed", str(run.seed)]
        which += ["--replication", str(run.draw)] if run.draw else []
        return shlex.join(["bindsim", "run", *self._origin, *which, "--verify"])


def checked_histories(result: LoadedRun) -> Iterator[CheckedRun]:
    """Checks the saved histories one by one, as they are asked for. Raises ResultError when there is none."""
    for strategy, replication in result.histories():
        report = check(result.history(strategy, replication))
        yield summarized(report, label=strategy, replication=replication)

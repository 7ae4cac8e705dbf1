"""The targets, and the lines that a script reads: `NAME VALUE TARGET ok|short`."""

from statistics import median
from typing import Literal, NamedTuple

from bench.comparison import ORM, SIMULATOR, SQLITE
from bench.rounds import Timings, paired_ratios


class Target(NamedTuple):
    """A figure to reach: at least or at most `limit`."""

    name: str
    direction: Literal[">=", "<="]
    limit: float

    def verdict(self, value: float) -> "Verdict":
        """The target with what was measured."""
        return Verdict(self, value)


class Verdict(NamedTuple):
    """A measured value and the target that it was to reach."""

    target: Target
    value: float

    @property
    def reached(self) -> bool:
        """Whether the value is good enough."""
        limit = self.target.limit
        return self.value >= limit if self.target.direction == ">=" else self.value <= limit

    def line(self) -> str:
        """Four words: name, value, target, ok or short."""
        target = self.target
        return f"{target.name} {self.value:.4g} {target.direction}{target.limit:g} {'ok' if self.reached else 'short'}"


VERSUS_SQLITE = Target("speed_over_bare_sqlite", ">=", 0.10)
VERSUS_ORM = Target("speed_over_orm_loop", ">=", 5)
GROWTH = Target("cost_of_long_over_short_run", "<=", 1.15)
MEMORY = Target("peak_gb_of_longest_run", "<=", 1.5)


def versus_sqlite(timings: Timings) -> Verdict:
    """The simulator's speed as a share of bare SQLite's."""
    return VERSUS_SQLITE.verdict(median(paired_ratios(timings, SQLITE, SIMULATOR)))


def versus_orm(timings: Timings) -> Verdict:
    """How many times faster the simulator is than the ORM loop."""
    return VERSUS_ORM.verdict(median(paired_ratios(timings, ORM, SIMULATOR)))

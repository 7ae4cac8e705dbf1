"""The values of a metric over strategies and replications, and what may be said when some are missing.

Made from outcomes by sim.experiment.comparison. A value that a replication does not have is never replaced by
a guess: a count that was not seen is zero, everything else is missing for a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.experiment.intervals import Interval, t_interval
from sim.experiment.jobs import Outcome
from sim.metrics.registry import lookup

_NO_ROWS = "no observations"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A strategy's value of a metric: an interval, or None with a note that says why."""

    interval: Interval | None
    note: str = ""

    @property
    def mean(self) -> float | None:
        """The mean over the replications, None where there is no value."""
        return None if self.interval is None else self.interval.mean


class Samples:
    """Every replication's value of every metric."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._by_strategy: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            self._by_strategy.setdefault(outcome.strategy, []).append(outcome)

    @property
    def strategies(self) -> tuple[str, ...]:
        """The strategies in the order in which they were run."""
        return tuple(self._by_strategy)

    def outcomes(self, strategy: str) -> list[Outcome]:
        """The replications of a strategy."""
        return self._by_strategy[strategy]

    def operations(self, strategy: str) -> int:
        """Operations of all replications of a strategy."""
        return sum(outcome.operations for outcome in self._by_strategy[strategy])

    def metrics(self) -> list[str]:
        """The names that any replication has a value or a reason for, in the order of first appearance."""
        names: dict[str, None] = {}
        for outcomes in self._by_strategy.values():
            for outcome in outcomes:
                names.update(dict.fromkeys(outcome.values.values))
        return list(names)

    def values(self, metric: str, strategy: str) -> list[float | None]:
        """One value a replication."""
        absent = 0.0 if lookup(metric).family.is_count else None
        return [outcome.values.values.get(metric, absent) for outcome in self._by_strategy[strategy]]

    def estimate(self, metric: str, strategy: str) -> Estimate:
        """The mean of a strategy with its interval."""
        values = self.values(metric, strategy)
        present = [value for value in values if value is not None]
        reason = self._reason(metric, strategy)
        if present and (len(present) == len(values) or reason == _NO_ROWS):
            return Estimate(t_interval(present), _partly(len(present), len(values)))
        return Estimate(None, f"{reason} in {len(values) - len(present)} of {len(values)}")

    def difference(self, metric: str, strategy: str, first: str) -> Estimate:
        """The mean paired difference `strategy` minus `first` with its interval."""
        differences = self.differences(metric, strategy, first)
        return (
            Estimate(None, "not in every pair of replications")
            if differences is None
            else Estimate(t_interval(differences))
        )

    def differences(self, metric: str, strategy: str, first: str) -> list[float] | None:
        """`strategy` minus `first` in each replication; None where not every replication of both has a value."""
        pairs = list(zip(self.values(metric, strategy), self.values(metric, first), strict=True))
        found = [one - other for one, other in pairs if one is not None and other is not None]
        return found if found and len(found) == len(pairs) else None

    def _reason(self, metric: str, strategy: str) -> str:
        """Why values are missing: the reason that forbids most."""
        reasons = {outcome.values.reasons.get(metric, "") for outcome in self._by_strategy[strategy]}
        return max(reasons - {"", _NO_ROWS}, default=_NO_ROWS)


def _partly(present: int, count: int) -> str:
    return "" if present == count else f"in {present} of {count}"

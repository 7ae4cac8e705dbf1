"""How long the database's own work takes: round trips, execution of statements, flushes. Used by the server.

Draws are keyed by the operation, the statement and how often the operation has executed it, so that the same work costs
the same under every strategy.
"""

from collections.abc import Mapping
from typing import Any

from sim.database.seams import Duration
from sim.kernel import Draws, current

BEGIN, COMMIT, COMMIT_READ_ONLY = "begin", "commit", "commit_read_only"
"""What may have costs by name beside the statements."""


class Costs:
    """Durations in microseconds. `statement_factor` multiplies round trip and execution of every statement."""

    def __init__(
        self,
        *,
        round_trip_us: int = 0,
        execution: Duration = 0,
        commit: Duration = 0,
        statement_factor: float = 1,
        draws: Draws | None = None,
    ) -> None:
        self.round_trip_us = round_trip_us
        self.statement_round_trip_us = round(round_trip_us * statement_factor)
        self._factor = statement_factor
        self._execution = execution
        self._commit = commit
        self._draws = draws or Draws(0)
        self._flush_purpose = self._draws.purpose("database.flush")
        self._purposes: dict[str, int] = {}
        self.fixed_execution_us = round(execution * statement_factor) if isinstance(execution, int) else None

    def execution_us(self, name: str) -> int:
        """How long the server works on the current worker's next statement of this name."""
        if self.fixed_execution_us is not None:
            return self.fixed_execution_us
        assert not isinstance(self._execution, int)
        return round(self._execution.quantile_us(self._uniform(name)) * self._factor)

    @property
    def has_details(self) -> bool:
        """Whether calls have costs by name."""
        return False

    def flush_us(self, number: int) -> int:
        """How long flush `number` (from 0) of the log takes."""
        if isinstance(self._commit, int):
            return self._commit
        return self._commit.quantile_us(self._draws.uniform(self._flush_purpose, number))

    def _uniform(self, name: str) -> float:
        purpose = self._purposes.get(name)
        if purpose is None:
            purpose = self._purposes[name] = self._draws.purpose(f"database.execution.{name}")
        process = current()
        operation: int = process.operation
        if operation < 0:  # background work, such as a journal's worker, is keyed by its name
            operation = -1 - self._draws.purpose(process.name)
        return self._draws.uniform(purpose, operation, _count(process.scratch, operation, purpose))


class DetailedCosts(Costs):
    """Execution by the name of what is executed: `by_name` goes before `execution`, which is for statements only.

    BEGIN is a round trip of its own where `by_name` has it.
    """

    def __init__(self, by_name: Mapping[str, Duration], **costs: Any) -> None:
        super().__init__(**costs)
        self._by_name = by_name
        self._any_us = self.fixed_execution_us
        self.fixed_execution_us = None
        self.begins = BEGIN in by_name

    @property
    def has_details(self) -> bool:
        """It has."""
        return True

    def execution_us(self, name: str) -> int:
        """How long the server works on the current worker's next call of this name."""
        known = self._by_name.get(name)
        if known is None:
            return 0 if name in (BEGIN, COMMIT, COMMIT_READ_ONLY) else self._any_execution_us(name)
        factor = 1 if name in (BEGIN, COMMIT, COMMIT_READ_ONLY) else self._factor
        return round((known if isinstance(known, int) else known.quantile_us(self._uniform(name))) * factor)

    def _any_execution_us(self, name: str) -> int:
        return super().execution_us(name) if self._any_us is None else self._any_us


def _count(scratch: dict[Any, Any], operation: int, purpose: int) -> int:
    """How often this operation has drawn for this purpose before."""
    of, counts = scratch.get("database.draws", (None, {}))
    if of != operation:
        counts = {}
        scratch["database.draws"] = (operation, counts)
    seen: int = counts.get(purpose, 0)
    counts[purpose] = seen + 1
    return seen

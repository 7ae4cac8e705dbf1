"""How long the database's own work takes: round trips, execution of statements, flushes. Used by the server.

Draws are keyed by the operation, the statement and how often the operation has executed it, so that the same work costs
the same under every strategy.
"""

from typing import Any

from sim.database.seams import Duration
from sim.kernel import Draws, current


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


def _count(scratch: dict[Any, Any], operation: int, purpose: int) -> int:
    """How often this operation has drawn for this purpose before."""
    of, counts = scratch.get("database.draws", (None, {}))
    if of != operation:
        counts = {}
        scratch["database.draws"] = (operation, counts)
    seen: int = counts.get(purpose, 0)
    counts[purpose] = seen + 1
    return seen

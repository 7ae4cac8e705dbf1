"""What an API process computes for one call of the database, by the call's name: before it and after its answer, us.

Used by sim.model.api where a scenario gives such costs (bindsim calibrate measures them).
"""

from sim.database import BEGIN, COMMIT, COMMIT_READ_ONLY
from sim.scenario import Scenario

_NO_STATEMENTS = (BEGIN, COMMIT, COMMIT_READ_ONLY)


class CallComputing:
    """Microseconds by name. Where `by_name` is False, the scenario knows no costs by name, and nobody asks for them."""

    def __init__(self, scenario: Scenario) -> None:
        settings = scenario.api
        known = settings.statements_cpu_s or {}
        self.by_name = any(
            given is not None
            for given in (settings.statements_cpu_s, settings.cpu_after_share, scenario.database.statements_s)
        )
        self._operations_us = {str(kind): round(s * 1e6) for kind, s in (settings.operations_cpu_s or {}).items()}
        self._share = settings.cpu_after_share or 0.0
        self._factor = scenario.database.statement_factor
        self._any_s = settings.cpu_s_per_statement
        self._known_s: dict[str, float] = {str(name): seconds for name, seconds in known.items()}

    def operation_us(self, kind: str, any_us: int) -> int:
        """For an operation of this kind before its SQL; `any_us` where the scenario says nothing of the kind."""
        whole_us = self._operations_us.get(kind, any_us)
        return whole_us if not self._share else round(whole_us * (1 - self._share))

    def operation_after_us(self, kind: str, any_us: int) -> int:
        """For it after its SQL."""
        return self._operations_us.get(kind, any_us) - self.operation_us(kind, any_us) if self._share else 0

    def before_us(self, name: str) -> int:
        """Before the server is asked."""
        return round(self._seconds(name) * (1 - self._share) * 1e6)

    def after_us(self, name: str) -> int:
        """After it has answered."""
        return round(self._seconds(name) * 1e6) - self.before_us(name)

    def _seconds(self, name: str) -> float:
        if name in _NO_STATEMENTS:
            return self._known_s.get(name, 0.0)
        return self._known_s.get(name, self._any_s) * self._factor

"""A history: what one run recorded, and the facts about the run that the checker needs.

The model's recording layer makes it, sim.results keeps and loads it, sim.history.check looks at it.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sim.history.tables import HistoryTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """About one run: which strategy with which rules, how it ended.

    `promises` are names of properties (core.binding states them), `check` is the strategy's concurrency check ('' where
    it has none), `controllers` maps a driver's name to its controller's. Positions are those of sim/history/rows.py:
    `rest` is the last event before the state at rest was looked at; `read_once`: the reads at rest have all ended.
    `exact`: every commit has an exact position.
    """

    scenario: str
    strategy: str
    seed: int
    replication: int
    promises: tuple[str, ...]
    binds_inside: bool
    reads_bind: bool
    check: str
    max_attempts: int
    drivers: tuple[str, ...]
    controllers: dict[str, str] = field(default_factory=dict)
    exact: bool = True
    quiescent: bool = False
    read_once: bool = False
    rest: int = 0
    end_us: int = 0

    def data(self) -> dict[str, Any]:
        """As plain data, for a file."""
        return {**asdict(self), "promises": list(self.promises), "drivers": list(self.drivers)}

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Facts":
        """The inverse of `data`."""
        known = {each.name: data[each.name] for each in fields(cls)}
        return cls(**{**known, "promises": tuple(data["promises"]), "drivers": tuple(data["drivers"])})


@dataclass(frozen=True, slots=True)
class History:
    """One run's record."""

    facts: Facts
    tables: HistoryTables

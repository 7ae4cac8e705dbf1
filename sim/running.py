"""What every engine of the harness shares: which strategy and seed a run has, the quiet core, and the finished Run.

Used by sim.simulation (virtual time) and sim.wall (real time). Nothing here runs anything.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.history import History
from sim.metrics import RunFacts, Tables
from sim.metrics.measure import Values, measure
from sim.metrics.registry import lookup
from sim.metrics.saturation import detect_saturation
from sim.model.bindings import BindingTracker
from sim.model.engine import Ending
from sim.model.load import Load
from sim.model.ownership import Ownership
from sim.scenario import KNOWN, Scenario, Strategy, builtin

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]

_SHOWN = (
    "throughput_per_s.all", "latency_s.", "latency_part_s.", "hold_time_s.p", "lock_wait_s.p95", "retries_count.",
)  # fmt: skip


@dataclass(kw_only=True)
class Run(RunFacts):
    """One finished run: its tables and everything that metrics are computed from (see RunFacts).

    `history` is what the checker looks at, where it was asked for.
    """

    history: History | None = None

    def __repr__(self) -> str:
        told = f"seed {self.seed}, replication {self.replication}"
        return f"<run of {self.scenario}, {self.strategy}, {told}: {self.outcome}>"

    def table(self, name: str) -> "pd.DataFrame":
        """One of the seven tables, as in docs/results.md. KeyError for a name that there is not."""
        tables = {table.name: table for table in self.tables.all()}
        if name not in tables:
            raise KeyError(f"there is no table {name!r}; a run has {', '.join(tables)}")
        return tables[name].frame()

    def frame(self) -> "pd.DataFrame":
        """One row a metric: its value, its unit, and why there is none."""
        import pandas as pd

        return pd.DataFrame(self._rows(measure(self)))

    def _rows(self, values: Values) -> list[dict[str, Any]]:
        return [
            {"metric": name, "value": value, "unit": lookup(name).unit, "note": values.reasons.get(name, "")}
            for name, value in values.values.items()
        ]

    def _repr_html_(self) -> str:
        from sim.metrics.html import page_table, sentence

        told = f"{self.scenario}, {self.strategy}, seed {self.seed}, replication {self.replication}: {self.outcome}"
        told += f"; {self.virtual_us / 1e6:,.0f} s simulated. frame() has all metrics."
        shown = [row for row in self._rows(measure(self)) if row["metric"].startswith(_SHOWN)]
        return sentence(told) + page_table(shown)


def replication_seed(seed: int, replication: int) -> int:
    """The seed of one replication: 64 bits that follow from both numbers."""
    if seed < 0 or replication < 0:
        raise ValueError(f"seed is {seed} and replication {replication}; both must be 0 or more")
    return int.from_bytes(blake2b(f"{seed} replication {replication}".encode(), digest_size=8).digest())


def chosen_strategy(scenario: Scenario, strategy: str | Strategy | None) -> Strategy:
    """The strategy that a name or an object means; the scenario's first for None. ValueError for an unknown one."""
    if strategy is None:
        return scenario.strategies[0]
    if isinstance(strategy, Strategy):
        return strategy
    try:
        return scenario.strategy(strategy)
    except (StopIteration, KeyError):
        pass
    if strategy in KNOWN:
        return builtin(strategy)
    known = ", ".join(dict.fromkeys((*(variant.name for variant in scenario.strategies), *KNOWN)))
    raise ValueError(f"strategy is '{strategy}'; for scenario {scenario.name} it can be {known}")


@contextmanager
def quiet_core() -> Iterator[None]:
    """The core logs what it swallows; here that is counted and not printed."""
    logger = logging.getLogger("core")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


class Ended(Protocol):
    """What a Run is made of: the parts of a system that has run, in virtual or in real time."""

    @property
    def scenario(self) -> Scenario: ...
    @property
    def tables(self) -> Tables: ...
    @property
    def tracker(self) -> BindingTracker: ...
    @property
    def ownership(self) -> Ownership: ...
    @property
    def load(self) -> Load: ...


def run_of(
    system: Ended, variant: Strategy, ending: Ending, *, seed: int, replication: int, counts: dict[str, int]
) -> Run:
    """The Run of a system at its end; its history is not set yet."""
    timeout_s = system.scenario.workload.client.timeout_s
    saturation = detect_saturation(system.tables.operations, load_end_us=ending.load_end_us, now_us=ending.virtual_us)
    return Run(
        scenario=system.scenario.name,
        strategy=variant.name,
        seed=seed,
        replication=replication,
        tables=system.tables,
        virtual_us=ending.virtual_us,
        load_end_us=ending.load_end_us,
        outcome=_outcome(ending, saturated=saturation is not None),
        client_timeout_us=None if timeout_s is None else round(timeout_s * 1e6),
        saturated_from_us=None if saturation is None else saturation.from_us,
        unfinished=len(system.load.in_server) if saturation is None else saturation.unfinished,
        stall=ending.stall,
        lost=ending.lost,
        windows={
            "unbound": np.array(system.tracker.unbound_us, dtype=np.int64),
            "double_owner": np.array(system.ownership.double_us, dtype=np.int64),
        },
        windows_from={
            "unbound": np.array(system.tracker.unbound_from_us, dtype=np.int64),
            "double_owner": np.array(system.ownership.double_from_us, dtype=np.int64),
        },
        counts=counts,
    )


def _outcome(ending: Ending, *, saturated: bool) -> str:
    if ending.stall:
        return "stalled"
    if saturated:
        return "saturated"
    return "ok" if ending.quiescent else "not quiescent"

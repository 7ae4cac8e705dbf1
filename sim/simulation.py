"""One run of a scenario: `run(scenario, strategy=..., seed=...)`. The door to the simulator.

Called by users, experiments and the command line. Everything in a `Run` follows from the scenario, the strategy, the
seed and the number of the replication; it reads no clock but the virtual one.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.history import History
from sim.kernel import Draws
from sim.metrics import RunFacts
from sim.metrics.measure import Values, measure
from sim.metrics.registry import lookup
from sim.metrics.saturation import detect_saturation
from sim.model.collector import quick_collections, rare_collections
from sim.model.engine import Ending, Engine
from sim.model.recording import facts_of
from sim.model.system import System
from sim.scenario import BASES, Scenario, Strategy, builtin

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


def run(
    scenario: Scenario,
    *,
    strategy: str | Strategy | None = None,
    seed: int = 1,
    replication: int = 0,
    progress: Progress | None = None,
    history: bool = False,
) -> Run:
    """Runs a scenario once.

    `strategy` is one of its variants by name, a built-in one, or an object; without it the first. Each replication
    draws its own arrivals. With `history` the run is recorded for the checker (sim.history).
    `progress(virtual_us, answered)` is called about once a virtual second. ValueError for a strategy that there is not,
    or a seed below 0.
    """
    variant = _variant(scenario, strategy)
    system = System(scenario, variant, draws=Draws(replication_seed(seed, replication)), record=history)
    try:
        with _quiet_core(), rare_collections():
            ending = Engine(system, progress=progress).run()
        found = _facts(system, variant, ending, seed=seed, replication=replication)
        found.history = history_of(system, ending, seed=seed, replication=replication)
        return found
    finally:
        system.close()


@contextmanager
def executed(
    scenario: Scenario, variant: Strategy, *, seed: int, replication: int = 0, history: bool = False,
    levels: bool = True,
) -> Iterator[tuple[System, Ending]]:  # fmt: skip
    """One run without facts for metrics: the system at its end, which is closed afterwards, and how it ended.

    For thousands of small runs in a row, all inside one `many_runs`. `levels` False leaves that table empty.
    """
    draws = Draws(replication_seed(seed, replication))
    system = System(scenario, variant, draws=draws, record=history, levels=levels)
    try:
        yield system, Engine(system).run()
    finally:
        system.close()


@contextmanager
def many_runs() -> Iterator[None]:
    """What is done once around many small runs: the core is quiet, the garbage collector leaves alone what exists."""
    with _quiet_core(), quick_collections():
        yield


def history_of(system: System, ending: Ending, *, seed: int, replication: int) -> History | None:
    """What a system that has run recorded; None where it recorded nothing."""
    if system.history is None:
        return None
    began = facts_of(system.scenario, system.strategy, seed=seed, replication=replication)
    facts = replace(
        began,
        quiescent=ending.quiescent,
        read_once=ending.lost["missing.after_read"] is not None,
        rest=ending.rest,
        end_us=ending.virtual_us,
    )
    return History(facts, system.history.tables)


def replication_seed(seed: int, replication: int) -> int:
    """The seed of one replication: 64 bits that follow from both numbers."""
    if seed < 0 or replication < 0:
        raise ValueError(f"seed is {seed} and replication {replication}; both must be 0 or more")
    return int.from_bytes(blake2b(f"{seed} replication {replication}".encode(), digest_size=8).digest())


def _variant(scenario: Scenario, strategy: str | Strategy | None) -> Strategy:
    if strategy is None:
        return scenario.strategies[0]
    if isinstance(strategy, Strategy):
        return strategy
    try:
        return scenario.strategy(strategy)
    except (StopIteration, KeyError):
        pass
    if strategy in BASES:
        return builtin(strategy)
    known = ", ".join(dict.fromkeys((*(variant.name for variant in scenario.strategies), *BASES)))
    raise ValueError(f"strategy is '{strategy}'; for scenario {scenario.name} it can be {known}")


@contextmanager
def _quiet_core() -> Iterator[None]:
    """The core logs what it swallows; here that is counted and not printed."""
    logger = logging.getLogger("core")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _facts(system: System, variant: Strategy, ending: Ending, *, seed: int, replication: int) -> Run:
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
        counts=_counts(system),
    )


def _outcome(ending: Ending, *, saturated: bool) -> str:
    if ending.stall:
        return "stalled"
    if saturated:
        return "saturated"
    return "ok" if ending.quiescent else "not quiescent"


def _counts(system: System) -> dict[str, int]:
    counts = dict(system.recorder.counts)
    counts["replayed_statements"] = system.server.storage.replayed
    counts["commits"] = system.server.feed.commits
    if system.load.skipped_follow_ups:
        counts["skipped_follow_ups"] = system.load.skipped_follow_ups
    for name, controller in system.controllers.items():
        counts[f"refused_confirmations-{name}"] = controller.table.refused
    return counts

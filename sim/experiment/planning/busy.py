"""How busy each resource was in one run, and how much of it an operation takes: from the run's tables.

A task of its own, run in a worker process at a load that a search has found, and at a light load for what an operation
takes where nothing waits. Times are seconds. Everything counts from the first intended start to the end of the load.

Where the level of a resource is recorded (workers, connections, controller calls), its use is the mean of that level
over the load, divided by its places. Elsewhere it is computed from the tables: processor time from the statements and
operations, database cores from the statements and the mean execution time, flushes from the commits, subnet rows from
the transactions that create a port (their hold time without waits for locks, shared by all subnets).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiment.jobs import Report, simulate
from sim.experiment.planning.question import Question
from sim.experiment.planning.tasks import job_at
from sim.metrics import RunFacts, Tables
from sim.metrics.statistics import rounded
from sim.scenario import Scenario

Whole = np.ndarray[Any, np.dtype[np.int64]]
_MICROS = 1e6  # us in a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One resource in one run.

    `busy` is the mean number of its places that were taken, `places` how many there are, `queued` the mean number that
    waited (None: not recorded), `demand_s` how long an operation takes a place of it.
    """

    resource: str
    places: int
    busy: float
    queued: float | None
    demand_s: float
    recorded: bool  # as a level; else computed from the tables

    @property
    def share(self) -> float:
        """The share of its places that were taken."""
        return self.busy / self.places

    @property
    def bound_per_s(self) -> float | None:
        """The throughput that it cannot exceed: places over demand, operations a second."""
        return self.places / self.demand_s if self.demand_s else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyTask:
    """One replication at one load."""

    question: Question
    replication: int
    load: float


def measure_busy(task: BusyTask, report: Report) -> tuple[Use, ...]:
    """Runs a replication and looks at every resource."""
    job = job_at(task.question, task.load, task.replication, keep_tables=True)
    return tuple(uses_of(simulate(job, report), job.scenario))


def uses_of(facts: RunFacts, scenario: Scenario) -> Iterator[Use]:
    """Every resource of a run; none for a run without operations."""
    window = _Window.of(facts)
    if window is None:
        return
    for name, places, members in _levelled(scenario):
        yield from _from_levels(facts.tables, window, name, places, members)
    yield from _computed(facts.tables, window, scenario)


@dataclass(frozen=True, slots=True)
class _Window:
    """The time of the load, and the operations that were answered in it."""

    from_us: int
    to_us: int
    operations: int

    @classmethod
    def of(cls, facts: RunFacts) -> "_Window | None":
        rows = facts.tables.operations.to_numpy()
        if not len(rows):
            return None
        from_us = int(rows["intended_us"].min())
        last_us = int(rows["ended_us"].max())
        to_us = facts.load_end_us if facts.load_end_us > from_us else max(last_us, from_us + 1)
        answered = int(((rows["ended_us"] >= 0) & (rows["ended_us"] <= to_us)).sum())
        return cls(from_us, to_us, max(1, answered))

    @property
    def length_s(self) -> float:
        return (self.to_us - self.from_us) / _MICROS


def _levelled(scenario: Scenario) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Resources with a level: name, places, and the names in the levels table."""
    api, pool = scenario.api, scenario.database.pool
    yield "API workers", api.processes * api.threads, ("api.workers",)
    pools = tuple(f"db.pool of api-{number}" for number in range(api.processes))
    yield "connections", api.processes * pool.limit, pools
    for controller in scenario.controllers:
        yield f"controller {controller.name}", controller.concurrency, (controller.name,)


def _from_levels(tables: Tables, window: _Window, name: str, places: int, members: tuple[str, ...]) -> Iterator[Use]:
    rows, codes = tables.levels.to_numpy(), tables.levels.codes("resource")
    means = [_mean_levels(rows[rows["resource"] == codes.find(member)], window) for member in members]
    busy, queued = (sum(each[part] for each in means) for part in (0, 1))
    demand_s = busy * window.length_s / window.operations
    yield _use(name, places, busy, queued, demand_s, recorded=True)


def _mean_levels(rows: Any, window: _Window) -> tuple[float, float]:
    """The means over time of the places taken and of those that wait."""
    at = np.clip(rows["at_us"].astype(np.int64), window.from_us, window.to_us)
    lasts = np.diff(np.append(at, window.to_us)) / (window.to_us - window.from_us)
    return float((rows["in_use"] * lasts).sum()), float((rows["queued"] * lasts).sum())


def _computed(tables: Tables, window: _Window, scenario: Scenario) -> Iterator[Use]:
    rows = tables.transactions.to_numpy()
    rows = rows[(rows["ended_us"] >= 0) & (rows["ended_us"] <= window.to_us)]
    api, database = scenario.api, scenario.database
    statements = float(rows["statements"].sum()) * database.statement_factor
    yield _spent(
        "API processor", min(api.cores, api.processes), window,
        statements * api.cpu_s_per_statement + window.operations * api.cpu_s,
    )  # fmt: skip
    yield _spent("database cores", database.cores, window, statements * database.execution_s.build().mean_s)
    commits = int((rows["outcome"] == tables.transactions.codes("outcome").find("commit")).sum())
    yield _spent("commits", database.commit_slots, window, commits * database.commit_s)
    if scenario.topology.ip_allocation:
        creating = rows[rows["name"] == tables.transactions.codes("name").find("create_port")]
        held_us = creating["ended_us"] - creating["began_us"] - creating["lock_wait_us"]
        yield _spent("subnet rows", subnets_of(scenario), window, float(held_us.sum()) / _MICROS)


def subnets_of(scenario: Scenario) -> int:
    """The subnets that tenants use."""
    topology = scenario.topology
    return topology.tenants * topology.subnets_per_tenant or min(topology.networks, topology.tenants)


def _spent(name: str, places: int, window: _Window, spent_s: float) -> Use:
    return _use(name, places, spent_s / window.length_s, None, spent_s / window.operations, recorded=False)


def _use(name: str, places: int, busy: float, queued: float | None, demand_s: float, *, recorded: bool) -> Use:
    return Use(
        resource=name, places=places, busy=rounded(busy), queued=None if queued is None else rounded(queued),
        demand_s=rounded(demand_s), recorded=recorded,
    )  # fmt: skip

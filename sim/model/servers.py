"""The modelled database of a scenario: one server, or the nodes of a cluster. Called by sim.model.system."""

from typing import Any

from sim.database import (
    PROFILES,
    Cluster,
    Costs,
    DetailedCosts,
    Duration,
    ModelledDatabase,
    Recorder,
    Replication,
    StoreMaker,
)
from sim.kernel import MICROSECONDS, Constant, Distribution, Draws, Kernel
from sim.model.machine import Machine
from sim.scenario import Galera, Scenario


def modelled_database(
    scenario: Scenario, *, kernel: Kernel, draws: Draws, recorder: Recorder, machine: Machine,
    storage: StoreMaker | None = None,
) -> ModelledDatabase:  # fmt: skip
    """An empty database as the scenario's `database` describes it. `machine` is that of the API processes.

    ValueError for a cluster on a `storage` of its own: its nodes have one each.
    """
    settings = scenario.database
    cores = machine.cores if settings.on_api_machine else settings.cores
    timeout_s = settings.lock_wait_timeout_s
    timeout_us = None if timeout_s is None else _micros(timeout_s)
    if settings.galera is not None:
        if storage is not None:
            raise ValueError("a storage holds the rows of one server; profile galera has several")
        return Cluster(
            kernel,
            _replication(settings.galera, processes=scenario.api.processes),
            costs=_costs(scenario, draws, by_name=machine.calls.by_name),
            cores=cores,
            commit_slots=settings.commit_slots,
            lock_wait_timeout_us=timeout_us,
            recorder=recorder,
        )
    return ModelledDatabase(
        kernel,
        PROFILES[settings.profile],
        costs=_costs(scenario, draws, by_name=machine.calls.by_name),
        cores=cores,
        commit_slots=settings.commit_slots,
        lock_wait_timeout_us=timeout_us,
        recorder=recorder,
        storage=storage,
    )


def _costs(scenario: Scenario, draws: Draws, *, by_name: bool) -> Costs:
    settings = scenario.database
    costs: dict[str, Any] = {
        "round_trip_us": _micros(settings.round_trip_s),
        "execution": _fixed_or_drawn(settings.execution_s.build()),
        "commit": _micros(settings.commit_s) if settings.flush_s is None else _fixed_or_drawn(settings.flush_s.build()),
        "statement_factor": settings.statement_factor,
        "draws": draws,
    }
    if not by_name:
        return Costs(**costs)
    known = {str(name): _fixed_or_drawn(found.build()) for name, found in (settings.statements_s or {}).items()}
    return DetailedCosts(known, **costs)


def _replication(settings: Galera, *, processes: int) -> Replication:
    return Replication(
        nodes=settings.nodes,
        used=tuple(settings.node_of(process) for process in range(processes)),
        replication_us=_micros(settings.replication_s),
        apply_us=_micros(settings.apply_s),
        sync_wait=settings.sync_wait,
        flow_control_limit=settings.flow_control_limit,
    )


def _micros(seconds: float) -> int:
    return round(seconds * MICROSECONDS)


def _fixed_or_drawn(distribution: Distribution) -> Duration:
    """What never varies need not be drawn."""
    return distribution.quantile_us(0.5) if isinstance(distribution, Constant) else distribution

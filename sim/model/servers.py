"""The modelled database of a scenario: one server, or the nodes of a cluster. Called by sim.model.system."""

from sim.database import PROFILES, Cluster, Costs, Duration, ModelledDatabase, Recorder, Replication
from sim.kernel import MICROSECONDS, Constant, Distribution, Draws, Kernel
from sim.scenario import DatabaseServer, Galera, Scenario


def modelled_database(scenario: Scenario, *, kernel: Kernel, draws: Draws, recorder: Recorder) -> ModelledDatabase:
    """An empty database as the scenario's `database` describes it."""
    settings = scenario.database
    timeout_s = settings.lock_wait_timeout_s
    timeout_us = None if timeout_s is None else _micros(timeout_s)
    if settings.galera is not None:
        return Cluster(
            kernel,
            _replication(settings.galera, processes=scenario.api.processes),
            costs=_costs(settings, draws),
            cores=settings.cores,
            commit_slots=settings.commit_slots,
            lock_wait_timeout_us=timeout_us,
            recorder=recorder,
        )
    return ModelledDatabase(
        kernel,
        PROFILES[settings.profile],
        costs=_costs(settings, draws),
        cores=settings.cores,
        commit_slots=settings.commit_slots,
        lock_wait_timeout_us=timeout_us,
        recorder=recorder,
    )


def _costs(settings: DatabaseServer, draws: Draws) -> Costs:
    return Costs(
        round_trip_us=_micros(settings.round_trip_s),
        execution=_fixed_or_drawn(settings.execution_s.build()),
        commit=_micros(settings.commit_s),
        statement_factor=settings.statement_factor,
        draws=draws,
    )


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

"""Reliefs: a little more of one resource, to see by how much the load rises. What has no room for one says why.

sim.experiment.planning.planner searches again with each. Nothing here runs anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from sim.scenario import Dist, Scenario, as_text, with_overrides
from sim.scenario.plain_data import plain

LESS_LATENCY = 0.9  # factor on every bind latency: 10 % less
MORE_CONNECTIONS = 5
MORE_THREADS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """One change of a scenario. Where there is no room for it, it has no overrides and `reason` says why.

    `resource` names the resource as sim.experiment.planning.busy does.
    """

    name: str
    resource: str
    overrides: tuple[str, ...] = ()
    reason: str = ""

    def applied(self, scenario: Scenario) -> Scenario:
        """The scenario with this relief."""
        return with_overrides(scenario, self.overrides)


def reliefs_of(scenario: Scenario) -> tuple[Relief, ...]:
    """Every relief, with and without room."""
    return (
        _process(scenario), _core(scenario), _threads(scenario), _database_core(scenario), _commits(scenario),
        _connections(scenario), *_controller_calls(scenario), _subnets(scenario), _latency(scenario),
    )  # fmt: skip


def _process(scenario: Scenario) -> Relief:
    """A process computes on one core: where each has its own, one more needs one more."""
    api = scenario.api
    more = [as_text("api.processes", api.processes + 1)]
    if api.cores != api.processes:
        return Relief(name="one API process more", resource="API processor", overrides=tuple(more))
    more.append(as_text("api.cores", api.cores + 1))
    return Relief(name="one API process more, with a core", resource="API processor", overrides=tuple(more))


def _core(scenario: Scenario) -> Relief:
    api = scenario.api
    reason = f"{api.processes} API processes compute on at most {api.processes} of {api.cores} cores"
    if api.cores >= api.processes:
        return Relief(name="one API core more", resource="API processor", reason=reason)
    return Relief(name="one API core more", resource="API processor", overrides=(as_text("api.cores", api.cores + 1),))


def _threads(scenario: Scenario) -> Relief:
    more = as_text("api.threads", scenario.api.threads + MORE_THREADS)
    return Relief(name=f"{MORE_THREADS} workers more in each API process", resource="API workers", overrides=(more,))


def _database_core(scenario: Scenario) -> Relief:
    more = as_text("database.cores", scenario.database.cores + 1)
    return Relief(name="one database core more", resource="database cores", overrides=(more,))


def _commits(scenario: Scenario) -> Relief:
    more = as_text("database.commit_slots", scenario.database.commit_slots + 1)
    name = "one commit more in a flush"
    if not scenario.database.commit_s:
        return Relief(name=name, resource="commits", reason="a flush takes no time")
    return Relief(name=name, resource="commits", overrides=(more,))


def _connections(scenario: Scenario) -> Relief:
    pool, threads = scenario.database.pool, scenario.api.threads
    name = f"{MORE_CONNECTIONS} connections more in each pool"
    if pool.limit >= threads:
        reason = f"{threads} workers of a process never need more than {threads} of {pool.limit} connections"
        return Relief(name=name, resource="connections", reason=reason)
    more = as_text("database.pool.max_overflow", pool.max_overflow + MORE_CONNECTIONS)
    return Relief(name=name, resource="connections", overrides=(more,))


def _controller_calls(scenario: Scenario) -> Iterator[Relief]:
    for controller in scenario.controllers:
        more = as_text(f"controllers.{controller.name}.concurrency", controller.concurrency + 1)
        name = f"one call more at a time at {controller.name}"
        yield Relief(name=name, resource=f"controller {controller.name}", overrides=(more,))


def _subnets(scenario: Scenario) -> Relief:
    name, resource, reason = "twice the subnets", "subnet rows", ""
    if not scenario.topology.ip_allocation:
        reason = "no address is allocated"
    elif not any(entry.operation == "create_port" and entry.weight for entry in scenario.workload.operations):
        reason = "no port is created"
    if reason:
        return Relief(name=name, resource=resource, reason=reason)
    return Relief(name=name, resource=resource, overrides=(_twice_the_subnets(scenario),))


def _twice_the_subnets(scenario: Scenario) -> str:
    topology = scenario.topology
    if topology.subnets_per_tenant:
        return as_text("topology.subnets_per_tenant", 2 * topology.subnets_per_tenant)
    shared = min(topology.networks, topology.tenants)  # one subnet a network that any tenant uses
    if 2 * topology.networks <= topology.tenants:
        return as_text("topology.networks", 2 * topology.networks)
    return as_text("topology.subnets_per_tenant", ceil(2 * shared / topology.tenants))


def _latency(scenario: Scenario) -> Relief:
    name, resource = "10 % less bind latency", "bind latency"
    slow = [each for each in scenario.controllers if each.latency.bind.build().mean_s]
    if not slow:
        return Relief(name=name, resource=resource, reason="no controller takes time to bind")
    changes = (
        as_text(f"controllers.{each.name}.latency.bind", shorter(each.latency.bind, LESS_LATENCY)) for each in slow
    )
    return Relief(name=name, resource=resource, overrides=tuple(changes))


def shorter(latency: Dist, factor: float) -> Any:
    """The distribution with every draw multiplied, as a file would say it: all that ends in `_s` is, shapes stay."""
    return _multiplied(plain(latency), factor)


def _multiplied(raw: Any, factor: float) -> Any:
    if isinstance(raw, dict):
        return {key: _times(held, factor) if key.endswith("_s") else _multiplied(held, factor)
                for key, held in raw.items()}  # fmt: skip
    if isinstance(raw, list):
        return [_multiplied(item, factor) for item in raw]
    return raw


def _times(held: Any, factor: float) -> Any:
    return [item * factor for item in held] if isinstance(held, list) else held * factor

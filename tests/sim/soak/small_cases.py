"""Cases of a few operations, made by hand: nothing takes time unless a test says so. For the tests of the soak."""

from typing import Any

from sim.soak import Case

Item = dict[str, Any]

SMALL: dict[str, Any] = {
    "question": "What does the soak see?",
    "strategies": [{"name": "deferred", "base": "deferred"}],
    "horizon": {"duration_s": 5.0, "drain_limit_s": 1000.0, "max_virtual_time_s": 3000.0},
    "topology": {"tenants": 1, "subnets_per_tenant": 1, "hosts": 2},
    "api": {"kind": "threads", "processes": 2, "threads": 2, "cores": 4, "cpu_s": 0.0, "cpu_s_per_statement": 0.0},
    "database": {"round_trip_s": 0.001, "execution_s": 0.0, "commit_s": 0.0},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    "controllers": [{"name": "sdn", "latency": {"bind": 0.5}}],
    "primary_metric": "latency_s.all.p95",
    "faults": [],
}


def small_case(*script: Item, initial: int = 0, bound: bool = False, seed: int = 1, **changes: Any) -> Case:
    """Operations, on initial ports; a mapping changes keys of a part, anything else replaces it."""
    numbered = [{"number": number, **item} for number, item in enumerate(script)]
    load = {"arrivals": {"script": numbered}, "ports": {"initial": initial, "bound": bound}}
    data = {**SMALL, "workload": {**load, **changes.pop("workload", {})}}
    for key, change in changes.items():
        data[key] = {**data[key], **change} if isinstance(change, dict) else change
    return Case(data, seed)


def create(at_s: float = 0.0, *, host: int = 0) -> Item:
    """A new port."""
    return {"at_s": at_s, "operation": "create_port", "host": host}


def move(at_s: float, *, host: int = 1, port: int = 0) -> Item:
    """An initial port goes to another host."""
    return {"at_s": at_s, "operation": "update_port", "port": port, "change": "host", "host": host}


def rename(at_s: float) -> Item:
    """The first initial port gets another name."""
    return {"at_s": at_s, "operation": "update_port", "port": 0, "change": "name", "value": "x"}


def read(at_s: float) -> Item:
    """The first initial port is read."""
    return {"at_s": at_s, "operation": "get_port", "port": 0}


def delete(at_s: float) -> Item:
    """The first initial port is deleted."""
    return {"at_s": at_s, "operation": "delete_port", "port": 0}


def failing(method: str) -> dict[str, Any]:
    """A driver whose calls of one method all fail."""
    driver = SMALL["drivers"][0]
    return {"drivers": [{**driver, "error_probability": {method: 1.0}}]}


def fault(kind: str, **settings: Any) -> dict[str, Any]:
    """One fault."""
    return {"faults": [{kind: settings}]}

"""The load that everything here is measured on: create, bind and delete by clients that never pause.

`scenario(operations)` is what the simulator runs; the other programs do the same operations on the same tables.
"""

from typing import Any

from sim.scenario import Scenario, parse_scenario

CLIENTS = 100  # one for each of 4 processes with 25 threads, so that none of them is ever idle
LIVE_PORTS = 20_000  # bound ports that stand in the tables throughout
SEED = 1

_FIXED: dict[str, Any] = {
    "schema_version": 1,
    "question": "What does a simulated operation cost in wall time?",
    "strategies": ["deferred"],
    "topology": {"tenants": 50, "networks": 1, "subnets_per_tenant": 1, "hosts": 100},
    "api": {"kind": "threads", "processes": 4, "threads": 25, "cores": 4, "cpu_s": 0.001, "cpu_s_per_statement": 1e-4},
    "database": {"profile": "innodb"},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    # Fast answers (assumption), so that most of the hundred operations meet in the database and not at the controller:
    # the more transactions are open at once, the dearer the modelled database is.
    "controllers": [
        {"name": "sdn", "concurrency": 100, "latency": {"bind": {"lognormal": {"median_s": 0.05, "p95_s": 0.2}}}},
    ],
    "primary_metric": "throughput_per_s.all.mean",
}


def scenario(operations: int, *, live_ports: int = LIVE_PORTS) -> Scenario:
    """A run of this many operations, half of them creates that bind, half deletes: a multiple of 200."""
    iterations, rest = divmod(operations, 2 * CLIENTS)
    if rest or not iterations:
        raise ValueError(f"operations is {operations}; it must be a positive multiple of {2 * CLIENTS}")
    longest_s = 60 + operations * 0.01  # several times what it takes, so that nothing is cut off
    horizon = {
        "kind": "terminating",
        "duration_s": longest_s,
        "drain_limit_s": 600,
        "max_virtual_time_s": longest_s + 600,
    }
    workload = {
        "arrivals": {"closed": {"clients": CLIENTS, "think_time_s": 0, "iterations": iterations}},
        "operations": [{"operation": "create_port", "then": [{"operation": "delete_port", "from": "end"}]}],
        "ports": {"initial": live_ports, "bound": True},
    }
    return parse_scenario({**_FIXED, "horizon": horizon, "workload": workload}, name="bench")

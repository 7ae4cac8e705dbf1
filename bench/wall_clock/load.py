"""The load: ports are created and bound, read, and deleted, by as many clients as there are threads, without pauses.

No driver calls anything remote, so what is left is the database and what it costs to ask it.
"""

from typing import Any, NamedTuple

from sim.scenario import Scenario, parse_scenario

SEED = 1
OPERATIONS_A_PORT = 3

_FIXED: dict[str, Any] = {
    "schema_version": 1,
    "question": "What does the wall-clock engine cost?",
    "strategies": ["deferred"],
    # So many subnets that their pools' rows, which stay locked until the commit, are seldom waited for (assumption).
    "topology": {"tenants": 500, "networks": 1, "subnets_per_tenant": 1, "hosts": 100},
    "drivers": [{"name": "ovs", "kind": "agent"}],
    "primary_metric": "throughput_per_s.all.mean",
}
_CHAIN = {
    "operation": "create_port",
    "then": [{"operation": "get_port", "from": "end", "then": [{"operation": "delete_port", "from": "end"}]}],
}
_LONGEST_S = 3600.0


class Shape(NamedTuple):
    """How many API processes with how many threads each, and how many ports each thread is to see through its life."""

    processes: int
    threads: int
    ports_a_thread: int

    @property
    def clients(self) -> int:
        """One for each thread."""
        return self.processes * self.threads

    @property
    def ports(self) -> int:
        """Ports in all."""
        return self.clients * self.ports_a_thread

    @property
    def operations(self) -> int:
        """Operations in all."""
        return self.ports * OPERATIONS_A_PORT

    def alone(self) -> "Shape":
        """The same ports one after the other."""
        return Shape(1, 1, self.ports)


def scenario(shape: Shape) -> Scenario:
    """The load of this shape; its ports are numbered alike in every shape with as many of them."""
    workload = {
        "arrivals": {"closed": {"clients": shape.clients, "think_time_s": 0, "iterations": shape.ports_a_thread}},
        "operations": [_CHAIN],
        "ports": {"initial": 1000, "bound": True},
    }
    horizon = {
        "kind": "terminating",
        "duration_s": _LONGEST_S,
        "drain_limit_s": 60,
        "max_virtual_time_s": 2 * _LONGEST_S,
    }
    api = {"kind": "threads", "processes": shape.processes, "threads": shape.threads}
    pool = {"size": shape.threads, "max_overflow": 0, "timeout_s": 30}
    return parse_scenario(
        {**_FIXED, "horizon": horizon, "workload": workload, "api": api, "database": {"pool": pool}}, name="wall_clock"
    )

"""Operations of the core, performed one after the other by one thread, and what each costs the core itself.

Between operations the thread pauses about as long as it has worked, because a processor that never rests works faster
than one that does: caches stay warm.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import perf_counter_ns, thread_time_ns

import numpy as np

from sim.calibration.stopwatch import Nanoseconds, Stopwatch
from sim.calibration.subjects import TimedCore
from sim.model.naming import host_name
from sim.model.operations import DEVICE_OWNER, device_of
from sim.model.world import World

KINDS = ("create_port", "update_port", "get_port", "get_ports", "delete_port")
"""In the order in which they are performed again and again: each deletes what the create before has made."""
_LONGEST_PAUSE_S = 0.05

OnProgress = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class OperationTimings:
    """Many operations of one kind under one strategy; ns and counts, one place an operation.

    `inside_ns` is the core's own computing while it has a connection, `outside_ns` the rest of its own.
    """

    wall_ns: Nanoseconds
    client_ns: Nanoseconds
    inside_ns: Nanoseconds
    outside_ns: Nanoseconds
    statements: Nanoseconds
    transactions: Nanoseconds

    def __len__(self) -> int:
        return len(self.wall_ns)


class Performer:
    """Performs operations on one world."""

    def __init__(self, core: TimedCore, watch: Stopwatch, world: World, *, seed: int) -> None:
        self._core = core
        self._watch = watch
        self._world = world
        self._random = Random(seed)
        self._created: list[str] = []
        self._performed = 0
        self._calls: dict[str, Callable[[], object]] = {
            "create_port": self._create,
            "update_port": self._update,
            "get_port": self._get,
            "get_ports": self._list,
            "delete_port": self._delete,
        }

    def perform(self, rounds: int, on_progress: OnProgress = lambda share: None) -> dict[str, OperationTimings]:
        """`rounds` of each kind, in turn."""
        rows: dict[str, list[tuple[int, ...]]] = {kind: [] for kind in KINDS}
        for number in range(rounds):
            for kind in KINDS:
                rows[kind].append(self._one(self._calls[kind]))
                self._pause(rows[kind][-1][0])
            on_progress((number + 1) / rounds)
        return {kind: OperationTimings(*np.array(found, dtype=np.int64).T) for kind, found in rows.items()}

    def _one(self, call: Callable[[], object]) -> tuple[int, ...]:
        core, watch = self._core, self._watch
        core.used.clear()
        spent_ns, cpu_ns, wall_ns = watch.spent_ns, thread_time_ns(), perf_counter_ns()
        call()
        wall_ns, cpu_ns, spent_ns = perf_counter_ns() - wall_ns, thread_time_ns() - cpu_ns, watch.spent_ns - spent_ns
        inside_ns = sum(connection.own_ns for connection in core.used)
        statements = sum(connection.statements for connection in core.used)
        return wall_ns, cpu_ns, inside_ns, cpu_ns - spent_ns - inside_ns, statements, len(core.used)

    def _pause(self, wall_ns: int) -> None:
        time.sleep(min(_LONGEST_PAUSE_S, self._random.expovariate(1.0) * wall_ns / 1e9))

    # the operations, as clients of a simulation ask for them

    def _create(self) -> None:
        tenant = self._random.randrange(self._world.tenants)
        self._performed += 1
        port = self._core.plugin.create_port(
            {
                "network_id": self._world.network_of(tenant).id,
                "device_id": device_of(self._world.initial_ports + self._performed),
                "device_owner": DEVICE_OWNER,
                "binding:host_id": self._host(),
                "fixed_ips": [{"subnet_id": self._world.subnet_of(tenant, self._random.random())}],
            }
        )
        self._created.append(port["id"])

    def _update(self) -> None:
        self._core.plugin.update_port(self._some_port(), {"binding:host_id": self._host()})

    def _get(self) -> None:
        self._core.plugin.get_port(self._some_port())

    def _list(self) -> None:
        self._core.plugin.get_ports({"device_id": device_of(self._random.randrange(self._world.initial_ports))})

    def _delete(self) -> None:
        self._core.plugin.delete_port(self._created.pop())

    def _some_port(self) -> str:
        return self._world.port_id(self._random.randrange(self._world.initial_ports))

    def _host(self) -> str:
        return host_name(self._random.randrange(self._world.hosts))

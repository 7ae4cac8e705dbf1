"""Worlds of scripted clients on the nodes of a cluster. Times of replication and applying are in milliseconds."""

from typing import Any

from sim.database import Cluster, Costs, Replication
from sim.kernel import Kernel, Process
from tests.sim.database.scripted import Client, Script, Waits, World, load_topology

REPLICATION = 2
APPLY = 3


class ClusterWorld(World):
    """Three nodes unless told otherwise. Statements take no time; a COMMIT shows on its node after 2 ms, on the others
    after 5."""

    def __init__(
        self, kernel: Kernel, *, costs: Costs | None = None, replication_ms: float = REPLICATION,
        apply_ms: float = APPLY, nodes: int = 3, **options: Any,
    ) -> None:  # fmt: skip
        self.kernel = kernel
        self.log = []
        self.waits = Waits()
        replication = Replication(
            nodes=nodes, replication_us=round(replication_ms * 1000), apply_us=round(apply_ms * 1000), **options
        )
        self.cluster = Cluster(kernel, replication, costs=costs, recorder=self.waits)
        self.database = self.cluster
        load_topology(self.database)

    def on(self, node: int, name: str, script: Script, *, after: float = 0, owner: Any = None) -> Process:
        """Starts a client that is connected to a node."""

        def task() -> None:
            client = NodeClient(self, name, node, owner)
            try:
                script(client)
            finally:
                client.connection.close()

        return self.kernel.start(task, name=name, delay_us=round(after * 1000), group=owner)

    def names_on(self, node: int) -> str:
        """The committed names of the four ports on one node, in order."""
        rows = self.cluster.nodes[node].committed("SELECT name FROM ports ORDER BY id")
        return " ".join(name for (name,) in rows)

    def agreed(self) -> str:
        """The same, as all agree on it."""
        return " ".join(name for (name,) in self.cluster.committed("SELECT name FROM ports ORDER BY id"))

    def lines(self) -> list[str]:
        """Runs to the end; the log, after which all nodes hold the same rows and no locks."""
        self.kernel.run()
        assert self.cluster.is_settled()
        assert not self.cluster.open_transactions()
        for table in ("ports", "ml2_port_bindings", "ip_allocations", "ip_allocation_pools"):
            rows = f"SELECT * FROM {table} ORDER BY 1, 2"
            for node in self.cluster.nodes:
                assert node.committed(rows) == self.cluster.committed(rows)
                assert not len(node._waits.table)
        return self.log


class NodeClient(Client):
    """A scripted client of one node."""

    def __init__(self, world: ClusterWorld, name: str, node: int, owner: Any) -> None:
        self.name = name
        self._world = world
        self.connection = world.cluster.nodes[node].pool(owner).connect()

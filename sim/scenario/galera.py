"""The nodes of a Galera cluster: the part of a scenario's database that belongs to profile `galera`.

docs/galera.md explains the rules and has their sources.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sim.scenario.base import Count, Flag, Part, PositiveCount, Seconds
from sim.scenario.faults import FailOver
from sim.scenario.problems import Path

if TYPE_CHECKING:
    from sim.scenario.document import Scenario

_Nodes = Annotated[int, Field(strict=True, ge=2, le=16)]


class Galera(Part):
    """Nodes that each have the server's cores, locks and log, and agree on one order of commits."""

    nodes: _Nodes = 3
    """Servers; three is the recommended least (MariaDB documentation, Galera Arbitrator Daemon)."""
    single_writer: Flag = False
    """Whether all API processes use node 0 and the others stand by, as behind a proxy that writes to one node."""
    processes_use: tuple[Count, ...] | None = None
    """The node of each API process, from 0, one number a process; null: process i uses node i modulo nodes."""
    replication_s: Seconds = 0.0005
    """From COMMIT to a place in the order of all nodes, s: a round trip to the furthest node (Percona, Multi-node
    writing and unexpected deadlocks, 2012); the default is round_trip_s's, for nodes in one data centre."""
    apply_s: Seconds = 0.00017
    """What a node's one applier needs for another node's write set, s. MariaDB's nodes kept up with 5,872 transactions
    a second of sysbench OLTP at 120 threads: 0.17 ms each (openstack/performance-docs, test_results/db)."""
    sync_wait: Flag = False
    """Whether each read first waits until its node has applied all that was ordered before (wsrep_sync_wait = 1)."""
    flow_control_limit: PositiveCount = 16
    """Write sets in a node's queue beyond which all nodes stop committing; gcs.fc_limit is 16 (MariaDB
    documentation, wsrep_provider_options)."""

    def node_of(self, process: int) -> int:
        """The node that an API process is connected to."""
        if self.single_writer:
            return 0
        return process % self.nodes if self.processes_use is None else self.processes_use[process]

    def may_read_stale(self, *, processes: int) -> bool:
        """Whether a client can read a state that others know to be replaced: on a node that has yet to apply."""
        return not self.sync_wait and len({self.node_of(process) for process in range(processes)}) > 1


def cluster_problems(scenario: "Scenario") -> Iterator[tuple[Path, str]]:
    """What does not fit a cluster, or belongs to one that there is not: the place and a sentence about it."""
    database = scenario.database
    cluster = database.galera
    if database.profile != "galera":
        if cluster is not None:
            yield ("database", "galera"), f"belongs to profile galera, but the profile is {database.profile}; remove it"
        return
    assert cluster is not None
    yield from _uses(scenario, cluster)
    if database.on_api_machine:
        yield ("database", "on_api_machine"), "is given with profile galera, whose nodes are machines of their own"
    for index, fault in enumerate(scenario.faults):
        if isinstance(fault.chosen, FailOver):
            yield (
                ("faults", index, "failover"),
                "has no meaning with profile galera, whose nodes do not die in this model; use profile innodb",
            )


def _uses(scenario: "Scenario", cluster: Galera) -> Iterator[tuple[Path, str]]:
    place: Path = ("database", "galera", "processes_use")
    used, processes = cluster.processes_use, scenario.api.processes
    if used is None:
        return
    if cluster.single_writer:
        yield place, "is given as well as single_writer, by which all processes use node 0; use one of them"
    if len(used) != processes:
        yield place, f"holds {len(used)} items: needs one for each of the {processes} API processes (api.processes)"
    if used and max(used) >= cluster.nodes:
        yield place, f"names node {max(used)}: no such node; allowed: 0 to {cluster.nodes - 1} (database.galera.nodes)"

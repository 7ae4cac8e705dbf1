"""How the nodes of a cluster are connected, and who uses which. Numbers only; cluster.py reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """Times are microseconds of virtual time.

    `nodes`: servers, each with cores, locks, log and rows of its own. `used`: the node of each API process.
    `replication_us`: from COMMIT at its node until a write set has its place in the order on all of them. `apply_us`:
    what a node's one applier works on another node's write set. `sync_wait`: each read first waits until its node has
    applied all that was ordered before it. `flow_control_limit`: write sets in a node's queue beyond which nobody may
    send any.
    """

    nodes: int = 3
    used: tuple[int, ...] = (0, 1, 2)
    replication_us: int = 0
    apply_us: int = 0
    sync_wait: bool = False
    flow_control_limit: int = 16  # write sets; gcs.fc_limit: MariaDB documentation, wsrep_provider_options

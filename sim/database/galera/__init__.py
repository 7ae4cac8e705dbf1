"""A Galera cluster of modelled servers: row locks on one's own node, one order of commits, write sets certified in it.

The profile `galera` of a scenario. docs/galera.md has the rules, where each is published, and what is left out.
certification.py decides, applier.py brings each node up to date, node.py is what a client is connected to, cluster.py
holds them together.
"""

from sim.database.galera.certification import Certification
from sim.database.galera.cluster import Cluster
from sim.database.galera.node import Node, NodeTransaction
from sim.database.galera.replication import Replication
from sim.database.galera.write_set import KeyKind, SentWriteSet, WriteSet

__all__ = [
    "Certification",
    "Cluster",
    "KeyKind",
    "Node",
    "NodeTransaction",
    "Replication",
    "SentWriteSet",
    "WriteSet",
]

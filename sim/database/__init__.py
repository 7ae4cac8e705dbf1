"""The modelled database: locks, time, pools and data of one server, behind the core's Connection seam.

The only public door of the package. sim.model makes one ModelledDatabase a run and one pool for each API process.
"""

from sim.database.commits import Commit, CommitFeed, RowChange
from sim.database.connection import PooledConnection
from sim.database.cores import SharedCores
from sim.database.costs import BEGIN, COMMIT, COMMIT_READ_ONLY, Costs, DetailedCosts
from sim.database.direct import DirectConnection
from sim.database.epoch import ReplayDiverged
from sim.database.flush import GroupCommit
from sim.database.galera import Cluster, Replication
from sim.database.modelled import ModelledDatabase
from sim.database.pool import Pool
from sim.database.profiles import GALERA, INNODB, POSTGRESQL, PROFILES, SQLITE, Profile
from sim.database.seams import Duration, FaultHook, NoOwner, Owner, Recorder
from sim.database.server_transaction import LOST, Key, ServerTransaction
from sim.database.store import Store, StoreMaker

__all__ = [
    "BEGIN",
    "COMMIT",
    "COMMIT_READ_ONLY",
    "GALERA",
    "INNODB",
    "LOST",
    "POSTGRESQL",
    "PROFILES",
    "SQLITE",
    "Cluster",
    "Commit",
    "CommitFeed",
    "Costs",
    "DetailedCosts",
    "DirectConnection",
    "Duration",
    "FaultHook",
    "GroupCommit",
    "Key",
    "ModelledDatabase",
    "NoOwner",
    "Owner",
    "Pool",
    "PooledConnection",
    "Profile",
    "Recorder",
    "ReplayDiverged",
    "Replication",
    "RowChange",
    "ServerTransaction",
    "SharedCores",
    "Store",
    "StoreMaker",
]

"""Every SQL statement that the core issues, named, with the rows it locks and reads.

The plugin, the strategies and the drivers execute these by name; an engine compiles each once for its dialect. The lock
sets tell the modelled database which row locks a real one would take: the primary key, every unique key value inserted
or deleted, shared locks on parents of foreign keys, exclusive ones on cascaded children. Engines ignore them otherwise.
Nothing here runs anything.
"""

from core.statements.addresses import IP_INSERT, IP_TAKEN_FROM, IPS_OF_PORT, POOL_ADVANCE, POOL_INSERT, POOL_LOCK
from core.statements.agents import AGENT_INSERT, AGENT_UPDATE, AGENTS_OF_HOST
from core.statements.inactive_bindings import (
    INACTIVE_BINDING_DELETE,
    INACTIVE_BINDING_INSERT,
    INACTIVE_BINDING_READ,
)
from core.statements.journal import JOURNAL_DELETE, JOURNAL_INSERT, JOURNAL_PENDING
from core.statements.leases import LEASE_INSERT, LEASE_LOCK, LEASE_RELEASE, LEASE_TAKE_OVER
from core.statements.ports import (
    BINDING_INSERT,
    BINDING_UPDATE,
    BINDING_WIDTH,
    CHUNK_SIZES,
    PORT_DELETE,
    PORT_EXISTS,
    PORT_FILTERS,
    PORT_INSERT,
    PORT_LOCK,
    PORT_READ,
    PORT_UPDATE,
    PORT_WIDTH,
    binding_update,
    filter_params,
    port_delete,
    port_list,
    port_update,
)
from core.statements.statement import FoundLock, Kind, LockMode, Lookup, RowLock, RowRead, Statement
from core.statements.topology import (
    NETWORK_INSERT,
    NETWORK_READ,
    SEGMENT_INSERT,
    SUBNET_INSERT,
    SUBNET_READ,
    SUBNETS_OF_NETWORK,
)

__all__ = [
    "AGENTS_OF_HOST",
    "AGENT_INSERT",
    "AGENT_UPDATE",
    "BINDING_INSERT",
    "BINDING_UPDATE",
    "BINDING_WIDTH",
    "CHUNK_SIZES",
    "INACTIVE_BINDING_DELETE",
    "INACTIVE_BINDING_INSERT",
    "INACTIVE_BINDING_READ",
    "IPS_OF_PORT",
    "IP_INSERT",
    "IP_TAKEN_FROM",
    "JOURNAL_DELETE",
    "JOURNAL_INSERT",
    "JOURNAL_PENDING",
    "LEASE_INSERT",
    "LEASE_LOCK",
    "LEASE_RELEASE",
    "LEASE_TAKE_OVER",
    "NETWORK_INSERT",
    "NETWORK_READ",
    "POOL_ADVANCE",
    "POOL_INSERT",
    "POOL_LOCK",
    "PORT_DELETE",
    "PORT_EXISTS",
    "PORT_FILTERS",
    "PORT_INSERT",
    "PORT_LOCK",
    "PORT_READ",
    "PORT_UPDATE",
    "PORT_WIDTH",
    "SEGMENT_INSERT",
    "SUBNETS_OF_NETWORK",
    "SUBNET_INSERT",
    "SUBNET_READ",
    "FoundLock",
    "Kind",
    "LockMode",
    "Lookup",
    "RowLock",
    "RowRead",
    "Statement",
    "all_statements",
    "binding_update",
    "filter_params",
    "port_delete",
    "port_list",
    "port_update",
]


def all_statements() -> list[Statement]:
    """Every statement with a fixed text, ordered by name."""
    return sorted((value for value in globals().values() if isinstance(value, Statement)), key=_name)


def _name(statement: Statement) -> str:
    return statement.name

"""Every SQL statement that the core issues, named, with the rows it locks and reads.

The plugin, the strategies and the drivers execute these by name; an engine compiles each once for its dialect. The lock
sets tell the modelled database which row locks a real one would take: the primary key, every unique key value inserted
or deleted, shared locks on parents of foreign keys, exclusive ones on cascaded children. Engines ignore them otherwise.
Nothing here runs anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert, literal_column, or_, select, update
from sqlalchemy.sql.expression import Executable

from core import schema

LockMode = Literal["X", "S"]
Kind = Literal["read", "locking_read", "write"]


class RowLock(NamedTuple):
    """One row (or unique key value) that a statement locks: `space` is a table or `table.key`, `params` name the key.

    Where a parameter of the key is None there is no row and no lock.
    """

    mode: LockMode
    space: str
    params: tuple[str, ...]


class FoundLock(NamedTuple):
    """A lock on rows that only a query finds: `columns` are positions in its rows that make the key.

    Where a column of the key is None there is no row and no lock.
    """

    mode: LockMode
    space: str
    columns: tuple[int, ...]


class Lookup(NamedTuple):
    """Where parameters do not give the keys: the query that finds them and the locks each of its rows asks for."""

    name: str
    query: Executable
    locks: tuple[FoundLock, ...]


class RowRead(NamedTuple):
    """A row that a plain read touches, named as a lock would be; lets an engine see that nobody is changing it."""

    space: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A named SQL statement.

    `name` is stable and appears in results. `clause` is the SQLAlchemy expression; `column_keys` are the columns an
    INSERT or UPDATE sets, whose parameters have the columns' names. `locks` and `lookups` are the lock set; `reads`
    are the rows of a plain read, None when only the database can tell.
    """

    name: str
    kind: Kind
    clause: Executable
    column_keys: tuple[str, ...] | None = None
    locks: tuple[RowLock, ...] = ()
    lookups: tuple[Lookup, ...] = field(default=())
    reads: tuple[RowRead, ...] | None = None


def _x(space: str, *params: str) -> RowLock:
    return RowLock("X", space, params)


def _s(space: str, *params: str) -> RowLock:
    return RowLock("S", space, params)


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def _insert(name: str, table: Table, *locks: RowLock) -> Statement:
    return Statement(name, "write", insert(table), column_keys=_columns(table), locks=locks)


_PORT_COLUMNS = [
    schema.ports.c[name]
    for name in (
        "id",
        "network_id",
        "name",
        "mac_address",
        "admin_state_up",
        "status",
        "device_id",
        "device_owner",
        "revision_number",
    )
]
_BINDING_COLUMNS = [
    schema.ml2_port_bindings.c[name]
    for name in (
        "host",
        "vnic_type",
        "profile",
        "vif_type",
        "vif_details",
        "driver",
        "segment_id",
        "binding_generation",
    )
]
PORT_WIDTH = len(_PORT_COLUMNS)
"""How many leading columns of a port row come from `ports`; the binding's follow, then subnet_id and ip_address."""
BINDING_WIDTH = len(_BINDING_COLUMNS)

_PORT_AND_BINDING = schema.ports.join(schema.ml2_port_bindings, schema.ml2_port_bindings.c.port_id == schema.ports.c.id)
_PORT_BINDING_AND_IPS = _PORT_AND_BINDING.outerjoin(
    schema.ip_allocations, schema.ip_allocations.c.port_id == schema.ports.c.id
)
_PORT_READS = (
    RowRead("ports", ("port_id",)),
    RowRead("ml2_port_bindings", ("port_id",)),
    RowRead("ip_allocations.port_id", ("port_id",)),
)

# networks, segments, subnets

NETWORK_INSERT = _insert("network.insert", schema.networks, _x("networks", "id"))

SEGMENT_INSERT = _insert(
    "segment.insert",
    schema.network_segments,
    _x("network_segments", "id"),
    _x("network_segments.network_id", "network_id"),
    _s("networks", "network_id"),
)

NETWORK_READ = Statement(
    "network.read",
    "read",
    select(
        schema.networks.c.id,
        schema.networks.c.name,
        schema.network_segments.c.id.label("segment_id"),
        schema.network_segments.c.network_type,
        schema.network_segments.c.physical_network,
        schema.network_segments.c.segmentation_id,
    )
    .select_from(
        schema.networks.outerjoin(schema.network_segments, schema.network_segments.c.network_id == schema.networks.c.id)
    )
    .where(schema.networks.c.id == bindparam("network_id"))
    .order_by(schema.network_segments.c.segment_index),
    reads=(RowRead("networks", ("network_id",)), RowRead("network_segments.network_id", ("network_id",))),
)

SUBNET_INSERT = _insert(
    "subnet.insert",
    schema.subnets,
    _x("subnets", "id"),
    _x("subnets.network_id", "network_id"),
    _s("networks", "network_id"),
)

SUBNETS_OF_NETWORK = Statement(
    "subnet.by_network",
    "read",
    select(schema.subnets.c.id, schema.subnets.c.network_id, schema.subnets.c.cidr)
    .where(schema.subnets.c.network_id == bindparam("network_id"))
    .order_by(schema.subnets.c.id),
    reads=(RowRead("subnets.network_id", ("network_id",)),),
)

SUBNET_READ = Statement(
    "subnet.read",
    "read",
    select(schema.subnets.c.id, schema.subnets.c.network_id, schema.subnets.c.cidr).where(
        schema.subnets.c.id == bindparam("subnet_id")
    ),
    reads=(RowRead("subnets", ("subnet_id",)),),
)

# IP allocation

POOL_INSERT = _insert(
    "ip_pool.insert",
    schema.ip_allocation_pools,
    _x("ip_allocation_pools", "subnet_id"),
    _s("subnets", "subnet_id"),
)

POOL_LOCK = Statement(
    "ip_pool.lock",
    "locking_read",
    select(
        schema.ip_allocation_pools.c.first_offset,
        schema.ip_allocation_pools.c.last_offset,
        schema.ip_allocation_pools.c.next_offset,
        schema.ip_allocation_pools.c.wrapped,
    )
    .where(schema.ip_allocation_pools.c.subnet_id == bindparam("subnet_id"))
    .with_for_update(),
    locks=(_x("ip_allocation_pools", "subnet_id"),),
)

POOL_ADVANCE = Statement(
    "ip_pool.advance",
    "write",
    update(schema.ip_allocation_pools).where(schema.ip_allocation_pools.c.subnet_id == bindparam("pool_id")),
    column_keys=("next_offset", "wrapped"),
    locks=(_x("ip_allocation_pools", "pool_id"),),
)

IP_TAKEN_FROM = Statement(
    "ip_allocation.taken_from",
    "read",
    select(schema.ip_allocations.c.ip_offset)
    .where(
        schema.ip_allocations.c.subnet_id == bindparam("subnet_id"),
        schema.ip_allocations.c.ip_offset >= bindparam("from_offset"),
    )
    .order_by(schema.ip_allocations.c.ip_offset)
    .limit(literal_column("256"))
    .offset(literal_column("0")),
)
"""The next 256 taken offsets from one on; for finding a gap once a pool has wrapped."""

IP_INSERT = _insert(
    "ip_allocation.insert",
    schema.ip_allocations,
    _x("ip_allocations", "subnet_id", "ip_offset"),
    _x("ip_allocations.port_id", "port_id"),
    _s("subnets", "subnet_id"),
    _s("ports", "port_id"),
)

IPS_OF_PORT = Statement(
    "ip_allocation.by_port",
    "read",
    select(schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_address)
    .where(schema.ip_allocations.c.port_id == bindparam("port_id"))
    .order_by(schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_offset),
    reads=(RowRead("ip_allocations.port_id", ("port_id",)),),
)

# ports and bindings

PORT_INSERT = _insert(
    "port.insert",
    schema.ports,
    _x("ports", "id"),
    _x("ports.network_id_mac_address", "network_id", "mac_address"),
    _s("networks", "network_id"),
)

PORT_READ = Statement(
    "port.read",
    "read",
    select(
        *_PORT_COLUMNS,
        *_BINDING_COLUMNS,
        schema.ip_allocations.c.subnet_id,
        schema.ip_allocations.c.ip_address,
    )
    .select_from(_PORT_BINDING_AND_IPS)
    .where(schema.ports.c.id == bindparam("port_id"))
    .order_by(schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_offset),
    reads=_PORT_READS,
)

PORT_LOCK = Statement(
    "port.lock",
    "locking_read",
    select(*_PORT_COLUMNS, *_BINDING_COLUMNS)
    .select_from(_PORT_AND_BINDING)
    .where(schema.ports.c.id == bindparam("port_id"))
    .with_for_update(),
    locks=(_x("ports", "port_id"), _x("ml2_port_bindings", "port_id")),
)

PORT_UPDATE = Statement(
    "port.update",
    "write",
    update(schema.ports).where(schema.ports.c.id == bindparam("port_id")),
    column_keys=("name", "admin_state_up", "status", "device_id", "device_owner", "revision_number"),
    locks=(_x("ports", "port_id"),),
)

PORT_DELETE = Statement(
    "port.delete",
    "write",
    delete(schema.ports).where(schema.ports.c.id == bindparam("port_id")),
    locks=(
        _x("ports", "port_id"),
        _x("ml2_port_bindings", "port_id"),
        _x("ip_allocations.port_id", "port_id"),
    ),
    lookups=(
        Lookup(
            "port.keys",
            select(
                schema.ports.c.network_id,
                schema.ports.c.mac_address,
                schema.ip_allocations.c.subnet_id,
                schema.ip_allocations.c.ip_offset,
            )
            .select_from(
                schema.ports.outerjoin(schema.ip_allocations, schema.ip_allocations.c.port_id == schema.ports.c.id)
            )
            .where(schema.ports.c.id == bindparam("port_id"))
            .order_by(schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_offset),
            (
                FoundLock("X", "ports.network_id_mac_address", (0, 1)),
                FoundLock("X", "ip_allocations", (2, 3)),
            ),
        ),
    ),
)

BINDING_INSERT = _insert(
    "binding.insert",
    schema.ml2_port_bindings,
    _x("ml2_port_bindings", "port_id"),
    _s("ports", "port_id"),
    _s("network_segments", "segment_id"),
)

BINDING_UPDATE = Statement(
    "binding.update",
    "write",
    update(schema.ml2_port_bindings).where(schema.ml2_port_bindings.c.port_id == bindparam("binding_port_id")),
    column_keys=_columns(schema.ml2_port_bindings)[1:],
    locks=(_x("ml2_port_bindings", "binding_port_id"), _s("network_segments", "segment_id")),
)

_FILTER_COLUMNS: dict[str, ColumnElement[Any]] = {
    "id": schema.ports.c.id,
    "network_id": schema.ports.c.network_id,
    "device_id": schema.ports.c.device_id,
    "status": schema.ports.c.status,
    "binding:host_id": schema.ml2_port_bindings.c.host,
}
PORT_FILTERS = tuple(_FILTER_COLUMNS)
"""The attributes by which ports can be listed."""

CHUNK_SIZES = (1, 8, 64)
"""Lengths of IN lists; shorter lists are padded with their last value, so that few texts are compiled."""

_port_lists: dict[tuple[tuple[str, int], ...], Statement] = {}


def filter_params(name: str, size: int) -> list[str]:
    """The parameter names of one filter's IN list of this size."""
    return [f"{name.replace(':', '_')}_{index}" for index in range(size)]


def port_list(filters: Sequence[tuple[str, int]]) -> Statement:
    """The statement that lists ports by IN lists, one (attribute, length) each, ordered by port id."""
    shape = tuple(filters)
    if shape not in _port_lists:
        _port_lists[shape] = _port_list(shape)
    return _port_lists[shape]


def _port_list(filters: tuple[tuple[str, int], ...]) -> Statement:
    conditions = [
        _FILTER_COLUMNS[name].in_([bindparam(param) for param in filter_params(name, size)]) for name, size in filters
    ]
    clause = (
        select(
            *_PORT_COLUMNS,
            *_BINDING_COLUMNS,
            schema.ip_allocations.c.subnet_id,
            schema.ip_allocations.c.ip_address,
        )
        .select_from(_PORT_BINDING_AND_IPS)
        .where(*conditions)
        .order_by(schema.ports.c.id, schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_offset)
    )
    return Statement("port.list", "read", clause)


# leases of serialized binding

LEASE_LOCK = Statement(
    "lease.lock",
    "locking_read",
    select(schema.port_binding_leases.c.owner, schema.port_binding_leases.c.expires_at)
    .where(schema.port_binding_leases.c.port_id == bindparam("port_id"))
    .with_for_update(),
    locks=(_x("port_binding_leases", "port_id"),),
)

LEASE_INSERT = _insert("lease.insert", schema.port_binding_leases, _x("port_binding_leases", "port_id"))

LEASE_TAKE_OVER = Statement(
    "lease.take_over",
    "write",
    update(schema.port_binding_leases).where(
        schema.port_binding_leases.c.port_id == bindparam("lease_port_id"),
        schema.port_binding_leases.c.owner == bindparam("previous_owner"),
    ),
    column_keys=("owner", "expires_at"),
    locks=(_x("port_binding_leases", "lease_port_id"),),
)

LEASE_RELEASE = Statement(
    "lease.release",
    "write",
    delete(schema.port_binding_leases).where(
        schema.port_binding_leases.c.port_id == bindparam("port_id"),
        schema.port_binding_leases.c.owner == bindparam("owner"),
    ),
    locks=(_x("port_binding_leases", "port_id"),),
)

# the journal

JOURNAL_INSERT = _insert(
    "journal.insert",
    schema.ml2_journal,
    _x("ml2_journal", "controller", "port_id", "revision_number"),
)

JOURNAL_PENDING = Statement(
    "journal.pending",
    "read",
    select(
        schema.ml2_journal.c.port_id,
        schema.ml2_journal.c.revision_number,
        schema.ml2_journal.c.operation,
        schema.ml2_journal.c.payload,
    )
    .where(
        schema.ml2_journal.c.controller == bindparam("controller"),
        or_(
            schema.ml2_journal.c.port_id > bindparam("after_port_id"),
            and_(
                schema.ml2_journal.c.port_id == bindparam("after_port_id"),
                schema.ml2_journal.c.revision_number > bindparam("after_revision_number"),
            ),
        ),
    )
    .order_by(schema.ml2_journal.c.port_id, schema.ml2_journal.c.revision_number)
    .limit(literal_column("64"))
    .offset(literal_column("0")),
)

JOURNAL_DELETE = Statement(
    "journal.delete",
    "write",
    delete(schema.ml2_journal).where(
        schema.ml2_journal.c.controller == bindparam("controller"),
        schema.ml2_journal.c.port_id == bindparam("port_id"),
        schema.ml2_journal.c.revision_number == bindparam("revision_number"),
    ),
    locks=(_x("ml2_journal", "controller", "port_id", "revision_number"),),
)

# agents

AGENT_INSERT = _insert("agent.insert", schema.agents, _x("agents", "host", "agent_type"), _x("agents.host", "host"))

AGENT_UPDATE = Statement(
    "agent.update",
    "write",
    update(schema.agents).where(
        schema.agents.c.host == bindparam("agent_host"),
        schema.agents.c.agent_type == bindparam("type_of_agent"),
    ),
    column_keys=("heartbeat_at", "configurations"),
    locks=(_x("agents", "agent_host", "type_of_agent"), _x("agents.host", "agent_host")),
)

AGENTS_OF_HOST = Statement(
    "agent.by_host",
    "read",
    select(schema.agents.c.agent_type, schema.agents.c.heartbeat_at, schema.agents.c.configurations)
    .where(schema.agents.c.host == bindparam("host"))
    .order_by(schema.agents.c.agent_type),
    reads=(RowRead("agents.host", ("host",)),),
)


def all_statements() -> list[Statement]:
    """Every statement with a fixed text, in the order in which this module defines them."""
    return [value for value in globals().values() if isinstance(value, Statement)]

"""Address pools and allocations."""

from sqlalchemy import bindparam, literal_column, select, update

from core import schema
from core.statements.statement import RowRead, Statement, exclusive, insertion, member, shared

POOL_INSERT = insertion(
    "ip_pool.insert",
    schema.ip_allocation_pools,
    exclusive("ip_allocation_pools", "subnet_id"),
    shared("subnets", "subnet_id"),
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
    locks=(exclusive("ip_allocation_pools", "subnet_id"),),
)

POOL_ADVANCE = Statement(
    "ip_pool.advance",
    "write",
    update(schema.ip_allocation_pools).where(schema.ip_allocation_pools.c.subnet_id == bindparam("pool_id")),
    column_keys=("next_offset", "wrapped"),
    locks=(exclusive("ip_allocation_pools", "pool_id"),),
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

IP_INSERT = insertion(
    "ip_allocation.insert",
    schema.ip_allocations,
    exclusive("ip_allocations", "subnet_id", "ip_offset"),
    member("ip_allocations.port_id", "port_id"),
    shared("subnets", "subnet_id"),
    shared("ports", "port_id"),
)

IPS_OF_PORT = Statement(
    "ip_allocation.by_port",
    "read",
    select(schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_address)
    .where(schema.ip_allocations.c.port_id == bindparam("port_id"))
    .order_by(schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_offset),
    reads=(RowRead("ip_allocations.port_id", ("port_id",)),),
)

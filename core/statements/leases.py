"""Leases of serialized binding."""

from sqlalchemy import bindparam, delete, select, update

from core import schema
from core.statements.statement import Statement, exclusive, insertion

LEASE_LOCK = Statement(
    "lease.lock",
    "locking_read",
    select(schema.port_binding_leases.c.owner, schema.port_binding_leases.c.expires_at)
    .where(schema.port_binding_leases.c.port_id == bindparam("port_id"))
    .with_for_update(),
    locks=(exclusive("port_binding_leases", "port_id"),),
)

LEASE_INSERT = insertion("lease.insert", schema.port_binding_leases, exclusive("port_binding_leases", "port_id"))

LEASE_TAKE_OVER = Statement(
    "lease.take_over",
    "write",
    update(schema.port_binding_leases).where(
        schema.port_binding_leases.c.port_id == bindparam("lease_port_id"),
        schema.port_binding_leases.c.owner == bindparam("previous_owner"),
    ),
    column_keys=("owner", "expires_at"),
    locks=(exclusive("port_binding_leases", "lease_port_id"),),
)

LEASE_RELEASE = Statement(
    "lease.release",
    "write",
    delete(schema.port_binding_leases).where(
        schema.port_binding_leases.c.port_id == bindparam("port_id"),
        schema.port_binding_leases.c.owner == bindparam("owner"),
    ),
    locks=(exclusive("port_binding_leases", "port_id"),),
)

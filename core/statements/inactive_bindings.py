"""Inactive bindings: what a live migration makes on its target host beforehand, and leaves on its source host."""

from sqlalchemy import bindparam, delete, select

from core import schema
from core.statements.statement import RowRead, Statement, column_names, exclusive, insertion, shared

_TABLE = schema.ml2_inactive_port_bindings
_COLUMNS = column_names(_TABLE)[1:]

INACTIVE_BINDING_INSERT = insertion(
    "inactive_binding.insert",
    _TABLE,
    exclusive(_TABLE.name, "port_id", "host"),
    shared("ports", "port_id"),
    shared("network_segments", "segment_id"),
)

INACTIVE_BINDING_READ = Statement(
    "inactive_binding.read",
    "read",
    select(*(_TABLE.c[name] for name in _COLUMNS)).where(
        _TABLE.c.port_id == bindparam("port_id"), _TABLE.c.host == bindparam("host")
    ),
    reads=(RowRead(_TABLE.name, ("port_id", "host")),),
)

INACTIVE_BINDING_DELETE = Statement(
    "inactive_binding.delete",
    "write",
    delete(_TABLE).where(_TABLE.c.port_id == bindparam("port_id"), _TABLE.c.host == bindparam("host")),
    locks=(shared("ports", "port_id"), exclusive(_TABLE.name, "port_id", "host")),
)
"""More than an engine locks: none locks the parent of a deleted row. It keeps a port that is being deleted from finding
other inactive bindings than it will delete; in return no port without any has to lock something for that. It comes
first, as with whoever activates the binding: in the other order the two make a circle that no engine has."""

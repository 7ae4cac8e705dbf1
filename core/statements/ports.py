"""Ports and their bindings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select, update

from core import schema
from core.statements.statement import FoundLock, Lookup, RowRead, Statement, column_names, exclusive, insertion, shared

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
        "upper_levels",
        "binding_generation",
    )
]
PORT_WIDTH = len(_PORT_COLUMNS)
"""How many leading columns of a port row come from `ports`; the binding's follow, then subnet_id and ip_address."""
BINDING_WIDTH = len(_BINDING_COLUMNS)

_BINDING_OF_PORT = schema.ml2_port_bindings.c.port_id == schema.ports.c.id
_IPS_OF_PORT = schema.ip_allocations.c.port_id == schema.ports.c.id
_PORT_AND_BINDING = schema.ports.join(schema.ml2_port_bindings, _BINDING_OF_PORT)
_PORT_BINDING_AND_IPS = _PORT_AND_BINDING.outerjoin(schema.ip_allocations, _IPS_OF_PORT)
_PORT_READS = (
    RowRead("ports", ("port_id",)),
    RowRead("ml2_port_bindings", ("port_id",)),
    RowRead("ip_allocations.port_id", ("port_id",)),
)


PORT_INSERT = insertion(
    "port.insert",
    schema.ports,
    exclusive("ports", "id"),
    exclusive("ports.network_id_mac_address", "network_id", "mac_address"),
    shared("networks", "network_id"),
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

PORT_EXISTS = Statement(
    "port.exists",
    "read",
    select(schema.ports.c.id).where(schema.ports.c.id == bindparam("port_id")),
    reads=(RowRead("ports", ("port_id",)),),
)
"""Of a port without a binding row too, which the reads that join both do not find."""

PORT_LOCK = Statement(
    "port.lock",
    "locking_read",
    select(*_PORT_COLUMNS, *_BINDING_COLUMNS)
    .select_from(_PORT_AND_BINDING)
    .where(schema.ports.c.id == bindparam("port_id"))
    .with_for_update(),
    locks=(exclusive("ports", "port_id"), exclusive("ml2_port_bindings", "port_id")),
)

PORT_UPDATE = Statement(
    "port.update",
    "write",
    update(schema.ports).where(schema.ports.c.id == bindparam("port_id")),
    column_keys=("name", "admin_state_up", "status", "device_id", "device_owner", "revision_number"),
    locks=(exclusive("ports", "port_id"),),
)

PORT_DELETE = Statement(
    "port.delete",
    "write",
    delete(schema.ports).where(schema.ports.c.id == bindparam("port_id")),
    locks=(
        exclusive("ports", "port_id"),
        exclusive("ml2_port_bindings", "port_id"),
        exclusive("ip_allocations.port_id", "port_id"),
    ),
    lookups=(
        Lookup(
            "port.keys",
            select(
                schema.ports.c.network_id,
                schema.ports.c.mac_address,
                schema.ip_allocations.c.subnet_id,
                schema.ip_allocations.c.ip_offset,
                schema.ml2_inactive_port_bindings.c.port_id,
                schema.ml2_inactive_port_bindings.c.host,
            )
            .select_from(
                schema.ports.outerjoin(
                    schema.ip_allocations, schema.ip_allocations.c.port_id == schema.ports.c.id
                ).outerjoin(
                    schema.ml2_inactive_port_bindings, schema.ml2_inactive_port_bindings.c.port_id == schema.ports.c.id
                )
            )
            .where(schema.ports.c.id == bindparam("port_id"))
            .order_by(
                schema.ip_allocations.c.subnet_id,
                schema.ip_allocations.c.ip_offset,
                schema.ml2_inactive_port_bindings.c.host,
            ),
            (
                FoundLock("X", "ports.network_id_mac_address", (0, 1)),
                FoundLock("X", "ip_allocations", (2, 3)),
                FoundLock("X", "ml2_inactive_port_bindings", (4, 5)),
            ),
        ),
    ),
)

BINDING_INSERT = insertion(
    "binding.insert",
    schema.ml2_port_bindings,
    exclusive("ml2_port_bindings", "port_id"),
    shared("ports", "port_id"),
    shared("network_segments", "segment_id"),
)

BINDING_UPDATE = Statement(
    "binding.update",
    "write",
    update(schema.ml2_port_bindings).where(schema.ml2_port_bindings.c.port_id == bindparam("binding_port_id")),
    column_keys=column_names(schema.ml2_port_bindings)[1:],
    locks=(exclusive("ml2_port_bindings", "binding_port_id"), shared("network_segments", "segment_id")),
)

_port_deletions = {False: PORT_DELETE}
_port_updates: dict[tuple[tuple[str, ...], bool], Statement] = {}
_binding_updates: dict[tuple[str, ...], Statement] = {}


def port_update(columns: tuple[str, ...], *, same_revision: bool) -> Statement:
    """The statement that sets these columns of a port; with `same_revision` only where it has `previous_revision`."""
    shape = (columns, same_revision)
    if shape not in _port_updates:
        clause = update(schema.ports).where(schema.ports.c.id == bindparam("port_id"))
        if same_revision:
            clause = clause.where(schema.ports.c.revision_number == bindparam("previous_revision"))
        _port_updates[shape] = replace(PORT_UPDATE, clause=clause, column_keys=columns)
    return _port_updates[shape]


def port_delete(*, same_revision: bool) -> Statement:
    """The statement that deletes a port; with `same_revision` only where it has `previous_revision`."""
    if same_revision not in _port_deletions:
        clause = delete(schema.ports).where(
            schema.ports.c.id == bindparam("port_id"), schema.ports.c.revision_number == bindparam("previous_revision")
        )
        _port_deletions[same_revision] = replace(PORT_DELETE, clause=clause)
    return _port_deletions[same_revision]


def binding_update(columns: tuple[str, ...]) -> Statement:
    """The statement that sets these columns of a binding."""
    if columns not in _binding_updates:
        locks = BINDING_UPDATE.locks if "segment_id" in columns else BINDING_UPDATE.locks[:1]
        _binding_updates[columns] = replace(BINDING_UPDATE, column_keys=columns, locks=locks)
    return _binding_updates[columns]


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

_port_lists: dict[tuple[tuple[tuple[str, int], ...], bool], Statement] = {}


def filter_params(name: str, size: int) -> list[str]:
    """The parameter names of one filter's IN list of this size."""
    return [f"{name.replace(':', '_')}_{index}" for index in range(size)]


def port_list(filters: Sequence[tuple[str, int]], *, rowless: bool = False) -> Statement:
    """The statement that lists ports by IN lists, one (attribute, length) each, ordered by port id.

    `rowless`: also those without a binding row, whose columns are NULL.
    """
    shape = tuple(filters), rowless
    if shape not in _port_lists:
        _port_lists[shape] = _port_list(shape[0], rowless=rowless)
    return _port_lists[shape]


def _port_list(filters: tuple[tuple[str, int], ...], *, rowless: bool) -> Statement:
    ports = schema.ports.join(schema.ml2_port_bindings, _BINDING_OF_PORT, isouter=rowless)
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
        .select_from(ports.outerjoin(schema.ip_allocations, _IPS_OF_PORT))
        .where(*conditions)
        .order_by(schema.ports.c.id, schema.ip_allocations.c.subnet_id, schema.ip_allocations.c.ip_offset)
    )
    return Statement("port.list", "read", clause)

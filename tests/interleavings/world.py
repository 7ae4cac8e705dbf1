"""The rows that are there before a script begins, and how the rows that are there afterwards differ from them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table, select

from core import schema

Rows = Mapping[str, list[tuple[Any, ...]]]

PORTS = ("p1", "p2", "p3")


def initial_rows() -> list[tuple[Table, list[dict[str, Any]]]]:
    """One network with a segment, a subnet and three bound ports; p3 is leased; one agent, one journal entry."""
    pool = {"subnet_id": "sub", "first_offset": 1, "last_offset": 999, "next_offset": 10, "wrapped": 0}
    entry = {"controller": "c1", "port_id": "p1", "revision_number": 1, "operation": "create", "payload": ""}
    return [
        (schema.networks, [{"id": "net", "name": ""}]),
        (schema.network_segments, [segment_row("seg")]),
        (schema.subnets, [{"id": "sub", "network_id": "net", "cidr": "10.0.0.0/16"}]),
        (schema.ip_allocation_pools, [pool]),
        (schema.ports, [port_row(port) for port in PORTS]),
        (schema.ml2_port_bindings, [binding_row(port) for port in PORTS]),
        (schema.ip_allocations, [address_row(port, offset) for offset, port in enumerate(PORTS, 1)]),
        (schema.port_binding_leases, [{"port_id": "p3", "owner": "o1", "expires_at": 60.0}]),
        (schema.agents, [{"host": "h1", "agent_type": "ovs", "heartbeat_at": 0.0, "configurations": ""}]),
        (schema.ml2_journal, [{**entry, "created_at": 0.0}]),
    ]


def segment_row(segment_id: str, network_id: str = "net") -> dict[str, Any]:
    kind = {"network_type": "flat", "physical_network": "physnet", "segmentation_id": None, "segment_index": 0}
    return {"id": segment_id, "network_id": network_id, **kind}


def port_row(port_id: str) -> dict[str, Any]:
    names = {"id": port_id, "network_id": "net", "name": "old", "mac_address": f"mac-{port_id}"}
    device = {"admin_state_up": 1, "status": "DOWN", "device_id": "", "device_owner": ""}
    return {**names, **device, "revision_number": 1}


def binding_row(port_id: str) -> dict[str, Any]:
    inputs = {"port_id": port_id, "host": "h1", "vnic_type": "normal", "profile": ""}
    result = {"vif_type": "ovs", "vif_details": "", "driver": "agent", "segment_id": "seg", "upper_levels": ""}
    return {**inputs, **result, "binding_generation": 1}


def address_row(port_id: str, offset: int) -> dict[str, Any]:
    return {"subnet_id": "sub", "ip_offset": offset, "ip_address": f"10.0.0.{offset}", "port_id": port_id}


def queries() -> dict[str, Any]:
    """A query for all rows of each table in the order of their keys."""
    tables = schema.metadata.tables
    return {name: select(tables[name]).order_by(*tables[name].primary_key) for name in sorted(tables)}


def changes(rows: Rows) -> list[str]:
    """How `rows`, by table, differ from the initial ones: a line for each row that is gone, new, or changed."""
    before = {table.name: [tuple(row[c.name] for c in table.columns) for row in some] for table, some in initial_rows()}
    lines: list[str] = []
    for name in sorted(schema.metadata.tables):
        table = schema.metadata.tables[name]
        lines += _changes(table, _by_key(table, before.get(name, [])), _by_key(table, rows.get(name, [])))
    return lines


def _by_key(table: Table, rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, Any]]:
    names = [column.name for column in table.columns]
    named = [dict(zip(names, row, strict=True)) for row in rows]
    return {" ".join(str(row[column.name]) for column in table.primary_key): row for row in named}


def _changes(table: Table, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[str]:
    lines = []
    for key in sorted(before | after):
        old, new = before.get(key), after.get(key)
        if new is None:
            lines.append(f"{table.name} {key} is gone")
        elif old is None:
            lines.append(f"{table.name} {key} is new: {shown(_without_keys(table, new))}")
        elif old != new:
            lines.append(f"{table.name} {key}: {shown({name: new[name] for name in new if new[name] != old[name]})}")
    return lines


def _without_keys(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    kept = {"name", "mac_address", "host", "port_id", "next_offset", "owner", "network_id", "heartbeat_at"}
    return {name: value for name, value in row.items() if name in kept - set(table.primary_key.columns.keys())}


def shown(values: Mapping[str, Any]) -> str:
    """'column=value ...'"""
    return " ".join(f"{name}={value}" for name, value in values.items()) or "-"

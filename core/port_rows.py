"""Ports and networks read from and written to their rows, inside a transaction that the caller holds."""

from collections.abc import Iterable, Sequence
from typing import Any

from core import statements
from core.database import Transaction
from core.exceptions import (
    DuplicateBindingRow,
    DuplicateKey,
    MacAddressInUse,
    MissingParent,
    NetworkNotFound,
    StaleData,
)
from core.records import FixedIp, Network, Port, PortBinding, Segment
from core.statements import Statement

_IP = statements.PORT_WIDTH + statements.BINDING_WIDTH
_BINDING_COLUMNS = (*PortBinding._fields[:-1], "binding_generation")
_new = tuple.__new__  # what a NamedTuple's _make does, without its call, once or twice a statement


def read_network(transaction: Transaction, network_id: str) -> Network:
    """The network with its segments; NetworkNotFound."""
    rows = transaction.rows(statements.NETWORK_READ, network_id=network_id)
    if not rows:
        raise NetworkNotFound(network_id)
    segments = [_new(Segment, (row[2], network_id, *row[3:])) for row in rows if row[2] is not None]
    return Network(network_id, rows[0][1], tuple(segments))


def read_port(transaction: Transaction, port_id: str) -> Port | None:
    """The committed port, or None."""
    rows = transaction.rows(statements.PORT_READ, port_id=port_id)
    return _port(rows) if rows else None


def lock_port(transaction: Transaction, port_id: str, *, fixed_ips: tuple[FixedIp, ...] | None = None) -> Port | None:
    """The port, its rows locked until the transaction ends, or None.

    A port's addresses never change, so a caller who knows them saves a statement.
    """
    row = transaction.row(statements.PORT_LOCK, port_id=port_id)
    if row is None:
        return None
    if fixed_ips is None:
        found = transaction.rows(statements.IPS_OF_PORT, port_id=port_id)
        fixed_ips = tuple(FixedIp(*ip) for ip in found)
    return _port_of(row, fixed_ips)


def list_ports(
    transaction: Transaction, filters: Sequence[tuple[str, Sequence[str]]], *, rowless: bool = False
) -> list[Port]:
    """The ports whose attributes are among the filters' values, ordered by id. Long lists go in chunks.

    `rowless`: also those without a binding row, as they will be with it.
    """
    found: dict[str, list[tuple[Any, ...]]] = {}
    for chunk in _chunks(filters):
        statement = statements.port_list([(name, len(values)) for name, values in chunk], rowless=rowless)
        for row in transaction.rows(statement, **_filter_params(chunk)):
            found.setdefault(row[0], []).append(row)
    return [_port(found[port_id]) for port_id in sorted(found)]


def insert_port(transaction: Transaction, port: Port) -> None:
    """Writes a new port and its binding; MacAddressInUse."""
    try:
        transaction.write_row(statements.PORT_INSERT, _port_columns(port))
    except DuplicateKey as error:
        raise MacAddressInUse(port.mac_address, port.network_id) from error
    transaction.write_row(statements.BINDING_INSERT, _binding_columns(port.binding, port_id=port.id))


def has_port(transaction: Transaction, port_id: str) -> bool:
    """Whether there is a port, with a binding row or without."""
    return transaction.row(statements.PORT_EXISTS, port_id=port_id) is not None


def add_binding_row(transaction: Transaction, port_id: str) -> bool:
    """Inserts the binding row of a port that was found to have none; whether there is such a port.

    DuplicateBindingRow when another transaction has inserted it since, StaleData when one has deleted the port.
    """
    if not has_port(transaction, port_id):
        return False
    try:
        transaction.write_row(statements.BINDING_INSERT, _binding_columns(PortBinding(), port_id=port_id))
    except DuplicateKey as error:
        raise DuplicateBindingRow(port_id) from error
    except MissingParent as error:
        raise StaleData(f"port {port_id} was deleted before its binding row could be inserted") from error
    return True


def write_port(
    transaction: Transaction, port: Port, *, previous: Port, changed_columns: bool = False, same_revision: bool = False
) -> None:
    """Writes a port's new state: of its two rows, those that differ from the previous one.

    `changed_columns`: of each row only what differs. `same_revision`: if the port still has the previous revision
    number, which is asked of its row even where only its binding differs. StaleData when it has not, or is gone.
    """
    if port[: statements.PORT_WIDTH] != previous[: statements.PORT_WIDTH] or (same_revision and port != previous):
        statement, columns = statements.PORT_UPDATE, _mutable_columns(port)
        if changed_columns:
            differing = _differing(columns, _mutable_columns(previous))
            columns = differing or {"revision_number": port.revision_number}  # an UPDATE has to set something
        if changed_columns or same_revision:
            statement = statements.port_update(tuple(columns), same_revision=same_revision)
        if same_revision:
            columns["previous_revision"] = previous.revision_number
        _write_one(transaction, statement, {"port_id": port.id, **columns})
    if port.binding != previous.binding:
        statement, columns = statements.BINDING_UPDATE, _binding_columns(port.binding)
        if changed_columns:
            columns = _differing(columns, _binding_columns(previous.binding))
            statement = statements.binding_update(tuple(columns))
        _write_one(transaction, statement, {"binding_port_id": port.id, **columns})


def delete_port(transaction: Transaction, port: Port, *, same_revision: bool = False) -> None:
    """Deletes a port that was read; StaleData when it is gone, or has another revision number where that counts."""
    revision = {"previous_revision": port.revision_number} if same_revision else {}
    _write_one(transaction, statements.port_delete(same_revision=same_revision), {"port_id": port.id, **revision})


def _write_one(transaction: Transaction, statement: Statement, params: dict[str, Any]) -> None:
    if not transaction.write_row(statement, params):
        raise StaleData(f"{statement.name} found no row of port {params.get('port_id', params.get('binding_port_id'))}")


def _differing(columns: dict[str, Any], previous: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value != previous[name]}


def _port_columns(port: Port) -> dict[str, Any]:
    return {
        "id": port.id,
        "network_id": port.network_id,
        "mac_address": port.mac_address,
        **_mutable_columns(port),
    }


def _mutable_columns(port: Port) -> dict[str, Any]:
    return {
        "name": port.name,
        "admin_state_up": port.admin_state_up,
        "status": port.status,
        "device_id": port.device_id,
        "device_owner": port.device_owner,
        "revision_number": port.revision_number,
    }


def _binding_columns(binding: PortBinding, **columns: Any) -> dict[str, Any]:
    columns |= zip(_BINDING_COLUMNS, binding)  # noqa: B905  strict=True costs more than all the rest
    return columns


def _port(rows: Sequence[tuple[Any, ...]]) -> Port:
    fixed_ips = tuple(FixedIp(*row[_IP:]) for row in rows if row[_IP] is not None)
    return _port_of(rows[0], fixed_ips)


def _port_of(row: tuple[Any, ...], fixed_ips: tuple[FixedIp, ...]) -> Port:
    columns = row[statements.PORT_WIDTH : _IP]
    binding = PortBinding() if columns[0] is None else _new(PortBinding, columns)
    return _new(Port, (*row[: statements.PORT_WIDTH], binding, fixed_ips))


def _chunks(filters: Sequence[tuple[str, Sequence[str]]]) -> Iterable[list[tuple[str, Sequence[str]]]]:
    if not filters:
        return [[]]
    name, values = filters[0]
    size = next((size for size in statements.CHUNK_SIZES if len(values) <= size), statements.CHUNK_SIZES[-1])
    parts = [values[start : start + size] for start in range(0, len(values), size)]
    padded = [[*part, *[part[-1]] * (size - len(part))] for part in parts]
    return [[(name, part), *rest] for part in padded for rest in _chunks(filters[1:])]


def _filter_params(chunk: Sequence[tuple[str, Sequence[str]]]) -> dict[str, str]:
    return {
        param: value
        for name, values in chunk
        for param, value in zip(statements.filter_params(name, len(values)), values, strict=True)
    }

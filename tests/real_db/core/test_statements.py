"""Every statement of the core runs on the real engines, and returns and changes what it says."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from core import schema, statements
from core.database import Connection
from core.statements import Statement, all_statements, filter_params, port_list

pytestmark = pytest.mark.databases

LISTS = [port_list([(name, size)]) for name in statements.PORT_FILTERS for size in statements.CHUNK_SIZES]
ROWS: list[tuple[Statement, dict[str, Any]]] = [
    (statements.NETWORK_INSERT, {"id": "n", "name": "net"}),
    (statements.SEGMENT_INSERT, {
        "id": "s", "network_id": "n", "network_type": "vlan", "physical_network": "physnet1", "segmentation_id": 7,
        "segment_index": 0,
    }),
    (statements.SUBNET_INSERT, {"id": "sub", "network_id": "n", "cidr": "10.0.0.0/24"}),
    (statements.POOL_INSERT, {
        "subnet_id": "sub", "first_offset": 2, "last_offset": 254, "next_offset": 3, "wrapped": 0,
    }),
    (statements.PORT_INSERT, {
        "id": "p", "network_id": "n", "name": "", "mac_address": "fa:16:3e:00:00:01", "admin_state_up": 1,
        "status": "DOWN", "device_id": "", "device_owner": "", "revision_number": 1,
    }),
    (statements.BINDING_INSERT, {
        "port_id": "p", "host": "h1", "vnic_type": "normal", "profile": "{}", "vif_type": "unbound",
        "vif_details": "{}", "driver": None, "segment_id": None, "upper_levels": "", "binding_generation": 1,
    }),
    (statements.INACTIVE_BINDING_INSERT, {
        "port_id": "p", "host": "h2", "vnic_type": "normal", "profile": "", "vif_type": "ovs", "vif_details": "{}",
        "driver": "agent", "segment_id": "s", "upper_levels": "",
    }),
    (statements.IP_INSERT, {"subnet_id": "sub", "ip_offset": 2, "ip_address": "10.0.0.2", "port_id": "p"}),
    (statements.LEASE_INSERT, {"port_id": "p", "owner": "me", "expires_at": 1234567890.123456}),
    (statements.JOURNAL_INSERT, {
        "controller": "sdn", "port_id": "p", "revision_number": 1, "operation": "create", "payload": "{}",
        "created_at": 1.5,
    }),
    (statements.AGENT_INSERT, {
        "host": "h1", "agent_type": "ovs", "heartbeat_at": 1.5, "configurations": "{}",
    }),
]  # fmt: skip
READS: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "network.read": ({"network_id": "n"}, [("n", "net", "s", "vlan", "physnet1", 7)]),
    "subnet.read": ({"subnet_id": "sub"}, [("sub", "n", "10.0.0.0/24")]),
    "subnet.by_network": ({"network_id": "n"}, [("sub", "n", "10.0.0.0/24")]),
    "ip_pool.lock": ({"subnet_id": "sub"}, [(2, 254, 3, 0)]),
    "ip_allocation.taken_from": ({"subnet_id": "sub", "from_offset": 2}, [(2,)]),
    "ip_allocation.by_port": ({"port_id": "p"}, [("sub", "10.0.0.2")]),
    "inactive_binding.read": (
        {"port_id": "p", "host": "h2"}, [("h2", "normal", "", "ovs", "{}", "agent", "s", "")],
    ),
    "lease.lock": ({"port_id": "p"}, [("me", 1234567890.123456)]),
    "agent.by_host": ({"host": "h1"}, [("ovs", 1.5, "{}")]),
    "port.exists": ({"port_id": "p"}, [("p",)]),
    "journal.pending": (
        {"controller": "sdn", "after_port_id": "", "after_revision_number": 0}, [("p", 1, "create", "{}")],
    ),
}  # fmt: skip
PORT = ("p", "n", "", "fa:16:3e:00:00:01", 1, "DOWN", "", "", 1)
BINDING = ("h1", "normal", "{}", "unbound", "{}", None, None, "", 1)


@pytest.fixture
def connection(connect: Callable[[], Connection]) -> Connection:
    """In a transaction that has written a row of each table."""
    connection = connect()
    for statement, row in ROWS:
        assert connection.execute(statement, row) == ([], 1), statement.name
    return connection


def parameters(statement: Statement) -> dict[str, Any]:
    keys = list(statement.column_keys) if statement.column_keys else None
    names = statement.clause.compile(dialect=sqlite.dialect(), column_keys=keys).params
    columns = {column.name: column.type.python_type for table in schema.metadata.sorted_tables for column in table.c}
    columns["after_revision_number"] = columns["from_offset"] = int
    return {name: columns.get(name, str)(0) for name in names}


@pytest.mark.parametrize("statement", [*all_statements(), *LISTS], ids=lambda statement: statement.name)
def test_a_statement_for_rows_that_are_not_there_finds_and_changes_nothing(
    connection: Connection, statement: Statement
) -> None:
    inserts = [insert for insert, _ in ROWS]
    if statement not in inserts:
        assert connection.execute(statement, parameters(statement)) == ([], 0)


def test_reads_return_the_rows_in_the_types_that_the_core_wants(connection: Connection) -> None:
    by_name = {statement.name: statement for statement in all_statements()}
    for name, (params, rows) in READS.items():
        assert connection.execute(by_name[name], params).rows == rows, name
    assert connection.execute(statements.PORT_READ, {"port_id": "p"}).rows == [(*PORT, *BINDING, "sub", "10.0.0.2")]
    assert connection.execute(statements.PORT_LOCK, {"port_id": "p"}).rows == [(*PORT, *BINDING)]
    read = {*READS, "port.read", "port.lock"}
    assert {statement.name for statement in all_statements() if statement.kind != "write"} == read


@pytest.mark.parametrize("statement", LISTS, ids=lambda statement: statement.name)
def test_lists_find_the_port(connection: Connection, statement: Statement) -> None:
    (((name, size),), _) = next(shape for shape, made in statements.ports._port_lists.items() if made is statement)
    value = {"id": "p", "network_id": "n", "device_id": "", "status": "DOWN", "binding:host_id": "h1"}[name]
    params = dict.fromkeys(filter_params(name, size), value)
    assert connection.execute(statement, params).rows == [(*PORT, *BINDING, "sub", "10.0.0.2")]


def test_an_update_that_changes_nothing_still_counts_its_row(connection: Connection) -> None:
    row = {key: value for key, value in ROWS[5][1].items() if key != "port_id"}
    for _ in range(2):
        assert connection.execute(statements.BINDING_UPDATE, {**row, "binding_port_id": "p"}).rowcount == 1


def test_deleting_a_port_takes_its_children_along(connection: Connection) -> None:
    assert connection.execute(statements.PORT_DELETE, {"port_id": "p"}).rowcount == 1
    assert connection.execute(statements.IPS_OF_PORT, {"port_id": "p"}).rows == []
    assert connection.execute(statements.INACTIVE_BINDING_READ, {"port_id": "p", "host": "h2"}).rows == []


def test_texts_compare_by_their_characters(connection: Connection) -> None:
    for host in ("H1", "h1 ", "ü1"):
        row = {"host": host, "agent_type": host, "heartbeat_at": 1.5, "configurations": "é \u2028 \U0001f600"}
        assert connection.execute(statements.AGENT_INSERT, row).rowcount == 1
        found = connection.execute(statements.AGENTS_OF_HOST, {"host": host}).rows
        assert found == [(host, 1.5, "é \u2028 \U0001f600")]

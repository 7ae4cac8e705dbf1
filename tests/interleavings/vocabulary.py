"""What a step can say: the core's named statements with short arguments, and what of their answers a log shows.

Arguments are first positional, then 'name=value' with the statement's own parameter names; what is left out has a
default, which may refer to what was given. Digits are a number, 'none' is None.
"""

from typing import Any, NamedTuple

from core import statements as sql
from core.database import Result
from core.statements import Statement
from tests.interleavings.world import binding_row, port_row, segment_row, shown


class Act(NamedTuple):
    """A statement with its parameters; `columns` of a row are shown."""

    statement: Statement
    params: dict[str, Any]
    columns: tuple[str, ...]

    def answer(self, result: Result) -> str:
        """The number of rows changed, or the rows read."""
        if self.statement.kind == "write":
            return str(result.rowcount)
        return "; ".join(self._row(row) for row in result.rows) or "nothing"

    def _row(self, row: tuple[Any, ...]) -> str:
        names = [column.name for column in self.statement.clause.selected_columns]  # type: ignore[attr-defined]
        return shown({name: value for name, value in zip(names, row, strict=True) if name in self.columns})


class Verb(NamedTuple):
    statement: Statement
    positional: tuple[str, ...]
    defaults: dict[str, Any]
    columns: tuple[str, ...] = ()


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


_PORT = {**port_row("{id}"), "name": "made"}
_RENAMED = _without(port_row(""), "id", "network_id", "mac_address")
_BOUND = _without(binding_row(""), "port_id")
_INACTIVE = _without(_BOUND, "host", "binding_generation")
_PORT_COLUMNS = ("id", "name", "host")
_ADDRESS = {"subnet_id": "sub", "ip_address": "10.0.0.{ip_offset}"}
_OFFSETS = {"first_offset": 1, "last_offset": 999, "next_offset": 10, "wrapped": 0}
_ENTRY = {"operation": "update", "payload": "", "created_at": 0.0}
_AGENT = {"agent_type": "ovs", "heartbeat_at": 1.0, "configurations": ""}
_HEARTBEAT = {"type_of_agent": "ovs", "heartbeat_at": 1.0, "configurations": ""}

VERBS = {
    "port.lock": Verb(sql.PORT_LOCK, ("port_id",), {}, _PORT_COLUMNS),
    "port.exists": Verb(sql.PORT_EXISTS, ("port_id",), {}, ("id",)),
    "port.read": Verb(sql.PORT_READ, ("port_id",), {}, (*_PORT_COLUMNS, "ip_address")),
    "port.list": Verb(sql.port_list((("network_id", 1),)), ("network_id_0",), {}, _PORT_COLUMNS),
    "port.list_on_host": Verb(sql.port_list((("binding:host_id", 1),)), ("binding_host_id_0",), {}, _PORT_COLUMNS),
    "port.insert": Verb(sql.PORT_INSERT, ("id",), _PORT),
    "port.update": Verb(sql.PORT_UPDATE, ("port_id",), _RENAMED),
    "port.delete": Verb(sql.PORT_DELETE, ("port_id",), {}),
    "binding.insert": Verb(sql.BINDING_INSERT, ("port_id",), _BOUND),
    "binding.update": Verb(sql.BINDING_UPDATE, ("binding_port_id",), _BOUND),
    "inactive_binding.insert": Verb(sql.INACTIVE_BINDING_INSERT, ("port_id", "host"), _INACTIVE),
    "inactive_binding.read": Verb(sql.INACTIVE_BINDING_READ, ("port_id", "host"), {}, ("host", "vif_type")),
    "inactive_binding.delete": Verb(sql.INACTIVE_BINDING_DELETE, ("port_id", "host"), {}),
    "ip_pool.insert": Verb(sql.POOL_INSERT, ("subnet_id",), _OFFSETS),
    "ip_pool.lock": Verb(sql.POOL_LOCK, ("subnet_id",), {}, ("next_offset",)),
    "ip_pool.advance": Verb(sql.POOL_ADVANCE, ("pool_id", "next_offset"), {"wrapped": 0}),
    "ip_allocation.insert": Verb(sql.IP_INSERT, ("port_id", "ip_offset"), _ADDRESS),
    "ip_allocation.by_port": Verb(sql.IPS_OF_PORT, ("port_id",), {}, ("ip_address",)),
    "ip_allocation.taken_from": Verb(sql.IP_TAKEN_FROM, ("subnet_id", "from_offset"), {}, ("ip_offset",)),
    "lease.lock": Verb(sql.LEASE_LOCK, ("port_id",), {}, ("owner",)),
    "lease.insert": Verb(sql.LEASE_INSERT, ("port_id", "owner"), {"expires_at": 60.0}),
    "lease.take_over": Verb(sql.LEASE_TAKE_OVER, ("lease_port_id", "previous_owner", "owner"), {"expires_at": 90.0}),
    "lease.release": Verb(sql.LEASE_RELEASE, ("port_id", "owner"), {}),
    "journal.insert": Verb(sql.JOURNAL_INSERT, ("controller", "port_id", "revision_number"), _ENTRY),
    "journal.delete": Verb(sql.JOURNAL_DELETE, ("controller", "port_id", "revision_number"), {}),
    "journal.pending": Verb(
        sql.JOURNAL_PENDING,
        ("controller",),
        {"after_port_id": "", "after_revision_number": 0},
        ("port_id", "revision_number"),
    ),
    "agent.insert": Verb(sql.AGENT_INSERT, ("host",), _AGENT),
    "agent.update": Verb(sql.AGENT_UPDATE, ("agent_host",), _HEARTBEAT),
    "agent.by_host": Verb(sql.AGENTS_OF_HOST, ("host",), {}, ("agent_type", "heartbeat_at")),
    "network.insert": Verb(sql.NETWORK_INSERT, ("id",), {"name": ""}),
    "network.read": Verb(sql.NETWORK_READ, ("network_id",), {}, ("id", "segment_id")),
    "segment.insert": Verb(sql.SEGMENT_INSERT, ("id", "network_id"), _without(segment_row(""), "id", "network_id")),
    "subnet.insert": Verb(sql.SUBNET_INSERT, ("id", "network_id"), {"cidr": "10.1.0.0/16"}),
    "subnet.read": Verb(sql.SUBNET_READ, ("subnet_id",), {}, ("id",)),
    "subnet.by_network": Verb(sql.SUBNETS_OF_NETWORK, ("network_id",), {}, ("id",)),
}
"""The statements by the name that the core gives them; lists have one a filter."""


def act(words: str) -> Act:
    """What a step's words ask for; ValueError for words that it does not know."""
    name, *arguments = words.split()
    if name not in VERBS:
        raise ValueError(f"step {words!r}: {name!r} is not one of {', '.join(VERBS)}")
    verb = VERBS[name]
    given = _given(words, verb, arguments)
    params = {**{key: _filled(value, given) for key, value in verb.defaults.items()}, **given}
    return Act(verb.statement, params, verb.columns)


def _given(words: str, verb: Verb, arguments: list[str]) -> dict[str, Any]:
    places = [argument for argument in arguments if "=" not in argument]
    if len(places) != len(verb.positional):
        raise ValueError(
            f"step {words!r}: {len(places)} arguments without '='; needed are {', '.join(verb.positional)}"
        )
    named = [argument.split("=") for argument in arguments if "=" in argument]
    if unknown := {name for name, _ in named} - set(verb.defaults):
        raise ValueError(f"step {words!r}: {', '.join(sorted(unknown))} is not one of {', '.join(verb.defaults)}")
    pairs = [*zip(verb.positional, places, strict=True), *named]
    return {name: _value(text) for name, text in pairs}


def _value(text: str) -> Any:
    if text == "none":
        return None
    return int(text) if text.isdigit() else text


def _filled(value: Any, given: dict[str, Any]) -> Any:
    return value.format(**given) if isinstance(value, str) else value

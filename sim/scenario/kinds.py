"""The kinds of operations, and the one setting that belongs to each.

Shared by the entries of a mix (sim/scenario/workload.py) and the items of a script (sim/scenario/script.py).
"""

from typing import Any, Literal, get_args

from pydantic_core import PydanticCustomError

Kind = Literal[
    "create_port", "update_port", "delete_port", "get_port", "get_ports", "get_device_details", "update_port_status",
    "create_binding", "activate", "delete_binding",
]  # fmt: skip
"""What a mix or a script can ask for."""
REPORT_STATE = "report_state"
"""What the agents of a scenario send by themselves (sim/scenario/agents.py)."""
AnyKind = Kind | Literal["report_state"]
KINDS: tuple[str, ...] = (*get_args(Kind), REPORT_STATE)
"""Every kind, in the order in which tables and figures show them."""
Change = Literal["host", "profile", "vnic_type", "name"]
Status = Literal["ACTIVE", "DOWN", "BUILD", "ERROR"]
Filter = Literal["network", "host", "device", "status", "none"]

_SETTINGS: dict[str, dict[str, Any]] = {
    "create_port": {"bind": True},
    "update_port": {"change": "host"},
    "delete_port": {},
    "get_port": {},
    "get_ports": {"filter": "network"},
    "get_device_details": {},
    "update_port_status": {"status": "ACTIVE"},
    "create_binding": {},
    "activate": {},
    "delete_binding": {},
}
WITHOUT_PORT = ("get_ports", REPORT_STATE)
"""Kinds that are not about one port."""
OF_BINDING = ("create_binding", "activate", "delete_binding")
"""What is about a further binding of a port, on the host that it names."""
OF_MADE_BINDING = ("activate", "delete_binding")
"""What is about such a binding that create_binding has made."""
NOTIFIES = ("update_port", "activate")
"""What tells the agent of a port's host that the port has changed."""
_OWN_KEYS = ("class", "bind", "change", "filter", "status")


def filled(raw: dict[str, Any]) -> dict[str, Any]:
    """The same mapping with the class, and the one setting that belongs to the operation."""
    operation = raw.get("operation")
    defaults = {"class": operation, **_SETTINGS.get(str(operation), {})}
    given = {key: value for key, value in raw.items() if value is not None or key not in _OWN_KEYS}
    return {**defaults, **given} if operation in _SETTINGS else raw


def refuse_stray_settings(operation: Any) -> None:
    """Raises for a setting of another kind of operation."""
    owners = {"bind": "create_port", "change": "update_port", "filter": "get_ports", "status": "update_port_status"}
    for setting, owner in owners.items():
        if getattr(operation, setting) is not None and operation.operation != owner:
            raise PydanticCustomError(
                "cross",
                "{setting} belongs to {owner}; {operation} has no such thing",
                {"setting": setting, "owner": owner, "operation": operation.operation},
            )

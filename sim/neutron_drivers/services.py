"""Neutron's own services around a driver: the one that has a stand-in, and those that are refused by name.

Functions of Neutron's modules are replaced while a driver's code runs, where Neutron is loaded at all. Provisioning
blocks are kept in memory: nothing here waits for them, a port's status is what the core says.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from sim.neutron_drivers.call import Call
from sim.neutron_drivers.guard import Swap, guarded

_CORE_PLUGIN = "CORE"
_REFUSED = (  # module, the class in it or '', function, what it is
    ("oslo_db.sqlalchemy.enginefacade", "_TransactionContextManager", "_transaction_scope", "Neutron's database"),
    ("oslo_db.sqlalchemy.enginefacade", "_AbstractTransactionFactory", "_start", "Neutron's database"),
    ("oslo_db.sqlalchemy.enginefacade", "_AbstractTransactionFactory", "_create_session", "Neutron's database"),
    ("oslo_db.sqlalchemy.enginefacade", "_AbstractTransactionFactory", "_create_connection", "Neutron's database"),
    ("neutron_lib.rpc", "", "get_client", "RPC (neutron_lib.rpc.get_client)"),
    ("neutron_lib.rpc", "", "get_server", "RPC (neutron_lib.rpc.get_server)"),
    ("neutron_lib.rpc", "", "get_notifier", "RPC (neutron_lib.rpc.get_notifier)"),
)


class Services:
    """Those of one driver."""

    def __init__(self) -> None:
        self._blocks: dict[str, set[str]] = {}  # by the object's id: who has yet to provision it

    def swaps(self) -> Iterator[Swap]:
        """What to replace, with the modules that are loaded now."""
        for module, kind, name, what in _REFUSED:
            yield from _swap(module, kind, name, _refusal(what))
        yield from _swap("neutron_lib.plugins.directory", "", "get_plugin", self._get_plugin)
        for name in ("add_provisioning_component", "remove_provisioning_component", "provisioning_complete"):
            yield from _swap("neutron.db.provisioning_blocks", "", name, getattr(self, f"_{name}"))
        yield from _swap("neutron.db.provisioning_blocks", "", "is_object_blocked", self._is_object_blocked)

    def forget(self, object_id: str) -> None:
        """The object is gone."""
        self._blocks.pop(object_id, None)

    def _get_plugin(self, call: Call, alias: str = _CORE_PLUGIN) -> object | None:
        if alias != _CORE_PLUGIN:
            return None  # as where a service plugin is not enabled
        if call.plugin is None:
            call.lacks("the core plugin")
        return call.plugin

    def _add_provisioning_component(
        self, _call: Call, context: object, object_id: str, object_type: str, entity: str
    ) -> None:
        self._blocks.setdefault(object_id, set()).add(entity)

    def _remove_provisioning_component(
        self, _call: Call, context: object, object_id: str, object_type: str, entity: str, **_kwargs: object
    ) -> bool:
        blocks = self._blocks.get(object_id, set())
        had = entity in blocks
        blocks.discard(entity)
        return had

    def _provisioning_complete(
        self, call: Call, context: object, object_id: str, object_type: str, entity: str
    ) -> None:
        self._remove_provisioning_component(call, context, object_id, object_type, entity)

    def _is_object_blocked(self, _call: Call, context: object, object_id: str, object_type: str) -> bool:
        return bool(self._blocks.get(object_id))


def _refusal(what: str) -> Callable[..., Any]:
    def instead(call: Call, *_args: object, **_kwargs: object) -> Any:
        call.lacks(what)

    return instead


def _swap(module: str, kind: str, name: str, instead: Callable[..., Any]) -> Iterator[Swap]:
    owner = sys.modules.get(module)
    if owner is not None and kind:
        owner = getattr(owner, kind, None)
    if owner is not None and hasattr(owner, name):
        yield Swap(owner, name, guarded(getattr(owner, name), instead))

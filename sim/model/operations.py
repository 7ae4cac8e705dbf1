"""Operations as calls of the core's plugin: what a client's request asks for, and how the answer is to be read.

Runs in an API worker. It catches the core's errors, which are answers, and nothing else: anything else is a bug.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.constants import STATUS_ACTIVE, UNSUCCESSFUL_VIF_TYPES, VNIC_NORMAL
from core.exceptions import CoreError, PortNotFound
from core.records import PortDict
from sim.kernel import Draws
from sim.model.bindings import BindingTracker
from sim.model.choices import NO_HOST, NO_PORT
from sim.model.naming import host_name
from sim.model.requests import Answer, Request
from sim.model.world import World
from sim.scenario.kinds import OF_BINDING, WITHOUT_PORT

DEVICE_OWNER = "compute:nova"
_OTHER_VNIC = "direct"  # what a change of vnic_type changes to, and back


class PortApi(Protocol):
    """The part of the core's plugin that clients call."""

    def create_port(self, attributes: Mapping[str, Any]) -> PortDict: ...
    def update_port(self, port_id: str, attributes: Mapping[str, Any]) -> PortDict: ...
    def delete_port(self, port_id: str) -> None: ...
    def get_port(self, port_id: str) -> PortDict: ...
    def get_ports(self, filters: Mapping[str, Any]) -> list[PortDict]: ...
    def get_device_details(self, port_id: str) -> PortDict: ...
    def update_port_status(self, port_id: str, status: str) -> PortDict: ...
    def report_state(self, host: str, agent_type: str, configurations: Mapping[str, Any]) -> None: ...
    def create_port_binding(self, port_id: str, host: str) -> dict[str, Any]: ...
    def activate_port_binding(self, port_id: str, host: str) -> PortDict: ...
    def delete_port_binding(self, port_id: str, host: str) -> None: ...


class Operations:
    """Performs requests."""

    def __init__(self, plugin: PortApi, world: World, tracker: BindingTracker, draws: Draws) -> None:
        self._plugin = plugin
        self._world = world
        self._tracker = tracker
        self._draws = draws
        self._detail = draws.purpose("operation detail")
        self._calls: Mapping[str, Callable[[Request], Answer]] = {
            "create_port": self._create,
            "update_port": self._update,
            "delete_port": self._delete,
            "get_port": self._get,
            "get_ports": self._list,
            "get_device_details": self._details,
            "update_port_status": self._report,
            "report_state": self._heartbeat,
            "create_binding": self._create_binding,
            "activate": self._activate,
            "delete_binding": self._delete_binding,
        }

    def perform(self, request: Request) -> Answer:
        """Does what the request asks for."""
        if _is_about_nothing(request):
            return Answer("no_target")
        try:
            return self._calls[request.step.kind](request)
        except PortNotFound:
            return Answer("no_target")
        except CoreError as error:
            return Answer("error", type(error).__name__)

    def _create(self, request: Request) -> Answer:
        tenant = request.chain.tenant
        attributes: dict[str, Any] = {
            "network_id": self._world.network_of(tenant).id,
            "device_id": device_of(request.port),
            "device_owner": DEVICE_OWNER,
        }
        if request.host != NO_HOST:
            attributes["binding:host_id"] = host_name(request.host)
        if self._world.allocates:
            subnet_id = self._world.subnet_of(tenant, self._uniform(request))
            attributes["fixed_ips"] = [{"subnet_id": subnet_id}]
        return _answer(self._plugin.create_port(attributes))

    def _update(self, request: Request) -> Answer:
        changes = self._changes(request)
        return _answer(self._plugin.update_port(self._world.port_id(request.port), changes))

    def _changes(self, request: Request) -> dict[str, Any]:
        change, value = request.step.changes, request.step.value
        if change == "host":
            return {"binding:host_id": host_name(request.host)}
        if value is not None:
            return _changed_to(change, value)
        if change == "profile":
            return {"binding:profile": {"changed_by": request.original}}
        if change == "vnic_type":
            return {"binding:vnic_type": VNIC_NORMAL if self._uniform(request) < 0.5 else _OTHER_VNIC}
        return {"name": f"renamed-by-{request.original}"}

    def _delete(self, request: Request) -> Answer:
        port_id = self._world.port_id(request.port)
        exists = port_id in self._tracker
        self._plugin.delete_port(port_id)
        return Answer("ok" if exists else "no_target")

    def _get(self, request: Request) -> Answer:
        return _answer(self._plugin.get_port(self._world.port_id(request.port)))

    def _details(self, request: Request) -> Answer:
        return _answer(self._plugin.get_device_details(self._world.port_id(request.port)))

    def _report(self, request: Request) -> Answer:
        return _answer(self._plugin.update_port_status(self._world.port_id(request.port), request.step.status))

    def _heartbeat(self, request: Request) -> Answer:
        configurations = self._world.agent_configurations
        self._plugin.report_state(host_name(request.host), str(request.step.value), configurations)
        return Answer("ok")

    def _list(self, request: Request) -> Answer:
        self._plugin.get_ports(self._filters(request))
        return Answer("ok")

    def _filters(self, request: Request) -> dict[str, str]:
        wanted = request.step.filters
        if wanted == "network":
            return {"network_id": self._world.network_of(request.chain.tenant).id}
        if wanted == "host":
            return {"binding:host_id": host_name(request.host)}
        if wanted == "device":
            return {"device_id": device_of(request.port)}
        return {"status": STATUS_ACTIVE} if wanted == "status" else {}

    def _create_binding(self, request: Request) -> Answer:
        self._plugin.create_port_binding(*self._binding(request))
        return Answer("ok")

    def _activate(self, request: Request) -> Answer:
        return _answer(self._plugin.activate_port_binding(*self._binding(request)))

    def _delete_binding(self, request: Request) -> Answer:
        self._plugin.delete_port_binding(*self._binding(request))
        return Answer("ok")

    def _binding(self, request: Request) -> tuple[str, str]:
        return self._world.port_id(request.port), host_name(request.host)

    def _uniform(self, request: Request) -> float:
        return self._draws.uniform(self._detail, request.original)


def _is_about_nothing(request: Request) -> bool:
    """Whether nobody has created its port, or no host has been left whose binding it could be about."""
    kind = request.step.kind
    if request.port == NO_PORT:
        return kind not in WITHOUT_PORT
    return request.host == NO_HOST and kind in OF_BINDING


def device_of(port: int) -> str:
    """The instance that a port belongs to."""
    return f"vm-{port}"


def _changed_to(change: str, value: str) -> dict[str, Any]:
    """A change that a script gives the value of."""
    if change == "profile":
        return {"binding:profile": {"changed_to": value} if value else None}
    return {"binding:vnic_type" if change == "vnic_type" else change: value}


def _answer(port: PortDict) -> Answer:
    if not port["binding:host_id"]:
        return Answer("ok")
    return Answer("ok", None, port["binding:vif_type"] not in UNSUCCESSFUL_VIF_TYPES)

"""The drivers that speak to a remote controller: directly, or through the core's journal.

Both reserve in bind_port and put the token into vif_details. The direct one confirms and drops in postcommits, as the
naive drivers of the proposal's time do; the journalling one lets the journal's worker do so.
"""

from typing import Any, Protocol

from core.constants import STATUS_ACTIVE, UNSUCCESSFUL_VIF_TYPES, VIF_TYPE_OTHER
from core.context import PortContext
from core.database import Database
from core.driver_api import MechanismDriver
from core.drivers.journal import JournalDriver, JournalRow
from core.records import PortBinding, PortDict, decoded
from core.runtime import Runtime

TOKEN = "token"  # the key in vif_details
_START, _END = f'{{"{TOKEN}":"', '"}'


class RemoteController(Protocol):
    """What the drivers call (sim.model.controllers)."""

    def serves(self, host: str) -> bool:
        """Whether it can bind on a host."""

    def reserve(self, port_id: str, host: str, segment_id: str, revision: int) -> str:
        """Reserves the port on a host; the token."""

    def confirm(self, port_id: str, token: str) -> None:
        """Tells of a committed binding."""

    def drop(self, port_id: str, *, keep: str | None, revision: int) -> None:
        """Tells that the port is unbound, bound anew, or deleted."""


def token_of(binding: PortBinding, driver: str | None) -> str | None:
    """The token of a binding that this driver made, None for any other."""
    if binding.driver != driver or not binding.is_successful:
        return None
    return _token(binding.vif_details)


def _token(details: str) -> str | None:
    if details.startswith(_START) and details.endswith(_END):
        return details[len(_START) : -len(_END)]  # as the core writes what bind_at sets; decoding JSON costs 5 us
    token: str | None = decoded(details).get(TOKEN)
    return token


def bind_at(controller: RemoteController, context: PortContext) -> None:
    """Reserves the port at the controller and sets the binding; leaves hosts that it does not serve to others."""
    port = context.port
    host = port.binding.host
    if not controller.serves(host):
        return
    segment = context.segments_to_bind[0]
    token = controller.reserve(port.id, host, segment.id, port.revision_number)
    context.set_binding(segment.id, VIF_TYPE_OTHER, {TOKEN: token}, STATUS_ACTIVE)


class ControllerDriver(MechanismDriver):
    """Calls its controller in bind_port and in postcommits."""

    def __init__(self, name: str, controller: RemoteController) -> None:
        self.name = name
        self.controller = controller

    def bind_port(self, context: PortContext) -> None:
        """Reserves."""
        bind_at(self.controller, context)

    def create_port_postcommit(self, context: PortContext) -> None:
        """Confirms a binding that was committed with the port."""
        self._confirm(context, token_of(context.port.binding, self.name))

    def update_port_postcommit(self, context: PortContext) -> None:
        """Drops what the update has unbound, confirms the binding that stands."""
        before = token_of(context.previous.binding, self.name) if context.previous is not None else None
        now = token_of(context.port.binding, self.name)
        if before is not None and before != now:
            self.controller.drop(context.port.id, keep=now, revision=context.port.revision_number)
        self._confirm(context, now)

    def delete_port_postcommit(self, context: PortContext) -> None:
        """Drops all that the controller has of a port that had a host, bound or not."""
        port, host = context.port, context.host
        if host and self.controller.serves(host):
            self.controller.drop(port.id, keep=None, revision=port.revision_number + 1)

    def _confirm(self, context: PortContext, token: str | None) -> None:
        if token is not None:
            self.controller.confirm(context.port.id, token)


class JournallingDriver(JournalDriver):
    """Binds at once, tells of committed changes through the journal."""

    def __init__(self, name: str, controller: RemoteController, *, database: Database, runtime: Runtime) -> None:
        super().__init__(_Delivery(name, controller), database=database, runtime=runtime, name=name)
        self.controller = controller

    def bind_port(self, context: PortContext) -> None:
        """Reserves."""
        bind_at(self.controller, context)


class _Delivery:
    """What the journal's worker tells the controller: the state that each row holds."""

    def __init__(self, driver: str, controller: RemoteController) -> None:
        self._driver = driver
        self._controller = controller

    def deliver(self, row: JournalRow) -> None:
        """Confirms the row's binding, or drops what an update or a deletion has left without one."""
        port = row.port
        token = _token_in(port)
        if row.operation == "delete":
            self._controller.drop(row.port_id, keep=None, revision=row.revision_number)
        elif token is not None:
            self._controller.drop(row.port_id, keep=token, revision=row.revision_number)
            self._controller.confirm(row.port_id, token)
        elif row.operation == "update":
            self._controller.drop(row.port_id, keep=None, revision=row.revision_number)


def _token_in(port: PortDict) -> str | None:
    details: dict[str, Any] = port["binding:vif_details"]
    bound = port["binding:vif_type"] not in UNSUCCESSFUL_VIF_TYPES
    token: str | None = details.get(TOKEN) if bound else None
    return token

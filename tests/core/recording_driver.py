"""A mechanism driver that writes each call with its context into a log, as one line of text."""

from collections import defaultdict, deque
from collections.abc import Callable

from core.context import PortContext
from core.driver_api import MechanismDriver
from core.records import PortDict, Segment

Behaviour = Callable[[PortContext], object] | Exception


def shown(port: PortDict, segment: Segment | None, driver: str | None) -> str:
    """Host, vif type, where it is bound (if it is), status and revision: 'h1 ovs physnet1 by sdn ACTIVE r2'."""
    bound = f" {segment and segment.physical_network} by {driver}" if segment or driver else ""
    host = port["binding:host_id"] or "nowhere"
    return f"{host} {port['binding:vif_type']}{bound} {port['status']} r{port['revision_number']}"


def line(method: str, context: PortContext) -> str:
    """'method in|out: original -> current'; in or outside a transaction."""
    where = "out" if context.transaction is None else "in"
    current = shown(context.current, context.bound_segment, context.bound_driver)
    original = "None"
    if context.original is not None:
        original = shown(context.original, context.original_bound_segment, context.original_bound_driver)
    return f"{method} {where}: {original} -> {current}"


def must_agree(context: PortContext) -> None:
    """The context's properties and its two dicts tell the same."""
    current, original = context.current, context.original
    assert (context.host, context.status) == (current["binding:host_id"], current["status"])
    assert (context.vif_type, context.vnic_type) == (current["binding:vif_type"], current["binding:vnic_type"])
    assert (context.vif_details, context.profile) == (current["binding:vif_details"], current["binding:profile"])
    if original is None:
        assert (context.original_host, context.original_status) == (None, None)
        assert (context.original_bound_segment, context.original_bound_driver) == (None, None)
    else:
        assert (context.original_host, context.original_status) == (original["binding:host_id"], original["status"])


class RecordingDriver(MechanismDriver):
    """Binds to the network's first segment unless the host is one of `hopeless`.

    `then(method, ...)` queues what the next calls do: an exception is raised; a callable is called with the context
    and replaces the default. `alone` leaves the driver's name out of the log.
    """

    def __init__(self, name: str, log: list[str], *, binds: bool = True, alone: bool = True) -> None:
        self.name = name
        self.log = log
        self.binds = binds
        self.hopeless: set[str] = set()
        self.contexts: list[PortContext] = []
        self._prefix = "" if alone else f"{name}."
        self._queued: dict[str, deque[Behaviour]] = defaultdict(deque)

    def then(self, method: str, *behaviours: Behaviour) -> None:
        self._queued[method].extend(behaviours)

    def forget(self) -> None:
        """Drops what was queued."""
        self._queued.clear()

    def create_port_precommit(self, context: PortContext) -> None:
        self._called("create_port_precommit", context)

    def create_port_postcommit(self, context: PortContext) -> None:
        self._called("create_port_postcommit", context)

    def update_port_precommit(self, context: PortContext) -> None:
        self._called("update_port_precommit", context)

    def update_port_postcommit(self, context: PortContext) -> None:
        self._called("update_port_postcommit", context)

    def delete_port_precommit(self, context: PortContext) -> None:
        self._called("delete_port_precommit", context)

    def delete_port_postcommit(self, context: PortContext) -> None:
        self._called("delete_port_postcommit", context)

    def bind_port(self, context: PortContext) -> None:
        if not self._called("bind_port", context):
            self.bind(context)

    def unbind_port(self, context: PortContext) -> None:
        self._called("unbind_port", context)

    def validate_bound_port(self, context: PortContext) -> bool:
        self._called("validate_bound_port", context)
        return context.host not in self.hopeless

    def bind(self, context: PortContext) -> None:
        """What bind_port does by default."""
        if self.binds and context.host not in self.hopeless:
            context.set_binding(context.segments_to_bind[0].id, "ovs", {"for": context.host}, "ACTIVE")

    def _called(self, method: str, context: PortContext) -> bool:
        self.log.append(self._prefix + line(method, context))
        self.contexts.append(context)
        must_agree(context)
        if not self._queued[method]:
            return False
        behaviour = self._queued[method].popleft()
        if isinstance(behaviour, Exception):
            raise behaviour
        behaviour(context)
        return True

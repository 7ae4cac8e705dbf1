"""Drivers written as for Neutron, that need none of it: named by their path in the tests of the adapter."""

import socket
import threading
import time
from contextlib import suppress
from time import sleep as doze
from typing import Any

VXLAN = "vxlan"


class Base:
    """neutron-lib's MechanismDriver, as far as the core calls it. `seen` holds what each call was given."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []

    def initialize(self) -> None:
        self.seen.append(("initialize", None))

    def bind_port(self, context: Any) -> None:
        self.seen.append(("bind_port", context))

    def create_port_precommit(self, context: Any) -> None:
        self.seen.append(("create_port_precommit", context))

    def create_port_postcommit(self, context: Any) -> None:
        self.seen.append(("create_port_postcommit", context))

    def update_port_precommit(self, context: Any) -> None:
        self.seen.append(("update_port_precommit", context))

    def update_port_postcommit(self, context: Any) -> None:
        self.seen.append(("update_port_postcommit", context))

    def delete_port_precommit(self, context: Any) -> None:
        self.seen.append(("delete_port_precommit", context))

    def delete_port_postcommit(self, context: Any) -> None:
        self.seen.append(("delete_port_postcommit", context))


class Binding(Base):
    """Binds where an Open vSwitch agent is alive."""

    def bind_port(self, context: Any) -> None:
        super().bind_port(context)
        if any(agent["alive"] for agent in context.host_agents("Open vSwitch agent")):
            segment = context.segments_to_bind[0]
            context.set_binding(segment["id"], "ovs", {"port_filter": True}, "ACTIVE")


class Doing(Binding):
    """Does `action` in bind_port, with the context, before it binds."""

    action: Any = staticmethod(lambda context: None)

    def bind_port(self, context: Any) -> None:
        type(self).action(context)
        super().bind_port(context)


class Continuing(Base):
    """Binds the network's first segment, and leaves the second to whoever binds below."""

    def bind_port(self, context: Any) -> None:
        super().bind_port(context)
        first, second = context.network.network_segments
        if context.binding_levels is None:
            context.continue_binding(first["id"], [second])


class Sleeping(Binding):
    """Waits for its switch."""

    def bind_port(self, context: Any) -> None:
        time.sleep(0.5)
        super().bind_port(context)


class Swallowing(Binding):
    """Waits, and takes whatever goes wrong for a switch that is not there."""

    def bind_port(self, context: Any) -> None:
        with suppress(BaseException):  # as the worst of drivers do
            doze(0.5)
        super().bind_port(context)


class Calling(Binding):
    """Opens a connection when it is made."""

    def __init__(self) -> None:
        super().__init__()
        socket.create_connection(("192.0.2.1", 6640), timeout=1)


class Working(Base):
    """Wants processes of its own."""

    def get_workers(self) -> list[object]:
        return [object()]


class Broken(Base):
    """Does not start."""

    def initialize(self) -> None:
        raise ValueError("no switch is configured")


class Halting(Base):
    """Ends the process when it does not like its configuration."""

    def initialize(self) -> None:
        raise SystemExit(1)


class Older(Base):
    """Has the two methods that the interface had until deferred binding."""

    def unbind_port(self, context: Any) -> None:
        self.seen.append(("unbind_port", context))

    def validate_bound_port(self, context: Any) -> bool:
        return False


class Disowning(Binding, Older):
    """Binds, and takes none of its bindings for valid later."""


class Half:
    """No mechanism driver: it cannot bind."""

    def initialize(self) -> None:
        """Nothing to prepare."""


NOT_A_CLASS = Base()
SET = threading.Event()
SET.set()

"""NeutronDriver: one of the core's drivers, whose work a driver written for Neutron does. It takes no time itself."""

import logging
import sys
from collections.abc import Sequence
from typing import Any

from core.context import PortContext
from core.driver_api import MechanismDriver
from core.exceptions import DatabaseConflict
from sim.neutron_drivers.blocking import blocking_swaps
from sim.neutron_drivers.call import Call
from sim.neutron_drivers.contexts import NeutronPortContext, register
from sim.neutron_drivers.guard import Swap, inside
from sim.neutron_drivers.loading import configure, driver_class
from sim.neutron_drivers.services import Services
from sim.neutron_drivers.sources import DriverTables


class NeutronDriver(MechanismDriver):
    """Loads the driver `named`, a class path or an entry point, and calls it in virtual time.

    `name` is what bindings and results call it. NeutronDriverError when it cannot be loaded; DriverStopped from a call,
    also from its constructor, that would block or that needs what is not here.
    """

    def __init__(self, name: str, named: str, *, tables: DriverTables, config_files: Sequence[str] = ()) -> None:
        self.name = name
        self._tables = tables
        self._services = Services()
        self._swaps: list[Swap] = []
        self._loaded_modules = 0
        made = driver_class(named)
        configure(named, config_files)
        register()
        _keep_quiet(made.__module__)
        self.inner: Any = self._guarded("__init__", made)

    def initialize(self) -> None:
        """The driver's; one that asks for worker processes is stopped."""
        self._guarded("initialize", self.inner.initialize)
        workers = getattr(self.inner, "get_workers", tuple)
        if self._guarded("get_workers", workers):
            Call(self.name, "get_workers").lacks("worker processes of its own")

    def bind_port(self, context: PortContext) -> None:
        """The driver's."""
        self._call("bind_port", context)

    def create_port_precommit(self, context: PortContext) -> None:
        """The driver's."""
        self._call("create_port_precommit", context)

    def create_port_postcommit(self, context: PortContext) -> None:
        """The driver's."""
        self._call("create_port_postcommit", context)

    def update_port_precommit(self, context: PortContext) -> None:
        """The driver's."""
        self._call("update_port_precommit", context)

    def update_port_postcommit(self, context: PortContext) -> None:
        """The driver's."""
        self._call("update_port_postcommit", context)

    def delete_port_precommit(self, context: PortContext) -> None:
        """The driver's."""
        self._call("delete_port_precommit", context)

    def delete_port_postcommit(self, context: PortContext) -> None:
        """The driver's."""
        self._call("delete_port_postcommit", context)
        self._services.forget(context.port.id)

    def unbind_port(self, context: PortContext) -> None:
        """The driver's where it has one: neutron-lib's interface lost it with deferred binding."""
        if hasattr(self.inner, "unbind_port"):
            self._call("unbind_port", context)

    def validate_bound_port(self, context: PortContext) -> bool:
        """The driver's where it has one; else yes."""
        return not hasattr(self.inner, "validate_bound_port") or bool(self._call("validate_bound_port", context))

    def _call(self, method: str, context: PortContext) -> Any:
        call = Call(self.name, method)
        port = NeutronPortContext(context, call=call, tables=self._tables)
        call.plugin = port._plugin  # what Neutron's directory of plugins gives out
        return self._guarded(method, getattr(self.inner, method), port, call=call)

    def _guarded(self, method: str, function: Any, *args: object, call: Call | None = None) -> Any:
        call = call or Call(self.name, method)
        try:
            with inside(call, self._present_swaps()):
                answer = function(*args)
        except DatabaseConflict:
            raise  # the core's, through the driver: the transaction is repeated
        except (Exception, SystemExit) as error:
            call.failed(error)
            raise
        call.check()
        return answer

    def _present_swaps(self) -> list[Swap]:
        """Looked for again when modules have been loaded since: there may be more to replace."""
        if len(sys.modules) != self._loaded_modules:
            self._loaded_modules = len(sys.modules)
            self._swaps = [*blocking_swaps(), *self._services.swaps()]
        return self._swaps


def _keep_quiet(module: str) -> None:
    """Warnings of the driver go where the user has sent them, and not to standard error because nobody has."""
    for package in ("neutron", module.partition(".")[0]):
        logging.getLogger(package).addHandler(logging.NullHandler())

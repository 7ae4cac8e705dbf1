"""LoggerDriver: writes every call with its context to a standard logger. It never binds."""

import logging

from core.context import PortContext
from core.driver_api import MechanismDriver


class LoggerDriver(MechanismDriver):
    """Logs at `level` (default DEBUG), one line a call."""

    def __init__(self, *, name: str = "logger", level: int = logging.DEBUG) -> None:
        self.name = name
        self._level = level
        self._log = logging.getLogger(f"{__name__}.{name}")

    def create_port_precommit(self, context: PortContext) -> None:
        """Logs the call."""
        self._write("create_port_precommit", context)

    def create_port_postcommit(self, context: PortContext) -> None:
        """Logs the call."""
        self._write("create_port_postcommit", context)

    def update_port_precommit(self, context: PortContext) -> None:
        """Logs the call."""
        self._write("update_port_precommit", context)

    def update_port_postcommit(self, context: PortContext) -> None:
        """Logs the call."""
        self._write("update_port_postcommit", context)

    def delete_port_precommit(self, context: PortContext) -> None:
        """Logs the call."""
        self._write("delete_port_precommit", context)

    def delete_port_postcommit(self, context: PortContext) -> None:
        """Logs the call."""
        self._write("delete_port_postcommit", context)

    def bind_port(self, context: PortContext) -> None:
        """Logs the call."""
        self._write("bind_port", context)

    def _write(self, method: str, context: PortContext) -> None:
        if self._log.isEnabledFor(self._level):
            self._log.log(self._level, "%s: current %s, original %s", method, context.current, context.original)

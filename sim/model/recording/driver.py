"""A driver that writes down how it was called, and calls the real one: the witness of what the core tells drivers."""

from core.context import PortContext
from core.driver_api import MechanismDriver
from core.exceptions import DatabaseConflict
from sim.history import HistoryWriter
from sim.kernel import current
from sim.model.recording.connection import open_connections
from sim.model.work import current_work

_OK, _ERROR, _CONFLICT = range(3)  # indexes of sim.history.tables.RETURNS


class RecordedDriver(MechanismDriver):
    """Wraps `inner`."""

    def __init__(self, inner: MechanismDriver, writer: HistoryWriter) -> None:
        self.inner = inner
        self.name = inner.name
        self._writer = writer

    def initialize(self) -> None:
        """The inner driver's."""
        self.inner.initialize()

    def bind_port(self, context: PortContext) -> None:
        """Recorded, with what it has set."""
        self._call("bind_port", context)

    def create_port_precommit(self, context: PortContext) -> None:
        """Recorded."""
        self._call("create_port_precommit", context)

    def create_port_postcommit(self, context: PortContext) -> None:
        """Recorded."""
        self._call("create_port_postcommit", context)

    def update_port_precommit(self, context: PortContext) -> None:
        """Recorded."""
        self._call("update_port_precommit", context)

    def update_port_postcommit(self, context: PortContext) -> None:
        """Recorded."""
        self._call("update_port_postcommit", context)

    def delete_port_precommit(self, context: PortContext) -> None:
        """Recorded."""
        self._call("delete_port_precommit", context)

    def delete_port_postcommit(self, context: PortContext) -> None:
        """Recorded."""
        self._call("delete_port_postcommit", context)

    # Not recorded: no property is about them. Each strategy that calls them tells of the same removal by a precommit.

    def unbind_port(self, context: PortContext) -> None:
        """The inner driver's."""
        self.inner.unbind_port(context)

    def validate_bound_port(self, context: PortContext) -> bool:
        """The inner driver's answer."""
        return self.inner.validate_bound_port(context)

    def _call(self, method: str, context: PortContext) -> None:
        writer = self._writer
        call = writer.callback(
            current_work().operation, _transaction(), self.name, method, context.port, context.previous
        )
        try:
            getattr(self.inner, method)(context)
        except Exception as error:
            writer.returned(call, _CONFLICT if isinstance(error, DatabaseConflict) else _ERROR)
            raise
        if method != "bind_port":
            writer.returned(call, _OK)
        elif context.continuation is None:
            writer.returned(call, _OK, context.result)
        else:
            writer.returned(call, _OK, continued_from=context.continuation.segment_id)


def _transaction() -> int:
    """The server's number of the caller's open transaction, -1 outside."""
    held = open_connections(current())
    return held[-1].number if held and held[-1].is_open else -1

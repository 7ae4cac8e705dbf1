"""The plugin's door with a witness: who called what with which arguments, and what was returned or raised.

The model's operations and the readers at rest call it instead of the plugin.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from core.exceptions import CoreError
from core.plugin import Ml2Plugin
from core.records import PortDict
from sim.history import HistoryWriter
from sim.kernel import current
from sim.model.work import NO_OPERATION, current_work

T = TypeVar("T")


class RecordedPlugin:
    """The operations on ports and their bindings. A call from outside the load gets a number of its own, below -1."""

    def __init__(self, plugin: Ml2Plugin, writer: HistoryWriter) -> None:
        self._plugin = plugin
        self._writer = writer
        self._outside = NO_OPERATION

    def create_port(self, attributes: Mapping[str, Any]) -> PortDict:
        """As the plugin's."""
        return self._recorded("create_port", None, attributes, lambda: self._plugin.create_port(attributes), _one)

    def update_port(self, port_id: str, attributes: Mapping[str, Any]) -> PortDict:
        """As the plugin's."""
        return self._recorded(
            "update_port", port_id, attributes, lambda: self._plugin.update_port(port_id, attributes), _one
        )

    def delete_port(self, port_id: str) -> None:
        """As the plugin's."""
        self._recorded("delete_port", port_id, {}, lambda: self._plugin.delete_port(port_id), _none)

    def get_port(self, port_id: str) -> PortDict:
        """As the plugin's, with all attributes."""
        return self._recorded("get_port", port_id, {}, lambda: self._plugin.get_port(port_id), _one)

    def get_ports(self, filters: Mapping[str, Any]) -> list[PortDict]:
        """As the plugin's, with all attributes."""
        return self._recorded("get_ports", None, filters, lambda: self._plugin.get_ports(filters), list)

    def get_device_details(self, port_id: str) -> PortDict:
        """As the plugin's."""
        return self._recorded("get_device_details", port_id, {}, lambda: self._plugin.get_device_details(port_id), _one)

    def update_port_status(self, port_id: str, status: str) -> PortDict:
        """As the plugin's."""
        arguments = {"status": status}
        return self._recorded(
            "update_port_status", port_id, arguments, lambda: self._plugin.update_port_status(port_id, status), _one
        )

    def report_state(self, host: str, agent_type: str, configurations: Mapping[str, Any]) -> None:
        """As the plugin's."""
        arguments = {"host": host, "agent_type": agent_type}
        self._recorded(
            "report_state", None, arguments, lambda: self._plugin.report_state(host, agent_type, configurations), _none
        )

    def create_port_binding(self, port_id: str, host: str) -> dict[str, Any]:
        """As the plugin's; the history shows no port, since none has changed."""
        return self._recorded(
            "create_port_binding", port_id, {"host": host},
            lambda: self._plugin.create_port_binding(port_id, host), _none,
        )  # fmt: skip

    def activate_port_binding(self, port_id: str, host: str) -> PortDict:
        """As the plugin's."""
        return self._recorded(
            "activate_port_binding", port_id, {"host": host},
            lambda: self._plugin.activate_port_binding(port_id, host), _one,
        )  # fmt: skip

    def delete_port_binding(self, port_id: str, host: str) -> None:
        """As the plugin's."""
        self._recorded(
            "delete_port_binding", port_id, {"host": host}, lambda: self._plugin.delete_port_binding(port_id, host),
            _none,
        )  # fmt: skip

    def _recorded(
        self, kind: str, port_id: str | None, arguments: object, call: Callable[[], T],
        ports: Callable[[T], list[PortDict]],
    ) -> T:  # fmt: skip
        work, writer = current_work(), self._writer
        before = work.operation
        if before == NO_OPERATION:
            self._outside -= 1
            work.operation = self._outside
        operation = work.operation
        writer.call(
            operation, kind, port_id=port_id, client=work.client, process=current().api.number, arguments=arguments
        )
        try:
            result = call()
        except CoreError as error:
            writer.refusal(operation, error)
            raise
        finally:
            work.operation = before
        writer.answer(operation, ports(result))
        return result


def _one(port: PortDict) -> list[PortDict]:
    return [port]


def _none(_: object) -> list[PortDict]:
    return []

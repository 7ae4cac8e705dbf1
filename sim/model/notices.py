"""What each driver was last told about each port, in the order in which the calls returned.

The recorder tells of every postcommit that returned without an error; at rest, sim/model/lost.py compares with the
database. Ports that a driver knows to be deleted are forgotten.
"""

from collections.abc import Mapping

from core.records import Port


class Notices:
    """The last notification by driver and port."""

    def __init__(self, drivers: list[str]) -> None:
        self._last: dict[str, dict[str, Port]] = {name: {} for name in drivers}

    def told(self, driver: str, port: Port, *, deleted: bool) -> None:
        """A driver's postcommit has returned."""
        ports = self._last[driver]
        if deleted:
            ports.pop(port.id, None)
        else:
            ports[port.id] = port

    def forget(self, driver: str, port_id: str) -> None:
        """A driver knows that the port is gone."""
        self._last[driver].pop(port_id, None)

    def diverged(self, committed: Mapping[str, Port]) -> int:
        """How many pairs of driver and port there are in which the driver's last word differs from the database."""
        return sum(self._differences(ports, committed) for ports in self._last.values())

    @staticmethod
    def _differences(ports: Mapping[str, Port], committed: Mapping[str, Port]) -> int:
        gone = sum(port_id not in committed for port_id in ports)
        # Most are equal to the last field, which is seen at once.
        pairs = ((ports.get(port_id), port) for port_id, port in committed.items())
        return gone + sum(_differs(told, port) for told, port in pairs if told != port)


def _differs(told: Port | None, port: Port) -> bool:
    """Whether what a driver acts on differs: everything but revision, generation and addresses, which never change."""
    return told is None or told[:8] != port[:8] or told.binding[:8] != port.binding[:8]

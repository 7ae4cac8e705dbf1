"""On which host each port is, as far as clients know: what Nova keeps with an instance.

They know it from answers, so it can be behind the database while several of them move one port. Used by the load, where
something depends on it; no draw does.
"""

from sim.model.choices import NO_HOST
from sim.model.requests import Request
from sim.model.steps import PortIndex
from sim.scenario import Scenario


class Whereabouts:
    """The hosts of ports: of an initial one that where it began, if any; of any other none until an answer tells."""

    def __init__(self, scenario: Scenario) -> None:
        ports = scenario.workload.ports
        self._placed = ports.initial if ports.have_hosts else 0
        self._hosts = scenario.topology.hosts
        self._known: dict[PortIndex, int] = {}

    def of(self, port: PortIndex) -> int:
        """The port's host, or NO_HOST."""
        return self._known.get(port, port % self._hosts if 0 <= port < self._placed else NO_HOST)

    def done(self, request: Request) -> None:
        """The API has done what was asked: if it has moved the port, and if by an activation, which host was left."""
        step = request.step
        if step.kind == "activate":
            request.inactive_host = self.of(request.port)
        if step.kind in ("create_port", "activate") or step.changes == "host":
            self._known[request.port] = request.host

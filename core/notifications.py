"""What agents are told of their own accord: that a port of their host has changed. Called by the plugin, after commits.

The agent then asks for the device details and reports the port's status. Nothing waits for that here: a notification
is an event of the observer, and who plays the agents reacts to it. A port that is created, and one that a read binds,
is not notified: its agent asks by itself when it finds the device.
"""

import logging

from core.binding.settlement import Settlement
from core.context import PortContext
from core.events import Observer
from core.records import Port

LOG = logging.getLogger(__name__)


class AgentNotifier:
    """Notifies the agent of the port's host. `loser_notifies` as in the strategy."""

    def __init__(self, observer: Observer, *, loser_notifies: bool) -> None:
        self._observer = observer
        self._loser_notifies = loser_notifies

    def updated(self, context: PortContext, settled: Settlement) -> None:
        """After an update: if it concerns the agent, or has bound the port."""
        port = settled.port
        if not port.binding.is_successful or not (settled.committed or _concerns_agent(context)):
            return
        if settled.lost and not self._loser_notifies:
            LOG.warning("port %s was bound by another request; nobody notifies its agent of this update", port.id)
            self._observer.notification_lost(port.id, port.binding.host)
        else:
            self._observer.port_notified(port.id, port.binding.host)

    def activated(self, port: Port) -> None:
        """After an inactive binding has become the active one."""
        self._observer.port_notified(port.id, port.binding.host)


def _concerns_agent(context: PortContext) -> bool:
    before, after = context.previous, context.port
    return before is None or (before.binding, before.admin_state_up) != (after.binding, after.admin_state_up)

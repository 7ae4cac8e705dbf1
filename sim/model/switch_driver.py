"""A driver that binds the upper level of a hierarchical binding and leaves the rest to drivers below.

As one for top-of-rack switches does, which takes a fabric's segment and hands it to the hosts as another. It makes no
remote call by itself; a scenario slows it down with `latency`.
"""

from core.context import PortContext
from core.driver_api import MechanismDriver


class SwitchDriver(MechanismDriver):
    """Binds the first of the segments to bind, and continues to the network's segment number `continues_to`.

    Only downwards, in the order of the network's segments: else two switches would hand a port back to each other.
    """

    def __init__(self, name: str, *, continues_to: int) -> None:
        self.name = name
        self._continues_to = continues_to

    def bind_port(self, context: PortContext) -> None:
        """Continues the binding, if the segment that it leads to is below the one to bind."""
        first, segments = context.segments_to_bind[0], context.network.segments
        if segments.index(first) < self._continues_to:
            context.continue_binding(first.id, [segments[self._continues_to]])

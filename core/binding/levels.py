"""Hierarchical binding: a driver binds one segment and leaves it to drivers one level below to bind another.

Called by MechanismManager.bind_port, which asks all drivers again at each level, depth first: when nobody binds below,
the next driver of the level above is asked. Each level has a context of its own, whose port carries the levels above.
"""

from core.constants import MAX_BINDING_LEVELS
from core.context import Continuation, PortContext
from core.exceptions import TooManyLevels
from core.records import encoded_levels


def may_be_asked(driver: str, context: PortContext) -> bool:
    """Whether the driver has bound none of the segments to bind at a level above: it would only come round to itself.

    It is not asked at all then, though other segments may be left to bind (so it is in Neutron).
    """
    offered = {segment.id for segment in context.segments_to_bind}
    return not any(name == driver and segment_id in offered for name, segment_id in context.port.binding.levels)


def level_below(driver: str, context: PortContext, continuation: Continuation) -> PortContext:
    """The context for the drivers below one that has continued the binding; TooManyLevels at the last level."""
    binding = context.port.binding
    levels = (*binding.levels, (driver, continuation.segment_id))
    if len(levels) >= MAX_BINDING_LEVELS:
        raise TooManyLevels(driver, MAX_BINDING_LEVELS)
    port = context.port.with_binding(binding._replace(upper_levels=encoded_levels(levels)))
    return PortContext(
        port, context.network, transaction=context.transaction, segments_to_bind=continuation.next_segments
    )

"""Contexts with neutron-lib's names, made of the core's: what a Neutron driver is handed in each call.

Everything is a snapshot, made anew for each call, so a driver may change what it is given and harms nobody. Names that
Neutron's contexts have and these do not are noted in the call (sim.neutron_drivers.asked).
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from core.context import PortContext
from core.records import Network, Port, Segment, decoded
from sim.neutron_drivers.asked import Asked, Known
from sim.neutron_drivers.call import Call
from sim.neutron_drivers.guard import outside
from sim.neutron_drivers.plugin import PluginFacade, RequestContext
from sim.neutron_drivers.sources import DriverTables

Dict = dict[str, Any]
Levels = Sequence[tuple[str, Segment | None]]
_LIST_OF_SEGMENTS = "segments"


class NeutronNetworkContext(Asked):
    """The port's network; it never changes, so `original` is None."""

    called = "context.network"

    def __init__(self, network: Network, call: Call) -> None:
        super().__init__(call)
        self.current = Known(_network(network), called="context.network.current", call=call)
        self.original = None
        self.network_segments = [segment._asdict() for segment in network.segments]


class NeutronPortContext(Asked):
    """A port before and after a change, under the names of neutron_lib.plugins.ml2.api.PortContext."""

    called = "context"

    def __init__(self, core: PortContext, *, call: Call, tables: DriverTables) -> None:
        super().__init__(call)
        self._core = core
        self._tables = tables
        self.current = _port(core.port, "context.current", call)
        self.original = None if core.previous is None else _port(core.previous, "context.original", call)
        self.network = NeutronNetworkContext(core.network, call)
        self.plugin_context = self._plugin_context = RequestContext(call)
        self._plugin = PluginFacade(self, call=call, tables=tables, transaction=core.transaction)

    # the port

    @property
    def host(self) -> str:
        """binding:host_id."""
        return self._core.host

    @property
    def original_host(self) -> str | None:
        """binding:host_id before the change."""
        return self._core.original_host

    @property
    def status(self) -> str:
        """The port's status."""
        return self._core.status

    @property
    def original_status(self) -> str | None:
        """The port's status before the change."""
        return self._core.original_status

    @property
    def vif_type(self) -> str:
        """binding:vif_type."""
        return self._core.vif_type

    @property
    def original_vif_type(self) -> str | None:
        """binding:vif_type before the change."""
        return self._core.previous.binding.vif_type if self._core.previous else None

    @property
    def vif_details(self) -> Dict:
        """binding:vif_details."""
        return self._core.vif_details

    @property
    def original_vif_details(self) -> Dict | None:
        """binding:vif_details before the change."""
        return decoded(self._core.previous.binding.vif_details) if self._core.previous else None

    # what it is bound to

    @property
    def binding_levels(self) -> list[Dict] | None:
        """The binding's levels from the top; None without one."""
        return _as_dicts(self._core.binding_levels)

    @property
    def original_binding_levels(self) -> list[Dict] | None:
        """The levels before the change."""
        return _as_dicts(self._core.original_binding_levels)

    @property
    def top_bound_segment(self) -> Dict | None:
        """The segment of the first level."""
        return _segment_at(self._core.binding_levels, 0)

    @property
    def original_top_bound_segment(self) -> Dict | None:
        """The segment of the first level before the change."""
        return _segment_at(self._core.original_binding_levels, 0)

    @property
    def bottom_bound_segment(self) -> Dict | None:
        """The segment of the last level."""
        return _segment_at(self._core.binding_levels, -1)

    @property
    def original_bottom_bound_segment(self) -> Dict | None:
        """The segment of the last level before the change."""
        return _segment_at(self._core.original_binding_levels, -1)

    # binding

    @property
    def segments_to_bind(self) -> list[Dict] | None:
        """What bind_port may choose from; None elsewhere."""
        if self._call.method != "bind_port":
            return None
        return [segment._asdict() for segment in self._core.segments_to_bind]

    def host_agents(self, agent_type: str) -> list[Known]:
        """The agents of this type on the port's host, alive or not; reads the table of agents."""
        return self._plugin.get_agents(self.plugin_context, {"agent_type": [agent_type], "host": [self.host]})

    def set_binding(
        self, segment_id: str, vif_type: str, vif_details: Mapping[str, Any], status: str | None = None
    ) -> None:
        """The result of bind_port, with the core's checks."""
        with outside():
            self._core.set_binding(segment_id, vif_type, vif_details, status)

    def continue_binding(self, segment_id: str, next_segments_to_bind: Iterable[Mapping[str, Any]]) -> None:
        """Binds one level and leaves the next to other drivers, with the core's checks."""
        with outside():
            self._core.continue_binding(segment_id, [segment["id"] for segment in next_segments_to_bind])

    def allocate_dynamic_segment(self, segment: Mapping[str, Any]) -> NoReturn:
        """Segments are those of the scenario."""
        self._call.lacks("context.allocate_dynamic_segment (dynamic segments)")

    def release_dynamic_segment(self, segment_id: str) -> NoReturn:
        """Segments are those of the scenario."""
        self._call.lacks("context.release_dynamic_segment (dynamic segments)")


def register() -> None:
    """Makes them contexts for `isinstance` too, where neutron-lib is loaded."""
    api = sys.modules.get("neutron_lib.plugins.ml2.api")
    if api is not None:
        api.PortContext.register(NeutronPortContext)
        api.NetworkContext.register(NeutronNetworkContext)


def _port(port: Port, called: str, call: Call) -> Known:
    return Known(port.as_dict(), called=called, call=call)


def _network(network: Network) -> Dict:
    segments = [_provider(segment) for segment in network.segments]
    provider = segments[0] if len(segments) == 1 else {_LIST_OF_SEGMENTS: segments}
    return {"id": network.id, "name": network.name, "admin_state_up": True, "status": "ACTIVE", **provider}


def _provider(segment: Segment) -> Dict:
    names = ("network_type", "physical_network", "segmentation_id")
    return {f"provider:{name}": getattr(segment, name) for name in names}


def _as_dicts(levels: Levels) -> list[Dict] | None:
    return [{"bound_driver": driver, "bound_segment": _dict_of(segment)} for driver, segment in levels] or None


def _segment_at(levels: Levels, place: int) -> Dict | None:
    return _dict_of(levels[place][1]) if levels else None


def _dict_of(segment: Segment | None) -> Dict | None:
    return None if segment is None else segment._asdict()

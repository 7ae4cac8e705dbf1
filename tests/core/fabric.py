"""A network of several segments, and drivers that bind levels of it by rules, for the tests of hierarchical binding."""

from collections.abc import Mapping
from typing import Any

from core.binding import DEFERRED, BindingStrategy
from core.context import PortContext
from core.driver_api import MechanismDriver
from core.records import BindingLevel, PortDict
from tests.core.worlds import World

Rules = Mapping[int, tuple[int, ...]]
"""What a driver does with a segment, by their numbers: () binds it, others are those that it continues to."""

TWO_LEVELS: dict[str, Rules] = {"tor": {0: (1,)}, "ovs": {1: ()}}
SEGMENTS = 12


class LevelDriver(MechanismDriver):
    """Does what its rules say with the first of the segments to bind that they know. `asked` notes what it is offered.

    It leaves hosts in `hopeless` to others; `first` is called before all else.
    """

    def __init__(self, name: str, rules: Rules, asked: list[str]) -> None:
        self.name = name
        self.hopeless: set[str] = set()
        self.seen: list[PortContext] = []
        self.first: Any = None
        self._rules = rules
        self._asked = asked

    def bind_port(self, context: PortContext) -> None:
        if self.first is not None:
            self.first(context)
        numbers = [context.network.segments.index(segment) for segment in context.segments_to_bind]
        self._asked.append(f"{self.name} {' '.join(map(str, numbers)) if len(numbers) < SEGMENTS else 'any'}")
        self.seen.append(context)
        number = next((number for number in numbers if number in self._rules), None)
        if number is not None and context.host not in self.hopeless:
            self._bind(context, number)

    def _bind(self, context: PortContext, number: int) -> None:
        segments = context.network.segments
        if self._rules[number]:
            context.continue_binding(segments[number].id, [segments[each] for each in self._rules[number]])
        else:
            context.set_binding(segments[number].id, "ovs", {"by": self.name}, "ACTIVE")


class Fabric:
    """A world with twelve segments and level drivers behind sdn, which binds nothing and is told everything."""

    def __init__(self, strategy: BindingStrategy = DEFERRED, drivers: Mapping[str, Rules] = TWO_LEVELS) -> None:
        self.world = World(strategy)
        self.sdn = self.world.sdn
        self.sdn.binds = False
        self.asked: list[str] = []
        self.drivers = {name: LevelDriver(name, rules, self.asked) for name, rules in drivers.items()}
        self.plugin = self.world.another_plugin(strategy, more_drivers=list(self.drivers.values()))
        kind = {"network_type": "vxlan", "physical_network": None}
        wanted = [{**kind, "segmentation_id": number + 1} for number in range(SEGMENTS)]
        self.network = self.plugin.create_network("fabric", wanted)
        self.ids = [segment.id for segment in self.network.segments]

    def create(self, host: str = "h1") -> PortDict:
        return self.plugin.create_port({"network_id": self.network.id, "binding:host_id": host})

    def move(self, port: PortDict, host: str) -> PortDict:
        return self.plugin.update_port(port["id"], {"binding:host_id": host})

    def levels(self, *levels: tuple[str, int]) -> list[BindingLevel]:
        return [BindingLevel(driver, self.network.segments[number]) for driver, number in levels]

    def stored(self, port: PortDict) -> tuple[str | None, str | None, str]:
        """Driver, segment and upper levels in the binding's row."""
        row = self.world.binding(port)
        return row["driver"], row["segment_id"], row["upper_levels"]

    def told(self, method: str) -> list[PortContext]:
        """What sdn was shown in a method, call by call."""
        calls = zip(self.world.log, self.sdn.contexts, strict=True)
        return [context for line, context in calls if line.split()[0] == method]

    def told_of_binding(self) -> PortContext:
        """The context of the last postcommit."""
        calls = zip(self.world.log, self.sdn.contexts, strict=True)
        return [context for line, context in calls if "postcommit" in line.split()[0]][-1]

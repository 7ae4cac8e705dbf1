"""Small situations in which a planted bug does harm, played on the core as it is at that moment.

Called by test_bugs.py, once with the right core and once with a bug planted. Those on a real SQLite database let others
act inside a driver's call; those that need two open transactions run in virtual time, at every offset of two requests.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from core.binding import DEFERRED
from core.context import PortContext
from core.plugin import Ml2Plugin
from core.records import PortDict
from tests.core.worlds import World
from tests.sim.model.tiny import Script, scripted, tiny

ROUND_TRIP_S = 0.01  # seconds a statement takes in virtual time
OFFSETS_MS = range(0, 150, 5)  # by which the second request comes later; covers a whole transaction


def meanwhile(world: World, *actions: Callable[[str], object]) -> None:
    """The next calls of bind_port first run an action with the port's id, then bind."""

    def behaviour(action: Callable[[str], object]) -> Callable[[PortContext], None]:
        def act(context: PortContext) -> None:
            action(context.current["id"])
            world.sdn.bind(context)

        return act

    world.sdn.then("bind_port", *[behaviour(action) for action in actions])


def quiet(world: World) -> Ml2Plugin:
    """Another API process on the same database, which never attempts to bind."""
    return world.another_plugin(replace(DEFERRED, max_attempts=0))


def moves_to(plugin: Ml2Plugin, host: str) -> Callable[[str], object]:
    """A change of a port's host."""
    return lambda port_id: plugin.update_port(port_id, {"binding:host_id": host})


def unbound_port(world: World) -> PortDict:
    """A committed port on h1 without a binding."""
    port = quiet(world).create_port({"network_id": world.network.id, "binding:host_id": "h1"})
    world.told()
    return port


def outcomes(world: World) -> list[str]:
    """How each attempt ended that reached a driver."""
    return [outcome for _, _, outcome in world.observer.attempts]


def computed_for(world: World) -> str:
    """The committed host of the only port, and the host that its binding was computed for."""
    (row,) = world.rows("ml2_port_bindings")
    return f"on {row['host']}, bound with {row['vif_details']}"


def races(first: Callable[[Script], None], second: Callable[[Script], None]) -> Counter[str]:
    """Two requests on one unbound port at every offset: how many runs lost a binding, and how."""
    lost: Counter[str] = Counter()
    for offset_ms in OFFSETS_MS:
        lost.update(_race(first, second, offset_ms))
    return lost


def _race(first: Callable[[Script], None], second: Callable[[Script], None], offset_ms: int) -> set[str]:
    scenario = tiny(
        workload={"ports": {"initial": 1, "bound": False}},
        database={"round_trip_s": ROUND_TRIP_S},
        controllers=[{"name": "sdn", "latency": {"bind": 0}}],
    )
    with scripted(scenario) as script:
        script.at(0, "first", lambda: first(script))
        script.at(offset_ms, "second", lambda: second(script))
        assert [line.split()[1] for line in script.run()] == ["done", "done"]
        tracker = script.system.tracker
        counts = {**tracker.stale, "overwritten": tracker.overwritten}
        return {kind for kind, count in counts.items() if count}

"""What is measured: a small world in a database of its own, and the core on one connection to it.

The tables are filled as every simulation fills them. The core is the real one with its agent driver, which binds at
once, so that nothing but the core and the database takes time.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import Engine

from core.agents import AgentRegistry
from core.database import Connection, Database
from core.plugin import Ml2Plugin
from core.runtime import RealRuntime
from sim.calibration.stopwatch import Stopwatch, TimedConnection
from sim.kernel import Draws
from sim.model.bindings import BindingTracker
from sim.model.drivers import build_drivers
from sim.model.notices import Notices
from sim.model.setup import SetUp
from sim.model.world import World
from sim.scenario import Scenario, Strategy, parse_scenario
from sim.wall.database import RunTables

_SEED = 1  # of the ids of what exists at first


def small_world(ports: int, strategies: Iterable[str]) -> Scenario:
    """A scenario of `ports` bound ports on one network, a subnet for each of 20 tenants, with the agent driver.

    Sizes hardly matter: all that the core asks for is found by an index (assumption: 20 tenants, 50 hosts).
    """
    return parse_scenario(
        {
            "question": "What does the core's SQL cost here?",
            "strategies": list(strategies),
            "horizon": {"duration_s": 1},
            "workload": {
                "arrivals": {"poisson": {"rate_per_s": 1}},
                "operations": [{"operation": "create_port", "bind": True}],
                "ports": {"initial": ports},
            },
            "topology": {"tenants": 20, "networks": 1, "subnets_per_tenant": 1, "hosts": 50},
            "drivers": [{"name": "agent", "kind": "agent"}],
            "primary_metric": "latency_s.create_port.p95",
        },
        name="calibration",
    )


def fill(engine: Engine, scenario: Scenario) -> World:
    """Makes the core's tables anew and writes what exists at first."""
    tables, draws = RunTables(engine), Draws(_SEED)
    tables.make()
    world = World(scenario, draws)
    SetUp(
        scenario, world, database=tables, controllers={}, tracker=BindingTracker(),
        notices=Notices([driver.name for driver in scenario.drivers]), draws=draws,
    ).run()  # fmt: skip
    tables.analyze()
    return world


class TimedCore:
    """The core under one strategy on connections that are timed."""

    def __init__(self, connect: Callable[[], Connection], watch: Stopwatch, scenario: Scenario, how: Strategy) -> None:
        self._connect = connect
        self._watch = watch
        self.used: list[TimedConnection] = []
        runtime = RealRuntime()
        database = Database(self._timed, runtime=runtime)
        drivers = build_drivers(
            scenario, controllers={}, database=database, runtime=runtime, draws=Draws(_SEED),
            agents=AgentRegistry(database, runtime),
        )  # fmt: skip
        self.plugin = Ml2Plugin(database, drivers, runtime=runtime, strategy=how.policies)

    def _timed(self) -> Connection:
        connection = TimedConnection(self._connect(), self._watch)
        self.used.append(connection)
        return connection

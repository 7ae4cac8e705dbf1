"""What is measured: a small world in a database of its own, and the core on one connection to it.

The tables are filled as every simulation fills them. The core is the real one with its agent driver, which binds at
once, so that nothing but the core and the database takes time.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

from sqlalchemy import Engine, Table

from core.database import Connection, Database
from core.engine import EngineConnections
from core.plugin import Ml2Plugin
from core.runtime import RealRuntime
from sim.calibration.stopwatch import Stopwatch, TimedConnection
from sim.database import ModelledDatabase
from sim.kernel import Draws
from sim.model.bindings import BindingTracker
from sim.model.drivers import build_drivers
from sim.model.notices import Notices
from sim.model.setup import SetUp
from sim.model.strategies import compose
from sim.model.world import World
from sim.scenario import Scenario, Strategy, parse_scenario

_SEED = 1  # of the ids of what exists at first
_ROWS = 500  # of one INSERT


class Address(Protocol):
    """Where the database is (sim.servers.ServerAddress)."""

    @property
    def kind(self) -> str:
        """postgresql or mariadb."""

    def engine(self, *, size: int = 5, max_overflow: int = 50, timeout_s: float = 30.0) -> Engine:
        """Connections to it."""


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
    """Creates the core's tables and writes what exists at first."""
    EngineConnections(engine).create_tables()
    draws = Draws(_SEED)
    world = World(scenario, draws)
    SetUp(
        scenario,
        world,
        database=cast(ModelledDatabase, _Loader(engine)),
        controllers={},
        tracker=BindingTracker(),
        notices=Notices([driver.name for driver in scenario.drivers]),
        draws=draws,
    ).run()
    return world


class _Loader:
    """The part of a database that the set-up uses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts rows."""
        waiting = list(rows)
        with self._engine.begin() as connection:
            for start in range(0, len(waiting), _ROWS):
                connection.execute(table.insert(), waiting[start : start + _ROWS])


class TimedCore:
    """The core under one strategy on connections that are timed."""

    def __init__(self, connect: Callable[[], Connection], watch: Stopwatch, scenario: Scenario, how: Strategy) -> None:
        self._connect = connect
        self._watch = watch
        self.used: list[TimedConnection] = []
        runtime = RealRuntime()
        database = Database(self._timed, runtime=runtime)
        drivers = build_drivers(scenario, controllers={}, database=database, runtime=runtime, draws=Draws(_SEED))
        self.plugin = Ml2Plugin(database, drivers, runtime=runtime, strategy=compose(how))

    def _timed(self) -> Connection:
        connection = TimedConnection(self._connect(), self._watch)
        self.used.append(connection)
        return connection

"""The tables of the run's schema, made anew and filled as the engine fills them before a run."""

from bench.wall_clock.load import SEED, Shape, scenario
from sim.kernel import Draws
from sim.model.bindings import BindingTracker
from sim.model.notices import Notices
from sim.model.setup import SetUp
from sim.model.world import World
from sim.running import replication_seed
from sim.servers import RunDatabase
from sim.wall.database import RunTables


def make_tables(database: RunDatabase, shape: Shape) -> None:
    """Whatever was there before is gone afterwards."""
    wanted, draws = scenario(shape), Draws(replication_seed(SEED, 0))
    engine = database.engine(size=1)
    try:
        tables = RunTables(engine)
        tables.make()
        SetUp(
            wanted, World(wanted, draws), database=tables, controllers={}, tracker=BindingTracker(),
            notices=Notices([driver.name for driver in wanted.drivers]), draws=draws,
        ).run()  # fmt: skip
        tables.analyze()
    finally:
        engine.dispose()

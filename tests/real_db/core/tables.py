"""The core's tables on a real server, and engines in the same schema at other isolation levels."""

from dataclasses import replace

from sqlalchemy import Engine

from core import schema
from core.engine import EngineConnections
from sim.servers import RunDatabase


def emptied(engine: Engine) -> EngineConnections:
    """The core's connections of an engine, to empty tables."""
    connections = EngineConnections(engine)
    connections.create_tables()
    with engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(table.delete())
    return connections


def at_level(database: RunDatabase, isolation: str) -> Engine:
    """An engine in the same schema at another level."""
    return replace(database.address, isolation=isolation).engine(timeout_s=5.0)

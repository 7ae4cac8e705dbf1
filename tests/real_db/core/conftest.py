"""The core on a real server: an engine a test, and the core's tables, made once a server and empty."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from sqlalchemy import Engine

from core.database import Connection
from core.engine import EngineConnections
from sim.servers import RunDatabase
from tests.real_db.core.tables import emptied


@pytest.fixture
def engine(database: RunDatabase) -> Iterator[Engine]:
    """A pool of five on each kind of server, in READ COMMITTED."""
    engine = database.engine(max_overflow=5, timeout_s=5.0)
    yield engine
    engine.dispose()


@pytest.fixture
def connections(engine: Engine) -> EngineConnections:
    """The core's connections, to empty tables."""
    return emptied(engine)


@pytest.fixture
def connect(connections: EngineConnections) -> Iterator[Callable[[], Connection]]:
    """Takes a connection that the test's end gives back."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(connections()))

"""What makes storages in the private servers; a run's schema is shared by the tests, one after the other."""

from collections.abc import Iterator

import pytest

from sim.database import StoreMaker
from sim.database.engine_storage import stored_in
from sim.servers import RunDatabase


@pytest.fixture
def in_postgresql(postgresql: RunDatabase) -> Iterator[StoreMaker]:
    """Storages in PostgreSQL."""
    with stored_in(postgresql) as made:
        assert made is not None
        yield made


@pytest.fixture
def in_mariadb(mariadb: RunDatabase) -> Iterator[StoreMaker]:
    """Storages in MariaDB."""
    with stored_in(mariadb) as made:
        assert made is not None
        yield made


@pytest.fixture
def in_engine(database: RunDatabase) -> Iterator[StoreMaker]:
    """Storages in each of the two."""
    with stored_in(database) as made:
        assert made is not None
        yield made

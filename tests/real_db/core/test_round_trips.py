"""What a transaction costs in round trips: one a statement of the core, those that end it, and nothing hidden."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core import statements
from core.engine import EngineConnections
from sim.servers import RunDatabase
from tests.real_db.core.tables import emptied
from tests.real_db.core.tap import Tap, tapped

pytestmark = pytest.mark.databases

PREPARED_AT = 5  # psycopg prepares a statement that it has sent five times on a connection: one round trip, once


@pytest.fixture
def tap(database: RunDatabase) -> Iterator[Tap]:
    """Between the driver and the server. Its socket has a short path."""
    with TemporaryDirectory() as folder, tapped(database.address, Path(folder)) as tap:
        yield tap


@pytest.fixture
def connections(tap: Tap) -> Iterator[EngineConnections]:
    """Through the tap, with one connection in the pool."""
    engine = tap.address.engine(size=1)
    yield emptied(engine)
    engine.dispose()


def transaction(connections: EngineConnections, number: int, *, end: str = "commit") -> None:
    with closing(connections()) as connection:
        connection.execute(statements.NETWORK_READ, {"network_id": "n"})
        connection.execute(statements.NETWORK_INSERT, {"id": str(number), "name": ""})
        getattr(connection, end)()


def round_trips(tap: Tap) -> int:
    taken = len(tap.sent)
    tap.sent.clear()
    return taken


def test_a_transaction_of_two_statements_takes_four_round_trips_in_postgresql_and_three_in_mariadb(
    tap: Tap, connections: EngineConnections
) -> None:
    """psycopg sends BEGIN by itself; MariaDB begins with the first statement."""
    transaction(connections, 0)
    round_trips(tap)
    taken = []
    for number in range(1, 2 * PREPARED_AT):
        transaction(connections, number)
        taken.append(round_trips(tap))
    expected = {"postgresql": 4, "mariadb": 3}[tap.address.kind]
    preparing = 2 if tap.address.kind == "postgresql" else 0
    assert taken == [expected + (preparing if number == PREPARED_AT else 0) for number in range(1, 2 * PREPARED_AT)]


def test_neither_taking_a_connection_nor_giving_it_back_sends_anything(
    tap: Tap, connections: EngineConnections
) -> None:
    transaction(connections, 0)
    round_trips(tap)
    for _ in range(3):
        connections().close()
    assert round_trips(tap) == 0


def test_a_rollback_is_one_round_trip_and_psycopg_forgets_in_another_what_it_had_prepared(
    tap: Tap, connections: EngineConnections
) -> None:
    for number in range(PREPARED_AT + 2):
        transaction(connections, number)
    round_trips(tap)
    taken = []
    for number in range(100, 103):
        transaction(connections, number, end="rollback")
        taken.append(round_trips(tap))
    assert taken == {"postgresql": [5, 4, 4], "mariadb": [3, 3, 3]}[tap.address.kind]


def test_a_new_connection_of_mariadb_takes_six_round_trips_and_of_postgresql_one(
    tap: Tap, connections: EngineConnections
) -> None:
    held = connections()
    round_trips(tap)
    connections().close()
    assert round_trips(tap) == {"postgresql": 1, "mariadb": 6}[tap.address.kind]
    held.close()

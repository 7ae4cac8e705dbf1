"""The isolation level that was asked for is in force on every connection of the pool."""

from contextlib import closing

import pytest
from sqlalchemy import text

from core import statements
from core.engine import EngineConnections
from core.exceptions import ConnectionLost, SerializationFailure
from core.statements import Statement
from sim.servers import RunDatabase
from sim.servers.address import LEVELS
from tests.real_db.core.tables import at_level, emptied

pytestmark = pytest.mark.databases

ASKED = {
    "postgresql": "SELECT replace(current_setting('transaction_isolation'), ' ', '_')",
    "mariadb": "SELECT lower(replace(@@tx_isolation, '-', '_'))",
}


def told(database: RunDatabase, connections: EngineConnections) -> str:
    with closing(connections()) as connection:
        found = connection.execute(Statement("level", "read", text(ASKED[database.kind])), {}).rows[0][0]
        connection.rollback()
    return str(found)


def test_read_committed_is_what_a_run_gets_unasked(database: RunDatabase, connections: EngineConnections) -> None:
    assert told(database, connections) == "read_committed"


@pytest.mark.parametrize("level", LEVELS)
def test_another_level_holds_on_new_used_and_replaced_connections(database: RunDatabase, level: str) -> None:
    engine = at_level(database, level)
    connections = EngineConnections(engine)
    assert [told(database, connections) for _ in range(2)] == [level, level]
    database.cut(database.sessions())
    with closing(connections()) as connection, pytest.raises(ConnectionLost):
        connection.execute(statements.NETWORK_READ, {"network_id": "n"})
    assert told(database, connections) == level
    engine.dispose()


def test_read_committed_sees_what_others_commit_and_repeatable_read_does_not(database: RunDatabase) -> None:
    seen = {}
    for level in ("read_committed", "repeatable_read"):
        engine = at_level(database, level)
        connections = emptied(engine)
        with closing(connections()) as reader, closing(connections()) as writer:
            reader.execute(statements.NETWORK_READ, {"network_id": "n"})
            writer.execute(statements.NETWORK_INSERT, {"id": "n", "name": "new"})
            writer.commit()
            seen[level] = len(reader.execute(statements.NETWORK_READ, {"network_id": "n"}).rows)
            reader.rollback()
        engine.dispose()
    assert seen == {"read_committed": 1, "repeatable_read": 0}


def test_postgresql_refuses_a_write_on_a_row_that_changed_since_the_snapshot(postgresql: RunDatabase) -> None:
    engine = at_level(postgresql, "repeatable_read")
    connections = emptied(engine)
    lease = {"port_id": "p", "owner": "me", "expires_at": 1.0}
    with closing(connections()) as first, closing(connections()) as second:
        first.execute(statements.LEASE_INSERT, lease)
        first.commit()
        second.execute(statements.NETWORK_READ, {"network_id": "n"})
        with closing(connections()) as third:
            third.execute(statements.LEASE_RELEASE, {"port_id": "p", "owner": "me"})
            third.commit()
        with pytest.raises(SerializationFailure):
            second.execute(statements.LEASE_LOCK, {"port_id": "p"})
        second.rollback()
    engine.dispose()

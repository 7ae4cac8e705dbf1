"""What a connection notes that a transaction left, against what the server then has."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from core import schema, statements
from core.engine import EngineConnections
from core.statements import Statement
from sim.kernel import Process
from sim.kernel.realtime import RealClock, RealTime
from sim.model.work import Work, attach
from sim.servers import RunDatabase
from sim.wall.connection import WallConnection
from sim.wall.event_log import EventLog, read_events
from tests.real_db.core.tables import at_level, emptied

pytestmark = pytest.mark.databases

PORT = {
    "id": "p", "network_id": "net", "name": "", "mac_address": "m", "admin_state_up": True, "status": "DOWN",
    "device_id": "", "device_owner": "", "revision_number": 4,
}  # fmt: skip
BINDING = {
    "port_id": "p", "host": "host-1", "vnic_type": "normal", "profile": "", "vif_type": "unbound", "vif_details": "",
    "driver": None, "segment_id": None, "upper_levels": "", "binding_generation": 1,
}  # fmt: skip


def _filled(engine: Engine) -> None:
    emptied(engine)
    with engine.begin() as connection:
        connection.execute(insert(schema.networks), {"id": "net", "name": ""})
        connection.execute(insert(schema.ports), PORT)
        connection.execute(insert(schema.ml2_port_bindings), BINDING)


@pytest.fixture
def engine(database: RunDatabase) -> Iterator[Engine]:
    """The core's tables with one port."""
    engine = database.engine(timeout_s=5.0)
    _filled(engine)
    yield engine
    emptied(engine)
    engine.dispose()


def _port(**columns: Any) -> tuple[Statement, dict[str, Any]]:
    return statements.port_update(tuple(columns), same_revision=False), {"port_id": "p", **columns}


def _binding(**columns: Any) -> tuple[Statement, dict[str, Any]]:
    return statements.binding_update(tuple(columns)), {"binding_port_id": "p", **columns}


def _run(
    engine: Engine, path: Path, *steps: tuple[str, Any], isolation: str = "read_committed"
) -> list[tuple[Any, ...]]:
    """What is noted as left, commit by commit, of named transactions whose steps come in this order."""
    clock = RealClock()
    log = EventLog(path, clock, slot=1)
    made: dict[str, WallConnection] = {}
    numbers = iter(range(9))

    def perform(process: Process) -> None:
        attach(process, Work(-2))
        for name, step in steps:
            if name not in made:
                made[name] = WallConnection(
                    connections(), log, clock=clock, pool_wait_us=0, begin=numbers.__next__, hooks=None,
                    isolation=isolation,
                )  # fmt: skip
            made[name].commit() if step is None else made[name].execute(*step)
        for connection in made.values():
            connection.close()

    connections = EngineConnections(engine)
    with closing(log):
        RealTime(clock).call_in_process(perform, name="one", number=0)
    return [event.arguments[3] for event in read_events(path) if event.what == "committing"]


def _in_the_database(engine: Engine) -> tuple[Any, ...]:
    columns = [schema.ports.c[name] for name in PORT if name not in ("network_id", "mac_address")]
    columns += [schema.ml2_port_bindings.c[name] for name in [*BINDING][1:]]
    with engine.connect() as connection:
        return tuple(connection.execute(select(*columns).join(schema.ml2_port_bindings)).one())


READ = (statements.PORT_READ, {"port_id": "p"})


OVERLAPPING: list[tuple[str, Any]] = [
    ("one", READ),
    ("other", READ), ("other", _port(revision_number=5)), ("other", _binding(host="host-2", binding_generation=2)),
    ("other", None),
    ("one", _port(name="new", revision_number=5)), ("one", None),
]  # fmt: skip


def test_a_port_changed_by_others_since_it_was_read_is_noted_as_it_then_is(engine: Engine, tmp_path: Path) -> None:
    first, second = _run(engine, tmp_path / "log", *OVERLAPPING)
    assert first[0][1][7] == "host-2"
    assert second == [("p", _in_the_database(engine))]
    assert second[0][1][1:8:6] == ("new", "host-2")


def test_that_is_so_in_a_transaction_that_reads_an_old_snapshot(mariadb: RunDatabase, tmp_path: Path) -> None:
    level = "repeatable_read"  # PostgreSQL ends such a transaction at its UPDATE
    engine = at_level(mariadb, level)
    _filled(engine)
    _, left = _run(engine, tmp_path / "log", *OVERLAPPING, isolation=level)
    assert left == [("p", _in_the_database(engine))]
    emptied(engine)
    engine.dispose()


def test_an_update_of_some_columns_of_a_locked_port_is_noted_as_the_server_has_it(
    engine: Engine, tmp_path: Path
) -> None:
    (left,) = _run(
        engine, tmp_path / "log",
        ("one", (statements.PORT_LOCK, {"port_id": "p"})), ("one", _port(status="ACTIVE", revision_number=5)),
        ("one", _binding(vif_type="ovs")), ("one", None),
    )  # fmt: skip
    assert left == [("p", _in_the_database(engine))]

"""A whole core on a real SQLite database in memory: plugin, recording drivers, fake time, injected faults."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import StaticPool, create_engine, select

from core import schema
from core.binding import DEFERRED, BindingStrategy
from core.database import Database
from core.driver_api import MechanismDriver
from core.engine import EngineConnections
from core.plugin import Ml2Plugin
from core.records import PortDict
from tests.core.fake_runtime import FakeRuntime
from tests.core.faulty_connection import Faults, FaultyConnection
from tests.core.recording_driver import RecordingDriver
from tests.core.recording_observer import RecordingObserver

VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segmentation_id": 7}
Dump = dict[str, list[tuple[Any, ...]]]


@lru_cache(maxsize=1)
def _connections() -> tuple[Any, EngineConnections]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    connections = EngineConnections(engine)
    connections.create_tables()
    return engine, connections


def _emptied() -> tuple[Any, EngineConnections]:
    engine, connections = _connections()
    with engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(table.delete())
    return engine, connections


class World:
    """One database, one network with a segment and a subnet; `drivers` names the recording drivers, the last binds."""

    def __init__(self, strategy: BindingStrategy = DEFERRED, *, drivers: Sequence[str] = ("sdn",), **options: Any):
        self._engine, self._pool = _emptied()
        self.runtime, self.faults, self.log = FakeRuntime(), Faults(), []
        self.observer = RecordingObserver(self.faults)
        self.database = Database(self._connect, runtime=self.runtime, observer=self.observer)
        self.drivers = [
            RecordingDriver(name, self.log, binds=name == drivers[-1], alone=len(drivers) == 1) for name in drivers
        ]
        self.sdn = self.drivers[-1]
        self.plugin = self.another_plugin(strategy, **options)
        self.network = self.plugin.create_network("net", [VLAN])
        self.subnet = self.plugin.create_subnet(self.network.id, "10.0.0.0/24")

    def another_plugin(
        self, strategy: BindingStrategy, *, more_drivers: Sequence[MechanismDriver] = (), **options: Any
    ) -> Ml2Plugin:
        """A further API process on the same database with the same drivers."""
        return Ml2Plugin(
            self.database,
            [*self.drivers, *more_drivers],
            runtime=self.runtime,
            strategy=strategy,
            observer=self.observer,
            **options,
        )

    def create(self, host: str = "", **attributes: Any) -> PortDict:
        """Creates a port through the plugin."""
        return self.plugin.create_port({"network_id": self.network.id, "binding:host_id": host, **attributes})

    def move(self, port: PortDict, host: str) -> PortDict:
        """Changes a port's host."""
        return self.plugin.update_port(port["id"], {"binding:host_id": host})

    def rename(self, port: PortDict, name: str = "other") -> PortDict:
        """Changes an attribute that binding does not depend on."""
        return self.plugin.update_port(port["id"], {"name": name})

    def drop_binding(self, port: PortDict) -> None:
        """Takes a port's binding row away, as if the port had come from a plugin without bindings."""
        table = schema.ml2_port_bindings
        with self._engine.begin() as connection:
            connection.execute(table.delete().where(table.c.port_id == port["id"]))

    def told(self) -> list[str]:
        """The log of driver calls since the last look."""
        seen = list(self.log)
        self.log.clear()
        return seen

    def methods(self) -> list[str]:
        """The log since the last look, methods only."""
        return [entry.split()[0] for entry in self.told()]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table's rows, ordered by primary key."""
        what = schema.metadata.tables[table]
        with self._engine.connect() as connection:
            found = connection.execute(select(what).order_by(*what.primary_key.columns)).mappings()
            return [dict(row) for row in found]

    def binding(self, port: PortDict) -> dict[str, Any]:
        """The committed binding row of a port."""
        return next(row for row in self.rows("ml2_port_bindings") if row["port_id"] == port["id"])

    def generation(self, port: PortDict) -> int:
        """The committed binding_generation of a port."""
        return int(self.binding(port)["binding_generation"])

    def committed(self, port: PortDict) -> str:
        """Host, vif type, status and revision as the database has them."""
        row = next(row for row in self.rows("ports") if row["id"] == port["id"])
        bound = self.binding(port)
        host = bound["host"] or "nowhere"
        return f"{host} {bound['vif_type']} {row['status']} r{row['revision_number']}"

    def dump(self) -> Dump:
        """Every row of every table."""
        return {name: [tuple(row.values()) for row in self.rows(name)] for name in schema.metadata.tables}

    def _connect(self) -> FaultyConnection:
        return FaultyConnection(self._pool(), self.faults)


def seen(port: PortDict) -> str:
    """Host, vif type, status and revision as the API shows them."""
    host = port["binding:host_id"] or "nowhere"
    return f"{host} {port['binding:vif_type']} {port['status']} r{port['revision_number']}"

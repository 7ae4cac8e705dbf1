"""Clients that follow a script on a modelled database, and the log of what they saw (times in milliseconds)."""

from collections.abc import Callable
from typing import Any

from core import schema
from core import statements as sql
from core.constants import VIF_TYPE_OVS
from core.exceptions import CoreError
from core.statements import Statement
from sim.database import INNODB, Costs, Key, ModelledDatabase, Owner, Profile, Recorder, ServerTransaction
from sim.kernel import Kernel, Process

PORTS = ("p1", "p2", "p3", "p4")
Script = Callable[["Client"], None]


def port_values(port_id: str, *, name: str = "", mac_address: str | None = None) -> dict[str, Any]:
    return {
        "id": port_id,
        "network_id": "net",
        "name": name,
        "mac_address": mac_address or f"mac-{port_id}",
        "admin_state_up": 1,
        "status": "DOWN",
        "device_id": "",
        "device_owner": "",
        "revision_number": 1,
    }


def binding_values(port_id: str, *, host: str = "h1", segment_id: str | None = "seg") -> dict[str, Any]:
    return {
        "port_id": port_id,
        "host": host,
        "vnic_type": "normal",
        "profile": "",
        "vif_type": VIF_TYPE_OVS,
        "vif_details": "",
        "driver": "d",
        "segment_id": segment_id,
        "upper_levels": "",
        "binding_generation": 1,
    }


def load_topology(database: ModelledDatabase, ports: tuple[str, ...] = PORTS) -> None:
    database.load(schema.networks, [{"id": "net", "name": ""}])
    segment = {"id": "seg", "network_id": "net", "network_type": "flat", "physical_network": "p"}
    database.load(schema.network_segments, [{**segment, "segmentation_id": None, "segment_index": 0}])
    database.load(schema.subnets, [{"id": "sub", "network_id": "net", "cidr": "10.0.0.0/16"}])
    pool = {"subnet_id": "sub", "first_offset": 1, "last_offset": 999, "next_offset": 10, "wrapped": 0}
    database.load(schema.ip_allocation_pools, [pool])
    database.load(schema.ports, [port_values(port, name="old") for port in ports])
    database.load(schema.ml2_port_bindings, [binding_values(port) for port in ports])
    addresses = [
        {"subnet_id": "sub", "ip_offset": n, "ip_address": f"10.0.0.{n}", "port_id": port}
        for n, port in enumerate(ports, 1)
    ]
    database.load(schema.ip_allocations, addresses)


class Client:
    """One connection in the hands of a script; every call adds a line to the world's log."""

    def __init__(self, world: "World", name: str, owner: Owner | None = None) -> None:
        self.name = name
        self._world = world
        self.connection = world.pool(owner).connect()

    def pause(self, ms: float) -> None:
        self._world.kernel.sleep_us(round(ms * 1000), "script")

    def run(self, statement: Statement, **params: Any) -> Any:
        """Rows of a read, number of rows of a write, or the name of the error."""
        try:
            result = self.connection.execute(statement, params)
        except CoreError as error:
            return self._log(f"{statement.name} {type(error).__name__}")
        if statement.kind == "write":
            self._log(f"{statement.name} {result.rowcount}")
            return result.rowcount
        return result.rows

    def reads(self, port_id: str) -> None:
        """A plain read; logs the port's name."""
        rows = self.run(sql.PORT_READ, port_id=port_id)
        self._log(f"reads {[row[2] for row in rows]}")

    def locks(self, port_id: str) -> None:
        """A locking read; logs the port's name."""
        rows = self.run(sql.PORT_LOCK, port_id=port_id)
        if rows is not None:
            self._log(f"locks {[row[2] for row in rows]}")

    def names(self, port_id: str, name: str) -> None:
        """UPDATE of the port's row alone."""
        values = {**port_values(port_id, name=name), "port_id": port_id}
        self.run(sql.PORT_UPDATE, **{k: v for k, v in values.items() if k not in ("id", "network_id", "mac_address")})

    def creates(self, port_id: str, **values: Any) -> None:
        self.run(sql.PORT_INSERT, **port_values(port_id, **values))

    def binds(self, port_id: str, **values: Any) -> None:
        self.run(sql.BINDING_INSERT, **binding_values(port_id, **values))

    def deletes(self, port_id: str) -> None:
        self.run(sql.PORT_DELETE, port_id=port_id)

    def commit(self) -> None:
        self._ends(self.connection.commit, "commit")

    def rollback(self) -> None:
        self._ends(self.connection.rollback, "rollback")

    def _ends(self, call: Callable[[], None], what: str) -> None:
        try:
            call()
        except CoreError as error:
            what = f"{what} {type(error).__name__}"
        self._log(what)

    def _log(self, text: str) -> None:
        self._world.log.append(f"{self._world.kernel.now_us / 1000:g} {self.name} {text}")


class Waits(Recorder):
    """Every lock wait as a line 'space row: waiter after holder, from-to outcome', with the clients' names."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def lock_wait(
        self,
        key: Key,
        *,
        waiter: ServerTransaction,
        holder: ServerTransaction | None,
        from_us: int,
        to_us: int,
        outcome: str,
    ) -> None:
        after = "?" if holder is None or holder.process is None else holder.process.name
        who = waiter.process.name if waiter.process else "?"
        self.lines.append(f"{key[0]} {key[1]}: {who} after {after}, {from_us / 1000:g}-{to_us / 1000:g} {outcome}")


class World:
    """A database with four bound ports, where statements take no time unless `costs` say so."""

    def __init__(self, kernel: Kernel, profile: Profile = INNODB, costs: Costs | None = None, **options: Any) -> None:
        self.kernel = kernel
        self.log: list[str] = []
        self.waits = Waits()
        self.database = ModelledDatabase(kernel, profile, costs=costs, recorder=self.waits, **options)
        load_topology(self.database)

    def pool(self, owner: Owner | None = None) -> Any:
        return self.database.pool(owner)

    def client(
        self, name: str, script: Script, *, after: float = 0, owner: Owner | None = None, group: object = None
    ) -> Process:
        """Starts a client `after` so many milliseconds."""

        def task() -> None:
            client = Client(self, name, owner)
            try:
                script(client)
            finally:
                client.connection.close()

        return self.kernel.start(task, name=name, delay_us=round(after * 1000), group=group)

    def run(self) -> list[str]:
        self.kernel.run()
        return self.log

    def port_names(self) -> dict[str, str]:
        """The committed names of all ports."""
        return dict(self.database.committed("SELECT id, name FROM ports ORDER BY id"))

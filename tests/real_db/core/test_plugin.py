"""The whole core on the real engines: every operation, under each strategy, from many threads at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from core import schema
from core.binding import BindingStrategy
from core.database import Database
from core.engine import EngineConnections
from core.exceptions import (
    MacAddressInUse,
    NotFound,
    PortBindingAlreadyActive,
    PortBindingAlreadyExists,
    PortBindingError,
    PortBindingNotFound,
)
from core.plugin import Ml2Plugin
from sim.servers import RunDatabase
from tests.core.faulty_connection import Faults
from tests.core.recording_observer import RecordingObserver
from tests.core.worlds import VLAN
from tests.real_db.core.hasty_runtime import HastyRuntime
from tests.real_db.core.strategies import STRATEGIES, Binds

pytestmark = pytest.mark.databases

THREADS = 6


class World:
    """A plugin on a real database with a network and two subnets."""

    def __init__(self, connections: EngineConnections, strategy: BindingStrategy) -> None:
        self.runtime, self.observer = HastyRuntime(), RecordingObserver(Faults())
        database = Database(connections, runtime=self.runtime, observer=self.observer)
        self.plugin = Ml2Plugin(
            database, [Binds()], runtime=self.runtime, strategy=strategy, observer=self.observer
        )  # fmt: skip
        self.network = self.plugin.create_network("net", [VLAN])
        self.subnets = [self.plugin.create_subnet(self.network.id, cidr) for cidr in ("10.0.0.0/24", "10.1.0.0/24")]

    def create(self, host: str = "h1", **attributes: Any) -> str:
        """A new port's id. It is bound, unless somebody has deleted it meanwhile."""
        port = self.plugin.create_port({"network_id": self.network.id, "binding:host_id": host, **attributes})
        return str(port["id"])

    def move(self, port_id: str, host: str) -> None:
        """To another host."""
        self.plugin.update_port(port_id, {"binding:host_id": host})


@pytest.fixture(params=STRATEGIES)
def world(request: pytest.FixtureRequest, connections: EngineConnections) -> World:
    return World(connections, STRATEGIES[request.param])


def inactive(connections: EngineConnections) -> list[tuple[str, str]]:
    """Host and vif type of each inactive binding."""
    table = schema.ml2_inactive_port_bindings
    with connections._engine.begin() as connection:
        found = connection.execute(select(table.c.host, table.c.vif_type).order_by(table.c.host))
        return [(host, vif_type) for host, vif_type in found]


def in_threads(work: Callable[[int], object], times: int) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, number) for number in range(times)]:
            done.result(timeout=60)


def test_each_operation_does_what_it_does_on_sqlite(world: World) -> None:
    port_id = world.create("h1")
    world.move(port_id, "h2")
    port = world.plugin.get_port(port_id)
    assert (port["binding:host_id"], port["binding:vif_details"], port["status"]) == ("h2", {"for": "h2"}, "ACTIVE")
    assert len(port["fixed_ips"]) == 1
    assert [found["id"] for found in world.plugin.get_ports({"binding:host_id": ["h2"]})] == [port_id]
    world.plugin.delete_port(port_id)
    world.plugin.delete_port(port_id)
    assert world.plugin.get_ports() == []
    with pytest.raises(NotFound):
        world.plugin.get_port(port_id)


def test_a_live_migration_leaves_a_binding_that_nova_deletes(world: World, connections: EngineConnections) -> None:
    port_id = world.create("h1")
    world.plugin.create_port_binding(port_id, "h2")
    assert world.plugin.activate_port_binding(port_id, "h2")["binding:vif_details"] == {"for": "h2"}
    assert inactive(connections) == [("h1", "unbound")]
    with pytest.raises(PortBindingAlreadyExists):
        world.plugin.create_port_binding(port_id, "h1")
    with pytest.raises(PortBindingError):
        world.plugin.activate_port_binding(port_id, "h1")
    world.plugin.delete_port_binding(port_id, "h1")
    assert inactive(connections) == []


def test_threads_that_migrate_one_port_leave_it_bound_for_its_host(
    world: World, database: RunDatabase, connections: EngineConnections
) -> None:
    port_id = world.create("h0")
    others = (PortBindingAlreadyActive, PortBindingAlreadyExists, PortBindingError, PortBindingNotFound)

    def work(number: int) -> None:
        for call in ("create_port_binding", "activate_port_binding", "delete_port_binding"):
            with suppress(*others):
                getattr(world.plugin, call)(port_id, f"h{(number + len(call)) % 4}")

    in_threads(work, 40)
    port = world.plugin.get_port(port_id)
    assert (port["binding:vif_type"], port["binding:vif_details"]) == ("ovs", {"for": port["binding:host_id"]})
    assert database.locks() == 0
    world.plugin.delete_port(port_id)
    assert inactive(connections) == []


def test_a_mac_address_is_used_once(world: World) -> None:
    world.create(mac_address="fa:16:3e:00:00:01")
    with pytest.raises(MacAddressInUse):
        world.create(mac_address="fa:16:3e:00:00:01")
    assert len(world.plugin.get_ports()) == 1


def test_threads_that_create_share_the_addresses_out(world: World, database: RunDatabase) -> None:
    in_threads(lambda number: world.create(f"h{number % 3}"), 60)
    ports = world.plugin.get_ports()
    addresses = [ip["ip_address"] for port in ports for ip in port["fixed_ips"]]
    assert len(ports) == len(set(addresses)) == 60
    assert {port["binding:vif_type"] for port in ports} == {"ovs"}
    assert database.locks() == 0


def test_threads_that_fight_over_one_port_leave_it_bound_for_its_host(world: World, database: RunDatabase) -> None:
    port_id = world.create("h0")
    in_threads(lambda number: world.move(port_id, f"h{number % 4}"), 40)
    port = world.plugin.get_port(port_id)
    assert (port["binding:vif_type"], port["binding:vif_details"]) == ("ovs", {"for": port["binding:host_id"]})
    assert database.locks() == 0


def test_threads_that_do_everything_at_once_leave_whole_rows_and_no_lock(
    world: World, database: RunDatabase, connections: EngineConnections
) -> None:
    def work(number: int) -> None:
        chance = Random(number)
        port_id = world.create(f"h{chance.randrange(3)}")
        for other in (port_id, *[port["id"] for port in world.plugin.get_ports()][:3]):
            try:
                world.move(other, f"h{chance.randrange(3)}")
                if chance.random() < 0.4:
                    world.plugin.delete_port(other)
            except NotFound:
                pass

    in_threads(work, 40)
    ports = world.plugin.get_ports()
    assert all(port["binding:vif_details"] == {"for": port["binding:host_id"]} for port in ports)
    assert database.locks() == 0
    with connections._engine.connect() as connection:
        for table in (schema.ml2_port_bindings, schema.ip_allocations):
            owners = [port_id for (port_id,) in connection.execute(select(table.c.port_id))]
            assert sorted(owners) == sorted(port["id"] for port in ports)
        connection.rollback()

"""Puts into the database and the controllers what exists before the load starts. Takes no virtual time.

Rows are written as the core would write them (tests/sim/model/test_setup.py compares), in bulk: through the core 20,000
bound ports would take many times as long. An initial port i belongs to tenant and host i modulo their numbers. Its
state is that after deferred binding has created and bound it; without a host it may be that of a port that came from a
plugin without bindings, which has no binding row where the strategy inserts those on demand.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from sqlalchemy import Table

from core import schema
from core.binding.policies import BindingRow
from core.constants import STATUS_DOWN
from core.ipam import address_at, pool_limits
from core.records import Network, Port, PortBinding, encoded
from sim.kernel import Draws
from sim.model.agents import agent_configurations, agent_types, last_report_s
from sim.model.bindings import BindingTracker
from sim.model.commits import NO_BINDING_ROW
from sim.model.controller_driver import token_of
from sim.model.controllers import Controller
from sim.model.drivers import IdealBinding, confirmed_entry
from sim.model.naming import host_name
from sim.model.notices import Notices
from sim.model.operations import DEVICE_OWNER, device_of
from sim.model.world import World
from sim.scenario import Scenario

CIDR = "10.0.0.0/8"  # of every subnet: tenants' address ranges overlap; 16.7 million addresses (assumption)

Row = dict[str, Any]


class Loadable(Protocol):
    """A database that rows can be put into: the modelled one, or a real one."""

    def load(self, table: Table, rows: Iterable[Row]) -> None:
        """Inserts them."""


class SetUp:
    """Fills an empty database."""

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        *,
        database: Loadable,
        controllers: Mapping[str, Controller],
        tracker: BindingTracker,
        notices: Notices,
        draws: Draws,
        binding_row: BindingRow = BindingRow.WITH_PORT,
    ) -> None:
        self._scenario = scenario
        self._world = world
        self._database = database
        self._tracker = tracker
        self._notices = notices
        self._draws = draws
        self._detail = draws.purpose("initial port")
        self._drivers = {d.name: controllers[d.controller] for d in scenario.drivers if d.controller is not None}
        self._driver_names = [driver.name for driver in scenario.drivers]
        self._ideal = IdealBinding(scenario, controllers)
        self._has_hosts = scenario.workload.ports.have_hosts
        self._has_rows = self._has_hosts or binding_row is BindingRow.WITH_PORT
        self._taken = {subnet_id: pool_limits(CIDR)[0] for subnet_id, _ in world.subnets}

    def run(self) -> None:
        """Writes everything."""
        load, world = self._database.load, self._world
        load(schema.networks, ({"id": n.id, "name": n.name} for n in world.networks))
        load(schema.network_segments, _segment_rows(world.networks))
        load(schema.subnets, ({"id": s, "network_id": n, "cidr": CIDR} for s, n in world.subnets))
        ports = [self._port(number) for number in range(world.initial_ports)]
        load(schema.ports, (_port_row(port) for port, _ in ports))
        load(schema.ml2_port_bindings, (_binding_row(port) for port, _ in ports if self._has_rows))
        load(schema.ip_allocations, (self._address_row(port, subnet) for port, subnet in ports if subnet))
        load(schema.ip_allocation_pools, (self._pool_row(subnet_id) for subnet_id, _ in world.subnets))
        load(schema.agents, self._agent_rows())
        for port, _ in ports:
            self._introduce(port)

    def _port(self, number: int) -> tuple[Port, str | None]:
        """An initial port and the subnet of its address."""
        world = self._world
        tenant = number % world.tenants
        network = world.network_of(tenant)
        subnet_id = None
        if world.allocates:
            uniform = self._draws.uniform(self._detail, number)
            subnet_id = world.subnet_of(tenant, uniform)
        return self._bound(_unbound_port(number, world, network, self._unbound(number)), network), subnet_id

    def _unbound(self, number: int) -> PortBinding:
        if not self._has_rows:
            return NO_BINDING_ROW
        return PortBinding(host_name(number % self._world.hosts) if self._has_hosts else "", generation=1)

    def _bound(self, port: Port, network: Network) -> Port:
        found = self._ideal.bind(port, network) if self._scenario.workload.ports.bound else None
        if found is None or found[0].result is None:
            return port
        result, driver = found[0].result, found[1]
        binding = port.binding._replace(
            vif_type=result.vif_type, vif_details=result.vif_details, driver=driver, segment_id=result.segment_id,
            upper_levels=result.upper_levels, generation=port.binding.generation + 1,
        )  # fmt: skip
        return port._replace(
            binding=binding, status=result.status or port.status, revision_number=port.revision_number + 1
        )

    def _introduce(self, port: Port) -> None:
        """Tells the tracker, the notices and the controllers of an initial port."""
        self._tracker.committed(port.id, port.binding, port.revision_number, None, 0)
        for name in self._driver_names:
            self._notices.told(name, port, deleted=False)
            token = token_of(port.binding, name)
            if token is not None:
                self._drivers[name].table.reserve(port.id, confirmed_entry(port, token), 0)

    def _address_row(self, port: Port, subnet_id: str) -> Row:
        offset = self._taken[subnet_id]
        self._taken[subnet_id] = offset + 1
        address = address_at(CIDR, offset)
        return {"subnet_id": subnet_id, "ip_offset": offset, "ip_address": address, "port_id": port.id}

    def _pool_row(self, subnet_id: str) -> Row:
        first, last = pool_limits(CIDR)
        return {
            "subnet_id": subnet_id, "first_offset": first, "last_offset": last,
            "next_offset": self._taken[subnet_id], "wrapped": 0,
        }  # fmt: skip

    def _agent_rows(self) -> Iterator[Row]:
        text, types = encoded(agent_configurations(self._scenario)), agent_types(self._scenario)
        for host in range(self._world.hosts):
            for kind in types:
                yield {
                    "host": host_name(host), "agent_type": kind,
                    "heartbeat_at": last_report_s(self._scenario, self._draws, host), "configurations": text,
                }  # fmt: skip


def _unbound_port(number: int, world: World, network: Network, binding: PortBinding) -> Port:
    return Port(
        id=world.port_id(number),
        network_id=network.id,
        name="",
        mac_address=_mac(number),
        admin_state_up=True,
        status=STATUS_DOWN,
        device_id=device_of(number),
        device_owner=DEVICE_OWNER,
        revision_number=1,
        binding=binding,
    )


def _mac(number: int) -> str:
    digits = f"{number:010x}"
    return "fa:" + ":".join(digits[at : at + 2] for at in range(0, 10, 2))


def _segment_rows(networks: list[Network]) -> Iterator[Row]:
    for network in networks:
        for index, segment in enumerate(network.segments):
            yield {**segment._asdict(), "segment_index": index}


def _port_row(port: Port) -> Row:
    row = port._asdict()
    del row["binding"], row["fixed_ips"]
    row["admin_state_up"] = int(port.admin_state_up)
    return row


def _binding_row(port: Port) -> Row:
    row: Row = {"port_id": port.id, **port.binding._asdict()}
    row["binding_generation"] = row.pop("generation")
    return row

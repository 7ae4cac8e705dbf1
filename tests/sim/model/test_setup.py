"""The state before the load: as the core would have written it, in the database and at the controllers, and quickly."""

import time
from typing import Any

import pytest

from core.records import PortBinding
from sim.kernel import Draws
from sim.model.commits import committed_ports
from sim.model.naming import host_name
from sim.model.operations import DEVICE_OWNER, device_of
from sim.model.system import System
from sim.scenario import Scenario, builtin
from tests.sim.model.tiny import Script, scripted, tiny

PORTS = 6
TABLES = ("networks", "network_segments", "subnets", "ip_allocation_pools", "ports", "ip_allocations",
          "ml2_port_bindings", "agents", "port_binding_leases", "ml2_journal")  # fmt: skip
WITHOUT_HOST = {"bound": False, "with_host": False}
AGENT = [{"name": "ovs", "kind": "agent"}]


def set_up(**changes: Any) -> Scenario:
    return tiny(workload={"ports": {"initial": PORTS, **changes.pop("ports", {})}}, **changes)


def rows(script: Script) -> dict[str, list[list[object]]]:
    """All rows, with what may differ (ids, MAC addresses, tokens) replaced by what it belongs to."""
    server = script.system.server
    named = {row[0]: row[1] for row in server.committed("SELECT id, device_id FROM ports")}
    macs = [row[0] for row in server.committed("SELECT mac_address FROM ports")]

    def shown(value: object) -> object:
        if value in named:
            return named[value]
        if value in macs:
            return "a MAC address"
        return "a token" if isinstance(value, str) and value.startswith('{"token"') else value

    return {
        t: sorted(([shown(v) for v in row] for row in server.committed(f"SELECT * FROM {t}")), key=str) for t in TABLES
    }


def create_through_core(script: Script, *, with_host: bool = True) -> None:
    """The same ports, one after the other."""
    world = script.system.world
    for number in range(PORTS):
        tenant = number % world.tenants
        attributes = {
            "network_id": world.network_of(tenant).id,
            "device_id": device_of(number),
            "device_owner": DEVICE_OWNER,
            "binding:host_id": host_name(number % world.hosts) if with_host else "",
        }
        if world.allocates:
            attributes["fixed_ips"] = [{"subnet_id": world.subnet_of(tenant, 0.0)}]
        script.at(number / 1000, device_of(number), lambda given=attributes: script.plugin.create_port(given))


@pytest.mark.parametrize(
    "changes",
    [{}, {"drivers": AGENT}, {"topology": {"ip_allocation": False}}, {"topology": {"subnets_per_tenant": 0}}],
    ids=["controller", "agent", "no addresses", "shared subnet"],
)
def test_bound_ports_are_as_deferred_binding_leaves_them(changes: dict[str, Any]) -> None:
    with scripted(set_up(**changes)) as ready, scripted(tiny(**changes)) as made:
        create_through_core(made)
        made.run(until_s=100)
        assert rows(ready) == rows(made)


def test_unbound_ports_are_as_the_first_transaction_leaves_them() -> None:
    with scripted(set_up(ports={"bound": False})) as ready, scripted(tiny()) as made:
        create_through_core(made)
        made.run(until_s=0.5)  # the controller takes 1 s
        assert rows(ready) == rows(made)


@pytest.mark.parametrize("strategy", ["deferred", "in-transaction", "juno"])
def test_ports_without_a_host_are_as_they_are_created(strategy: str) -> None:
    with scripted(set_up(ports=WITHOUT_HOST), strategy) as ready, scripted(tiny(), strategy) as made:
        create_through_core(made, with_host=False)
        made.run(until_s=0.5)
        assert rows(ready) == rows(made)


@pytest.mark.parametrize("strategy", ["havana", "icehouse"])
def test_ports_without_a_host_have_no_binding_row_where_it_is_inserted_on_demand(strategy: str) -> None:
    with scripted(set_up(ports=WITHOUT_HOST), strategy) as ready, scripted(tiny(), strategy) as made:
        create_through_core(made, with_host=False)
        made.run(until_s=0.5)
        assert rows(ready) == rows(made) | {"ml2_port_bindings": []}
        ports = committed_ports(ready.system.server)
        assert len(ports) == PORTS
        assert {port.binding for port in ports.values()} == {PortBinding()}
        assert all(port_id in ready.system.tracker for port_id in ports)


@pytest.mark.parametrize("ports", [{}, {"bound": False}])
def test_ports_with_a_host_have_their_rows_under_every_strategy(ports: dict[str, Any]) -> None:
    with scripted(set_up(ports=ports), "havana") as one, scripted(set_up(ports=ports), "deferred") as other:
        assert rows(one) == rows(other)


def test_controllers_hold_what_the_database_has() -> None:
    with scripted(set_up()) as script:
        ports = committed_ports(script.system.server)
        held = dict(script.system.controllers["sdn"].table.entries())
        assert set(held) == set(ports)
        assert all(entry.confirmed and entry.host == ports[port_id].binding.host for port_id, entry in held.items())


def test_the_ids_that_the_load_uses_exist() -> None:
    with scripted(set_up()) as script:
        ports = committed_ports(script.system.server)
        assert {script.system.world.port_id(number) for number in range(PORTS)} == set(ports)


def test_a_host_that_no_controller_serves_has_no_binding() -> None:
    controllers = [{"name": "sdn", "latency": {"bind": 1}, "hosts": {"first": 0, "count": 2}}]
    with scripted(set_up(controllers=controllers)) as script:
        ports = committed_ports(script.system.server).values()
        bound = {port.binding.host for port in ports if port.binding.is_successful}
        assert bound == {"host-0", "host-1"}


def test_no_virtual_time_passes_and_20_000_ports_take_seconds() -> None:
    scenario = tiny(workload={"ports": {"initial": 20_000}})
    began = time.process_time()
    system = System(scenario, builtin("deferred"), draws=Draws(1))
    took_s = time.process_time() - began
    assert system.kernel.now_us == 0
    system.close()
    assert took_s < 8  # 0.9 s on an idle machine; only an accidental slow path is to be caught

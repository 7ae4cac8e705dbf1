"""Drivers of Neutron's and of vendors, as they come: what they bind, and what is said of those that cannot run here."""

import logging
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from sim.history import check
from sim.neutron_drivers import DriverStopped
from sim.neutron_drivers.contexts import NeutronNetworkContext, NeutronPortContext
from sim.scenario import load_scenario
from sim.simulation import run
from tests.sim.neutron_drivers import fake_drivers
from tests.sim.neutron_drivers.switchboard import Switchboard, fake
from tests.sim.neutron_drivers.test_in_scenarios import MIX, busy

pytestmark = [
    pytest.mark.neutron,
    pytest.mark.filterwarnings("default"),  # OpenStack's packages warn of each other
    pytest.mark.skipif(
        find_spec("neutron") is None and "BINDSIM_NEEDS_NEUTRON" not in os.environ,
        reason="needs Neutron and neutron-lib, which are not installed here: make test-neutron",
    ),
]

VXLAN = {"network_type": "vxlan", "segmentation_id": 70}
LINK = {"local_link_information": [{"switch_info": "leaf", "port_id": "eth0", "switch_id": "aa:bb:cc:dd:ee:ff"}]}
LEAF = """
[genericswitch:leaf]
device_type = netmiko_cisco_ios
ip = 192.0.2.1
username = admin
password = secret
"""
GENEVE = """
[ml2_type_geneve]
max_header_size = 38
"""


def calm(**changes):
    load = {"arrivals": {"poisson": {"rate_per_s": 5}}, "operations": MIX, "ports": {"initial": 8}}
    return busy("", workload=load, **changes)


def neutron(driver, **settings):
    return {"name": driver, "kind": "neutron", "driver": driver, **settings}


# those that run


@pytest.mark.parametrize(
    "strategy", ["in-transaction", "deferred", "serialized", "havana", "icehouse", "juno", "neutron-2026.1"]
)
def test_openvswitch_and_logger_run_under_every_strategy(strategy) -> None:
    ran = run(calm(drivers=[neutron("openvswitch"), neutron("logger")]), strategy=strategy, history=True)
    assert (ran.outcome, ran.lost["missing"], ran.lost["diverged"]) == ("ok", 0, 0)
    assert check(ran.history).broken == []


def test_openvswitch_binds_where_its_agent_is_alive() -> None:
    board = Switchboard("openvswitch", name="openvswitch")
    port = board.create()
    assert port["binding:vif_type"] == "ovs"
    assert port["binding:vif_details"]["connectivity"] == "l2"
    assert port["binding:vif_details"]["datapath_type"] == "system"
    assert board.create("h2")["binding:vif_type"] == "binding_failed"
    assert board.create("h1", **{"binding:vnic_type": "direct"})["binding:vif_type"] == "binding_failed"


def test_openvswitch_s_provisioning_blocks_are_kept_while_the_port_is_there() -> None:
    board = Switchboard("openvswitch")
    port = board.create(device_owner="compute:nova")
    assert board.driver._services._blocks == {port["id"]: {"L2"}}
    board.plugin.delete_port(port["id"])
    assert board.driver._services._blocks == {}


def test_logger_writes_every_call(caplog) -> None:
    board = Switchboard("logger")
    with caplog.at_level(logging.DEBUG):
        board.plugin.delete_port(board.create()["id"])
    told = " ".join(record.getMessage() for record in caplog.records if "mechanism_logger" in record.name)
    methods = ["create_port_precommit", "create_port_postcommit", "bind_port", "delete_port_precommit"]
    assert [method for method in methods if method not in told] == []
    assert board.world.network.id in told


def test_bagpipe_binds_to_a_bridge() -> None:
    board = Switchboard("bagpipe")
    assert board.create()["binding:vif_type"] == "bridge"
    assert run(calm(drivers=[neutron("bagpipe")]), strategy="deferred").lost["missing"] == 0


@pytest.mark.parametrize(
    ("driver", "agent_type", "vnic_type", "profile", "vif_type"),
    [
        ("baremetal", "Baremetal Node", "baremetal", LINK, "binding_failed"),  # no device of its own is configured
        ("macvtap", "Macvtap agent", "normal", {}, "macvtap"),
        ("macvtap", "Macvtap agent", "direct", {}, "binding_failed"),
        ("sriovnicswitch", "NIC Switch agent", "direct", {}, "hw_veb"),
        ("sriovnicswitch", "NIC Switch agent", "normal", {}, "binding_failed"),
    ],
)
def test_other_agents_bind_other_ports(driver, agent_type, vnic_type, profile, vif_type) -> None:
    board = Switchboard(driver, agent_type=agent_type)
    port = board.create(**{"binding:vnic_type": vnic_type, "binding:profile": profile})
    assert port["binding:vif_type"] == vif_type


def test_an_agent_of_a_type_of_its_own_is_on_every_host_of_a_scenario() -> None:
    scenario = calm(drivers=[neutron("macvtap", agent_type="Macvtap agent")])
    assert run(scenario, strategy="deferred").lost["missing"] == 0


def test_neutron_s_own_check_of_contexts_has_no_complaint() -> None:
    board = Switchboard("test", name="test", segment=VXLAN)
    port = board.create("host-ovs-no_filter")
    assert port["binding:vif_type"] == "ovs"
    port = board.plugin.update_port(port["id"], {"name": "other"})
    assert board.move(port, "host-bridge-filter")["binding:vif_type"] == "bridge"


def test_contexts_have_every_name_that_neutron_lib_demands() -> None:
    from neutron_lib.plugins.ml2 import api

    board = Switchboard(fake("Binding"))
    board.create()
    context = board.seen[-1][1]
    for kind, given in ((api.PortContext, context), (api.NetworkContext, context.network)):
        assert [name for name in sorted(kind.__abstractmethods__) if not hasattr(given, name)] == []
    Switchboard("logger")
    assert issubclass(NeutronPortContext, api.PortContext)
    assert issubclass(NeutronNetworkContext, api.NetworkContext)


# those that cannot, and why


def test_l2population_needs_rpc() -> None:
    with pytest.raises(
        DriverStopped, match=r"driver driver, __init__: needs RPC \(neutron_lib.rpc.get_client\), which"
    ):
        Switchboard("l2population")


def test_ovn_needs_processes_that_keep_its_databases(tmp_path) -> None:
    file = tmp_path / "ovn.conf"
    file.write_text(GENEVE, encoding="utf-8")
    with pytest.raises(DriverStopped, match="driver driver, get_workers: needs worker processes of its own"):
        Switchboard("ovn", config_files=(str(file),))


def test_genericswitch_s_connection_to_its_switch_is_found(tmp_path) -> None:
    file = tmp_path / "switches.conf"
    file.write_text(LEAF, encoding="utf-8")
    board = Switchboard("genericswitch", config_files=(str(file),))
    with pytest.raises(DriverStopped, match=r"driver driver, update_port_postcommit: calls socket\.getaddrinfo, which"):
        board.create(**{"binding:vnic_type": "baremetal", "binding:profile": LINK})


def test_neutron_s_database_is_not_there(monkeypatch) -> None:
    def reads(context):
        from neutron_lib.db import api

        with api.CONTEXT_READER.using(context.plugin_context):
            pass

    monkeypatch.setattr(fake_drivers.Doing, "action", staticmethod(reads))
    with pytest.raises(DriverStopped, match="driver driver, bind_port: needs Neutron's database, which the simulator"):
        Switchboard(fake("Doing")).create()


def test_the_directory_of_plugins_has_the_core_plugin_only(monkeypatch) -> None:
    def asks(context):
        from neutron_lib.plugins import directory

        assert directory.get_plugin("L3_ROUTER_NAT") is None
        directory.get_plugin().get_ports(context.plugin_context)

    monkeypatch.setattr(fake_drivers.Doing, "action", staticmethod(asks))
    with pytest.raises(
        DriverStopped, match=r"bind_port: needs the core plugin\.get_ports, which the simulator does not"
    ):
        Switchboard(fake("Doing")).create()


@pytest.mark.parametrize(("name", "told"), [("sleep", "which virtual time"), ("spawn", "and what that starts")])
def test_eventlet_is_found_too(monkeypatch, name, told) -> None:
    eventlet = pytest.importorskip("eventlet")
    monkeypatch.setattr(fake_drivers.Doing, "action", staticmethod(lambda _context: getattr(eventlet, name)(1)))
    with pytest.raises(DriverStopped, match=rf"driver driver, bind_port: calls eventlet\.{name}, {told}"):
        Switchboard(fake("Doing")).create()


# the rest


def test_the_shipped_scenario_runs() -> None:
    ran = run(load_scenario("scenarios/neutron/openvswitch.yaml"), strategy="deferred")
    assert (ran.outcome, ran.lost["missing"]) == ("ok", 0)


def test_the_lock_file_is_a_whole_closure() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

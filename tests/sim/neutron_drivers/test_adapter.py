"""Drivers as for Neutron, in the core: what they are given, and what comes of what they do."""

import sys
from contextlib import suppress
from importlib import import_module

import pytest

from core.binding import DEFERRED, HAVANA, IN_TRANSACTION
from core.exceptions import Deadlock, MechanismDriverError
from sim.neutron_drivers import DriverStopped, NeutronDriverError
from sim.neutron_drivers.adapter import NeutronDriver
from tests.core.worlds import VLAN
from tests.sim.neutron_drivers import fake_drivers
from tests.sim.neutron_drivers.switchboard import AGENT, Switchboard, fake


def doing(monkeypatch, action):
    """A switchboard whose driver does `action` with the context of bind_port, and what that gives."""
    given = []
    monkeypatch.setattr(fake_drivers.Doing, "action", staticmethod(lambda context: given.append(action(context))))
    return Switchboard(fake("Doing")), given


def test_a_driver_that_binds_is_told_as_neutron_tells_it() -> None:
    board = Switchboard(fake("Binding"))
    port = board.create()
    assert (port["binding:vif_type"], port["status"]) == ("ovs", "ACTIVE")
    assert [method for method, _ in board.seen] == [
        "initialize", "create_port_precommit", "create_port_postcommit", "bind_port", "update_port_precommit",
        "update_port_postcommit",
    ]  # fmt: skip
    told = board.seen[-1][1]
    assert (told.original_vif_type, told.vif_type) == ("unbound", "ovs")
    assert (told.original_status, told.status) == ("DOWN", "ACTIVE")
    assert told.original_host == told.host == "h1"
    assert told.current["binding:vif_details"] == told.vif_details == {"port_filter": True}
    assert told.original_vif_details == {}
    segment = told.network.network_segments[0]
    assert told.top_bound_segment == told.bottom_bound_segment == segment
    assert told.binding_levels == [{"bound_driver": "driver", "bound_segment": segment}]
    assert told.original_binding_levels is told.original_top_bound_segment is told.original_bottom_bound_segment is None


def test_a_creation_has_no_original() -> None:
    board = Switchboard(fake("Binding"))
    board.create("")
    told = board.seen[-1][1]
    assert told.original is told.original_host is told.original_status is told.original_vif_type is None
    assert told.original_vif_details is told.binding_levels is told.segments_to_bind is None


def test_in_a_transaction_agents_are_read_in_it() -> None:
    board = Switchboard(fake("Binding"), strategy=IN_TRANSACTION)
    assert board.create()["binding:vif_type"] == "ovs"
    assert [method for method, _ in board.seen[:3]] == ["initialize", "bind_port", "create_port_precommit"]


def test_a_conflict_of_a_question_repeats_the_transaction_whatever_the_driver_has_missed_before(monkeypatch) -> None:
    def miss_a_key_and_ask(context):
        with suppress(KeyError):
            context.current["qos_policy_id"]

    monkeypatch.setattr(fake_drivers.Doing, "action", staticmethod(miss_a_key_and_ask))
    board = Switchboard(fake("Doing"), strategy=IN_TRANSACTION)
    board.world.faults.add("create_port", "agent.by_host", Deadlock)
    assert board.create()["binding:vif_type"] == "ovs"
    assert [method for method, _ in board.seen].count("bind_port") == 2


def test_the_network_is_shown_with_its_provider(monkeypatch) -> None:
    board, given = doing(monkeypatch, lambda context: dict(context.network.current))
    board.create()
    assert (given[0]["provider:network_type"], given[0]["provider:segmentation_id"]) == ("vlan", 7)
    assert given[0]["provider:physical_network"] == "physnet1"


def test_agents_of_the_host_have_neutrons_names(monkeypatch) -> None:
    board, given = doing(monkeypatch, lambda context: (context.host_agents(AGENT), context.host_agents("other")))
    board.create()
    [agent], others = given[0]
    assert others == []
    assert (agent["host"], agent["agent_type"], agent["alive"]) == ("h1", AGENT, True)
    assert agent["configurations"]["bridge_mappings"] == {"physnet1": "br-physnet1"}
    assert agent["configurations"]["tunnel_types"] == ["vxlan"]


def test_a_host_without_a_live_agent_is_not_bound_to() -> None:
    board = Switchboard(fake("Binding"))
    assert board.create("h2")["binding:vif_type"] == "binding_failed"
    board.world.runtime.sleep(80)
    assert board.create("h1")["binding:vif_type"] == "binding_failed"


def test_the_core_plugin_answers_for_subnets_and_networks(monkeypatch) -> None:
    def asked(context):
        plugin, request = context._plugin, context.plugin_context.elevated()
        subnet = plugin.get_subnet(request, context.current["fixed_ips"][0]["subnet_id"])
        return subnet["cidr"], subnet["segment_id"], plugin.get_network(request, context.current["network_id"])["name"]

    board, given = doing(monkeypatch, asked)
    board.create()
    assert given == [("10.0.0.0/24", None, "net")]


def test_what_a_driver_changes_in_its_port_changes_nothing_else(monkeypatch) -> None:
    board, _ = doing(monkeypatch, lambda context: context.current.update({"binding:host_id": "elsewhere"}))
    port = board.create()
    assert port["binding:host_id"] == "h1"
    assert board.seen[-1][1].current["binding:host_id"] == "h1"


def test_a_driver_s_refusal_is_the_core_s_business(monkeypatch) -> None:
    class Refused(Exception):
        """As vendors have it."""

    def refuse(self, context):
        raise Refused("no such switch")

    monkeypatch.setattr(fake_drivers.Binding, "create_port_precommit", refuse)
    with pytest.raises(MechanismDriverError, match="create_port_precommit failed in driver: Refused: no such switch"):
        Switchboard(fake("Binding")).create()


NEEDS = {
    "an attribute of the port": (lambda context: context.current["qos_policy_id"], "context.current['qos_policy_id']"),
    "one of the network": (lambda context: context.network.current["mtu"], "context.network.current['mtu']"),
    "a name of the context": (lambda context: context._binding, "context._binding"),
    "a method of the plugin": (lambda context: context._plugin.get_ports(None), "the core plugin.get_ports"),
    "agents by other filters": (lambda context: context._plugin.get_agents(None, {}), "get_agents with the filters []"),
    "a session": (lambda context: context.plugin_context.session, "plugin_context.session (Neutron's database)"),
    "a dynamic segment": (
        lambda context: context.allocate_dynamic_segment({"network_type": "vlan"}),
        "context.allocate_dynamic_segment (dynamic segments)",
    ),
    "another network": (
        lambda context: context._plugin.get_network(None, "n2"), "get_network of another network than the port's (n2)",
    ),
    "a subnet that is gone": (lambda context: context._plugin.get_subnet(None, "s9"), "subnet s9"),
}  # fmt: skip


@pytest.mark.parametrize("what", NEEDS)
def test_what_a_driver_needs_and_does_not_get_is_named(monkeypatch, what) -> None:
    action, missing = NEEDS[what]
    board, _ = doing(monkeypatch, action)
    with pytest.raises(DriverStopped) as stopped:
        board.create()
    assert str(stopped.value) == f"driver driver, bind_port: needs {missing}, which the simulator does not have"


def test_what_a_driver_can_do_without_stops_nothing(monkeypatch) -> None:
    def asks(context):
        try:
            return context.current["qos_policy_id"]
        except KeyError:
            return context.current.get("mtu"), getattr(context, "_binding", "none")

    board, given = doing(monkeypatch, asks)
    assert board.create()["binding:vif_type"] == "ovs"
    assert given == [(None, "none")]


def test_an_error_about_its_surroundings_stops_the_run(monkeypatch) -> None:
    board, _ = doing(monkeypatch, lambda context: None.get_network())
    with pytest.raises(
        DriverStopped, match=r"driver driver, bind_port: raised AttributeError: .*get_network.*seems to"
    ):
        board.create()


def test_one_driver_binds_a_level_and_another_the_next() -> None:
    upper = Switchboard(fake("Continuing"))
    lower = NeutronDriver("lower", fake("Binding"), tables=upper.driver._tables)
    upper.plugin = upper.world.another_plugin(DEFERRED, more_drivers=[upper.driver, lower])
    upper.world.network = upper.plugin.create_network("two", [{"network_type": "vxlan", "segmentation_id": 5}, VLAN])
    assert upper.create()["binding:vif_type"] == "ovs"
    told = upper.seen[-1][1]
    above, below = told.network.network_segments
    assert told.binding_levels == [
        {"bound_driver": "driver", "bound_segment": above}, {"bound_driver": "lower", "bound_segment": below},
    ]  # fmt: skip
    assert (told.top_bound_segment, told.bottom_bound_segment) == (above, below)


@pytest.mark.parametrize(
    ("driver", "told"),
    [
        ("Broken", "driver driver, initialize: raised ValueError: no switch is configured; it seems to need"),
        ("Halting", "driver driver, initialize: raised SystemExit: 1; it seems to need"),
        ("Working", "driver driver, get_workers: needs worker processes of its own"),
        ("Calling", "driver driver, __init__: calls socket.create_connection, which virtual time cannot wait for"),
    ],
)
def test_a_driver_that_cannot_start_says_why(driver, told) -> None:
    with pytest.raises(DriverStopped) as stopped:
        Switchboard(fake(driver))
    assert str(stopped.value).startswith(told)


def test_the_old_methods_are_called_where_a_driver_has_them() -> None:
    old, new = Switchboard(fake("Older")), Switchboard(fake("Binding"))
    port = new.create()
    record = new.seen[-1][1]._core
    old.driver.unbind_port(record)
    assert old.seen[-1][0] == "unbind_port"
    assert old.driver.validate_bound_port(record) is False
    new.driver.unbind_port(record)
    assert new.driver.validate_bound_port(record) is True
    assert port["binding:vif_type"] == "ovs"


def test_a_strategy_that_asks_the_bound_driver_does_without_an_answer() -> None:
    board = Switchboard(fake("Binding"), strategy=HAVANA)
    assert board.move(board.create("h1"), "h2")["binding:vif_type"] == "binding_failed"


def test_a_strategy_that_asks_the_bound_driver_calls_one_that_has_the_method(monkeypatch) -> None:
    told = []
    monkeypatch.setattr(fake_drivers.Binding, "unbind_port", lambda self, context: told.append(context.host), False)
    board = Switchboard(fake("Binding"), strategy=HAVANA)
    board.move(board.create("h1"), "h2")
    assert told == ["h1"]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("nobody.has_this:Driver", "driver nobody.has_this:Driver: cannot be imported: ModuleNotFoundError: "),
        (fake("Nothing"), "fake_drivers has no Nothing"),
        (fake("NOT_A_CLASS"), ", not a class"),
        (fake("Half"), "is no mechanism driver, it has no bind_port, create_port_precommit, "),
        ("no_such_entry", "driver no_such_entry: no such entry point in neutron.ml2.mechanism_drivers; there are: "),
    ],
)
def test_what_cannot_be_loaded_is_told_in_one_sentence(named, told) -> None:
    with pytest.raises(NeutronDriverError) as error:
        Switchboard(named)
    assert told in str(error.value)


def test_what_is_imported_between_two_calls_is_guarded_in_the_next(monkeypatch, tmp_path) -> None:
    (tmp_path / "imported_later.py").write_text("from time import sleep as rest\n")
    monkeypatch.syspath_prepend(tmp_path)
    later = []
    board, _ = doing(monkeypatch, lambda context: [module.rest(1) for module in later])
    board.create()
    later.append(import_module("imported_later"))
    with pytest.raises(DriverStopped, match=r"bind_port: calls time\.sleep"):
        board.create()
    del sys.modules["imported_later"]


def test_a_path_may_be_all_dots() -> None:
    assert Switchboard(fake("Binding").replace(":", ".")).create()["binding:vif_type"] == "ovs"


def test_a_configuration_file_must_exist() -> None:
    with pytest.raises(NeutronDriverError, match=r"the configuration file nowhere\.conf does not exist"):
        Switchboard(fake("Binding"), config_files=("nowhere.conf",))

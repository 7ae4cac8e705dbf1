"""What agents ask for and report: device details and a port's status."""

from dataclasses import replace

import pytest

from core.agents import AgentRegistry
from core.binding import DEFERRED, JUNO
from core.binding.policies import ReadsBind, RevivedAgent
from core.constants import AGENT_DOWN_S
from core.exceptions import Deadlock, InvalidInput, MechanismDriverError, PortNotFound
from tests.core.worlds import World, seen


def unbound(world: World) -> str:
    """The id of a committed port with a host that nobody has tried to bind."""
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    port: str = quiet.create_port({"network_id": world.network.id, "binding:host_id": "h1"})["id"]
    return port


@pytest.mark.parametrize(
    ("policy", "vif_type"),
    [(ReadsBind.API, "ovs"), (ReadsBind.DEVICE_DETAILS, "ovs"), (ReadsBind.NEVER, "unbound")],
)
def test_the_agents_request_for_details_binds_unless_nobody_who_reads_does(policy: ReadsBind, vif_type: str) -> None:
    world = World(replace(DEFERRED, reads_bind=policy))
    assert world.plugin.get_device_details(unbound(world))["binding:vif_type"] == vif_type


def test_details_of_a_bound_port_are_one_transaction_and_of_a_missing_one_an_error() -> None:
    world = World()
    port = world.create("h1")
    world.observer.transactions.clear()
    assert world.plugin.get_device_details(port["id"]) == world.plugin.get_port(port["id"])
    assert world.observer.transactions == ["get_device_details commit", "get_port commit"]
    with pytest.raises(PortNotFound):
        world.plugin.get_device_details("none")


def test_a_reported_status_is_committed_and_drivers_are_told_of_it() -> None:
    world = World()
    port = world.create("h1")
    world.told()
    assert seen(world.plugin.update_port_status(port["id"], "DOWN")) == "h1 ovs DOWN r3"
    assert world.committed(port) == "h1 ovs DOWN r3"
    assert world.methods() == ["update_port_precommit", "update_port_postcommit"]
    assert (world.sdn.contexts[-1].original_status, world.sdn.contexts[-1].status) == ("ACTIVE", "DOWN")


def test_the_status_that_a_port_has_already_is_no_change() -> None:
    world = World()
    port = world.create("h1")
    world.told()
    assert seen(world.plugin.update_port_status(port["id"], "ACTIVE")) == "h1 ovs ACTIVE r2"
    assert world.methods() == []


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_status_whose_commit_is_in_doubt_takes_effect_once(took_effect: bool) -> None:
    world = World()
    port = world.create("h1")
    world.told()
    world.faults.lose_commit("update_port_status", took_effect=took_effect)
    assert seen(world.plugin.update_port_status(port["id"], "DOWN")) == "h1 ovs DOWN r3"
    assert world.committed(port) == "h1 ovs DOWN r3"
    tries = 1 if took_effect else 2
    assert world.methods() == ["update_port_precommit"] * tries + ["update_port_postcommit"]


def test_the_policies_of_the_first_transaction_hold_for_the_status_too() -> None:
    world = World(JUNO)
    port = world.create("h1")
    world.plugin.update_port_status(port["id"], "DOWN")
    assert world.runtime.locks == ["take db-access", "give db-access"] * 2
    world.faults.add("update_port_status", "commit", Deadlock)
    with pytest.raises(Deadlock):
        world.plugin.update_port_status(port["id"], "ACTIVE")


def test_what_is_no_status_or_no_port_and_a_driver_that_refuses_are_errors() -> None:
    world = World()
    port = world.create("h1")
    with pytest.raises(InvalidInput, match=r"status is 'up'; allowed is one of \['ACTIVE'"):
        world.plugin.update_port_status(port["id"], "up")
    with pytest.raises(PortNotFound):
        world.plugin.update_port_status("none", "DOWN")
    world.sdn.then("update_port_precommit", RuntimeError("no"))
    with pytest.raises(MechanismDriverError):
        world.plugin.update_port_status(port["id"], "DOWN")
    assert world.committed(port) == "h1 ovs ACTIVE r2"


def failed_ports(world: World, *, revived: RevivedAgent) -> list[str]:
    """vif types of two failed and one bound port of a host after its agent is back, and of a failed one elsewhere."""
    world.sdn.hopeless = {"h1", "h2"}
    ports = [world.create(host) for host in ("h1", "h1", "h2")]
    world.sdn.hopeless = set()
    ports.append(world.create("h1"))
    agents = AgentRegistry(world.database, world.runtime)
    agents.report("h1", "an agent", {})
    world.plugin.report_state("h1", "an agent", {})
    world.told()
    world.runtime.sleep(AGENT_DOWN_S + 1)
    world.plugin.report_state("h1", "another agent", {})
    assert world.methods() == [], "only what comes back to life counts"
    world.plugin.report_state("h1", "an agent", {})
    assert world.methods().count("bind_port") == (2 if revived is RevivedAgent.REBINDS else 0)
    return [str(world.binding(port)["vif_type"]) for port in ports]


@pytest.mark.parametrize("revived", RevivedAgent)
def test_an_agent_that_is_back_has_the_failed_ports_of_its_host_bound_or_not(revived: RevivedAgent) -> None:
    world = World(replace(DEFERRED, revived_agent=revived))
    rebound = "ovs" if revived is RevivedAgent.REBINDS else "binding_failed"
    assert failed_ports(world, revived=revived) == [rebound, rebound, "binding_failed", "ovs"]

"""Drivers of kind `neutron` in scenarios: in virtual time, many at once, and what is wrong with them."""

import threading
import time

import pytest

from sim.experiment.jobs import Job, perform, simulate
from sim.history import check
from sim.model.drivers import agent_types
from sim.neutron_drivers import NeutronDriverError
from sim.scenario import ScenarioError, parse_scenario
from sim.scenario.plain_data import plain
from sim.simulation import run
from sim.wall.support import unsupported
from tests.sim.model.tiny import Script, moves, reads, scripted, tiny
from tests.sim.neutron_drivers.switchboard import fake

MIX = [{"operation": "create_port", "weight": 2}, {"operation": "update_port"}, {"operation": "delete_port"}]


def drivers(name: str, **settings):
    return [{"name": "vendor", "kind": "neutron", "driver": fake(name), **settings}]


def busy(name: str, **changes):
    """A scenario with a little of everything, whose statements take time, so that many calls are under way at once."""
    settings = {
        "drivers": drivers(name),
        "controllers": [],
        "horizon": {"duration_s": 10},
        "database": {"round_trip_s": 0.02, "execution_s": 0.01},
        "workload": {"arrivals": {"poisson": {"rate_per_s": 20}}, "operations": MIX, "ports": {"initial": 8}},
    }
    return tiny(**{**settings, **changes})


def vif_types(script: Script) -> list[str]:
    return [row[0] for row in script.system.server.committed("SELECT vif_type FROM ml2_port_bindings")]


def test_many_calls_at_once_bind_their_ports_and_leave_nothing_replaced() -> None:
    before = time.sleep, threading.Event.wait
    ran = run(busy("Binding"), strategy="deferred", history=True)
    assert ran.outcome == "ok"
    assert (time.sleep, threading.Event.wait) == before
    assert ran.lost["missing"] == ran.lost["diverged"] == 0
    assert len(ran.tables.driver_calls) > 200
    assert check(ran.history).broken == []


@pytest.mark.parametrize("strategy", ["in-transaction", "serialized", "havana", "juno", "neutron-2026.1"])
def test_every_strategy_runs_one(strategy) -> None:
    assert run(busy("Binding"), strategy=strategy).lost["missing"] == 0


@pytest.mark.parametrize("settings", [{}, {"latency": {"unbind_port": 0.5, "validate_bound_port": 0.5}}])
@pytest.mark.parametrize("history", [False, True])
def test_a_driver_that_disowns_its_bindings_is_heard_whatever_is_around_it(history, settings) -> None:
    """Havana asks it at every update, and it says no: the port is unbound, its driver told, and bound again."""
    rename = {"at_s": 1, "operation": "update_port", "port": 0, "change": "name"}
    workload = {"arrivals": {"script": [rename]}, "ports": {"initial": 1, "bound": True}}
    scenario = tiny(drivers=drivers("Disowning", **settings), controllers=[], workload=workload)
    ran = run(scenario, strategy="havana", history=history)
    assert ran.tables.driver_calls.frame()["method"].tolist() == [
        "validate_bound_port", "unbind_port", "bind_port", "update_port_precommit", "update_port_postcommit",
    ]  # fmt: skip
    operations = ran.tables.operations.frame()
    assert (operations["ended_s"] - operations["started_s"] >= 1).tolist() == [bool(settings)]


def test_the_same_seed_gives_the_same_rows() -> None:
    first, second = (list(run(busy("Binding"), strategy="deferred").tables.operations.rows()) for _ in range(2))
    assert first == second


def test_what_the_scenario_says_is_what_a_call_takes() -> None:
    slow = drivers("Binding", latency={"bind_port": 2})
    with scripted(tiny(drivers=slow, controllers=[], workload={"ports": {"initial": 4}})) as script:
        script.at(0, "move", moves(script, 0, "host-0001"))
        assert script.run() == ["move done at 2000"]


def test_an_agent_that_is_seen_dead_binds_nothing_until_it_is_back() -> None:
    dead = [{"agent": {"host": 0, "at_s": 1, "for_s": 2}}]
    ports = {"initial": 1, "bound": False}
    scenario = tiny(drivers=drivers("Binding"), controllers=[], workload={"ports": ports}, faults=dead)
    with scripted(scenario) as script:
        script.at(1500, "too early", reads(script, 0))
        script.at(3500, "in time", reads(script, 0))
        script.run(until_s=2)
        assert vif_types(script) == ["binding_failed"]
        script.run()
        assert vif_types(script) == ["ovs"]


def test_agents_of_a_type_of_their_own_are_on_every_host() -> None:
    scenario = tiny(drivers=drivers("Binding", agent_type="NIC Switch agent"), controllers=[])
    assert agent_types(scenario) == ["Open vSwitch agent", "NIC Switch agent"]


@pytest.mark.parametrize("name", ["Sleeping", "Swallowing"])
def test_a_driver_that_waits_ends_the_run_with_one_sentence(name) -> None:
    with pytest.raises(NeutronDriverError, match=r"^driver vendor, bind_port: calls time\.sleep, which virtual time"):
        run(busy(name, workload={"ports": {"initial": 0}, "arrivals": {"poisson": {"rate_per_s": 20}}}))


def test_a_job_says_which_replication_it_was() -> None:
    job = Job(scenario=busy("Sleeping"), strategy="deferred", label="deferred", seed=4, replication=0, draw=0)
    with pytest.raises(NeutronDriverError, match=r"\(strategy deferred, seed 4, replication 0\) failed: driver vendor"):
        perform(job, simulate, lambda *_: None)


def test_in_real_time_they_are_refused() -> None:
    [problem] = unsupported(busy("Binding"), is_private=True)
    assert "drivers.0.kind is neutron: these drivers run in virtual time only" in str(problem)


@pytest.mark.parametrize(
    ("driver", "told"),
    [
        ({"kind": "neutron"}, "a driver of kind neutron needs driver, its class or its entry point"),
        ({"kind": "agent", "driver": "openvswitch"}, "a driver of kind agent has no driver"),
        ({"kind": "logger", "agent_type": "x"}, "a driver of kind logger has no agent_type"),
        ({"kind": "agent", "config_files": ["a.conf"]}, "a driver of kind agent has no config_files"),
        ({"kind": "neutron", "driver": "a b"}, "must be a driver's class as package.module:Class, or the name of its"),
        ({"kind": "neutron", "driver": "a", "controller": "sdn"}, "a driver of kind neutron has no controller"),
    ],
)
def test_what_does_not_belong_to_a_driver_is_refused(driver, told) -> None:
    data = tiny().model_dump(mode="json", by_alias=True, exclude_none=True)
    data["drivers"] = [{"name": "vendor", **driver}]
    with pytest.raises(ScenarioError) as error:
        parse_scenario(data)
    assert told in str(error.value)


def test_other_drivers_are_written_without_these_keys() -> None:
    assert set(plain(tiny().drivers[0])) == {"name", "kind", "controller", "latency", "error_probability"}
    assert plain(busy("Binding").drivers[0])["driver"] == fake("Binding")

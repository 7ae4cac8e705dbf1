"""Agents that report, die and return, as agent drivers and the core see them."""

from collections.abc import Callable
from typing import Any

import pytest

from sim.model.agents import FIRST_REPORT, last_report_s
from tests.sim.model.faults.faulty import Outcome, Told, ran
from tests.sim.model.tiny import Script, reads, scripted, tiny

OVS = [{"name": "ovs", "kind": "agent"}]
BOTH = [*OVS, {"name": "sdn", "kind": "controller", "controller": "sdn"}]


def agent(host: int = 1, at_s: float = 1, for_s: float | None = 2) -> dict[str, Any]:
    return {"agent": {"host": host, "at_s": at_s, "for_s": for_s}}


def creates(script: Script, host: str) -> Callable[[], object]:
    network = script.system.world.network_of(0).id
    return lambda: script.plugin.create_port({"network_id": network, "binding:host_id": host})


def vif_types(script: Script) -> dict[str, str]:
    rows = script.system.server.committed("SELECT host, vif_type FROM ml2_port_bindings ORDER BY host")
    return dict(rows)


@pytest.mark.parametrize(("at_ms", "vif_type"), [(999, "ovs"), (1000, "binding_failed"), (2999, "binding_failed")])
def test_an_agent_is_seen_dead_from_the_instant_on(at_ms: float, vif_type: str) -> None:
    with scripted(tiny(drivers=OVS, faults=[agent()])) as script:
        script.at(at_ms, "create", creates(script, "host-1"))
        script.run(until_s=2.9999)
        assert vif_types(script) == {"host-1": vif_type}


def test_a_read_binds_when_the_agent_is_back() -> None:
    with scripted(
        tiny(drivers=OVS, faults=[agent(host=0)], workload={"ports": {"initial": 1, "bound": False}})
    ) as script:
        told = Told(script.system)
        script.at(1500, "too early", reads(script, 0))
        script.at(3500, "in time", reads(script, 0))
        script.run(until_s=2)
        assert vif_types(script) == {"host-0": "binding_failed"}
        script.run()
        assert vif_types(script) == {"host-0": "ovs"}
        assert told.lines == ["1 agent: the agent of host-0 is seen dead", "3 agent: the agent of host-0 reports again"]


def test_other_hosts_and_bound_ports_are_not_touched() -> None:
    with scripted(tiny(drivers=OVS, faults=[agent(for_s=None)], workload={"ports": {"initial": 2}})) as script:
        script.at(1500, "create", creates(script, "host-3"))
        script.run()
        assert vif_types(script) == {"host-0": "ovs", "host-1": "ovs", "host-3": "ovs"}


def test_the_next_driver_binds_where_the_agent_is_dead() -> None:
    with scripted(tiny(drivers=BOTH, faults=[agent()])) as script:
        script.at(1500, "create", creates(script, "host-1"))
        script.run()
        assert vif_types(script) == {"host-1": "other"}


def test_an_agent_is_back_when_the_last_of_its_faults_is_over() -> None:
    with scripted(tiny(drivers=OVS, faults=[agent(for_s=2), agent(at_s=2, for_s=3)])) as script:
        script.at(4000, "create", creates(script, "host-1"))
        script.run()
        assert vif_types(script) == {"host-1": "binding_failed"}


def test_writes_that_are_open_when_an_agent_dies_are_kept() -> None:
    faults = [agent(at_s=0.5, for_s=None)]
    with ran("in-transaction", drivers=BOTH[::-1], faults=faults) as run:
        assert [port.binding.is_successful for port in run.ports.values()] == [True]


def test_at_rest_an_agent_counts_as_working() -> None:
    load = {"arrivals": {"storm": {"at_s": 0.2, "count": 4}}}
    with ran(workload=load, drivers=OVS, faults=[agent(host=n, at_s=0.1, for_s=None) for n in range(4)]) as run:
        assert run.operations("bound") == [(0,)] * 4
        assert (run.ending.lost["missing"], run.ending.lost["missing.after_read"]) == (4, 0)


# reports


REPORTING = {"report_interval_s": 1, "down_time_s": 3}
LONG = {"duration_s": 10}


def reports(run: Outcome) -> dict[int, list[float]]:
    """When the agent of each host has reported, s; by its place among the first reports."""
    frame = run.system.tables.operations.frame()
    frame = frame[frame["kind"] == "report_state"].sort_values("operation")
    hosts = run.system.world.hosts
    assert list(frame["operation"]) == list(range(FIRST_REPORT, FIRST_REPORT + len(frame)))
    times = list(frame["intended_s"])
    return {place: times[place::hosts] for place in range(hosts)}


def test_without_agents_nobody_reports() -> None:
    with ran(horizon=LONG) as run:
        assert set(run.operations("kind")) == {("create_port",)}


def test_every_agent_reports_at_its_interval_as_long_as_the_load_lasts() -> None:
    with ran(horizon=LONG, agents=REPORTING, drivers=OVS) as run:
        for times in reports(run).values():
            assert 0 <= times[0] < 1
            assert times == pytest.approx([times[0] + n for n in range(10)])
        assert len({round(times[0], 3) for times in reports(run).values()}) == 4, "they are spread over the interval"
        assert run.ending.quiescent
        assert run.ending.lost["missing"] == 0


def test_reports_go_on_while_clients_wait() -> None:
    slow = [{"name": "sdn", "latency": {"bind": 8}}]
    with ran(horizon={"duration_s": 5}, agents=REPORTING, controllers=slow) as run:
        assert all(7 < times[-1] <= 8 for times in reports(run).values())


def test_a_report_that_is_not_answered_takes_the_place_of_the_next() -> None:
    slow = {"threads": 1, "operations_cpu_s": {"report_state": 0.9}}
    with ran(horizon=LONG, agents=REPORTING, drivers=OVS, api=slow) as run:
        starts = [start for (start,) in run.operations("started_s")]
        assert len(starts) < 20, "one worker has no time for more"
        assert not [row for row in run.operations("outcome") if row != ("ok",)]


def test_agents_whose_reports_come_too_late_are_seen_dead() -> None:
    """An API that is busy for longer than down_time_s cannot bind what agents' hosts need: it has not heard of them."""
    creates = {"arrivals": {"storm": {"at_s": 6, "count": 12}}}
    busy = {"threads": 1, "operations_cpu_s": {"report_state": 2}}
    with ran(horizon=LONG, agents=REPORTING, drivers=OVS, workload=creates) as run:
        assert run.operations("kind", "bound").count(("create_port", 1)) == 12
    with ran(horizon=LONG, agents=REPORTING, drivers=OVS, workload=creates, api=busy) as run:
        assert run.operations("kind", "bound").count(("create_port", 0)) > 3


@pytest.mark.parametrize(("strategy", "vif_type"), [("neutron-2026.1", "ovs"), ("juno", "binding_failed")])
def test_a_dead_agent_is_silent_and_binds_what_has_failed_when_it_is_back(strategy: str, vif_type: str) -> None:
    load = {"arrivals": {"script": [{"at_s": 2, "operation": "create_port", "host": 1}]}, "operations": []}
    with ran(strategy, horizon=LONG, agents=REPORTING, drivers=OVS, workload=load, faults=[agent(for_s=5)]) as run:
        first_s = last_report_s(run.system.scenario, run.system.draws, 1) + REPORTING["report_interval_s"]
        sent = sorted(at for kind, at in run.operations("kind", "intended_s") if kind == "report_state")
        mine = [at for at in sent if at == 6 or (at - first_s) % 1 < 1e-6 or (at - first_s) % 1 > 1 - 1e-6]
        assert [at for at in mine if at > 1][:2] == [6, pytest.approx(first_s + 6)]
        assert [port.binding.vif_type for port in run.ports.values()] == [vif_type]


def test_a_client_of_a_closed_load_does_not_think_because_an_agent_reports() -> None:
    load = {"arrivals": {"closed": {"clients": 1, "think_time_s": 3}}, "operations": [{"operation": "create_port"}]}
    with ran(horizon=LONG, workload=load) as alone, ran(horizon=LONG, workload=load, agents=REPORTING) as both:
        client = [row for row in both.operations("kind", "intended_s") if row[0] == "create_port"]
        assert client == alone.operations("kind", "intended_s")


def test_an_agents_report_is_not_repeated_and_no_client_loses_patience_over_it() -> None:
    impatient = {"timeout_s": 0.1, "retries": 3, "on_timeout": "repeat"}
    slow = {"operations_cpu_s": {"report_state": 0.2}}
    with ran(horizon=LONG, agents=REPORTING, drivers=OVS, api=slow, workload={"client": impatient}) as run:
        sent = [row for row in run.operations("kind", "repeat") if row[0] == "report_state"]
        assert set(sent) == {("report_state", 0)}
        assert len(sent) == 40

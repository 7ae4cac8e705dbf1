"""The agents of all hosts: they report to the API, die by faults and come back. The same in virtual and in real time.

Without `agents` in the scenario nobody reports, and all are alive until a fault kills one. An agent is seen dead when
its last heartbeat is older than down_time_s. A fault says when it is seen so: at that instant its heartbeat is made
old, past the server's locks and costs, and it stops reporting. When it is back it reports at once, and the core sees
that it was dead.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from core.constants import AGENT_DOWN_S, TUNNEL_TYPES
from sim.kernel import Draws, Kernel, Timer
from sim.model.choices import NO_PORT
from sim.model.naming import host_name
from sim.model.requests import Chain, Request
from sim.model.steps import Step
from sim.scenario import AgentFault, Scenario
from sim.scenario.kinds import REPORT_STATE

if TYPE_CHECKING:
    from sim.model.recorder import RunRecorder

AGENT_TYPE = "Open vSwitch agent"  # what AgentDriver looks for
NEVER_DOWN_S = 1e12  # heartbeat of agents that never report, seconds: alive for the whole run (assumption)
FIRST_REPORT = 1 << 30
"""Number of the first report's operation; clients begin fewer operations than that."""
_NO_CLIENT = -1
_NO_TENANT = -1
_A_MOMENT_S = 1e-6  # s, the clock's step: dead from the instant on, not after it


class AgentSystem(Protocol):
    """The system that the agents belong to."""

    @property
    def recorder(self) -> "RunRecorder":
        """Who takes note of faults."""

    def beat(self, heartbeat_at: float, host: str) -> None:
        """Writes a heartbeat, past the server's locks and costs."""


class Reports(Protocol):
    """Who takes reports to the API: the load."""

    in_server: dict[Request, None]

    @property
    def outstanding(self) -> int:
        """What has no answer yet, or is still to come from clients."""

    def report(self, request: Request) -> None:
        """Sends one."""


def down_time_s(scenario: Scenario) -> float:
    """How long after its last report an agent is seen dead, s."""
    return AGENT_DOWN_S if scenario.agents is None else scenario.agents.down_time_s


def last_report_s(scenario: Scenario, draws: Draws, host: int) -> float:
    """When the host's agent has reported last before the run begins, s; they report evenly spread."""
    if scenario.agents is None:
        return NEVER_DOWN_S
    return -draws.uniform(draws.purpose("agent report"), host) * scenario.agents.report_interval_s


def agent_configurations(scenario: Scenario) -> dict[str, list[str]]:
    """What every host's agent reaches: all physical networks of the topology, and tunnels."""
    named = [segment.physical_network for segment in scenario.topology.segments if segment.physical_network]
    return {"physical_networks": list(dict.fromkeys(named)), "tunnel_types": list(TUNNEL_TYPES)}


def agent_types(scenario: Scenario) -> list[str]:
    """The types of the agents that every host has."""
    asked = [driver.agent_type for driver in scenario.drivers if driver.agent_type is not None]
    return list(dict.fromkeys([AGENT_TYPE, *asked]))


class Agents:
    """Those of one run."""

    def __init__(self, scenario: Scenario, *, kernel: Kernel, draws: Draws, load: Reports, system: AgentSystem) -> None:
        self._scenario = scenario
        self._kernel = kernel
        self._draws = draws
        self._load = load
        self._system = system
        self._steps = [_step(kind) for kind in agent_types(scenario)]
        self._dead: dict[int, int] = {}  # by host: how many faults keep its agent dead
        self._sent: dict[int, list[Request]] = {}  # by host: its last reports
        self._next_number = FIRST_REPORT
        self._has_stopped = False
        self._load_until_us = round(scenario.horizon.duration_s * 1e6)

    def begin(self, faults: Sequence[AgentFault]) -> list[Timer]:
        """Schedules everything; the timers of the faults."""
        timers = [timer for fault in faults for timer in self._scheduled(fault)]
        if self._scenario.agents is not None:
            interval_s = self._scenario.agents.report_interval_s
            for host in range(self._scenario.topology.hosts):
                first_s = last_report_s(self._scenario, self._draws, host) + interval_s
                self._kernel.at(round(first_s * 1e6), partial(self._due, host, round(interval_s * 1e6)))
        return timers

    def stop(self) -> None:
        """All agents are alive from now on, and none reports."""
        self._has_stopped = True
        reporting = self._scenario.agents is not None
        for host in range(self._scenario.topology.hosts) if reporting else self._dead:
            self._system.beat(NEVER_DOWN_S, host_name(host))
        self._dead.clear()

    # reports

    def _due(self, host: int, interval_us: int) -> None:
        if self._has_stopped or self._load_is_over():
            return
        self._kernel.at(self._kernel.now_us + interval_us, partial(self._due, host, interval_us))
        if host not in self._dead:
            self._report(host)

    def _load_is_over(self) -> bool:
        """Whether nothing is to come that would ask who is alive."""
        if self._kernel.now_us < self._load_until_us:
            return False
        load = self._load
        return load.outstanding <= sum(request in load.in_server for sent in self._sent.values() for request in sent)

    def _report(self, host: int) -> None:
        if any(request in self._load.in_server for request in self._sent.get(host, ())):
            return
        self._sent[host] = [self._request(step, host) for step in self._steps]
        for request in self._sent[host]:
            self._load.report(request)

    def _request(self, step: Step, host: int) -> Request:
        number = self._next_number
        self._next_number += 1
        chain = Chain(number, _NO_TENANT, _NO_CLIENT)
        return Request(step, chain, operation=number, port=NO_PORT, host=host, intended_us=self._kernel.now_us)

    # faults

    def _scheduled(self, fault: AgentFault) -> list[Timer]:
        dies_us = round(fault.at_s * 1e6)
        timers = [self._kernel.at(dies_us, partial(self._die, fault.host))]
        if fault.for_s is not None:
            timers.append(self._kernel.at(dies_us + round(fault.for_s * 1e6), partial(self._return, fault.host)))
        return timers

    def _die(self, host: int) -> None:
        self._dead[host] = self._dead.get(host, 0) + 1
        self._system.beat(self._kernel.now() - down_time_s(self._scenario) - _A_MOMENT_S, host_name(host))
        self._system.recorder.fault("agent", f"the agent of {host_name(host)} is seen dead")

    def _return(self, host: int) -> None:
        self._dead[host] -= 1
        if self._dead[host]:
            return
        del self._dead[host]
        if self._scenario.agents is None:
            self._system.beat(NEVER_DOWN_S, host_name(host))
        else:
            self._report(host)
        self._system.recorder.fault("agent", f"the agent of {host_name(host)} reports again")


def _step(agent_type: str) -> Step:
    return Step(REPORT_STATE, REPORT_STATE, 0, binds=False, changes="", filters="", value=agent_type)

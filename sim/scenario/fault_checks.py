"""Checks of faults: processes, controllers, hosts and agents that do not exist, times that never come.

One of the checks of sim/scenario/checks.py.
"""

from collections.abc import Iterator

from sim.scenario.document import Scenario
from sim.scenario.faults import AgentFault, ControllerFault, Crash, Impatience
from sim.scenario.problems import Path

_Finding = tuple[str, str]  # the key, the sentence


def fault_problems(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Everything in the faults that the scenario has no room for: the place and a sentence about it."""
    for index, fault in enumerate(scenario.faults):
        for key, sentence in (*_never_comes(scenario, fault.chosen), *_fits_nothing(scenario, fault.chosen)):
            yield ("faults", index, fault.kind, key), sentence


def _never_comes(scenario: Scenario, fault: object) -> Iterator[_Finding]:
    at_s, limit_s = getattr(fault, "at_s", None), scenario.horizon.max_virtual_time_s
    if at_s is not None and at_s >= limit_s:
        yield "at_s", f"is {at_s:g}, not before horizon.max_virtual_time_s ({limit_s:g}): it would never happen"


def _fits_nothing(scenario: Scenario, fault: object) -> Iterator[_Finding]:
    if isinstance(fault, Crash):
        yield from _crash(scenario, fault)
    elif isinstance(fault, ControllerFault):
        yield from _controller(scenario, fault)
    elif isinstance(fault, Impatience):
        yield from _impatience(scenario, fault)
    elif isinstance(fault, AgentFault):
        yield from _agent(scenario, fault)


def _crash(scenario: Scenario, fault: Crash) -> Iterator[_Finding]:
    processes = scenario.api.processes
    if fault.process is not None and fault.process >= processes:
        yield "process", f"is {fault.process}: no such process; allowed: 0 to {processes - 1} (api.processes)"


def _controller(scenario: Scenario, fault: ControllerFault) -> Iterator[_Finding]:
    known = [controller.name for controller in scenario.controllers]
    if fault.name not in known:
        allowed = ", ".join(known) or "none, controllers is empty"
        yield "name", f"is '{fault.name}': no such controller; allowed: {allowed}"


def _impatience(scenario: Scenario, fault: Impatience) -> Iterator[_Finding]:
    timeout_s = scenario.workload.client.timeout_s
    if timeout_s is not None and fault.patience_s >= timeout_s:
        yield "patience_s", f"is {fault.patience_s:g}, not below workload.client.timeout_s ({timeout_s:g})"


def _agent(scenario: Scenario, fault: AgentFault) -> Iterator[_Finding]:
    hosts = scenario.topology.hosts
    if fault.host >= hosts:
        yield "host", f"is {fault.host}: no such host; allowed: 0 to {hosts - 1} (topology.hosts)"
    if all(driver.kind not in ("agent", "neutron") for driver in scenario.drivers):
        yield "host", "has no agent that anybody asks for: drivers hold none of kind agent or neutron"

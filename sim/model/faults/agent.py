"""Agents that die and return: their heartbeats in the table of agents, which agent drivers read.

The core sees an agent as dead AGENT_DOWN_S after its last heartbeat. A fault says when it is seen so: its heartbeat is
made old at that instant.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from core.constants import AGENT_DOWN_S
from sim.kernel import Timer
from sim.model.naming import host_name
from sim.model.setup import NEVER_DOWN_S
from sim.scenario import AgentFault

if TYPE_CHECKING:
    from sim.model.system import System

_HEARTBEAT = "UPDATE agents SET heartbeat_at = ? WHERE host = ?"
_A_MOMENT_S = 1e-6  # s, the clock's step: dead from the instant on, not after it


class Agents:
    """All agents' faults of a run."""

    def __init__(self, system: "System", faults: Sequence[AgentFault]) -> None:
        self._kernel = system.kernel
        self._server = system.server
        self._recorder = system.recorder
        self._faults = faults
        self._dead: dict[int, int] = {}  # by host: how many faults keep its agent dead

    def begin(self) -> list[Timer]:
        """Schedules them."""
        return [timer for fault in self._faults for timer in self._scheduled(fault)]

    def stop(self) -> None:
        """All agents report."""
        for host in self._dead:
            self._beat(host, NEVER_DOWN_S)
        self._dead.clear()

    def _scheduled(self, fault: AgentFault) -> list[Timer]:
        dies_us = round(fault.at_s * 1e6)
        timers = [self._kernel.at(dies_us, partial(self._die, fault.host))]
        if fault.for_s is not None:
            timers.append(self._kernel.at(dies_us + round(fault.for_s * 1e6), partial(self._return, fault.host)))
        return timers

    def _die(self, host: int) -> None:
        self._dead[host] = self._dead.get(host, 0) + 1
        self._beat(host, self._kernel.now() - AGENT_DOWN_S - _A_MOMENT_S)
        self._recorder.fault("agent", f"the agent of {host_name(host)} is seen dead")

    def _return(self, host: int) -> None:
        self._dead[host] -= 1
        if not self._dead[host]:
            del self._dead[host]
            self._beat(host, NEVER_DOWN_S)
            self._recorder.fault("agent", f"the agent of {host_name(host)} reports again")

    def _beat(self, host: int, heartbeat_at: float) -> None:
        # Past the server's locks and costs: agents report over another way, and no transaction of a run writes here.
        self._server.change(_HEARTBEAT, (heartbeat_at, host_name(host)))

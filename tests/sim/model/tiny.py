"""Tiny scenarios for the tests of the model: nothing takes time unless a test says so; and scripts against a system."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.plugin import Ml2Plugin
from sim.kernel import Draws
from sim.model.system import System
from sim.model.work import Work, attach
from sim.scenario import Scenario, Strategy, builtin

QUIET = {"constant": {"rate_per_s": 1}}  # with the horizon below nothing arrives at all

TINY: dict[str, Any] = {
    "question": "Does the model do what it says?",
    "horizon": {"duration_s": 0.5, "drain_limit_s": 600, "max_virtual_time_s": 7200},
    "workload": {"arrivals": QUIET, "operations": [{"operation": "create_port"}]},
    "topology": {"tenants": 2, "hosts": 4},
    "api": {"processes": 1, "threads": 8, "cores": 8, "cpu_s": 0, "cpu_s_per_statement": 0},
    "database": {"round_trip_s": 0, "execution_s": 0, "commit_s": 0, "commit_slots": 100},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    "controllers": [{"name": "sdn", "latency": {"bind": 1}}],
    "primary_metric": "latency_s.create_port.p95",
}


def tiny(**changes: Any) -> Scenario:
    """The tiny scenario; a mapping changes keys of a part, anything else replaces it."""
    merged = dict(TINY)
    for key, change in changes.items():
        old = merged.get(key)
        merged[key] = {**old, **change} if isinstance(old, Mapping) and isinstance(change, Mapping) else change
    return Scenario.model_validate(merged)


def controller(**changes: Any) -> list[dict[str, Any]]:
    """The controllers of a scenario with one."""
    return [{"name": "sdn", "latency": {"bind": 1}, **changes}]


class Script:
    """Runs calls of the plugin at given milliseconds, each as an operation of its own, and logs what they give."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.log: list[str] = []
        self._next = 0

    @property
    def plugin(self) -> Ml2Plugin:
        """The core."""
        return self.system.plugin

    def at(self, ms: float, name: str, call: Callable[[], object], *, process: int = 0) -> None:
        """Calls at an instant in a worker of an API process. The log tells when it ended and with which error."""
        operation, self._next = self._next, self._next + 1
        host = self.system.api.processes[process]

        def task() -> None:
            host.come_back()
            self.log.append(f"{name} {self._outcome(call)} at {self.system.kernel.now_us / 1000:g}")
            host.step_aside()

        started = self.system.kernel.start(task, name=name, delay_us=round(ms * 1000), group=host)
        started.api = host
        started.operation = operation
        work = Work(operation)
        work.begin(operation, -1)
        attach(started, work)

    @staticmethod
    def _outcome(call: Callable[[], object]) -> str:
        try:
            call()
        except Exception as error:
            return type(error).__name__
        return "done"

    def run(self, *, until_s: float = 7000) -> list[str]:
        """Lets time pass; the log."""
        self.system.kernel.run(until_us=round(until_s * 1e6))
        return self.log


@contextmanager
def scripted(scenario: Scenario, strategy: str | Strategy = "deferred") -> Iterator[Script]:
    """A script against a fresh system."""
    variant = builtin(strategy) if isinstance(strategy, str) else strategy
    system = System(scenario, variant, draws=Draws(7))
    try:
        yield Script(system)
    finally:
        system.close()


def moves(script: Script, port: int, host: str) -> Callable[[], object]:
    """A call that changes an initial port's host."""
    return lambda: script.plugin.update_port(script.system.world.port_id(port), {"binding:host_id": host})


def reads(script: Script, port: int) -> Callable[[], object]:
    """A call that reads an initial port."""
    return lambda: script.plugin.get_port(script.system.world.port_id(port))


def deletes(script: Script, port: int) -> Callable[[], object]:
    """A call that deletes an initial port."""
    return lambda: script.plugin.delete_port(script.system.world.port_id(port))

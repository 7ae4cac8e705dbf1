"""All faults of a scenario, built and put in place. sim.model.system makes one and begins it; the engine stops it.

A scenario without faults has no hook anywhere. Each kind stands in a file of its own and knows none of the others.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from core.events import Observer
from sim.database import ServerTransaction
from sim.kernel import Timer
from sim.model.faults.connection import Connections
from sim.model.faults.controller import Disturbance
from sim.model.faults.crash import Crashes
from sim.model.faults.deadlock import Deadlocks
from sim.model.faults.failover import FailOvers
from sim.model.faults.impatience import ImpatientClients
from sim.model.faults.listening import ListeningObserver
from sim.model.work import current_work
from sim.scenario import (
    AgentFault,
    ConnectionFault,
    ControllerFault,
    Crash,
    DeadlockFault,
    FailOver,
    Impatience,
    Scenario,
)

if TYPE_CHECKING:
    from sim.model.system import System

T = TypeVar("T")


class _AtDatabase(Protocol):
    """A kind of fault that looks at every statement and COMMIT."""

    def at(self, point: str, transaction: ServerTransaction, name: str) -> Exception | None:
        """What goes wrong at this point of a transaction with this name."""


class Faults:
    """What goes wrong in one run. `observer` is what the core is to tell its events to."""

    def __init__(self, system: "System") -> None:
        scenario = system.scenario
        self._system = system
        self._crashes = Crashes(system, _of(scenario, Crash))
        self._failovers = FailOvers(system, _of(scenario, FailOver))
        self._disturbances = _disturbances(system)
        self._names = system.tables.words.transactions.names
        self._timers: list[Timer] = []
        self.observer: Observer = system.recorder
        if self._crashes.listens:
            self.observer = ListeningObserver(system.recorder, self._crashes)
        self._at_database = self._database_kinds(scenario)

    def _database_kinds(self, scenario: Scenario) -> list[_AtDatabase]:
        """In the order in which they are asked: who has no server can lose no deadlock."""
        kinds: list[_AtDatabase] = []
        if _of(scenario, FailOver):
            kinds.append(self._failovers)
        if self._crashes.asks_database:
            kinds.append(self._crashes)
        if broken := _of(scenario, ConnectionFault):
            kinds.append(Connections(self._system, broken))
        if deadlocks := _of(scenario, DeadlockFault):
            kinds.append(Deadlocks(self._system, deadlocks))
        return kinds

    def begin(self) -> None:
        """Puts everything in place. Once, after the system is built and before it runs."""
        system = self._system
        if self._at_database:
            system.server.fault = self._ask
        if self._crashes.intercepts:
            system.kernel.interceptor = self._crashes.suspended
        if impatience := _of(system.scenario, Impatience):
            system.load.patience = ImpatientClients(system, impatience)
        self._timers += [
            *self._crashes.begin(),
            *self._failovers.begin(),
            *system.agents.begin(_of(system.scenario, AgentFault)),
        ]
        for disturbance in self._disturbances:
            self._timers += disturbance.begin(system)

    def stop(self) -> None:
        """From now on nothing goes wrong: what can come back is there at once."""
        system = self._system
        system.server.fault = system.kernel.interceptor = None
        for timer in self._timers:
            timer.cancel()
        self._crashes.stop()
        self._failovers.stop()
        system.agents.stop()
        for disturbance in self._disturbances:
            disturbance.stop()

    def _ask(self, point: str, transaction: ServerTransaction) -> Exception | None:
        name = self._names[current_work().transactions[-1].name]
        for kind in self._at_database:
            error = kind.at(point, transaction, name)
            if error is not None:
                return error
        return None


def _of(scenario: Scenario, kind: type[T]) -> Sequence[T]:
    return [fault.chosen for fault in scenario.faults if isinstance(fault.chosen, kind)]


def _disturbances(system: "System") -> list[Disturbance]:
    faults = _of(system.scenario, ControllerFault)
    named = {name: [fault for fault in faults if fault.name == name] for name in system.controllers}
    return [Disturbance(system, system.controllers[name], chosen) for name, chosen in named.items() if chosen]

"""The faults of a scenario in real time, as the coordinator has them.

Controllers and clients live in the coordinator, so theirs are the same as in virtual time. API processes are killed
from here at an instant, or kill themselves at a point (sim.wall.deaths); the private server is crashed and started
again; an agent's heartbeat is made old in its table.
"""

from functools import partial
from threading import Thread as PlainThread
from typing import TYPE_CHECKING, Any, cast

from sim.kernel import Timer
from sim.model.faults.controller import Disturbance
from sim.model.faults.impatience import ImpatientClients
from sim.scenario import AgentFault, ControllerFault, Crash, FailOver, Impatience
from sim.wall.crew import Life, WallError
from sim.wall.support import faults_of

if TYPE_CHECKING:
    from sim.wall.system import WallSystem

_SERVER_LIMIT_S = 120.0  # s until a server that is started again must stand


class WallFaults:
    """What goes wrong in one run. Begin it when the run begins."""

    def __init__(self, system: "WallSystem") -> None:
        self._system = system
        self._timers: list[Timer] = []
        self._restarts: dict[int, Timer] = {}
        self._disturbances: list[Disturbance] = []
        self._failovers: list[PlainThread] = []
        self._failed: list[Exception] = []
        self._dying: dict[Life, float | None] = {}

    def begin(self) -> None:
        """Puts everything in place."""
        scenario = self._system.scenario
        whole = cast(Any, self._system)
        if impatience := faults_of(scenario, Impatience):
            self._system.load.patience = ImpatientClients(whole, impatience)
        for name, controller in self._system.controllers.items():
            if chosen := [fault for fault in faults_of(scenario, ControllerFault) if fault.name == name]:
                self._disturbances.append(Disturbance(whole, controller, chosen))
        for disturbance in self._disturbances:
            self._timers += disturbance.begin(whole)
        for crash in faults_of(scenario, Crash):
            if crash.at_s is not None:
                self._at(crash.at_s, partial(self._strike, crash))
        for failover in faults_of(scenario, FailOver):
            self._at(failover.at_s, partial(self._fail_over, failover))
        self._timers += self._system.agents.begin(faults_of(scenario, AgentFault))

    def stop(self) -> None:
        """From now on nothing goes wrong: what can come back is there when this returns."""
        for timer in self._timers:
            timer.cancel()
        for disturbance in self._disturbances:
            disturbance.stop()
        for thread in self._failovers:
            thread.join(_SERVER_LIMIT_S)
        if self._failed:
            raise WallError(f"the database server did not come back: {self._failed[0]}")
        for number in list(self._restarts):
            self._restarts[number].cancel()
            self._restart(number)
        self._system.agents.stop()

    @property
    def is_over(self) -> bool:
        """Whether nothing is to come that has a time."""
        timers = (*self._timers, *self._restarts.values())
        return not any(timer.pending for timer in timers) and not any(thread.is_alive() for thread in self._failovers)

    # processes that die

    def dying(self, life: Life, detail: str, restart_after_s: float | None) -> None:
        """A process says that it kills itself now."""
        self._system.recorder.fault("crash", detail, life.number)
        self._dying[life] = restart_after_s

    def gone(self, life: Life) -> None:
        """A process is gone. WallError when no fault has asked for it."""
        if life not in self._dying:
            life.process.join(1.0)
            raise WallError(f"API process {life.number} ended by itself (exit code {life.process.exitcode})")
        self._bury(life, self._dying[life])

    def _strike(self, fault: Crash) -> None:
        life = self._system.crew.lives.get(fault.process or 0)
        if life is not None and not life.dead:
            self._system.recorder.fault("crash", f"api-{life.number} dies", life.number)
            self._bury(life, fault.restart_after_s)

    def _bury(self, life: Life, restart_after_s: float | None) -> None:
        self._system.crash(life)
        if restart_after_s is not None:
            at_us = self._system.kernel.now_us + round(restart_after_s * 1e6)
            self._restarts[life.number] = self._system.kernel.at(at_us, partial(self._restart, life.number))

    def _restart(self, number: int) -> None:
        del self._restarts[number]
        self._system.restart(number)
        self._system.recorder.fault("restart", f"api-{number} starts again", number)

    # the server

    def _fail_over(self, fault: FailOver) -> None:
        """In a thread: clients and controllers go on."""
        self._system.recorder.fault("failover", f"the database server dies, another is there after {fault.pause_s:g} s")
        thread = PlainThread(target=self._crash_server, args=(fault.pause_s,), name="failover", daemon=True)
        self._failovers.append(thread)
        thread.start()

    def _crash_server(self, pause_s: float) -> None:
        try:
            self._system.target.restart(pause_s, crash=True)
        except Exception as error:
            self._failed.append(error)

    def _at(self, at_s: float, action: Any) -> None:
        self._timers.append(self._system.kernel.at(round(at_s * 1e6), action))

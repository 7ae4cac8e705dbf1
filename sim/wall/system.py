"""The system of one run in real time: clients and controllers here, API processes and a real database elsewhere.

Clients and controllers are those of virtual time: they live on a kernel whose clock follows the machine's. What is due
happens at the instant that it was due, however late this process gets to it, so that open arrivals keep their schedule
and latencies count from the intended start. It holds the parts and wires them; `sim.wall.engine` lets it run.
"""

import re
import time
from pathlib import Path

from sim.kernel import Draws, Kernel
from sim.kernel.realtime import RealClock
from sim.metrics import Tables
from sim.model.agents import Agents
from sim.model.bindings import BindingTracker
from sim.model.controller_table import Entry
from sim.model.controllers import Call, Controller
from sim.model.load import Load
from sim.model.notices import Notices
from sim.model.ownership import Ownership
from sim.model.recording import RecordedTable
from sim.model.requests import Answer, Request
from sim.model.rows import operation_row
from sim.model.setup import SetUp
from sim.model.world import World
from sim.scenario import Controller as ControllerSettings
from sim.scenario import Scenario, Strategy
from sim.servers import RunDatabase
from sim.wall.api_process import Orders
from sim.wall.crew import Crew, Life, Thread, WallError
from sim.wall.database import RunTables
from sim.wall.event_log import SLOTS, EventLog
from sim.wall.faults import WallFaults
from sim.wall.history_log import HistoryLog
from sim.wall.probe import ProbeMaker
from sim.wall.recorder import CoordinatorRecorder
from sim.wall.server import WallServer
from sim.wall.wire import ANSWER, CALL, DYING, FAILED, REPLY, Message

_ERROR = re.compile(r"[\w.]+(:|$)")  # the line of a traceback that names the error; notes may follow it
_PREPARING_NS = 3600 * 10**9  # ns; longer than preparing takes: what is noted meanwhile comes before the run
_BEGIN_IN_NS = 20 * 10**6  # ns; about what telling all processes takes
_OWN_SLOT = SLOTS - 1  # the coordinator's event log


class WallSystem:
    """One scenario under one strategy on a real database. Close it afterwards. With `history` everything is noted.

    `folder` is where sockets and event logs go.
    """

    def __init__(
        self, scenario: Scenario, strategy: Strategy, *, seed: int, database: RunDatabase, folder: Path, history: bool,
        probe: ProbeMaker | None = None,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.strategy = strategy
        self._seed = seed
        self.target = database
        self._folder = folder
        self._has_history = history
        self._probe = probe
        self.draws = Draws(seed)
        self.kernel = Kernel()
        self.clock = RealClock(time.monotonic_ns() + _PREPARING_NS)
        self.tables = Tables.empty()
        self.tracker = BindingTracker()
        self.ownership = Ownership()
        self.notices = Notices([driver.name for driver in scenario.drivers])
        self.log = EventLog(folder / "coordinator.log", self.clock, slot=_OWN_SLOT)
        self.history = HistoryLog(self.log) if history else None
        self.recorder = CoordinatorRecorder(self.kernel, self.tables, self.tracker, self.notices, history=self.history)
        self.world = World(scenario, self.draws)
        self.controllers = {settings.name: self._controller(settings) for settings in scenario.controllers}
        self.engine = database.engine(size=2, max_overflow=2, timeout_s=30.0)
        self.database = RunTables(self.engine)
        self.logs = [folder / "coordinator.log"]
        self.crew = Crew(folder, threads=scenario.api.threads, orders_for=self._orders)
        accept = self.draws.purpose("accept")
        self.server = WallServer(
            self.crew,
            uniform=lambda request: self.draws.uniform(accept, request.operation),
            levels=self.recorder.level,
        )
        self.load = Load(scenario, kernel=self.kernel, draws=self.draws, submit=self.server.submit, record=self._record)
        self.crew.on_ready = self._ready
        self.crew.on_serves = self.server.serve_backlog
        self._has_begun = False
        self.agents = Agents(scenario, kernel=self.kernel, draws=self.draws, load=self.load, system=self)
        self.faults = WallFaults(self)

    def _controller(self, settings: ControllerSettings) -> Controller:
        controller = Controller(
            settings, kernel=self.kernel, draws=self.draws, ownership=self.ownership, levels=self.recorder.level
        )
        if self.history is not None:
            controller.table = RecordedTable(
                self.ownership, by_revision=settings.ordering == "revision", controller=settings.name,
                writer=self.history,
            )  # fmt: skip
        return controller

    def _orders(self, number: int, life: int) -> Orders:
        slot = number + life * self.scenario.api.processes
        if slot >= _OWN_SLOT:
            raise WallError(f"API processes were started {slot} times, which is more than one run can have")
        log = self._folder / f"api-{number}-{life}.log"
        self.logs.append(log)
        return Orders(
            scenario=self.scenario, strategy=self.strategy, seed=self._seed, number=number, life=life, slot=slot,
            began_ns=self.clock.began_ns, address=self.target.address, socket=self.crew.address, log=log,
            history=self._has_history, probe=self._probe,
        )  # fmt: skip

    def beat(self, heartbeat_at: float, host: str) -> None:
        """Writes an agent's heartbeat, in no transaction of the run."""
        self.database.change("UPDATE agents SET heartbeat_at = :at WHERE host = :host", at=heartbeat_at, host=host)

    # before the run

    def prepare(self) -> None:
        """Fills the database and starts the API processes; returns when they are ready to serve."""
        lives = [self.crew.start(number) for number in range(self.scenario.api.processes)]
        self.database.make()
        SetUp(
            self.scenario, self.world, database=self.database, controllers=self.controllers, tracker=self.tracker,
            notices=self.notices, draws=self.draws, binding_row=self.strategy.policies.binding_row,
        ).run()  # fmt: skip
        self.database.analyze()
        self.crew.await_ready(lives, self.hear)

    def begin(self) -> None:
        """The run begins, as soon as all processes know when."""
        self.clock.began_ns = time.monotonic_ns() + _BEGIN_IN_NS
        self._has_begun = True
        for life in self.crew.lives.values():
            self._ready(life)
        while len(self.crew.living()) < len(self.crew.lives) or self.clock.now_us < 0:
            for thread, message in self.crew.poll(0.01):
                self.hear(thread, message)
        self.faults.begin()
        self.load.start()

    # during the run

    def advance(self) -> None:
        """Lets everything happen here that is due. Mostly nothing is, and then time only goes on."""
        now_us, virtual = self.clock.now_us, self.kernel.clock
        if virtual.next_us < now_us:
            self.kernel.run(until_us=now_us)
        elif now_us > virtual.now_us:
            virtual.advance(now_us)

    def hear(self, thread: Thread, message: Message | None) -> None:
        """A thread has said something, or is gone.

        What it said is nothing any more when a fault has killed its process since it was read.
        """
        if thread.life.dead:
            return
        if message is None:
            self._gone(thread)
        elif message[0] == ANSWER:
            self._answered(thread, message)
        elif message[0] == CALL:
            self._called(thread, message)
        elif message[0] == FAILED:
            told = next(filter(_ERROR.match, reversed(message[1].splitlines())), "see its traceback")
            raise WallError(f"a worker of API process {thread.life.number} failed: {told}", details=message[1])
        elif message[0] == DYING:
            self.faults.dying(thread.life, message[1], message[2])

    def hear_at_rest(self, thread: Thread, message: Message) -> None:
        """As `hear`, when the load is over: answers that nobody waits for are passed over."""
        if message[0] == ANSWER:
            thread.request = None
        else:
            self.hear(thread, message)

    def _answered(self, thread: Thread, message: Message) -> None:
        request = thread.request
        assert request is not None
        _, operation, outcome, error, bound, notified, started_us = message
        assert request.operation == operation
        request.started_us = started_us
        self.server.free(thread)
        answer = Answer(outcome, error, bound)
        answer.notified = notified
        self.load.answered(request, answer)

    def _called(self, thread: Thread, message: Message) -> None:
        _, number, name, kind, what, service_us, error_uniform, answer_uniform = message
        controller = self.controllers[name]
        if kind == "bind":
            what = (what[0], Entry(*what[1]))
        call = Call(f"{kind} at {name}", controller.effect_of(kind, what), service_us)
        call.error_uniform, call.answer_uniform = error_uniform, answer_uniform
        call.answered = _Reply(thread, number, call)
        controller.accept(call)

    def _gone(self, thread: Thread) -> None:
        self._hear_last_words(thread.life)  # the control thread may have said that a fault kills it
        self.faults.gone(thread.life)

    def crash(self, life: Life) -> None:
        """Kills a process: what it had taken and not answered is never answered."""
        life.process.kill()
        life.process.join()
        self._hear_last_words(life)
        lost = self.crew.bury(life)
        self.server.lost(len(lost))
        for request in lost:
            self.load.answered(request, Answer("died"))

    def _hear_last_words(self, life: Life) -> None:
        life.idle.clear()
        life.serves = False
        for thread, message in self.crew.last_words(life):
            self.hear(thread, message)

    def restart(self, number: int) -> None:
        """A fresh process in the place of a dead one; it serves as soon as it stands."""
        self.crew.start(number)

    def _ready(self, life: Life) -> None:
        if self._has_begun:
            self.crew.begin(life, self.clock.began_ns)

    def _record(self, request: Request, answer: Answer | None) -> None:
        operation_row(self.tables, request, answer, now_us=self.kernel.now_us)

    def close(self) -> None:
        """Ends the processes and frees everything."""
        self.crew.close()
        self.engine.dispose()
        self.log.close()
        self.kernel.close()


class _Reply:
    """Tells a caller that its call has ended."""

    __slots__ = ("_call", "_number", "_thread")

    def __init__(self, thread: Thread, number: int, call: Call) -> None:
        self._thread, self._number, self._call = thread, number, call

    def fire(self) -> None:
        """The call has ended with an answer."""
        error = self._call.error
        told = (None, None) if error is None else (type(error).__name__, str(error))
        if not self._thread.connection.closed:
            self._thread.send(REPLY, self._number, *told)

"""An API process: an operating-system process with the core, its connection pool, and threads that serve requests.

The coordinator starts it (sim.wall.crew) and speaks with each of its threads over a connection. It ends when it is told
to, or when the coordinator is gone. Everything that it finds out goes into its event log.
"""

import os
import threading
import traceback
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast

from sqlalchemy.exc import SQLAlchemyError

from core.agents import AgentRegistry
from core.binding.policies import BindingRow
from core.database import Connection, Database
from core.engine import EngineConnection, EngineConnections
from core.plugin import Ml2Plugin
from core.statements import all_statements
from sim.kernel import Draws, Process
from sim.kernel.realtime import RealClock, RealTime
from sim.metrics import Tables
from sim.model.agents import down_time_s
from sim.model.collector import rare_collections
from sim.model.drivers import build_drivers
from sim.model.faults.listening import ListeningObserver
from sim.model.latency_driver import LatencyInjectingDriver
from sim.model.operations import Operations, PortApi
from sim.model.recording import RecordedConnection, RecordedDriver, RecordedPlugin
from sim.model.requests import Answer, Request
from sim.model.work import NO_OPERATION, Work, attach, current_work
from sim.model.world import World
from sim.running import quiet_core
from sim.scenario import ConnectionFault, Crash, Scenario, Strategy
from sim.servers import ServerAddress
from sim.wall.breaks import Breaks
from sim.wall.connection import Hooks, WallConnection
from sim.wall.deaths import Deaths
from sim.wall.event_log import SLOTS, EventLog
from sim.wall.history_log import HistoryLog
from sim.wall.host import WallHost, WallRuntime
from sim.wall.probe import ProbeMaker
from sim.wall.recorder import LoggedNotices, LoggedTracker, Rows, WallHistoryRecorder, WallRecorder
from sim.wall.remote_controller import WIRE, RemoteController
from sim.wall.requests import unpacked
from sim.wall.support import faults_of
from sim.wall.wire import (
    ANSWER,
    BACKGROUND,
    BEGIN,
    BEGUN,
    CONTROL,
    DONE,
    DYING,
    FAILED,
    HEAL,
    READ,
    READY,
    STOP,
    WORKER,
    Wire,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a process is started with. `slot` is that of its event log; `life` counts those in its place before it."""

    scenario: Scenario
    strategy: Strategy
    seed: int
    number: int
    life: int
    slot: int
    began_ns: int
    address: ServerAddress
    socket: str
    log: Path
    history: bool
    probe: ProbeMaker | None = None


def serve(orders: Orders) -> None:
    """The life of an API process; returns when it is told to stop. SIGINT does not reach it (sim.wall.crew)."""
    with quiet_core():
        try:
            process = ApiProcess(orders)
            process.start()
        except (FileNotFoundError, ConnectionRefusedError):
            return  # the run is over already
        with rare_collections():  # one of everything that is loaded stops all threads for 50 ms
            process.obey()


class ApiProcess:
    """The parts of one process."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        scenario = orders.scenario
        self._clock = RealClock(orders.began_ns)
        self._time = RealTime(self._clock)
        self._draws = Draws(orders.seed)
        self._log = EventLog(orders.log, self._clock, slot=orders.slot)
        self._history = HistoryLog(self._log) if orders.history else None
        self._rows_on_demand = orders.strategy.policies.binding_row is BindingRow.ON_DEMAND
        self._host = WallHost(orders.number, life=orders.life, time=self._time, connect=self._connect_thread)
        self._world = World(scenario, self._draws)
        self._runtime = WallRuntime(self._time, self._draws, self._host, first_owner=scenario.workload.ports.initial)
        self._tables = Tables.empty()
        self._tracker = LoggedTracker(self._log)
        self._recorder = self._new_recorder()
        self._rows = Rows(self._tables, self._recorder, self._log)
        pool = scenario.database.pool
        self._engine = orders.address.engine(size=pool.size, max_overflow=pool.max_overflow, timeout_s=pool.timeout_s)
        self._connections = EngineConnections(self._engine)
        self._probe = None if orders.probe is None else orders.probe(orders.slot)
        self._next_number = count(orders.slot, SLOTS).__next__  # no other transaction of the run has one of these
        self._levels = _PoolLevels(f"db.pool of {self._host.name}", self._recorder)
        self._controllers = {
            settings.name: RemoteController(settings, kernel=self._time, draws=self._draws)
            for settings in scenario.controllers
        }
        self._wire = Wire(orders.socket, orders.number, orders.life, CONTROL, 0)
        self._deaths = Deaths(
            faults_of(scenario, Crash), name=self._host.name, time=self._time, draws=self._draws,
            tell=partial(self._wire.send, DYING),
        )  # fmt: skip
        self._breaks = Breaks(
            faults_of(scenario, ConnectionFault), time=self._time, draws=self._draws,
            tell=lambda kind, detail: self._recorder.fault(kind, detail, orders.number),
        )  # fmt: skip
        if self._deaths:
            for controller in self._controllers.values():
                controller.on_call = self._deaths.calling
        self._plugin = self._new_plugin()
        self._operations = WallOperations(self._plugin, self._world, self._tracker, self._draws)

    def _new_recorder(self) -> WallRecorder | WallHistoryRecorder:
        parts = (self._time, self._tables, self._tracker, LoggedNotices(self._log))
        if self._history is None:
            return WallRecorder(*parts)  # type: ignore[arg-type]
        return WallHistoryRecorder(*parts, writer=self._history)  # type: ignore[arg-type]

    def _new_plugin(self) -> PortApi:
        scenario, history = self._orders.scenario, self._history
        observer = ListeningObserver(self._recorder, cast(Any, self._deaths)) if self._deaths else self._recorder
        database = Database(
            self._connect if history is None else self._recorded_connect,
            runtime=self._runtime,
            observer=observer,
            max_retries=scenario.database.conflict_retries,
        )
        agents = AgentRegistry(database, self._runtime, down_s=down_time_s(scenario))
        self._drivers = build_drivers(
            scenario, controllers=self._controllers, database=database, runtime=self._runtime, draws=self._draws,
            agents=agents,
        )  # fmt: skip
        plugin = Ml2Plugin(
            database,
            self._drivers if history is None else [RecordedDriver(driver, history) for driver in self._drivers],
            runtime=self._runtime,
            strategy=self._orders.strategy.policies,
            observer=observer,
            agents=agents,
            allocate_addresses=self._world.allocates,
        )
        return plugin if history is None else RecordedPlugin(plugin, history)

    # connections

    def _connect(self) -> WallConnection:
        levels, began_us = self._levels, self._clock.now_us
        levels.change(0, 1)
        try:
            inner = self._connections()
        except BaseException:
            levels.change(0, -1)
            raise
        levels.change(1, -1)
        used = inner if self._probe is None else self._probe.connection(inner)
        connection = WallConnection(
            used, self._log, clock=self._clock, pool_wait_us=self._clock.now_us - began_us, begin=self._next_number,
            hooks=self._hooks(inner) if self._deaths or self._breaks else None, on_close=levels.returned,
            isolation=self._orders.address.isolation,
        )  # fmt: skip
        current_work().connection = connection
        return connection

    def _hooks(self, inner: Connection) -> Hooks:
        return _FaultHooks(self._deaths, self._breaks, cast(EngineConnection, inner).dbapi_connection)

    def _recorded_connect(self) -> RecordedConnection:
        assert self._history is not None
        return RecordedConnection(self._connect, self._history, rows_on_demand=self._rows_on_demand)

    def _warm_up(self) -> None:
        """Compiles every statement and opens the pool's connections, so that the first requests need not."""
        for statement in all_statements():
            self._connections.compile(statement)
        refused = (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error)  # then later, by whoever needs one
        with suppress(*refused), ExitStack() as held:
            for _ in range(self._orders.scenario.database.pool.size):
                held.enter_context(closing(self._engine.raw_connection()))

    # the threads

    def start(self) -> None:
        """Starts the workers; they serve as soon as requests come."""
        self._warm_up()
        for place in range(self._orders.scenario.api.threads):
            threading.Thread(target=self._thread, args=(place,), name=f"worker {place}", daemon=True).start()
        self._wire.send(READY)

    def _thread(self, place: int) -> None:
        try:
            self._time.call_in_process(self._work, name=f"worker {place} of {self._host.name}", number=place)
        except (EOFError, OSError):
            os._exit(0)  # the coordinator is gone
        except BaseException:
            self._wire.send(FAILED, traceback.format_exc())

    def _connect_thread(self, process: Process, place: int, role: str = BACKGROUND) -> None:
        orders = self._orders
        process.scratch[WIRE] = Wire(orders.socket, orders.number, orders.life, role, place)

    def _work(self, process: Process) -> None:
        orders = self._orders
        place = process.number + (orders.life * orders.scenario.api.threads)
        process.api = self._host
        work = Work(-2 - orders.number - (place << 32))
        attach(process, work)
        self._connect_thread(process, process.number, WORKER)
        wire: Wire = process.scratch[WIRE]
        while True:
            what, *rest = wire.order()
            if what == READ:
                self._read(rest[0])
                wire.send(DONE)
            else:
                request = unpacked(rest[0])
                answer = self._probed(request, process, work)
                ended = answer.outcome, answer.error, answer.bound, answer.notified
                wire.send(ANSWER, request.operation, *ended, request.started_us)

    def _probed(self, request: Request, process: Process, work: Work) -> Answer:
        if self._probe is None:
            return self._serve(request, process, work)
        return self._probe.operation(request.step.kind, partial(self._serve, request, process, work))

    def _serve(self, request: Request, process: Process, work: Work) -> Answer:
        process.operation = request.operation
        work.begin(request.operation, request.port)
        work.client = request.chain.client
        request.started_us = self._clock.now_us
        answer = self._operations.perform(request)
        answer.notified = work.notified
        self._recorder.flush_attempt(work)
        process.operation = work.operation = NO_OPERATION
        self._rows.flush()
        return answer

    def _read(self, port_id: str) -> None:
        from core.exceptions import CoreError

        try:
            self._plugin.get_port(port_id)
        except CoreError:
            return  # what could not be read is still missing

    # the control thread

    def obey(self) -> None:
        """Does what the coordinator says, until it says stop."""
        while True:
            try:
                what, *rest = self._wire.receive()
            except (EOFError, OSError):
                os._exit(0)
            if what == BEGIN:
                self._clock.began_ns = rest[0]
                self._host.begin()
                self._wire.send(BEGUN)
            elif what == HEAL:
                self._heal()
                self._wire.send(DONE)
            elif what == STOP:
                self._rows.finish()
                if self._probe is not None:
                    self._probe.write()
                self._wire.send(DONE)
                os._exit(0)

    def _heal(self) -> None:
        self._recorder.recording = False
        self._deaths.stop()
        self._breaks.stop()
        for controller in self._controllers.values():
            controller.heal()
        for driver in self._drivers:
            if isinstance(driver, LatencyInjectingDriver):
                driver.heal()


class WallOperations(Operations):
    """Operations that know whether a port was there from the transaction that deleted it."""

    def _delete(self, request: Request) -> Answer:
        self._plugin.delete_port(self._world.port_id(request.port))
        connection = current_work().connection
        return Answer("ok" if isinstance(connection, WallConnection) and connection.has_deleted else "no_target")


class _FaultHooks(Hooks):
    """Asks the faults about one connection."""

    def __init__(self, deaths: Deaths, breaks: Breaks, dbapi_connection: Any) -> None:
        self._deaths = deaths
        self._breaks = breaks
        self._dbapi_connection = dbapi_connection

    def statement(self, name: str) -> None:
        """May break the connection."""
        self._breaks.at("statement", name, self._dbapi_connection)

    def committing(self, name: str) -> None:
        """May kill the process, or break the connection."""
        self._deaths.committing(name)
        self._breaks.at("before_commit", name, self._dbapi_connection)

    def committed(self, name: str) -> None:
        """May kill the process, or break the connection."""
        self._deaths.committed(name)
        self._breaks.at("after_commit", name, self._dbapi_connection)


class _PoolLevels:
    """How many connections of the pool are in use, and how many threads ask for one."""

    def __init__(self, name: str, recorder: WallRecorder | WallHistoryRecorder) -> None:
        self._name = name
        self._recorder = recorder
        self._in_use = 0
        self._asking = 0
        self._guard = threading.Lock()

    def change(self, in_use: int, asking: int) -> None:
        """The levels have changed by so much."""
        with self._guard:
            self._in_use += in_use
            self._asking += asking
            self._recorder.level(self._name, self._in_use, self._asking)

    def returned(self) -> None:
        """A connection was given back."""
        self.change(-1, 0)

"""The simulated system of one run: kernel, database, controllers, API, core, clients, recorder, put together.

Built from a scenario and a strategy; `sim.model.engine` lets it run. It holds the parts and wires them, nothing more.
"""

from core.agents import AgentRegistry
from core.binding.policies import BindingRow
from core.database import Connection, Database
from core.plugin import Ml2Plugin
from sim.database import Pool, PooledConnection, StoreMaker
from sim.history import HistoryWriter
from sim.kernel import MICROSECONDS, Draws, Kernel, drawn_ties
from sim.kernel import current as current_process
from sim.metrics import Tables
from sim.model.agents import Agents, down_time_s
from sim.model.api import ApiProcess, ApiServer, Worker
from sim.model.bindings import BindingTracker
from sim.model.commits import follow_commits
from sim.model.controllers import Controller
from sim.model.drivers import build_drivers
from sim.model.faults import Faults
from sim.model.latency_driver import LatencyInjectingDriver
from sim.model.load import Load
from sim.model.machine import Machine
from sim.model.notices import Notices
from sim.model.operations import Operations, PortApi
from sim.model.ownership import Ownership
from sim.model.recorder import RunRecorder
from sim.model.recording import (
    HistoryRecorder,
    RecordedConnection,
    RecordedDriver,
    RecordedPlugin,
    RecordedTable,
    record_commits,
)
from sim.model.requests import Answer, Request
from sim.model.rows import operation_row
from sim.model.runtime import SimRuntime
from sim.model.servers import modelled_database
from sim.model.setup import SetUp
from sim.model.work import NO_OPERATION
from sim.model.world import World
from sim.scenario import Controller as ControllerSettings
from sim.scenario import Scenario, Strategy


class System:
    """One scenario under one strategy, ready to run. Close it afterwards. With `record` it writes a `history`.

    Without `levels` that table stays empty. `storage` makes what holds the rows; None: SQLite.
    """

    def __init__(
        self,
        scenario: Scenario,
        strategy: Strategy,
        *,
        draws: Draws,
        record: bool = False,
        levels: bool = True,
        storage: StoreMaker | None = None,
    ) -> None:
        self.scenario = scenario
        self.strategy = strategy.policies
        self.kernel = Kernel(
            max_virtual_us=_micros(scenario.horizon.max_virtual_time_s),
            ties=drawn_ties(draws) if scenario.horizon.ties == "drawn" else None,
        )
        self._clock = self.kernel.clock
        self.draws = draws
        self.tables = Tables.empty()
        self.tracker = BindingTracker()
        self.ownership = Ownership()
        self.notices = Notices([driver.name for driver in scenario.drivers])
        self.history = HistoryWriter(lambda: self._clock.now_us) if record else None
        self.recorder = self._recorder()
        self._with_levels = levels
        self.world = World(scenario, draws)
        machine = self._machine = Machine(scenario, self.kernel)
        self.server = modelled_database(
            scenario, kernel=self.kernel, draws=draws, recorder=self.recorder, machine=machine, storage=storage
        )
        self.controllers = self._controllers()
        self.runtime = SimRuntime(self.kernel, draws, first_owner=self.world.initial_ports)
        accept = draws.purpose("accept")
        self.api: ApiServer[Request] = ApiServer(
            scenario,
            kernel=self.kernel,
            serve=self._serve,
            uniform=lambda request: draws.uniform(accept, request.operation),
            machine=machine,
        )
        self.pools = {host: self._pool(host) for host in self.api.processes}
        self.runtime.background = self.api.processes[0]
        self.api.levels = self.recorder.level if levels else None
        self._set_up()
        self.faults = Faults(self)
        self.plugin = self._plugin()
        self.operations = Operations(self.plugin, self.world, self.tracker, draws)
        self.load = Load(scenario, kernel=self.kernel, draws=draws, submit=self.api.submit, record=self.record)
        self.agents = Agents(scenario, kernel=self.kernel, draws=draws, load=self.load, system=self)
        self.faults.begin()

    def _recorder(self) -> RunRecorder:
        parts = (self.kernel, self.tables, self.tracker, self.notices)
        return RunRecorder(*parts) if self.history is None else HistoryRecorder(*parts, writer=self.history)

    def _controllers(self) -> dict[str, Controller]:
        return {settings.name: self._controller(settings) for settings in self.scenario.controllers}

    def _controller(self, settings: ControllerSettings) -> Controller:
        controller = Controller(
            settings,
            kernel=self.kernel,
            draws=self.draws,
            ownership=self.ownership,
            levels=self.recorder.level if self._with_levels else None,
        )
        if self.history is not None:
            controller.table = RecordedTable(
                self.ownership,
                by_revision=settings.ordering == "revision",
                controller=settings.name,
                writer=self.history,
            )
        return controller

    def _pool(self, host: ApiProcess[Request]) -> Pool:
        settings = self.scenario.database.pool
        pool = self.server.server_of(host.number).pool(
            host,
            size=settings.size,
            max_overflow=settings.max_overflow,
            timeout_s=settings.timeout_s,
            name=f"db.pool of {host.name}",
        )
        pool.resource.on_change = self.recorder.resource_changed if self._with_levels else None
        return pool

    def _connect(self) -> PooledConnection:
        """A connection of the caller's process. The pool is Python: waiting for it leaves an eventlet process free."""
        host = current_process().api
        pool = self.pools[host]
        if pool.resource.in_use < pool.resource.capacity:
            return pool.connect()
        host.step_aside()
        try:
            return pool.connect()
        finally:
            host.come_back()

    def _recorded_connect(self) -> Connection:
        assert self.history is not None
        on_demand = self.strategy.binding_row is BindingRow.ON_DEMAND
        return RecordedConnection(self._connect, self.history, rows_on_demand=on_demand)

    def _plugin(self) -> PortApi:
        history = self.history
        database = Database(
            self._connect if history is None else self._recorded_connect,
            runtime=self.runtime,
            observer=self.faults.observer,
            max_retries=self.scenario.database.conflict_retries,
        )
        agents = AgentRegistry(database, self.runtime, down_s=down_time_s(self.scenario))
        drivers = build_drivers(
            self.scenario, controllers=self.controllers, database=database, runtime=self.runtime, draws=self.draws,
            agents=agents,
        )  # fmt: skip
        self._drivers = drivers
        plugin = Ml2Plugin(
            database,
            drivers if history is None else [RecordedDriver(driver, history) for driver in drivers],
            runtime=self.runtime,
            strategy=self.strategy,
            observer=self.faults.observer,
            agents=agents,
            allocate_addresses=self.world.allocates,
        )
        return plugin if history is None else RecordedPlugin(plugin, history)

    def _set_up(self) -> None:
        SetUp(
            self.scenario,
            self.world,
            database=self.server,
            controllers=self.controllers,
            tracker=self.tracker,
            notices=self.notices,
            draws=self.draws,
            binding_row=self.strategy.binding_row,
        ).run()
        if self.history is not None:
            record_commits(self.server, self.history)
        follow_commits(self.server, self.tracker)

    def beat(self, heartbeat_at: float, host: str) -> None:
        """Writes an agent's heartbeat past the server's locks and costs: no transaction of a run."""
        self.server.change("UPDATE agents SET heartbeat_at = ? WHERE host = ?", (heartbeat_at, host))

    # what workers do

    def _serve(self, request: Request, worker: Worker[Request]) -> None:
        process, work = worker.process, worker.work
        idle_name = process.name
        process.name = f"{request.step.kind} {request.operation} in {idle_name}"  # a stall names its processes
        process.operation = request.operation
        work.begin(request.operation, request.port)
        work.client = request.chain.client
        request.started_us = self._clock.now_us
        request.api_process = worker.host.number
        worker.host.operation_cpu(request.step.kind)
        answer = self.operations.perform(request)
        answer.notified = work.notified
        self.recorder.flush_attempt(work)
        worker.host.operation_cpu_after(request.step.kind)
        process.operation = work.operation = NO_OPERATION
        process.name = idle_name
        if self._machine.has_generator:
            self._machine.receives(lambda: self.load.answered(request, answer))
        else:
            self.load.answered(request, answer)

    def record(self, request: Request, answer: Answer | None) -> None:
        """A row in operations; without an answer the run, or the process, has ended before it."""
        operation_row(self.tables, request, answer, now_us=self._clock.now_us)

    def crash(self, host: ApiProcess[Request]) -> None:
        """Kills an API process: its locks go, its requests die, nothing that it still does has any effect."""

        def before_unwind(lost: list[Request]) -> None:
            self.server.end_transactions_of(host)
            for request in lost:
                self.load.answered(request, Answer("died"))

        self.api.crash(host, before_unwind=before_unwind)

    def heal(self) -> None:
        """From now on nothing fails: what a working driver can bind, these can."""
        self.faults.stop()
        for controller in self.controllers.values():
            controller.heal()
        for driver in self._drivers:
            if isinstance(driver, LatencyInjectingDriver):
                driver.heal()

    def restart(self, number: int) -> ApiProcess[Request]:
        """Puts a fresh process in the place of a dead one, with a pool of its own and what ran in the background."""
        dead = self.api.processes[number]

        def prepare(fresh: ApiProcess[Request]) -> None:
            del self.pools[dead]
            self.pools[fresh] = self._pool(fresh)
            if self.runtime.background is dead:
                self.runtime.background = fresh
                for driver in self._drivers:
                    driver.initialize()

        return self.api.restart(number, prepare)

    def close(self) -> None:
        """Frees everything."""
        self.recorder.recording = False
        self.kernel.close()
        self.server.close()


def _micros(seconds: float) -> int:
    return round(seconds * MICROSECONDS)

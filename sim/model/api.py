"""API processes: their workers, their processor, what blocks whom. They implement the database's `Owner` and the
runtime's `Host`.

- `threads`: operating-system threads. A call that blocks frees the processor; one thread of a process computes at a
  time (the interpreter's lock).
- `eventlet`: green threads. One runs at a time in a process and keeps the process until it blocks on something green.
  With `db_driver: blocking` a call to the database is not green: lock wait included, it stops the whole process.

Requests are dealt as a shared accept socket does it: they queue in one backlog, and a process takes the next one when
it has a free worker and, with eventlet, when its hub runs. Which of several such processes the kernel wakes first is
drawn, all alike (assumption), keyed by the request. So a process that is stopped takes no more requests, while those
that it has taken wait in it. The wait for a worker belongs to the operation's latency, which counts from the intended
start.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from sim.kernel import FifoResource, Kernel, Process
from sim.model.machine import Machine
from sim.model.work import Work, attach
from sim.scenario import Api, Scenario

R = TypeVar("R")
Levels = Callable[[str, int, int], None]


class Idle:
    """What a worker without a request waits for. Nobody owes it one, so it is no part of a stall."""

    name = "a request"

    def leave(self, process: Process) -> None:
        """A killed worker needs no place to be removed from: its process is closed as a whole."""


_IDLE = Idle()


class Worker(Generic[R]):
    """One thread of a process, with the request that was dealt to it."""

    __slots__ = ("host", "process", "request", "work")

    def __init__(self, host: "ApiProcess[R]", work: Work) -> None:
        self.host = host
        self.work = work
        self.process: Process
        self.request: R | None = None


class ApiProcess(Generic[R]):
    """A process of the kind `threads`: what it computes queues for its one core."""

    def __init__(
        self, number: int, *, kernel: Kernel, settings: Api, statement_factor: float, machine: Machine
    ) -> None:
        self.number = number
        self.name = f"api-{number}"
        self.started = 0  # workers, those of the processes before it in its place included
        self.locks: dict[str, FifoResource] = {}
        self.idle: deque[Worker[R]] = deque()
        self.workers: list[Worker[R]] = []
        self.dead = False
        self._kernel = kernel
        self._clock = kernel.clock
        self._cpu_free_us = 0
        self._cpu = FifoResource(kernel, f"cpu of {self.name}", 1)
        self._operation_us = round(settings.cpu_s * 1e6)
        self._calls = machine.calls
        statement_s = 0 if self._calls.by_name else settings.cpu_s_per_statement
        self._statement_us = round(statement_s * statement_factor * 1e6)
        # With a core for each process and nobody else none of them ever waits for the machine.
        self._cores = machine.cores if machine.is_shared or settings.cores < settings.processes else None
        self._spawned = 0

    def succeed(self, dead: "ApiProcess[R]") -> None:
        """Takes the place of a process that has died: what it starts gets numbers, so keys, that are used by nobody."""
        self.started = dead.started
        self._spawned = dead._spawned

    def is_ready(self) -> bool:
        """Whether it can take a request now."""
        return bool(self.idle)

    def compute(self, cpu_us: int) -> None:
        """Spends processor time of this process in the calling worker; those who asked before come first.

        Without a shortage of cores the queue needs no queue: who asks knows when those before it will have finished.
        """
        if not cpu_us:
            return
        if self._cores is None:
            now_us = self._clock.now_us
            free_us = self._cpu_free_us
            self._cpu_free_us = free_us = (free_us if free_us > now_us else now_us) + cpu_us
            self._kernel.sleep_us(free_us - now_us, "computing")
            return
        self._cpu.acquire("cpu")
        self._cores.execute(cpu_us, "computing")
        self._cpu.release()

    def operation_cpu(self, kind: str) -> None:
        """Computes for one operation; called before its first statement."""
        self.compute(self._calls.operation_us(kind, self._operation_us))

    def operation_cpu_after(self, kind: str) -> None:
        """Computes for it after the last one."""
        self.compute(self._calls.operation_after_us(kind, self._operation_us))

    def statement_cpu(self) -> None:
        """Computes for one SQL statement, where calls have no costs by name."""
        self.compute(self._statement_us)

    def call_cpu(self, name: str) -> None:
        """Computes before a call of the database."""
        self.compute(self._calls.before_us(name))

    def call_cpu_after(self, name: str) -> None:
        """Computes after the database has answered."""
        self.compute(self._calls.after_us(name))

    def enter_database(self) -> None:
        """A thread in the database stops nobody."""

    def leave_database(self) -> None:
        """Nothing to wait for."""

    def step_aside(self) -> None:
        """A thread that blocks stops nobody."""

    def come_back(self) -> None:
        """Nothing to wait for."""

    def spawn(self, task: Callable[[], None], *, name: str) -> None:
        """Background work, which ends with the process."""
        self._spawned += 1
        key = -2 - self.number - (self._spawned << 16)  # one of its own for each, never that of an operation
        process = self._kernel.start(lambda: self._run(task), name=f"{name} of {self.name}", group=self)
        process.api = self
        attach(process, Work(key))

    def _run(self, task: Callable[[], None]) -> None:
        self.come_back()
        task()
        self.step_aside()


class EventletProcess(ApiProcess[R]):
    """A process of green threads: the hub is what they take turns in having."""

    def __init__(
        self,
        number: int,
        *,
        kernel: Kernel,
        settings: Api,
        statement_factor: float,
        machine: Machine,
        accept: Callable[["ApiProcess[R]"], None],
    ) -> None:
        super().__init__(number, kernel=kernel, settings=settings, statement_factor=statement_factor, machine=machine)
        self._hub = FifoResource(kernel, f"turn of {self.name}", 1)
        self._blocks_in_database = settings.db_driver == "blocking"
        self._accept = accept

    def is_ready(self) -> bool:
        """Whether a worker is free and nobody has the turn: then the hub runs and accepts."""
        return bool(self.idle) and not self._hub.in_use

    def compute(self, cpu_us: int) -> None:
        """Spends processor time; nobody else of the process gets the turn meanwhile."""
        if not cpu_us:
            return
        if self._cores is None:
            self._kernel.sleep_us(cpu_us, "computing")
        else:
            self._cores.execute(cpu_us, "computing")

    def enter_database(self) -> None:
        """Keeps the turn with a blocking driver."""
        if not self._blocks_in_database:
            self.step_aside()

    def leave_database(self) -> None:
        """Asks for the turn again, if it was given up."""
        if not self._blocks_in_database:
            self.come_back()

    def step_aside(self) -> None:
        """Gives up the turn; the hub runs and may accept one request."""
        self._hub.release()
        self._accept(self)

    def come_back(self) -> None:
        """Waits for the turn."""
        self._hub.acquire("turn")


class ApiServer(Generic[R]):
    """All API processes and the backlog.

    `serve(request, worker)` is called in a worker for each request; `uniform(request)` draws which process takes it.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        kernel: Kernel,
        serve: Callable[[R, Worker[R]], None],
        uniform: Callable[[R], float],
        machine: Machine | None = None,
    ) -> None:
        self._kernel = kernel
        self._machine = machine or Machine(scenario, kernel)
        self._serve = serve
        self._uniform = uniform
        self.backlog: deque[R] = deque()
        self.levels: Levels | None = None
        self._busy = 0
        self._scenario = scenario
        self.processes = [self._process(number) for number in range(scenario.api.processes)]
        self._living = list(self.processes)
        for _ in range(scenario.api.threads):
            for host in self.processes:
                self._start_worker(host)

    def _process(self, number: int) -> ApiProcess[R]:
        settings, factor = self._scenario.api, self._scenario.database.statement_factor
        if settings.kind == "threads":
            return ApiProcess(
                number, kernel=self._kernel, settings=settings, statement_factor=factor, machine=self._machine
            )
        return EventletProcess(
            number,
            kernel=self._kernel,
            settings=settings,
            statement_factor=factor,
            machine=self._machine,
            accept=self._accept,
        )

    def _start_worker(self, host: ApiProcess[R]) -> None:
        place = host.started
        host.started += 1
        worker = Worker(host, Work(-2 - host.number - (place << 32)))
        host.workers.append(worker)
        worker.process = self._kernel.start(
            lambda: self._work(worker), name=f"worker {place} of {host.name}", group=host
        )
        worker.process.api = host
        attach(worker.process, worker.work)

    def submit(self, request: R) -> None:
        """A client sends a request."""
        if self._machine.has_generator:
            self._machine.sends(lambda: self._arrives(request))
        else:
            self._arrives(request)

    def _arrives(self, request: R) -> None:
        """A request reaches the socket."""
        ready = [host for host in self._living if host.is_ready()]
        if ready:
            self._deal(ready[int(self._uniform(request) * len(ready))], request)
            return
        self.backlog.append(request)
        self.changed()

    def _accept(self, host: ApiProcess[R]) -> None:
        """The hub of a process has run: it takes one request, which then queues for its turn behind those before it."""
        if self.backlog and host.idle:
            self._deal(host, self.backlog.popleft())

    def _deal(self, host: ApiProcess[R], request: R) -> None:
        worker = host.idle.popleft()
        worker.request = request
        self._busy += 1
        self._kernel.wake(worker.process)
        self.changed()

    def _work(self, worker: Worker[R]) -> None:
        host = worker.host
        while True:
            request = self._next(worker)
            host.come_back()
            self._serve(request, worker)
            worker.request = None
            self._busy -= 1
            self._machine.answered()
            host.step_aside()

    def _next(self, worker: Worker[R]) -> R:
        host = worker.host
        host.idle.append(worker)
        if self.backlog and host.is_ready():
            host.idle.pop()
            worker.request = self.backlog.popleft()
            self._busy += 1
            self.changed()
        else:
            self.changed()
            self._kernel.wait(worker.process, "idle", _IDLE, None)
        assert worker.request is not None
        return worker.request

    def changed(self) -> None:
        """Reports how many workers are busy and how many requests wait."""
        if self.levels is not None:
            self.levels("api.workers", self._busy, len(self.backlog))

    def crash(self, host: ApiProcess[R], *, before_unwind: Callable[[list[R]], None]) -> None:
        """Kills a process. `before_unwind` gets the requests that it had taken, which are never answered, and ends
        its transactions. Called by one of the process's own workers, it does not return: ProcessDied."""
        lost = [worker.request for worker in host.workers if worker.request is not None]
        self._living.remove(host)
        self._busy -= len(lost)
        host.dead = True
        host.idle.clear()
        self.changed()
        self._kernel.kill(self._members(host), before_unwind=lambda: before_unwind(lost))

    def restart(self, number: int, prepare: Callable[[ApiProcess[R]], None]) -> ApiProcess[R]:
        """A fresh process in the place of a dead one; `prepare` gives it what it needs before its workers start."""
        dead, fresh = self.processes[number], self._process(number)
        fresh.succeed(dead)
        self.processes[number] = fresh
        self._living = [host for host in self.processes if not host.dead]
        prepare(fresh)
        for _ in range(self._scenario.api.threads):
            self._start_worker(fresh)
        return fresh

    def _members(self, host: ApiProcess[R]) -> list[Process]:
        return [process for process in self._kernel.processes() if process.group is host]

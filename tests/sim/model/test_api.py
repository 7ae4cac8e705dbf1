"""API processes: who computes when, who waits for a worker, whom a call to the database stops."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.kernel import Kernel
from sim.model.api import ApiServer, Worker
from tests.sim.model.tiny import tiny

Task = Callable[["World", Worker[Any]], None]


class World:
    """An API whose requests are (name, task) and whose log tells when each ended."""

    def __init__(self, *, statement_factor: float = 1, **settings: Any) -> None:
        self.kernel = Kernel()
        self.log: list[str] = []
        self.levels: list[tuple[int, int]] = []
        self.uniforms: dict[str, float] = {}
        scenario = tiny(api=settings, database={"statement_factor": statement_factor})
        self.api: ApiServer[tuple[str, Task]] = ApiServer(
            scenario,
            kernel=self.kernel,
            serve=self._serve,
            uniform=lambda request: self.uniforms.get(request[0], 0.0),
        )
        self.api.levels = lambda _name, in_use, queued: self.levels.append((in_use, queued))

    def _serve(self, request: tuple[str, Task], worker: Worker[Any]) -> None:
        name, task = request
        task(self, worker)
        self.log.append(f"{name} {self.kernel.now_us / 1000:g}")

    def arrives(self, name: str, task: Task, *, ms: float = 0, process: int = 0) -> None:
        self.uniforms[name] = (process + 0.5) / len(self.api.processes)
        self.kernel.at(round(ms * 1000), lambda: self.api.submit((name, task)))

    def run(self) -> list[str]:
        self.kernel.run()
        return self.log


def computes(ms: float) -> Task:
    return lambda _world, worker: worker.host.compute(round(ms * 1000))


def waits(ms: float) -> Task:
    """A green wait: a driver's remote call, a sleep."""

    def task(world: World, worker: Worker[Any]) -> None:
        worker.host.step_aside()
        world.kernel.sleep_us(round(ms * 1000), "waiting")
        worker.host.come_back()

    return task


def asks_database(ms: float) -> Task:
    def task(world: World, worker: Worker[Any]) -> None:
        worker.host.enter_database()
        world.kernel.sleep_us(round(ms * 1000), "database")
        worker.host.leave_database()

    return task


@pytest.fixture
def world() -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def make(**settings: Any) -> World:
        made.append(World(**settings))
        return made[-1]

    yield make
    for one in made:
        one.kernel.close()


def test_the_threads_of_a_process_compute_one_after_the_other(world: Callable[..., World]) -> None:
    w = world(processes=1)
    for name in "abc":
        w.arrives(name, computes(10))
    assert w.run() == ["a 10", "b 20", "c 30"]


def test_each_process_has_a_core_of_its_own(world: Callable[..., World]) -> None:
    w = world(processes=2)
    w.arrives("a", computes(10), process=0)
    w.arrives("b", computes(10), process=1)
    assert w.run() == ["a 10", "b 10"]


def test_processes_share_the_cores_of_the_machine(world: Callable[..., World]) -> None:
    w = world(processes=2, cores=1)
    w.arrives("a", computes(10), process=0)
    w.arrives("b", computes(10), process=1)
    assert w.run() == ["a 10", "b 20"]


@pytest.mark.parametrize("task", [waits, asks_database], ids=["remote call", "database"])
def test_a_thread_that_blocks_frees_the_processor(world: Callable[..., World], task: Callable[[float], Task]) -> None:
    w = world(processes=1)
    w.arrives("blocks", task(10))
    w.arrives("computes", computes(4))
    assert w.run() == ["computes 4", "blocks 10"]


def test_a_statement_costs_its_factor(world: Callable[..., World]) -> None:
    w = world(processes=1, cpu_s_per_statement=0.001, statement_factor=10)
    w.arrives("a", lambda _world, worker: worker.host.statement_cpu())
    assert w.run() == ["a 10"]


def test_a_request_waits_for_a_worker_in_order_of_arrival(world: Callable[..., World]) -> None:
    w = world(processes=1, threads=2)
    for name in "abcd":
        w.arrives(name, waits(10))
    assert w.run() == ["a 10", "b 10", "c 20", "d 20"]
    assert max(w.levels) == (2, 2)


def test_the_draw_says_which_free_process_takes_a_request(world: Callable[..., World]) -> None:
    w = world(processes=3, threads=1)
    taken: list[int] = []
    for process in (2, 0, 1):
        w.arrives(str(process), lambda _world, worker: taken.append(worker.host.number), process=process, ms=process)
    w.run()
    assert sorted(taken) == [0, 1, 2]


def test_a_green_thread_keeps_the_process_while_it_computes(world: Callable[..., World]) -> None:
    w = world(kind="eventlet", processes=1)
    w.arrives("a", computes(10))
    w.arrives("b", computes(10))
    assert w.run() == ["a 10", "b 20"]


def test_a_green_wait_lets_the_others_run(world: Callable[..., World]) -> None:
    w = world(kind="eventlet", processes=1)
    w.arrives("waits", waits(10))
    w.arrives("computes", computes(4), ms=1)
    assert w.run() == ["computes 5", "waits 10"]


def test_a_green_thread_comes_back_in_its_turn(world: Callable[..., World]) -> None:
    w = world(kind="eventlet", processes=1)
    w.arrives("waits", waits(10))
    w.arrives("computes", computes(20), ms=1)
    assert w.run() == ["computes 21", "waits 21"]


@pytest.mark.parametrize(("driver", "log"), [("blocking", ["db 10", "b 14"]), ("green", ["b 5", "db 10"])])
def test_a_blocking_driver_stops_the_whole_process(world: Callable[..., World], driver: str, log: list[str]) -> None:
    w = world(kind="eventlet", processes=1, db_driver=driver)
    w.arrives("db", asks_database(10))
    w.arrives("b", computes(4), ms=1)
    assert w.run() == log


def test_a_stopped_process_accepts_nothing_while_another_is_free(world: Callable[..., World]) -> None:
    w = world(kind="eventlet", processes=2, db_driver="blocking")
    w.arrives("db", asks_database(10), process=0)
    w.arrives("b", computes(1), ms=1, process=0)
    assert w.run() == ["b 2", "db 10"]


@pytest.mark.parametrize("kind", ["threads", "eventlet"])
def test_a_fresh_process_takes_what_has_waited_in_order(world: Callable[..., World], kind: str) -> None:
    w = world(kind=kind, processes=1, threads=2)
    dead = w.api.processes[0]
    w.api.crash(dead, before_unwind=lambda _lost: None)
    for name in "abc":
        w.arrives(name, waits(10))
    w.kernel.run(until_us=5000)
    assert len(w.api.backlog) == 3
    prepared: list[object] = []
    fresh = w.api.restart(0, prepared.append)
    assert prepared == w.api.processes == [fresh]
    assert w.run() == ["a 15", "b 15", "c 25"]
    assert (fresh.number, fresh.name, fresh.dead, dead.dead) == (0, "api-0", False, True)


def test_a_crash_loses_the_requests_that_were_taken_and_nobody_else(world: Callable[..., World]) -> None:
    w = world(processes=2, threads=1)
    w.arrives("a", waits(10), process=0)
    w.arrives("b", waits(10), process=1)
    w.arrives("later", waits(10), ms=2)
    w.kernel.run(until_us=5000)
    lost: list[str] = []
    w.api.crash(w.api.processes[0], before_unwind=lambda requests: lost.extend(name for name, _ in requests))
    assert lost == ["a"]
    assert w.run() == ["b 10", "later 20"]

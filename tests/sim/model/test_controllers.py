"""Remote controllers in time: latency, concurrency, timeouts, errors, bad windows, and the keys of their draws."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.kernel import Draws, Kernel, drawn_ties
from sim.model.controllers import Controller
from sim.model.ownership import Ownership
from sim.model.work import Work, attach
from tests.sim.model.tiny import controller as settings_of
from tests.sim.model.tiny import tiny


class Host:
    """An API process in whose way nothing is."""

    def step_aside(self) -> None: ...

    def come_back(self) -> None: ...


class World:
    """A controller and callers."""

    def __init__(self, *, kernel: Kernel | None = None, **settings: Any) -> None:
        self.kernel = kernel or Kernel()
        self.log: list[str] = []
        (described,) = tiny(controllers=settings_of(**settings)).controllers
        self.controller = Controller(
            described, kernel=self.kernel, draws=Draws(1), ownership=Ownership(), levels=self._level
        )
        self.levels: list[tuple[int, int]] = []

    def _level(self, _name: str, in_use: int, queued: int) -> None:
        self.levels.append((in_use, queued))

    def reserves(self, operation: int, *, at_s: float = 0, port: str = "p") -> None:
        """Starts an operation that reserves a port, and logs its end."""

        self.calls(operation, lambda: self.controller.reserve(port, "host-1", "seg", 1), at_s=at_s)

    def calls(self, operation: int, call: Callable[[], object], *, at_s: float = 0) -> None:
        """Starts an operation that makes one call, and logs its end."""

        def task() -> None:
            try:
                answer = call()
            except Exception as error:
                answer = type(error).__name__
            self.log.append(f"{self.kernel.now():g} {answer}")

        process = self.kernel.start(task, name=str(operation), delay_us=round(at_s * 1e6), group=self)
        process.api = Host()
        work = Work(operation)
        work.begin(operation, -1)
        attach(process, work)

    def run(self) -> list[str]:
        self.kernel.run()
        return self.log

    def tokens(self) -> list[str]:
        return [entry.token for _, entry in self.controller.table.entries()]


@pytest.fixture
def worlds() -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for world in made:
        world.kernel.close()


def test_a_call_takes_its_latency(worlds: list[World]) -> None:
    world = World(latency={"bind": 2})
    worlds.append(world)
    world.reserves(0)
    assert world.run() == ["2 sdn-0-0"]


def test_calls_beyond_the_limit_wait_in_order(worlds: list[World]) -> None:
    world = World(concurrency=2)
    worlds.append(world)
    for operation in range(5):
        world.reserves(operation)
    assert world.run() == ["1 sdn-0-0", "1 sdn-1-0", "2 sdn-2-0", "2 sdn-3-0", "3 sdn-4-0"]
    assert max(world.levels) == (2, 3)


def test_the_latency_is_that_of_the_operation_whatever_came_before(worlds: list[World]) -> None:
    drawn: dict[int, set[float]] = {}
    for order in ((0, 1, 2), (2, 0, 1)):
        world = World(latency={"bind": {"lognormal": {"median_s": 1, "p95_s": 3}}})
        worlds.append(world)
        for operation in order:
            world.reserves(operation)
        for line in world.run():
            ended, token = line.split()
            drawn.setdefault(int(token.split("-")[1]), set()).add(float(ended))
    assert [len(ends) for ends in drawn.values()] == [1, 1, 1]


def test_a_caller_stops_waiting_and_the_call_takes_effect_later(worlds: list[World]) -> None:
    world = World(latency={"bind": 15}, timeout_s=10)
    worlds.append(world)
    world.reserves(0)
    world.kernel.run(until_us=11_000_000)
    assert world.log == ["10 ControllerTimeout"]
    assert world.tokens() == []
    assert world.controller.outstanding == 1
    world.run()
    assert world.tokens() == ["sdn-0-0"]
    assert world.controller.outstanding == 0


def test_the_queue_counts_against_the_timeout(worlds: list[World]) -> None:
    world = World(latency={"bind": 6}, timeout_s=10, concurrency=1)
    worlds.append(world)
    world.reserves(0)
    world.reserves(1)
    assert world.run() == ["6 sdn-0-0", "10 ControllerTimeout"]
    assert world.tokens() == ["sdn-0-0", "sdn-1-0"]


@pytest.mark.parametrize("timeout_s", [1, 10])
def test_who_is_woken_before_its_call_ends_at_the_same_instant_gets_the_answer(
    worlds: list[World], timeout_s: float
) -> None:
    woken_first = 0
    for seed in range(20):
        world = World(kernel=Kernel(ties=drawn_ties(Draws(seed))), timeout_s=timeout_s)
        worlds.append(world)
        points: list[str] = []
        world.kernel.interceptor = lambda _process, point, points=points: points.append(point)
        for operation in range(3):
            world.reserves(operation)
        assert sorted(world.run()) == ["1 sdn-0-0", "1 sdn-1-0", "1 sdn-2-0"]
        assert world.kernel.now_us == 1_000_000
        woken_first += len(points) - 3
    assert 20 < woken_first < 40  # half of 60 calls


def test_a_call_whose_caller_was_killed_takes_effect(worlds: list[World]) -> None:
    world = World()
    worlds.append(world)
    world.reserves(0)
    world.kernel.run(until_us=500_000)
    world.kernel.kill(world.kernel.processes(), before_unwind=lambda: None)
    world.run()
    assert world.log == []
    assert world.tokens() == ["sdn-0-0"]


def test_a_failing_call_changes_nothing(worlds: list[World]) -> None:
    world = World(error_probability=1.0)
    worlds.append(world)
    world.reserves(0)
    assert world.run() == ["1 ControllerError"]
    assert world.tokens() == []


def test_a_bad_window_is_slow_for_the_calls_that_start_in_it(worlds: list[World]) -> None:
    world = World(degraded=[{"from_s": 5, "to_s": 6, "latency_factor": 3}])
    worlds.append(world)
    for operation, at_s in enumerate((4.5, 5.0, 5.9, 6.0)):
        world.reserves(operation, at_s=at_s)
    assert world.run() == ["5.5 sdn-0-0", "7 sdn-3-0", "8 sdn-1-0", "8.9 sdn-2-0"]


def test_thousands_of_queued_calls_that_take_no_time_end_together(worlds: list[World]) -> None:
    world = World(concurrency=1)
    worlds.append(world)
    world.reserves(0)
    for operation in range(1, 3001):
        world.calls(operation, lambda: world.controller.confirm("p", "sdn-0-0"))
    assert set(world.run()) == {"1 sdn-0-0", "1 None"}
    assert world.controller.table.refused == 0

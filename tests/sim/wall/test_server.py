"""Requests are dealt to free workers of processes that serve, in the order in which they came."""

from collections import deque
from typing import Any

from sim.model.requests import Chain, Request
from sim.model.steps import Step
from sim.wall.requests import unpacked
from sim.wall.server import WallServer


class _Thread:
    """A worker that only remembers what it was sent."""

    def __init__(self, life: "_Life") -> None:
        self.life = life
        self.request: Request | None = None
        self.got: list[int] = []

    def send(self, _what: str, sent: tuple[Any, ...]) -> bool:
        self.got.append(unpacked(sent).operation)
        return True


class _Life:
    """A process with workers."""

    def __init__(self, number: int, workers: int) -> None:
        self.number = number
        self.threads = [_Thread(self) for _ in range(workers)]
        self.idle = deque(self.threads)

    @property
    def got(self) -> list[int]:
        return [operation for thread in self.threads for operation in thread.got]


class _Crew:
    def __init__(self, *lives: _Life) -> None:
        self.lives = list(lives)

    def living(self) -> list[_Life]:
        return self.lives


class _World:
    def __init__(self, *workers: int, uniform: float = 0.0) -> None:
        self.lives = [_Life(number, count) for number, count in enumerate(workers)]
        self.crew = _Crew(*self.lives)
        self.levels: list[tuple[int, int]] = []
        self.uniform = uniform
        self.server = WallServer(
            self.crew,  # type: ignore[arg-type]
            uniform=lambda _: self.uniform,
            levels=lambda _, busy, queued: self.levels.append((busy, queued)),
        )

    def submit(self, *operations: int) -> None:
        step = Step("get_port", "read", 0, binds=False, changes="", filters="")
        for operation in operations:
            self.server.submit(Request(step, Chain(0, 0, 0), operation=operation, port=0, host=-1, intended_us=0))


def test_a_request_goes_to_the_process_that_is_drawn_among_those_with_a_free_worker() -> None:
    world = _World(1, 0, 1, uniform=0.99)
    world.submit(1)
    world.submit(2)
    assert [life.got for life in world.lives] == [[2], [], [1]]


def test_what_finds_no_free_worker_waits_and_is_served_in_order() -> None:
    world = _World(1)
    world.submit(1, 2, 3)
    (thread,) = world.lives[0].threads
    world.server.free(thread)  # type: ignore[arg-type]
    world.server.free(thread)  # type: ignore[arg-type]
    world.server.free(thread)  # type: ignore[arg-type]
    assert thread.got == [1, 2, 3]
    assert thread.request is None
    assert world.levels[-1] == (0, 0)
    assert max(queued for _, queued in world.levels) == 2


def test_with_no_process_that_serves_everything_waits_until_one_does() -> None:
    world = _World(2)
    world.crew.lives = []
    world.submit(1, 2)
    assert world.levels[-1] == (0, 2)
    world.crew.lives = world.lives
    world.server.serve_backlog()
    assert world.lives[0].got == [1, 2]


def test_workers_that_are_lost_with_their_requests_are_busy_no_more() -> None:
    world = _World(2)
    world.submit(1, 2)
    world.server.lost(2)
    assert world.levels[-1] == (0, 0)


def test_the_process_of_a_request_is_known() -> None:
    world = _World(0, 1)
    world.submit(1)
    request = world.lives[1].threads[0].request
    assert request is not None
    assert request.api_process == 1

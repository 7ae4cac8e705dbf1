"""The coordinator's ends of the wires: who is ready, what the dead had said, and what was lost with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from sim.model.requests import Chain, Request
from sim.model.steps import Step
from sim.wall.api_process import Orders
from sim.wall.crew import Crew, Life
from sim.wall.wire import ANSWER, BEGIN, BEGUN, CONTROL, READY, WORKER, Message, Wire


class _Process:
    """An operating-system process that need not be."""

    pid = 0

    def kill(self) -> None: ...

    def join(self, timeout_s: float | None = None) -> None: ...

    def is_alive(self) -> bool:
        return True


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    made = Crew(tmp_path, threads=2, orders_for=lambda number, life: cast(Orders, None))
    yield made
    made.close()


def _life(crew: Crew, number: int = 0, which: int = 0) -> Life:
    crew.lives[number] = Life(number, which, _Process())
    return crew.lives[number]


def _heard(crew: Crew, *, rounds: int = 8) -> list[tuple[Any, Message | None]]:
    return [said for _ in range(rounds) for said in crew.poll(0.005)]


def _wires(crew: Crew, *, number: int = 0, which: int = 0) -> list[Wire]:
    """A control thread's and two workers'."""
    roles = ((CONTROL, 0), (WORKER, 0), (WORKER, 1))
    return [Wire(crew.address, number, which, role, place) for role, place in roles]


def _close(*wires: Wire) -> None:
    for wire in wires:
        wire._connection.close()


def _request(operation: int) -> Request:
    step = Step("get_port", "read", 0, binds=False, changes="", filters="")
    return Request(step, Chain(0, 0, 0), operation=operation, port=0, host=-1, intended_us=0)


def test_a_process_is_ready_when_it_says_so_and_all_its_workers_are_there(crew: Crew) -> None:
    life, ready = _life(crew), list[Life]()
    crew.on_ready = ready.append
    control, first, second = _wires(crew)
    _heard(crew)
    assert not life.is_ready
    control.send(READY)
    _heard(crew)
    assert (life.is_ready, ready) == (True, [life])
    _close(control, first, second)


def test_it_serves_once_it_knows_when_the_run_began(crew: Crew) -> None:
    life = _life(crew)
    wires = _wires(crew)
    _heard(crew)
    assert crew.living() == []
    crew.begin(life, 123)
    assert wires[0].receive() == (BEGIN, 123)
    wires[0].send(BEGUN)
    _heard(crew)
    assert crew.living() == [life]
    _close(*wires)


def test_a_thread_of_a_life_that_is_over_is_not_let_in(crew: Crew) -> None:
    life = _life(crew, which=1)
    wires = _wires(crew, which=0)
    _heard(crew)
    assert (life.threads, life.control) == ([], None)
    _close(*wires)


def test_one_that_dies_before_it_says_who_it_is_is_nobody(crew: Crew) -> None:
    import socket

    life = _life(crew)
    with socket.socket(socket.AF_UNIX) as mute:
        mute.connect(crew.address)
    assert _heard(crew) == []
    assert life.threads == []


def test_what_a_dead_process_had_said_is_heard_before_its_end(crew: Crew) -> None:
    life = _life(crew)
    wires = _wires(crew)
    _heard(crew)
    wires[1].send(ANSWER, 1, "ok", None, 1, 0)
    _close(*wires)
    assert [message for _, message in crew.last_words(life)] == [(ANSWER, 1, "ok", None, 1, 0)]
    assert all(thread.connection.closed for thread in life.threads)
    assert list(crew.last_words(life)) == []


def test_requests_of_a_dead_process_are_lost_once(crew: Crew) -> None:
    life = _life(crew)
    wires = _wires(crew)
    _heard(crew)
    request = _request(5)
    life.threads[1].request = request
    assert crew.bury(life) == [request]
    assert crew.bury(life) == []
    assert _heard(crew) == []
    _close(*wires)


def test_a_process_that_goes_away_is_noticed_once_a_thread(crew: Crew) -> None:
    _life(crew)
    wires = _wires(crew)
    _heard(crew)
    _close(*wires)
    assert [message for _, message in _heard(crew)] == [None, None, None]


def test_to_one_that_has_just_gone_nothing_can_be_said_and_nothing_breaks(crew: Crew) -> None:
    life = _life(crew)
    wires = _wires(crew)
    _heard(crew)
    _close(*wires)
    _heard(crew)
    assert not life.threads[0].send(BEGIN, 1)
    crew.begin(life, 1)

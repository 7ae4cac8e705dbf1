"""A controller over a wire: answers, errors, answers that come too late, and a coordinator that is gone."""

import socket
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from sim.kernel import Draws, Process, current
from sim.kernel.realtime import RealClock, RealTime
from sim.model.controller_table import ReservationRefused
from sim.model.controllers import ControllerError, ControllerTimeout
from sim.model.work import Work, attach
from sim.wall.remote_controller import WIRE, RemoteController
from sim.wall.wire import CALL, HELLO, REPLY, REQUEST, WORKER, Message, Wire, received, send
from tests.sim.wall.on_sqlite import small

Answering = Callable[["Connection[Any, Any]", Message], None]


class Coordinator:
    """The other end of one wire, in a thread: it hears a hello and does with each call what it was told to."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.address)
        self._listener.listen()
        self.calls: list[Message] = []
        self.hello: Message = ()
        self.answer: Answering = lambda connection, call: None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connected, _ = self._listener.accept()
        with Connection(connected.detach()) as connection:
            self.hello = received(connection)
            try:
                while True:
                    call = received(connection)
                    self.calls.append(call)
                    self.answer(connection, call)
            except (EOFError, OSError):
                return

    def close(self) -> None:
        self._thread.join(5)
        self._listener.close()


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[Coordinator]:
    made = Coordinator(tmp_path / "socket")
    yield made
    made.close()


def _replies(error: str | None = None, text: str | None = None) -> Answering:
    def answer(connection: "Connection[Any, Any]", call: Message) -> None:
        send(connection, REPLY, call[1], error, text)

    return answer


def _asked(coordinator: Coordinator, ask: Callable[[RemoteController], object], *, timeout_s: float = 5) -> object:
    """What `ask` gives or raises, in a worker of an API process."""
    (settings,) = small(
        controllers=[{"name": "sdn", "latency": {"bind": 0.02, "confirm": 0.01}, "timeout_s": timeout_s}]
    ).controllers
    time = RealTime(RealClock())
    controller = RemoteController(settings, kernel=time, draws=Draws(1))
    found: list[object] = []

    def task(process: Process) -> None:
        process.scratch[WIRE] = Wire(coordinator.address, 0, 0, WORKER, 0)
        work = Work(3)
        work.begin(3, 0)
        attach(process, work)
        try:
            found.append(ask(controller))
        finally:
            current().scratch[WIRE]._connection.close()

    time.call_in_process(task, name="worker", number=0)
    return found[0]


def test_a_call_says_what_is_asked_how_long_it_takes_and_gets_its_answer(coordinator: Coordinator) -> None:
    coordinator.answer = _replies()
    token = _asked(coordinator, lambda controller: controller.reserve("p", "host-1", "seg", 4))
    assert token == "sdn-3-0"
    ((what, number, name, kind, about, service_us, *uniforms),) = coordinator.calls
    assert (what, number, name, kind) == (CALL, 1, "sdn", "bind")
    assert (about[0], about[1][:4]) == ("p", ("host-1", "seg", token, 4))
    assert service_us == 20_000
    assert all(0 <= uniform <= 1 for uniform in uniforms)
    assert coordinator.hello == (HELLO, 0, 0, WORKER, 0)


@pytest.mark.parametrize("error", [ControllerError, ReservationRefused])
def test_an_error_of_the_controller_is_the_callers(coordinator: Coordinator, error: type[Exception]) -> None:
    coordinator.answer = _replies(error.__name__, "it would not")
    with pytest.raises(error, match="it would not"):
        _asked(coordinator, lambda controller: controller.confirm("p", "token"))


def test_a_call_without_an_answer_is_given_up_in_time(coordinator: Coordinator) -> None:
    with pytest.raises(ControllerTimeout, match=r"within 0\.05 s"):
        _asked(coordinator, lambda controller: controller.confirm("p", "token"), timeout_s=0.05)


def test_an_answer_that_comes_too_late_is_nobodys(coordinator: Coordinator) -> None:
    def answer_the_first_with_the_second(connection: "Connection[Any, Any]", call: Message) -> None:
        if call[1] == 2:
            send(connection, REPLY, 1, "ControllerError", "too late")
            send(connection, REPLY, 2, None, None)

    def ask(controller: RemoteController) -> str:
        with pytest.raises(ControllerTimeout):
            controller.confirm("p", "first")
        controller.heal()
        controller.confirm("p", "second")
        return "done"

    coordinator.answer = answer_the_first_with_the_second
    assert _asked(coordinator, ask, timeout_s=0.05) == "done"


def test_a_coordinator_that_is_gone_is_noticed(coordinator: Coordinator) -> None:
    coordinator.answer = lambda connection, _: connection.close()
    with pytest.raises((EOFError, OSError)):
        _asked(coordinator, lambda controller: controller.confirm("p", "token"))


def test_orders_pass_over_answers_that_nobody_waits_for(coordinator: Coordinator) -> None:
    def answer(connection: "Connection[Any, Any]", _call: Message) -> None:
        send(connection, REPLY, 1, None, None)
        send(connection, REQUEST, (1, 2))

    coordinator.answer = answer
    wire = Wire(coordinator.address, 0, 0, WORKER, 0)
    wire.send("something")
    assert wire.order() == (REQUEST, (1, 2))
    wire._connection.close()


def test_what_is_sent_to_somebody_who_is_gone_is_lost_without_an_error() -> None:
    ours, theirs = (Connection(end.detach()) for end in socket.socketpair())
    theirs.close()
    assert send(ours, REPLY, 1, None, None) is False
    ours.close()
    assert send(ours, REPLY, 1, None, None) is False

"""The API processes as the coordinator sees them: started, spoken with, killed, started again.

It listens on a Unix socket in a folder of its own; every thread of a process connects to it. It knows nothing of what
is said: `poll` hands over what has come.
"""

import multiprocessing
import selectors
import signal
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.forkserver import ensure_running
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Any

from sim.model.requests import Request
from sim.wall.api_process import Orders, serve
from sim.wall.wire import BEGIN, BEGUN, CONTROL, HELLO, READY, WORKER, Message, received, send

_START_LIMIT_S = 120.0  # s until a process must stand; they take about a second, a busy machine some
_MOST_FILES = 1000  # file descriptors that select() can look at


def _start_forkserver(base: Path) -> None:
    """It and all API processes inherit that SIGINT, which a terminal sends to all, never reaches them.

    multiprocessing makes its folder for sockets once, below that for temporary files, whose path may be too long.
    """
    resource_tracker.ensure_running()  # else the fork server starts it, and what it blocks it unblocks again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    usual, tempfile.tempdir = tempfile.tempdir, str(base)
    try:
        get_temp_dir()
        ensure_running()
    finally:
        tempfile.tempdir = usual
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class WallError(Exception):
    """The wall-clock engine cannot go on; the message says why and what to do. `details`: a process's traceback."""

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details


class Thread:
    """One thread of a life: its connection, and the request that it works on."""

    __slots__ = ("connection", "life", "place", "request", "role")

    def __init__(self, connection: "Connection[Any, Any]", life: "Life", role: str, place: int) -> None:
        self.connection = connection
        self.life = life
        self.role = role
        self.place = place
        self.request: Request | None = None

    def send(self, *message: Any) -> bool:
        """Sends a message; False when the thread is gone."""
        return send(self.connection, *message)


class Life:
    """One life of an API process: from its start to its death."""

    def __init__(self, number: int, life: int, process: Any) -> None:
        self.number = number
        self.life = life
        self.process = process
        self.control: Thread | None = None
        self.threads: list[Thread] = []
        self.idle: deque[Thread] = deque()
        self.says_ready = False
        self.workers = 0
        self.is_ready = False
        self.serves = False  # it knows the run's clock, too
        self.dead = False


class Crew:
    """All API processes of a run. `orders_for(number, life)` says what one is started with."""

    def __init__(self, folder: Path, *, threads: int, orders_for: Callable[[int, int], Orders]) -> None:
        self._threads = threads
        self._orders_for = orders_for
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["sim.wall.api_process"])
        _start_forkserver(folder.parent)
        self.address = str(folder / "crew.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.address)
        self._listener.listen(4096)
        self._selector: selectors.BaseSelector = selectors.SelectSelector()  # epoll rounds up to milliseconds
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self.on_ready: Callable[[Life], None] = lambda life: None
        self.on_serves: Callable[[], None] = lambda: None
        self.before_poll: Callable[[], None] = lambda: None
        self.lives: dict[int, Life] = {}
        self._started: dict[int, int] = {}

    def start(self, number: int) -> Life:
        """Starts a life of process `number`; it stands when it `is_ready`."""
        which = self._started.get(number, -1) + 1
        self._started[number] = which
        orders = self._orders_for(number, which)
        process = self._context.Process(target=serve, args=(orders,), name=f"api-{number}", daemon=True)
        process.start()
        life = self.lives[number] = Life(number, which, process)
        return life

    def await_ready(self, lives: list[Life], on_message: Callable[[Thread, Message | None], None]) -> None:
        """Waits until they stand. WallError when one does not in time."""
        until_s = time.monotonic() + _START_LIMIT_S
        while not all(life.is_ready for life in lives):
            for thread, message in self.poll(0.2):
                on_message(thread, message)
            late = [life.number for life in lives if not life.is_ready and not life.process.is_alive()]
            if late:
                raise WallError(f"API process {late[0]} ended while it was starting; see what it printed")
            if time.monotonic() > until_s:
                raise WallError(
                    f"the API processes did not start within {_START_LIMIT_S:g} s; is the machine overloaded?"
                )

    def begin(self, life: Life, began_ns: int) -> None:
        """Tells a process when the run began, or begins."""
        if life.control is not None:
            life.control.send(BEGIN, began_ns)

    def poll(self, timeout_s: float) -> Iterator[tuple[Thread, Message | None]]:
        """What has come within this time, at least one round: a thread and its message, None when it is gone."""
        self.before_poll()
        for key, _ in self._selector.select(max(0.0, timeout_s)):
            if key.data is None:
                self._accept()
                continue
            thread: Thread = key.data
            if not thread.connection.closed:  # by what was done about another one
                yield thread, self._received(thread)

    def _accept(self) -> None:
        connected, _ = self._listener.accept()
        if connected.fileno() >= _MOST_FILES:
            raise WallError(
                f"{len(self.lives)} processes with {self._threads} threads are more than the {_MOST_FILES} connections "
                "that can be looked at at once; lower api.processes or api.threads"
            )
        connection: Connection[Any, Any] = Connection(connected.detach())
        try:
            what, number, which, role, place = received(connection)
        except (EOFError, OSError):
            connection.close()  # it died before it said who it is
            return
        life = self.lives[number]
        if what != HELLO or which != life.life:
            connection.close()  # of a life that is over
            return
        thread = Thread(connection, life, role, place)
        life.threads.append(thread)
        if role == CONTROL:
            life.control = thread
        elif role == WORKER:
            life.idle.append(thread)
            life.workers += 1
        self._selector.register(connection, selectors.EVENT_READ, thread)
        self._look_whether_ready(life)

    def _look_whether_ready(self, life: Life) -> None:
        if life.says_ready and life.workers == self._threads and not life.is_ready:
            life.is_ready = True
            self.on_ready(life)

    def _received(self, thread: Thread) -> Message | None:
        try:
            message = received(thread.connection)
        except (EOFError, OSError):
            self._forget(thread)
            return None
        if message[0] == READY:
            thread.life.says_ready = True
            self._look_whether_ready(thread.life)
        elif message[0] == BEGUN:
            thread.life.serves = True
            self.on_serves()
        return message

    def _forget(self, thread: Thread) -> None:
        if not thread.connection.closed:
            self._selector.unregister(thread.connection)
            thread.connection.close()

    def last_words(self, life: Life) -> Iterator[tuple[Thread, Message]]:
        """What a process that is dead had said and nobody has heard."""
        for thread in life.threads:
            while not thread.connection.closed and thread.connection.poll(0):
                message = self._received(thread)
                if message is not None:
                    yield thread, message

    def bury(self, life: Life) -> list[Request]:
        """Kills a process, if it lives, and forgets its threads; the requests that it had taken."""
        if life.dead:
            return []
        life.dead = True
        life.process.kill()
        life.process.join()
        lost = [thread.request for thread in life.threads if thread.request is not None]
        for thread in life.threads:
            self._forget(thread)
        life.idle.clear()
        return lost

    def living(self) -> list[Life]:
        """Those that serve, by number."""
        return [life for _, life in sorted(self.lives.items()) if life.serves and not life.dead]

    def close(self) -> None:
        """Kills what is left, and stops listening."""
        for life in self.lives.values():
            self.bury(life)
        self._selector.close()
        self._listener.close()

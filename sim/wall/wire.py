"""Messages between the coordinator and the threads of API processes: one connection a thread, over a Unix socket.

A thread says who it is, then it is told what to do, one thing at a time. While it works on a request it may call
controllers, which the coordinator is. Messages are tuples of plain types; the first item says what they are. On the
wire they stand as multiprocessing's connections write them, a length and that many bytes; they are read and written
here, with fewer calls of the operating system, each of which would hand Python's lock to another thread.
"""

import os
import struct
import time
from collections.abc import Callable
from marshal import dumps, loads
from multiprocessing.connection import Client, Connection
from threading import Lock
from typing import Any

Message = tuple[Any, ...]

# from threads
HELLO = "hello"  # process, life, role, place
READY = "ready"  # a control thread: everything stands
BEGUN = "begun"  # a control thread: the process knows when the run began
ANSWER = "answer"  # operation, outcome, error, bound, notified, started_us
DONE = "done"  # a port was read, or what the control thread was told has been done
CALL = "call"  # number, controller, kind, what, service_us, error_uniform, answer_uniform
FAILED = "failed"  # the traceback of a bug
DYING = "dying"  # detail, restart_after_s: the process is about to kill itself, as a fault says

# to threads
REQUEST = "request"  # see sim.wall.requests
READ = "read"  # port id
REPLY = "reply"  # number, error's class, error's text
BEGIN = "begin"  # began_ns
HEAL = "heal"  # nothing fails from now on, nothing is recorded in tables
STOP = "stop"

WORKER, BACKGROUND, CONTROL = "worker", "background", "control"

_LENGTH = struct.Struct("!i")
_AT_ONCE = 1 << 16  # bytes that one call reads; nearly every message is shorter


class Wire:
    """A thread's end."""

    def __init__(self, address: str, *hello: Any) -> None:
        self._connection: Connection[Any, Any] = Client(address, "AF_UNIX")
        self._ahead = b""  # what was read of the next messages
        self._sending = Lock()  # a dying worker speaks over the control thread's
        self._calls = 0
        self.send(HELLO, *hello)

    def send(self, *message: Any) -> None:
        """Sends a message."""
        with self._sending:
            _write(self._connection, message)

    def receive(self) -> Message:
        """The next message. EOFError when the coordinator is gone."""
        ahead = self._ahead or self._read()
        while len(ahead) < (end := _end_of(ahead)):
            ahead += self._read()
        self._ahead = ahead[end:]
        message: Message = loads(memoryview(ahead)[_LENGTH.size : end])
        return message

    def _read(self) -> bytes:
        some = os.read(self._connection.fileno(), _AT_ONCE)
        if not some:
            raise EOFError
        return some

    def order(self) -> Message:
        """The next thing to do: answers that came too late are passed over."""
        while (message := self.receive())[0] == REPLY:
            pass
        return message

    def ask(self, *call: Any, timeout_s: float, on_sent: Callable[[], None] | None = None) -> Message | None:
        """Calls a controller; its reply, None when none came in time."""
        self._calls += 1
        number = self._calls
        until_s = time.monotonic() + timeout_s
        self.send(CALL, number, *call)
        if on_sent is not None:
            on_sent()
        while self._ahead or self._connection.poll(max(0.0, until_s - time.monotonic())):
            reply = self.receive()
            if reply[1] == number:
                return reply
        return None


def received(connection: "Connection[Any, Any]") -> Message:
    """The message that stands at the coordinator's end. EOFError when the thread is gone."""
    place = connection.fileno()
    (length,) = _LENGTH.unpack(_exactly(place, _LENGTH.size))
    message: Message = loads(_exactly(place, length))
    return message


def send(connection: "Connection[Any, Any]", *message: Any) -> bool:
    """Sends a message to a thread; False when it is gone."""
    try:
        _write(connection, message)
    except OSError:  # broken at its end, or closed at ours since that was noticed
        return False
    return True


def _write(connection: "Connection[Any, Any]", message: Message) -> None:
    body = dumps(message)
    left = _LENGTH.pack(len(body)) + body
    while left:
        left = left[os.write(connection.fileno(), left) :]


def _exactly(place: int, length: int) -> bytes:
    """So many bytes from an open file."""
    some = os.read(place, length)
    while len(some) < length:
        more = os.read(place, length - len(some))
        if not more:
            raise EOFError
        some += more
    return some


def _end_of(message: bytes) -> int:
    """Where a message ends that is there from its beginning; not before more of it than its length is known."""
    if len(message) < _LENGTH.size:
        return _LENGTH.size
    return _LENGTH.size + int(_LENGTH.unpack_from(message)[0])

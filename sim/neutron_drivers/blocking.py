"""Everything known by which a driver can wait in real time: sleeps, waits, sockets, event loops, threads, processes.

A call that would wait is stopped and named; one that would not (an event that is set, a sleep of 0) goes through. What
is not seen: a plain `threading.Lock`, `queue.SimpleQueue`, `select.poll`, files and pipes, and extension modules that
wait inside.
"""

import _socket
import os
import select
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from sim.neutron_drivers.call import Call
from sim.neutron_drivers.guard import Swap, guarded

Waits = Callable[..., bool]

_SOCKET_METHODS = (
    "accept", "bind", "connect", "connect_ex", "recv", "recv_into", "recvfrom", "recvmsg", "send", "sendall", "sendmsg",
    "sendto",
)  # fmt: skip
_EVENTLET = {  # in the modules of eventlet, where it is loaded: the names of functions, and what calling them is
    "eventlet.greenthread": {
        "sleep": "eventlet.sleep", "spawn": "eventlet.spawn", "spawn_n": "eventlet.spawn_n",
        "spawn_after": "eventlet.spawn_after",
    },
    "eventlet.hubs": {"trampoline": "eventlet.hubs.trampoline"},
}  # fmt: skip

_STARTS_SOMETHING = {
    "threading.Thread.start", "subprocess.Popen", "eventlet.spawn", "eventlet.spawn_n", "eventlet.spawn_after",
}  # fmt: skip


def blocking_swaps() -> list[Swap]:
    """What to replace, with the modules that are loaded now."""
    return [*_methods(), *_functions(_guarded_functions())]


def _for_a_while(_selector: object, timeout: float | None = None) -> bool:
    return timeout is None or timeout > 0


def _always(*_args: object, **_kwargs: object) -> bool:
    return True


def _a_while(seconds: float = 0) -> bool:
    return bool(seconds)


def _unset(event: threading.Event, timeout: float | None = None) -> bool:
    return not event.is_set() and timeout != 0


def _at_all(_condition: object, timeout: float | None = None) -> bool:
    return timeout != 0


def _still_running(thread: threading.Thread, timeout: float | None = None) -> bool:
    return thread.is_alive() and timeout != 0


def _any_time(_read: object, _write: object, _failed: object, timeout: float | None = None) -> bool:
    return timeout != 0


def _refusing(original: Callable[..., Any], called: str, waits: Waits) -> Callable[..., Any]:
    def instead(call: Call, *args: Any, **kwargs: Any) -> Any:
        if waits(*args, **kwargs):
            call.runs_beside(called) if called in _STARTS_SOMETHING else call.blocks(called)
        return original(*args, **kwargs)

    return guarded(original, instead)


def _methods() -> Iterator[Swap]:
    yield _method(threading.Event, "wait", "threading.Event.wait", _unset)
    yield _method(threading.Condition, "wait", "threading.Condition.wait", _at_all)
    yield _method(threading.Thread, "start", "threading.Thread.start", _always)
    yield _method(threading.Thread, "join", "threading.Thread.join", _still_running)
    yield _method(subprocess.Popen, "__init__", "subprocess.Popen", _always)
    for selector in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
        if hasattr(selectors, selector):
            yield _method(getattr(selectors, selector), "select", f"selectors.{selector}.select", _for_a_while)
    for kind in _descendants(_socket.socket):
        for name in _SOCKET_METHODS:
            yield _method(kind, name, f"socket.socket.{name}", _always)
    if (hub := sys.modules.get("eventlet.hubs.hub")) is not None:
        yield _method(hub.BaseHub, "switch", "eventlet's hub", _always)


def _method(kind: Any, name: str, called: str, waits: Waits) -> Swap:
    return Swap(kind, name, _refusing(getattr(kind, name), called, waits))


def _descendants(kind: type[Any]) -> Iterator[type[Any]]:
    """Those of Python, in which an attribute can be set: socket.socket, SSL's, eventlet's copies."""
    below: type[Any]
    for below in kind.__subclasses__():
        yield below
        yield from _descendants(below)


def _guarded_functions() -> dict[int, tuple[object, Callable[..., Any]]]:
    """By the identity of a function: itself, and what stands for it wherever a module has it, under whatever name."""
    found: list[tuple[Callable[..., Any], str, Waits]] = [
        (time.sleep, "time.sleep", _a_while),
        (os.system, "os.system", _always),
        (select.select, "select.select", _any_time),
        (socket.create_connection, "socket.create_connection", _always),
        (socket.getaddrinfo, "socket.getaddrinfo", _always),
    ]
    for module, names in _EVENTLET.items():
        loaded = sys.modules.get(module)
        found += [(getattr(loaded, name), called, _always) for name, called in names.items() if hasattr(loaded, name)]
    return {id(function): (function, _refusing(function, called, waits)) for function, called, waits in found}


def _functions(guarded_by_id: dict[int, tuple[object, Callable[..., Any]]]) -> Iterator[Swap]:
    """`from time import sleep` gives a module a name of its own, so every module is looked through."""
    for module in list(sys.modules.values()):
        if type(module) is ModuleType and module.__name__ != __name__:
            for name, value in list(vars(module).items()):
                if id(value) in guarded_by_id:
                    yield Swap(module, name, guarded_by_id[id(value)][1])

"""What is replaced while a driver's own code runs, and only then: things that block, and Neutron's own services.

`inside` surrounds a call of a driver; `outside` what a driver calls back, where the simulator may let other work run.
At most one thread is inside at a time, and a replacement acts for that thread only: others get what was there before.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sim.neutron_drivers.call import Call

_ABSENT = object()
_running = threading.Lock()  # held while a driver's code runs, never while it waits for the simulator


class Swap(NamedTuple):
    """An attribute of a module or a class, and what stands there inside."""

    owner: Any
    name: str
    replacement: object


class Inside(NamedTuple):
    """The call whose driver's code is running."""

    call: Call
    swaps: list[Swap]
    before: list[object]
    thread: int


_inside: Inside | None = None


def current_call() -> Call | None:
    """The call whose driver's code asks this, None outside."""
    if _inside is None or _inside.thread != threading.get_ident():
        return None
    return _inside.call


@contextmanager
def inside(call: Call, swaps: list[Swap]) -> Iterator[None]:
    """The driver's code runs: everything in `swaps` is replaced."""
    _enter(call, swaps)
    try:
        yield
    finally:
        _leave()


@contextmanager
def outside() -> Iterator[None]:
    """The driver has called back: everything is as it was. Nothing happens where no driver's code is running."""
    if current_call() is None or _inside is None:
        yield
        return
    call, swaps = _inside.call, _inside.swaps
    _leave()
    try:
        yield
    finally:
        _enter(call, swaps)


def guarded(original: Callable[..., Any], instead: Callable[..., Any]) -> Callable[..., Any]:
    """A replacement: `instead(call, *args)` for a driver's code, the original for everybody else."""

    def replaced(*args: Any, **kwargs: Any) -> Any:
        call = current_call()
        return original(*args, **kwargs) if call is None else instead(call, *args, **kwargs)

    return replaced


def _enter(call: Call, swaps: list[Swap]) -> None:
    global _inside  # noqa: PLW0603  # one driver's code runs at a time, whichever simulation it belongs to
    _running.acquire()
    before = [vars(swap.owner).get(swap.name, _ABSENT) for swap in swaps]
    for swap in swaps:
        setattr(swap.owner, swap.name, swap.replacement)
    _inside = Inside(call, swaps, before, threading.get_ident())


def _leave() -> None:
    global _inside
    assert _inside is not None
    swaps, before, _inside = _inside.swaps, _inside.before, None
    for swap, value in zip(swaps, before, strict=True):
        if value is _ABSENT:
            delattr(swap.owner, swap.name)
        else:
            setattr(swap.owner, swap.name, value)
    _running.release()

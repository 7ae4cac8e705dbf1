"""Loading modules that swallow an interrupt: where a folder is half written or worker processes are about to start.

What Cython makes of a module runs `except: pass` while it is imported, so Ctrl-C at that moment would be lost, and the
command would go on to its end.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def load_whole(name: str) -> None:
    """Imports a module; an interrupt that comes meanwhile waits until it is there."""
    with _interrupts_wait():
        import_module(name)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """A handler that only notes the signal. Blocking it would not do: another thread might receive it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # no signal is handled here
        return
    came: list[int] = []
    usual = {number: signal.signal(number, lambda got, _: came.append(got)) for number in _INTERRUPTS}
    try:
        yield
    finally:
        for each, handler in usual.items():
            signal.signal(each, handler)
    for number in came[:1]:
        signal.raise_signal(number)

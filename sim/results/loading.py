"""Loading modules that swallow an interrupt: where a folder is half written or worker processes are about to start.

What Cython makes of a module runs `except: pass` while it is imported, so Ctrl-C at that moment would be lost, and the
command would go on to its end.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


def load_whole(name: str) -> None:
    """Imports a module; an interrupt that comes meanwhile waits until it is there."""
    with _interrupts_wait():
        import_module(name)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)

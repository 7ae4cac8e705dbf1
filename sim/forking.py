"""Interrupts while worker processes are forked: none is lost, and none reaches a worker that has not begun yet.

A process forks inside functions that Python calls before and after (logging has some), and an exception that a signal
handler raises in one of those goes nowhere: it is printed as ignored. A fork takes long, so of the interrupts that came
meanwhile five of six were lost. Used by sim.experiment and sim.soak.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def signals_held() -> Iterator[None]:
    """What comes to this thread meanwhile is handled when the block ends. Processes begin with it held, too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals_to_parent() -> None:
    """A worker's first act. Ctrl-C reaches every process of the terminal, and only the parent answers it; SIGTERM is
    how the parent ends its workers, whatever it does on one itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

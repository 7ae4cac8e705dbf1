"""A signal whose exception is swallowed is heard at the next look."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sim.wall.interrupts import Interrupts


class _Finalized:
    """What a database driver keeps of a result."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@contextmanager
def _usual(number: signal.Signals) -> Iterator[None]:
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_inside_a_finalizer_is_raised_at_the_next_look() -> None:
    with _usual(signal.SIGTERM), Interrupts() as interrupts:
        interrupts.look()
        held = _Finalized()
        del held
        with pytest.raises(KeyboardInterrupt):
            interrupts.look()
        interrupts.look()


def test_elsewhere_it_is_raised_at_once() -> None:
    with _usual(signal.SIGINT), Interrupts(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_afterwards_signals_are_handled_as_before() -> None:
    with _usual(signal.SIGINT):
        with Interrupts():
            pass
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

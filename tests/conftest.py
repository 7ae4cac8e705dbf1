"""What holds for every test."""

import signal
from collections.abc import Iterator

import pytest

USUAL = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}


@pytest.fixture(autouse=True, scope="session")
def usual_signals() -> Iterator[None]:
    """Commands that tests start end by signals, also where the tests themselves were started to ignore them.

    A shell's background job ignores SIGINT, nohup SIGHUP, and what they start does so too.
    """
    ignored = [number for number in USUAL if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, USUAL[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)

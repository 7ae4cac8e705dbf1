"""Ctrl-C and SIGTERM are not lost: an exception that a handler raises inside a finalizer goes nowhere.

Database drivers have finalizers, and the coordinator does little else than use one while it fills the tables.
"""

import signal
import threading
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While it is entered, a signal is handled as usual, and once more at the next `look` if that led nowhere."""

    def __init__(self) -> None:
        self._usual: dict[int, Any] = {}
        self._came: int | None = None

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():  # no other is told of signals
            usual = {number: signal.getsignal(number) for number in _SIGNALS}
            self._usual = {number: handler for number, handler in usual.items() if callable(handler)}
            for number in self._usual:
                signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._usual.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._came = number
        self._usual[number](number, frame)

    def look(self) -> None:
        """Raises what a signal that came has not brought about."""
        if self._came is not None:
            number, self._came = self._came, None
            self._usual[number](number, None)

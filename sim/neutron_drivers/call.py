"""One call of a Neutron driver: who is called, what it asked for in vain, and how that ends the run.

A driver that blocks, or that needs what is not there, has not done its work, so what a run goes on to measure would be
wrong. `DriverStopped` is a BaseException because drivers catch Exception, and mean errors of their switches by it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

_ITS_SURROUNDINGS = (
    AttributeError, LookupError, TypeError, ImportError, NameError, AssertionError, NotImplementedError, SystemExit,
)  # fmt: skip
"""Errors of a driver that are not about a port or a switch, but about what it runs in."""
_STARTING = ("__init__", "initialize", "get_workers")  # methods in which every error is about that


class NeutronDriverError(Exception):
    """A Neutron driver cannot be loaded, or cannot run here. The message says which, where, and what is missing."""


class DriverStopped(BaseException):
    """Unwinds a driver that must not go on, and whatever has called it. `explained` makes an ordinary error of it."""


@contextmanager
def explained() -> Iterator[None]:
    """A driver that was stopped inside becomes a NeutronDriverError."""
    try:
        yield
    except DriverStopped as stopped:
        raise NeutronDriverError(str(stopped)) from stopped


class Call:
    """A call of `method` of the driver that the scenario calls `driver`.

    `plugin` is the core plugin as this call sees it, None where it is not about a port.
    """

    def __init__(self, driver: str, method: str) -> None:
        self.plugin: object | None = None
        self._place = f"driver {driver}, {method}"
        self.method = method
        self._missed: str | None = None
        self._stopped: str | None = None

    def miss(self, what: str) -> str:
        """Notes that the driver asked for `what` in vain, and may do without; the sentence for the error it gets."""
        sentence = f"{self._place}: needs {what}, which the simulator does not have"
        self._missed = self._missed or sentence
        return sentence

    def lacks(self, what: str) -> NoReturn:
        """Ends the call: it cannot do without `what`."""
        self._stop(f"{self._place}: needs {what}, which the simulator does not have")

    def blocks(self, what: str) -> NoReturn:
        """Ends the call: it would wait, in real time, for something that virtual time knows nothing of."""
        self._stop(
            f"{self._place}: calls {what}, which virtual time cannot wait for; say how long it takes with the driver's"
            " latency in the scenario, and give the driver something that does not block"
        )

    def runs_beside(self, what: str) -> NoReturn:
        """Ends the call: it would start something that runs in real time, which nobody here waits for."""
        self._stop(f"{self._place}: calls {what}, and what that starts would run outside virtual time")

    def check(self) -> None:
        """Called when the driver has returned: it must not have swallowed that it was stopped."""
        if self._stopped is not None:
            raise DriverStopped(self._stopped)

    def failed(self, error: BaseException) -> None:
        """Called with what the driver raised. Returns when that is the driver's own answer about a port."""
        self.check()
        if self._missed is not None:
            raise DriverStopped(self._missed) from error
        if self.method in _STARTING or isinstance(error, _ITS_SURROUNDINGS):
            told = f"{self._place}: raised {type(error).__name__}: {error}".rstrip(": ")
            raise DriverStopped(f"{told}; it seems to need something that the simulator does not have") from error

    def _stop(self, sentence: str) -> NoReturn:
        self._stopped = self._stopped or sentence
        raise DriverStopped(sentence)

"""A simulated process: plain blocking Python in a greenlet. Made by ``Kernel.start``; asked for with ``current``.

A process is
- suspended: at a named ``point``, until an event resumes it,
- running: ``point`` is empty; one at a time,
- ended: its task returned or raised, or it was killed (``dead``) and has been unwound.

It never resumes itself or others: that is the kernel's business.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet
from simpy import Event

from sim.kernel.events import Wakeup
from sim.kernel.exceptions import OutsideProcess, ProcessDied, ResumedDead

if TYPE_CHECKING:
    from sim.kernel.kernel import Kernel
    from sim.kernel.resource import FifoResource

START = "start"  # the point of a process that has not run yet


class Process(greenlet):
    """One flow of control in virtual time.

    ``name``, ``number`` (order of starting) and ``group`` identify it. ``point``, ``waiting_on`` and ``since_us`` tell
    where, for which object and since when it is suspended. ``dead`` means killed. ``operation`` (-1: none), ``api`` and
    ``scratch`` belong to the layers above; the kernel never reads them.
    """

    __slots__ = (
        "_task", "_unwind_error", "api", "callbacks", "dead", "ended", "group", "held", "kernel", "name", "number",
        "operation", "point", "running_interceptor", "scratch", "since_us", "started", "waiting_on", "wakeup", "woken",
    )  # fmt: skip

    def __init__(
        self, kernel: "Kernel", task: Callable[[], None], *, name: str, number: int, group: object | None
    ) -> None:
        super().__init__(parent=kernel.hub)
        self.kernel = kernel
        self.name = name
        self.number = number
        self.group = group
        self.point = START
        self.waiting_on: object | None = None
        self.since_us = kernel.now_us
        self.dead: bool = False
        self.started = False
        self.ended = False
        self.woken = False
        self.running_interceptor = False
        self.held: list[FifoResource] = []
        self.operation = -1
        self.api: Any = None
        self.scratch: dict[str, Any] = {}
        self.wakeup = Wakeup(kernel.clock)
        # SimPy calls this with the event; a plain greenlet switch, so that resuming costs no Python call.
        self.callbacks: list[Callable[[Event], None]] = [super().switch]
        self._task = task
        self._unwind_error: BaseException | None = None

    def run(self, _event: Event) -> None:
        """The greenlet's body: what the first wake-up starts. Ends the run with any error of the task."""
        self.started = True
        self.point = ""
        try:
            self._task()
        except BaseException as error:
            self._end_with(error)
        finally:
            self.end()

    def switch(self, *_args: Any, **_kwargs: Any) -> Any:
        """Not for use: the kernel resumes processes through events. Raises ResumedDead for one that is gone."""
        self.check_resumable()
        raise RuntimeError(f"process '{self.name}' is resumed by the kernel only; wake it through a Signal")

    def check_resumable(self) -> None:
        """Raise ResumedDead if the process was killed or has ended."""
        if self.dead or self.ended:
            fate = "was killed" if self.dead else "has ended"
            raise ResumedDead(f"process '{self.name}' cannot be resumed: it {fate}")

    def end(self) -> None:
        """Forget what keeps the process reachable; the kernel does not list it any more."""
        self.ended = True
        self.callbacks = []
        self.kernel.forget(self)

    @property
    def unwind_error(self) -> BaseException | None:
        """What a ``finally`` block raised while the killed process was unwound: an artefact, so it ends nothing."""
        return self._unwind_error

    def _end_with(self, error: BaseException) -> None:
        if not self.dead:
            at_s = self.kernel.now_us / 1e6
            error.add_note(f"raised in simulated process '{self.name}' at {at_s:.6f} s of virtual time")
            raise error
        if not isinstance(error, ProcessDied):
            self._unwind_error = error

    def __repr__(self) -> str:
        return f"<Process '{self.name}' at '{self.point}'>"


running = getcurrent
"""The greenlet that is running now, a process or not, as fast as it can be had."""


def current() -> Process:
    """The process that is running now, dead or not. Raises OutsideProcess where there is none."""
    process = getcurrent()
    if type(process) is not Process:
        raise OutsideProcess
    return process


def refuse_the_dead() -> None:
    """Raise ProcessDied if a killed process is calling; outside processes all is well. For calls that never wait."""
    process = getcurrent()
    if type(process) is Process and process.dead:
        raise ProcessDied


def living() -> Process:
    """The process that is running now. Raises ProcessDied if it was killed, OutsideProcess where there is none."""
    process = getcurrent()
    if type(process) is not Process:
        raise OutsideProcess
    if process.dead:
        raise ProcessDied
    return process

"""A signal: processes wait until something happens. Used for replies, granted locks, work that arrives.

It never chooses among those who wait: all are woken, in the order in which they came.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sim.kernel.clock import check_delay
from sim.kernel.process import Process, living, refuse_the_dead

if TYPE_CHECKING:
    from sim.kernel.kernel import Kernel


class Signal:
    """A signal is
    - quiet: ``wait`` suspends,
    - fired: ``wait`` returns True at once and ``value`` is what ``fire`` was given, until ``reset``.

    ``holders()``, where given, tells whose action would fire it: the wait-for graph needs that to name a stall. Unless
    ``any_holder_suffices``, all of them must act.
    """

    def __init__(
        self,
        kernel: "Kernel",
        name: str,
        *,
        holders: Callable[[], Iterable[Process]] | None = None,
        any_holder_suffices: bool = False,
    ) -> None:
        self.kernel = kernel
        self.name = name
        self.fired = False
        self.value: Any = None
        self.any_holder_suffices = any_holder_suffices
        self._holders = holders
        self._waiting: dict[Process, None] = {}

    @property
    def queued(self) -> int:
        """How many processes wait."""
        return len(self._waiting)

    @property
    def holders(self) -> list[Process]:
        """Whose action would fire it, as far as is known."""
        return [] if self._holders is None else list(self._holders())

    def wait(self, point: str, timeout_us: int | None = None) -> bool:
        """Wait until it fires: True; or until ``timeout_us`` have passed: False. Raises ProcessDied, OutsideProcess."""
        process = living()
        kernel = self.kernel
        if kernel.interceptor is not None:
            kernel.intercept(process, point)
        if self.fired:
            return True
        if timeout_us is not None:
            check_delay(timeout_us, point)
        self._waiting[process] = None
        woken = kernel.wait(process, point, self, timeout_us)
        if not woken:
            self.leave(process)
        return woken

    def fire(self, value: Any = None) -> None:
        """Wake all who wait and let later waits return at once. On a fired signal it changes nothing."""
        refuse_the_dead()
        if self.fired:
            return
        self.fired = True
        self.value = value
        self._wake_all()

    def pulse(self) -> None:
        """Wake all who wait now; later waits suspend. For conditions that are looked at again after waking."""
        refuse_the_dead()
        self._wake_all()

    def reset(self) -> None:
        """Make it quiet again."""
        refuse_the_dead()
        self.fired = False
        self.value = None

    def leave(self, process: Process) -> None:
        """Remove a process from those who wait."""
        self._waiting.pop(process, None)

    def _wake_all(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for process in waiting:
            self.kernel.wake(process)

    def __repr__(self) -> str:
        return f"<Signal '{self.name}' {'fired' if self.fired else 'quiet'}, {self.queued} waiting>"

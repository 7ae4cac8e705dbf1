"""A remote controller: how long a call takes, how many it works on at once, when it fails, what it does to its table.

Drivers call it from simulated processes. The controller is a machine of its own: a call that its caller has given up,
or whose caller has died, is worked on to its end and takes effect then. Latencies are drawn by the caller's operation,
the kind of the call and how many of that kind the operation has made before, so every strategy sees the same ones.
"""

from collections import deque
from collections.abc import Callable

from sim.kernel import Constant, Draws, Kernel, Signal, current
from sim.model.controller_table import ControllerTable, Entry, ReservationRefused
from sim.model.naming import host_number
from sim.model.ownership import Ownership
from sim.model.work import current_work
from sim.scenario import Controller as Settings
from sim.scenario import Degraded, Dist

KINDS = ("bind", "confirm", "drop")
Levels = Callable[[str, int, int], None]


class ControllerError(Exception):
    """A call failed at the controller; nothing has changed there."""


class ControllerTimeout(ControllerError):
    """No answer came in time; the call may still take effect."""


class _Kind:
    """What is the same for all calls of one kind."""

    __slots__ = ("error_purpose", "fixed_us", "latency", "name", "point", "purpose")

    def __init__(self, controller: str, name: str, latency: Dist) -> None:
        self.name = f"{controller} {name}"
        self.point = f"{name} at {controller}"
        self.latency = latency.build()
        self.fixed_us = self.latency.quantile_us(0.5) if isinstance(self.latency, Constant) else None
        self.purpose = Draws.purpose(f"latency {self.name}")
        self.error_purpose = Draws.purpose(f"error {self.name}")


class _Window:
    """A degraded window in microseconds."""

    __slots__ = ("error_probability", "factor", "from_us", "to_us")

    def __init__(self, window: Degraded) -> None:
        self.from_us = round(window.from_s * 1e6)
        self.to_us = round(window.to_s * 1e6)
        self.factor = window.latency_factor
        self.error_probability = window.error_probability


class _Call:
    """One call on its way. `answered` is fired for a caller that waits, once it has ended."""

    __slots__ = ("answered", "effect", "ended", "ends_us", "error", "error_uniform", "service_us")

    def __init__(self, effect: Callable[[], None], service_us: int, error_uniform: float) -> None:
        self.effect = effect
        self.service_us = service_us
        self.error_uniform = error_uniform
        self.ends_us = -1  # not started
        self.ended = False
        self.error: Exception | None = None
        self.answered: Signal | None = None


class Controller:
    """One controller. `table` is what it believes, `outstanding` how many calls it has not ended."""

    def __init__(
        self, settings: Settings, *, kernel: Kernel, draws: Draws, ownership: Ownership, levels: Levels | None = None
    ) -> None:
        self.name = settings.name
        self.table = ControllerTable(ownership, by_revision=settings.ordering == "revision")
        self.can_bind_on = settings.can_bind_on
        self._kernel = kernel
        self._clock = kernel.clock
        self._draws = draws
        self._levels = levels
        self._kinds = {name: _Kind(self.name, name, getattr(settings.latency, name)) for name in KINDS}
        self._timeout_us = round(settings.timeout_s * 1e6)
        self._concurrency = settings.concurrency
        self._error_probability = settings.error_probability
        self._windows = [_Window(window) for window in settings.degraded]
        self._may_fail = bool(self._error_probability) or any(w.error_probability for w in self._windows)
        self._queue: deque[_Call] = deque()
        self._in_use = 0

    @property
    def outstanding(self) -> int:
        """Calls that wait or are worked on, given up by their callers or not."""
        return self._in_use + len(self._queue)

    def serves(self, host: str) -> bool:
        """Whether it can bind on a host."""
        return self.can_bind_on(host_number(host))

    def reserve(self, port_id: str, host: str, segment_id: str, revision: int) -> str:
        """Reserves the port on a host; the token. Raises ControllerError, ReservationRefused."""
        work = current_work()
        token = f"{self.name}-{work.key}-{work.count(('token', self.name))}"
        entry = Entry(host, segment_id, token, revision)
        self._ask("bind", lambda: self.table.reserve(port_id, entry, self._clock.now_us))
        return token

    def confirm(self, port_id: str, token: str) -> None:
        """Tells of a committed binding. Raises ControllerError."""
        self._ask("confirm", lambda: self.table.confirm(port_id, token))

    def drop(self, port_id: str, *, keep: str | None, revision: int) -> None:
        """Tells that the port is unbound, bound anew (with the token to keep), or deleted. Raises ControllerError."""
        self._ask("drop", lambda: self.table.drop(port_id, keep=keep, revision=revision, at_us=self._clock.now_us))

    def _ask(self, kind_name: str, effect: Callable[[], None]) -> None:
        kind = self._kinds[kind_name]
        call = self._new_call(kind, effect)
        host = current().api
        host.step_aside()
        self._accept(call)
        if not call.ended:
            self._await(call, kind)
        host.come_back()
        if not call.ended:
            raise ControllerTimeout(f"{kind.name} gave no answer within {self._timeout_us / 1e6:g} s")
        if call.error is not None:
            raise call.error

    def _new_call(self, kind: _Kind, effect: Callable[[], None]) -> _Call:
        if kind.fixed_us is not None and not self._may_fail:
            return _Call(effect, kind.fixed_us, 1.0)
        work = current_work()
        nth = work.count(kind)
        service_us = kind.latency.quantile_us(self._draws.uniform(kind.purpose, work.key, nth))
        error_uniform = self._draws.uniform(kind.error_purpose, work.key, nth) if self._may_fail else 1.0
        return _Call(effect, service_us, error_uniform)

    def _accept(self, call: _Call) -> None:
        if self._in_use < self._concurrency:
            self._start(call)
        else:
            self._queue.append(call)
        self._changed()

    def _await(self, call: _Call, kind: _Kind) -> None:
        left_us = call.ends_us - self._clock.now_us
        if 0 <= left_us <= self._timeout_us:
            # The end of the call was scheduled first, so it comes first.
            self._kernel.sleep_us(left_us, kind.point)
        else:
            call.answered = Signal(self._kernel, kind.point)
            call.answered.wait(kind.point, self._timeout_us)

    def _start(self, call: _Call) -> None:
        now_us = self._clock.now_us
        service_us, probability = call.service_us, self._error_probability
        for window in self._windows:
            if window.from_us <= now_us < window.to_us:
                service_us = round(service_us * window.factor)
                probability = max(probability, window.error_probability)
                break
        if call.error_uniform < probability:
            call.effect = _fail
        self._in_use += 1
        call.ends_us = now_us + service_us
        if service_us:
            self._kernel.at(call.ends_us, lambda: self._end(call))
        else:
            self._finish(call)

    def _end(self, call: _Call) -> None:
        self._finish(call)
        while self._queue and self._in_use < self._concurrency:
            self._start(self._queue.popleft())
        self._changed()

    def _finish(self, call: _Call) -> None:
        try:
            call.effect()
        except (ControllerError, ReservationRefused) as error:
            call.error = error
        call.ended = True
        self._in_use -= 1
        if call.answered is not None:
            call.answered.fire()

    def _changed(self) -> None:
        if self._levels is not None:
            self._levels(self.name, self._in_use, len(self._queue))


def _fail() -> None:
    raise ControllerError("the controller answered with an error")

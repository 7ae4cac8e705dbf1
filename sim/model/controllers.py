"""A remote controller: how long a call takes, how many it works on at once, when it fails, what it does to its table.

Drivers call it from simulated processes. The controller is a machine of its own: a call that its caller has given up,
or whose caller has died, is worked on to its end and takes effect then. Latencies are drawn by the caller's operation,
the kind of the call and how many of that kind the operation has made before, so every strategy sees the same ones.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from sim.kernel import Constant, Draws, Kernel, Signal, current
from sim.model.controller_table import ControllerTable, Entry, ReservationRefused
from sim.model.naming import host_number
from sim.model.ownership import Ownership
from sim.model.work import current_work
from sim.scenario import Controller as Settings
from sim.scenario import Degraded, Dist

KINDS = ("bind", "confirm", "drop")
Levels = Callable[[str, int, int], None]
_FOREVER_US = 10**15  # us; longer than any run


class ControllerError(Exception):
    """A call failed at the controller; nothing has changed there."""


class ControllerTimeout(ControllerError):
    """No answer came in time; the call may still take effect."""


class CallKind:
    """What is the same for all calls of one kind: bind, confirm or drop."""

    __slots__ = ("answer_purpose", "error_purpose", "fixed_us", "latency", "name", "point", "purpose")

    def __init__(self, controller: str, name: str, latency: Dist) -> None:
        self.name = f"{controller} {name}"
        self.point = f"{name} at {controller}"
        self.latency = latency.build()
        self.fixed_us = self.latency.quantile_us(0.5) if isinstance(self.latency, Constant) else None
        self.purpose = Draws.purpose(f"latency {self.name}")
        self.error_purpose = Draws.purpose(f"error {self.name}")
        self.answer_purpose = Draws.purpose(f"answer {self.name}")


class _Window:
    """A degraded window in microseconds."""

    __slots__ = ("error_probability", "factor", "from_us", "to_us")

    def __init__(self, window: Degraded) -> None:
        self.from_us = round(window.from_s * 1e6)
        self.to_us = round(window.to_s * 1e6)
        self.factor = window.latency_factor
        self.error_probability = window.error_probability


class Call:
    """One call on its way. `answered` is fired for a caller that waits, once it has `ended` with an answer."""

    __slots__ = (
        "answer_uniform", "answered", "effect", "ended", "ends_us", "error", "error_uniform", "life", "loses_answer",
        "point", "service_us",
    )  # fmt: skip

    def __init__(self, point: str, effect: Callable[[], None], service_us: int) -> None:
        self.point = point
        self.effect = effect
        self.service_us = service_us
        self.error_uniform = 1.0
        self.answer_uniform = 1.0
        self.loses_answer = False
        self.life = 0  # of the controller, when it started
        self.ends_us = -1  # not started
        self.ended = False
        self.error: Exception | None = None
        self.answered: Answered | None = None


class Answered(Protocol):
    """Who is to be told that a call has ended with an answer."""

    def fire(self) -> None:
        """It has."""


class Disturbance(Protocol):
    """What is wrong with a controller beside its degraded windows (sim.model.faults.controller)."""

    def swallows(self, call: Call) -> bool:
        """Whether a call that comes now gets lost."""

    def starts(self, call: Call, service_us: int, error_probability: float) -> tuple[int, float]:
        """How long a call that starts now takes, and the chance that it fails; sets whether it loses its answer."""

    def lost_answer(self, call: Call) -> None:
        """A call that loses its answer has ended."""


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
        self._kinds = {name: CallKind(self.name, name, getattr(settings.latency, name)) for name in KINDS}
        self._timeout_us = round(settings.timeout_s * 1e6)
        self._concurrency = settings.concurrency
        self._error_probability = settings.error_probability
        self._windows = [_Window(window) for window in settings.degraded]
        self._may_fail = bool(self._error_probability) or any(w.error_probability for w in self._windows)
        self._queue: deque[Call] = deque()
        self._in_use = 0
        self._life = 0  # counts how often all its calls were lost
        self.disturbance: Disturbance | None = None

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
        self._ask("bind", (port_id, entry))
        return token

    def confirm(self, port_id: str, token: str) -> None:
        """Tells of a committed binding. Raises ControllerError."""
        self._ask("confirm", (port_id, token))

    def drop(self, port_id: str, *, keep: str | None, revision: int) -> None:
        """Tells that the port is unbound, bound anew (with the token to keep), or deleted. Raises ControllerError."""
        self._ask("drop", (port_id, keep, revision))

    def effect_of(self, kind: str, what: tuple[Any, ...]) -> Callable[[], None]:
        """What a call of this kind about `what` does to the table when it has been worked on."""
        if kind == "bind":
            port_id, entry = what
            return lambda: self.table.reserve(port_id, entry, self._clock.now_us)
        if kind == "confirm":
            port_id, token = what
            return lambda: self.table.confirm(port_id, token)
        port_id, keep, revision = what
        return lambda: self.table.drop(port_id, keep=keep, revision=revision, at_us=self._clock.now_us)

    def _ask(self, kind_name: str, what: tuple[Any, ...]) -> None:
        kind = self._kinds[kind_name]
        call = self._new_call(kind, self.effect_of(kind_name, what))
        host = current().api
        host.step_aside()
        self.accept(call)
        if not call.ended:
            self._await(call, kind)
        host.come_back()
        if not call.ended:
            raise self._no_answer(kind)
        if call.error is not None:
            raise call.error

    def _no_answer(self, kind: CallKind) -> ControllerTimeout:
        return ControllerTimeout(f"{kind.name} gave no answer within {self._timeout_us / 1e6:g} s")

    def _new_call(self, kind: CallKind, effect: Callable[[], None]) -> Call:
        disturbed = self.disturbance is not None
        if kind.fixed_us is not None and not self._may_fail and not disturbed:
            return Call(kind.point, effect, kind.fixed_us)
        work = current_work()
        nth = work.count(kind)
        call = Call(kind.point, effect, kind.latency.quantile_us(self._draws.uniform(kind.purpose, work.key, nth)))
        if self._may_fail or disturbed:
            call.error_uniform = self._draws.uniform(kind.error_purpose, work.key, nth)
        if disturbed:
            call.answer_uniform = self._draws.uniform(kind.answer_purpose, work.key, nth)
        return call

    def heal(self) -> None:
        """From now on no call fails, and every answer is waited for: a working controller answers in time."""
        self._error_probability = 0.0
        self._windows = []
        self._may_fail = False
        self._timeout_us = _FOREVER_US

    def lose_calls(self) -> int:
        """All calls that wait or are worked on are gone, how many; their callers hear nothing."""
        lost = self.outstanding
        self._life += 1
        self._in_use = 0
        self._queue.clear()
        self._changed()
        return lost

    def accept(self, call: Call) -> None:
        """A call arrives: it starts, or queues; `call.ended` if it took no time."""
        if self.disturbance is not None and self.disturbance.swallows(call):
            return
        if self._in_use < self._concurrency:
            self._start(call)
        else:
            self._queue.append(call)
        self._changed()

    def _await(self, call: Call, kind: CallKind) -> None:
        began_us = self._clock.now_us
        left_us = call.ends_us - began_us
        if 0 <= left_us <= self._timeout_us:
            # Nearly always the answer is there after this; a Signal for each call would cost more.
            self._kernel.sleep_us(left_us, kind.point)
            if call.ended:
                return
        # Lost, queued, or too long; or it ends at this very instant and this worker was woken first. For the sake of
        # the last, an answer that comes when the time is just over is waited for.
        call.answered = signal = Signal(self._kernel, kind.point)
        signal.wait(kind.point, max(1, began_us + self._timeout_us - self._clock.now_us))

    def _start(self, call: Call) -> None:
        now_us = self._clock.now_us
        service_us, probability = call.service_us, self._error_probability
        for window in self._windows:
            if window.from_us <= now_us < window.to_us:
                service_us = round(service_us * window.factor)
                probability = max(probability, window.error_probability)
                break
        if self.disturbance is not None:
            service_us, probability = self.disturbance.starts(call, service_us, probability)
        if call.error_uniform < probability:
            call.effect = _fail
        self._in_use += 1
        call.life = self._life
        call.ends_us = now_us + service_us
        if service_us:
            self._kernel.at(call.ends_us, lambda: self._end(call))
        else:
            self._finish(call)

    def _end(self, call: Call) -> None:
        if call.life != self._life:
            return
        self._finish(call)
        while self._queue and self._in_use < self._concurrency:
            self._start(self._queue.popleft())
        self._changed()

    def _finish(self, call: Call) -> None:
        try:
            call.effect()
        except (ControllerError, ReservationRefused) as error:
            call.error = error
        self._in_use -= 1
        if call.loses_answer:
            if self.disturbance is not None:
                self.disturbance.lost_answer(call)
            return
        call.ended = True
        if call.answered is not None:
            call.answered.fire()

    def _changed(self) -> None:
        if self._levels is not None:
            self._levels(self.name, self._in_use, len(self._queue))


def _fail() -> None:
    raise ControllerError("the controller answered with an error")

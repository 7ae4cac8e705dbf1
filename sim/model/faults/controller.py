"""Controllers that are down, slow, answer with errors, or lose answers, in windows of time.

A controller asks its disturbance about every call. What a lost call means to its caller is the controller's business.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from sim.kernel import Timer
from sim.model.controllers import Call, Controller
from sim.scenario import ControllerFault

if TYPE_CHECKING:
    from sim.model.system import System


class _Window:
    """A fault in microseconds."""

    __slots__ = ("fault", "from_us", "is_told", "to_us")

    def __init__(self, fault: ControllerFault) -> None:
        self.fault = fault
        self.from_us = round(fault.at_s * 1e6)
        self.to_us = self.from_us + round(fault.for_s * 1e6)
        self.is_told = False


class Disturbance:
    """All faults of one controller. Its windows may overlap: factors multiply, of chances the largest counts."""

    def __init__(self, system: "System", controller: Controller, faults: Sequence[ControllerFault]) -> None:
        self._clock = system.kernel.clock
        self._recorder = system.recorder
        self._controller = controller
        self._windows = [_Window(fault) for fault in faults]

    def begin(self, system: "System") -> list[Timer]:
        """Schedules the failures that also hit calls under way."""
        self._controller.disturbance = self
        return [system.kernel.at(w.from_us, partial(self._fail, w)) for w in self._windows if w.fault.down]

    def stop(self) -> None:
        """The controller works as usual."""
        self._controller.disturbance = None

    def swallows(self, call: Call) -> bool:
        """Whether a call that comes now gets lost."""
        if not any(window.fault.down for window in self._open()):
            return False
        self._tell(f"{call.point} never arrives")
        return True

    def starts(self, call: Call, service_us: int, error_probability: float) -> tuple[int, float]:
        """How long a call that starts now takes, and the chance that it fails."""
        chance, loss = error_probability, 0.0
        for window in self._open():
            service_us = round(service_us * window.fault.latency_factor)
            chance = max(chance, window.fault.error_probability)
            loss = max(loss, window.fault.answer_loss_probability)
            self._tell_slow(window)
        if error_probability <= call.error_uniform < chance:
            self._tell(f"{call.point} fails")
        call.loses_answer = call.answer_uniform < loss
        return service_us, chance

    def lost_answer(self, call: Call) -> None:
        """A call has ended and its answer gets lost."""
        self._tell(f"{call.point} {'was done' if call.error is None else 'failed'}, its answer gets lost")

    def _open(self) -> list[_Window]:
        now_us = self._clock.now_us
        return [window for window in self._windows if window.from_us <= now_us < window.to_us]

    def _fail(self, window: _Window) -> None:
        lost = self._controller.lose_calls()
        self._tell(f"{self._controller.name} goes down for {window.fault.for_s:g} s with {lost} calls")

    def _tell_slow(self, window: _Window) -> None:
        """Once a window: it would be every call."""
        if window.fault.latency_factor != 1.0 and not window.is_told:
            window.is_told = True
            self._tell(f"{self._controller.name} takes {window.fault.latency_factor:g} times as long")

    def _tell(self, what: str) -> None:
        self._recorder.fault("controller", what)

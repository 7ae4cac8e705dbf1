"""A controller as an API process sees it: a machine elsewhere that is called and answers, or does not in time.

The machine is a `sim.model.controllers.Controller` in the coordinator, where its places, its queue, its table and its
faults are. How long a call takes is drawn here, by the caller's operation, as in virtual time.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from core.exceptions import CoreError
from sim.kernel import Draws, current
from sim.kernel.realtime import RealTime
from sim.model.controller_table import ReservationRefused
from sim.model.controllers import Controller, ControllerError
from sim.model.ownership import Ownership
from sim.model.work import current_work
from sim.scenario import Controller as Settings
from sim.wall.wire import Wire

WIRE = "wall.wire"  # the key in a process's scratch
_ERRORS: dict[str, type[Exception]] = {
    error.__name__: error for error in (ControllerError, ReservationRefused)
}  # fmt: skip


class RemoteController(Controller):
    """Calls the coordinator's controller of the same name. Its own table stays empty."""

    def __init__(self, settings: Settings, *, kernel: RealTime, draws: Draws) -> None:
        super().__init__(settings, kernel=kernel, draws=draws, ownership=Ownership())  # type: ignore[arg-type]
        self._waits_s = settings.timeout_s
        self.on_call: Callable[[str], None] | None = None

    def heal(self) -> None:
        """From now on every answer is waited for."""
        self._waits_s = 3600.0  # s; longer than any run goes on

    def _ask(self, kind_name: str, what: tuple[Any, ...]) -> None:
        kind, work = self._kinds[kind_name], current_work()
        nth = work.count(kind)
        wire: Wire = current().scratch[WIRE]
        on_sent = None if self.on_call is None else partial(self.on_call, kind.point)
        reply = wire.ask(
            self.name, kind_name, _plain(what), kind.latency.quantile_us(self._drawn(kind.purpose, work.key, nth)),
            self._drawn(kind.error_purpose, work.key, nth), self._drawn(kind.answer_purpose, work.key, nth),
            timeout_s=self._waits_s, on_sent=on_sent,
        )  # fmt: skip
        if reply is None:
            raise self._no_answer(kind)
        if reply[2] is not None:
            raise _ERRORS.get(reply[2], CoreError)(reply[3])

    def _drawn(self, purpose: int, key: int, nth: int) -> float:
        return self._draws.uniform(purpose, key, nth)


def _plain(what: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(item) if isinstance(item, tuple) else item for item in what)

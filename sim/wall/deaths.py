"""How an API process dies where a fault says so: by SIGKILL, from itself, at the very point.

The points are those of a scenario's crashes (sim.scenario.faults.Crash). The coordinator is told just before, so that
it knows an ordered death from one that nobody asked for.
"""

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any, cast

from sim.kernel import Draws
from sim.kernel.realtime import RealTime
from sim.model.faults.lots import Lots
from sim.model.work import current_work
from sim.scenario import Crash, CrashPoint

POINTS: tuple[CrashPoint, ...] = (
    "before_commit", "after_commit", "in_driver_call", "between_transactions", "before_postcommit",
)  # fmt: skip
_TRIGGERING = ("create_port", "update_port", "delete_port")


class Deaths:
    """All visited crashes of one API process. `tell(detail, restart_after_s)` reaches the coordinator."""

    def __init__(
        self, faults: Sequence[Crash], *, name: str, time: RealTime, draws: Draws,
        tell: Callable[[str, float | None], None],
    ) -> None:  # fmt: skip
        self._name = name
        self._tell = tell
        self._points = {
            point: Lots(f"crash {point}", visited, kernel=cast(Any, time), draws=draws)
            for point in POINTS
            if (visited := [fault for fault in faults if fault.point == point])
        }

    def __bool__(self) -> bool:
        return bool(self._points)

    def stop(self) -> None:
        """Nobody dies any more."""
        self._points = {}

    def committing(self, name: str) -> None:
        """COMMIT is about to be sent."""
        self._visit("before_commit", name)

    def committed(self, name: str) -> None:
        """COMMIT was acknowledged."""
        if name in _TRIGGERING:
            self._visit("after_commit", name)

    def calling(self, what: str) -> None:
        """A driver waits for its controller."""
        self._visit("in_driver_call", what)

    # what sim.model.faults.listening tells of the core's events

    def transaction_began(self, name: str, retry: int) -> None:
        """The core begins a transaction."""
        if name == "commit_binding" and not retry:
            self._visit("between_transactions", name)

    def postcommit_began(self, method: str) -> None:
        """The core is about to call a driver's postcommit."""
        self._visit("before_postcommit", method)

    def attempt_ended(self) -> None:
        """Of no interest here."""

    def _visit(self, point: CrashPoint, detail: str) -> None:
        lots = self._points.get(point)
        visit = None if lots is None else lots.taken(current_work())
        if visit is not None:
            where = point.replace("_", " ")
            self._tell(f"{self._name} dies {where} ({detail}; {visit})", visit.fault.restart_after_s)
            os.kill(os.getpid(), signal.SIGKILL)

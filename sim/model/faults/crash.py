"""Crashes: API processes die, at an instant or where one of their workers is, and fresh ones take their places.

A crash happens in the visiting worker itself: the call in which it visits ends with ProcessDied, and nothing that its
process still does has any effect. Nothing is cleaned up that a server or a lease would not clean up.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.database import ServerTransaction
from sim.kernel import Process, Timer, current
from sim.model.faults.lots import Lots
from sim.model.work import Work, current_work
from sim.scenario import Crash, CrashPoint

if TYPE_CHECKING:
    from sim.model.system import System

_TRIGGERING = ("create_port", "update_port", "delete_port")
_LEASED = "fault.lease"  # the key in a process's scratch: whether its operation holds a lease
_AT_SUSPENSION: tuple[CrashPoint, ...] = ("anywhere", "in_driver_call", "holding_lease")
_TOLD: tuple[CrashPoint, ...] = ("between_transactions", "before_postcommit", "holding_lease")


class Crashes:
    """All crashes of a run. `intercepts` and `listens`: whether it needs the kernel's and the core's events."""

    def __init__(self, system: "System", faults: Sequence[Crash]) -> None:
        self._system = system
        self._kernel = system.kernel
        self._timed = [fault for fault in faults if fault.at_s is not None]
        self._restarts: dict[int, Timer] = {}
        self._points = {
            point: Lots(f"crash {point}", visited, kernel=system.kernel, draws=system.draws)
            for point, visited in _by_point(faults).items()
        }
        self.intercepts = any(point in self._points for point in _AT_SUSPENSION)
        self.listens = any(point in self._points for point in _TOLD)
        self.asks_database = "before_commit" in self._points or "after_commit" in self._points

    def begin(self) -> list[Timer]:
        """Schedules what is timed."""
        return [self._kernel.at(round((fault.at_s or 0) * 1e6), partial(self._strike, fault)) for fault in self._timed]

    def stop(self) -> None:
        """No more crashes; what is to restart does so now."""
        self._points.clear()
        for number in list(self._restarts):
            self._restarts[number].cancel()
            self._restart(number)

    # where operations come by

    def suspended(self, process: Process, point: str) -> None:
        """The kernel's interceptor: a worker may be suspended."""
        work = process.scratch.get("work")
        if work is None or process.api is None:
            return
        self._visit("anywhere", work, point)
        if work.driver_calls:
            self._visit("in_driver_call", work, point)
        if process.scratch.get(_LEASED):
            self._visit("holding_lease", work, point)

    def at(self, point: str, transaction: ServerTransaction, name: str) -> Exception | None:
        """The database is about to execute a COMMIT, or has done so."""
        if point == "commit":
            self._visit("before_commit", current_work(), name)
        elif point == "committed" and name in _TRIGGERING:
            self._visit("after_commit", current_work(), name)
        return None

    def transaction_began(self, name: str, retry: int) -> None:
        """The core begins a transaction."""
        if name == "commit_binding" and not retry:
            self._visit("between_transactions", current_work(), name)
        elif name == "read_under_lease":  # the first thing that is done with a lease in hand
            current().scratch[_LEASED] = True

    def attempt_ended(self) -> None:
        """The core has given back what it held."""
        current().scratch.pop(_LEASED, None)

    def postcommit_began(self, method: str) -> None:
        """The core is about to call a driver's postcommit."""
        self._visit("before_postcommit", current_work(), method)

    # dying and coming back

    def _visit(self, point: CrashPoint, work: Work, detail: str) -> None:
        lots = self._points.get(point)
        visit = None if lots is None else lots.taken(work)
        if visit is not None:
            host = current().api
            self._kill(host, visit.fault, f"{host.name} dies {_where(point)} ({detail}; {visit})")

    def _strike(self, fault: Crash) -> None:
        assert fault.process is not None
        host = self._system.api.processes[fault.process]
        if not host.dead:
            self._kill(host, fault, f"{host.name} dies")

    def _kill(self, host: Any, fault: Crash, detail: str) -> None:
        self._system.recorder.fault("crash", detail, host.number)
        if fault.restart_after_s is not None:
            at_us = self._kernel.now_us + round(fault.restart_after_s * 1e6)
            self._restarts[host.number] = self._kernel.at(at_us, partial(self._restart, host.number))
        self._system.crash(host)

    def _restart(self, number: int) -> None:
        del self._restarts[number]
        host = self._system.restart(number)
        self._system.recorder.fault("restart", f"{host.name} starts again", number)


def _by_point(faults: Sequence[Crash]) -> dict[CrashPoint, list[Crash]]:
    found: dict[CrashPoint, list[Crash]] = {}
    for fault in faults:
        if fault.point is not None:
            found.setdefault(fault.point, []).append(fault)
    return found


def _where(point: CrashPoint) -> str:
    return "at a suspension point" if point == "anywhere" else point.replace("_", " ")

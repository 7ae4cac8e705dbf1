"""Lets a system run: the load, then on until nothing is outstanding, then the questions that need rest.

Called by sim.simulation. It decides when a run is over and why; what was measured is the recorder's and the trackers'.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from core.exceptions import CoreError
from sim.kernel import MICROSECONDS, Stalled, VirtualTimeExceeded, find_stall
from sim.model.commits import committed_ports
from sim.model.lost import AtRest, lost_while_running, unknown_lost
from sim.model.recording import record_rest
from sim.model.system import System

_LOAD_SLICE_US = MICROSECONDS  # virtual time between two tellings of progress
_STALL_LOOK_US = 5 * MICROSECONDS  # virtual time between two searches for a stall, which look at every worker
_DRAIN_SLICE_US = 100_000  # us; how exactly the end of a run is known
_READERS = 50  # ports read at once at rest; assumption, changes no count
_PORTS_EACH = 20  # ports for which one reader is enough, so that few readers do not time out waiting for each other

Progress = Callable[[int, int], None]
"""Called now and then with the virtual time in microseconds and the number of operations that have been answered."""


@dataclass(slots=True)
class Ending:
    """How a run ended. `lost` has None where the system did not come to rest."""

    virtual_us: int = 0
    load_end_us: int = 0
    quiescent: bool = False
    stall: list[str] = field(default_factory=list)
    lost: dict[str, int | None] = field(default_factory=dict)
    rest: int = 0  # the position in the history up to which the load and its consequences go


class Engine:
    """Runs one system once."""

    def __init__(self, system: System, *, progress: Progress | None = None) -> None:
        self._system = system
        self._kernel = system.kernel
        self._progress = progress
        horizon = system.scenario.horizon
        self._load_until_us = round(horizon.duration_s * MICROSECONDS)
        self._drain_until_us = self._load_until_us + round(horizon.drain_limit_s * MICROSECONDS)
        self._max_us = round(horizon.max_virtual_time_s * MICROSECONDS)
        self._has_journal = any(driver.kind == "journal" for driver in system.scenario.drivers)
        self._next_progress_us = 0
        self._next_look_us = 0
        self._readers = 0
        self._ending = Ending()

    def run(self) -> Ending:
        """The whole run; the system is at its end then, and should be closed."""
        self.run_to_rest()
        return self.results()

    def run_to_rest(self) -> None:
        """The load, then on until nothing is outstanding or the limits are reached. Call it once."""
        self._system.load.start()
        try:
            self._run_load()
            self._drain()
        except Stalled as stalled:
            self._ending.stall = stalled.cycles[0]
        except VirtualTimeExceeded:
            pass
        self._ending.virtual_us = self._kernel.now_us
        self._ending.load_end_us = self._load_end_us()

    def results(self) -> Ending:
        """How the run ended, with the bindings that were lost; looks at every port."""
        self._close_books()
        if self._system.history is not None:
            self._ending.rest = self._system.history.position
        self._ending.lost = self._lost()
        return self._ending

    # the phases

    def _run_load(self) -> None:
        while self._kernel.now_us < self._load_until_us:
            self._advance(min(self._kernel.now_us + _LOAD_SLICE_US, self._load_until_us))

    def _drain(self) -> None:
        while not self._at_rest():
            if self._kernel.now_us >= self._drain_until_us:
                return
            self._advance(min(self._next_look_at_rest_us(), self._drain_until_us))
        self._ending.quiescent = True

    def _next_look_at_rest_us(self) -> int:
        """The end of the slice in which something happens or is due: the system is no nearer to rest before it."""
        now_us, due_us = self._kernel.now_us, self._next_look_us
        if self._progress is not None:
            due_us = min(due_us, self._next_progress_us)
        eventful = (self._kernel.clock.next_us - now_us) // _DRAIN_SLICE_US + 1
        due = -((now_us - due_us) // _DRAIN_SLICE_US)
        return now_us + max(1, min(eventful, due)) * _DRAIN_SLICE_US

    def _advance(self, until_us: int) -> None:
        self._kernel.run(until_us=until_us)
        if self._progress is not None and until_us >= self._next_progress_us:
            self._next_progress_us = until_us + _LOAD_SLICE_US
            self._progress(until_us, len(self._system.tables.operations))
        if until_us >= self._next_look_us:
            self._next_look_us = until_us + _STALL_LOOK_US
            self._look_for_stall()

    def _look_for_stall(self) -> None:
        cycles = find_stall(self._kernel)
        if cycles:
            raise Stalled(cycles)

    def _at_rest(self) -> bool:
        system = self._system
        if system.load.outstanding or any(c.outstanding for c in system.controllers.values()):
            return False
        if not system.server.is_settled():
            return False
        return not (self._has_journal and system.server.committed("SELECT 1 FROM ml2_journal LIMIT 1"))

    def _load_end_us(self) -> int:
        """When arrivals stopped: a storm is over at once, closed clients may leave early."""
        arrivals = self._system.scenario.workload.arrivals
        if arrivals.storm is not None:
            return round(arrivals.storm.at_s * MICROSECONDS)
        return min(self._load_until_us, self._kernel.now_us)

    # the results

    def _close_books(self) -> None:
        system = self._system
        system.load.abandon()
        system.recorder.recording = False
        system.heal()
        system.tracker.close(self._kernel.now_us)
        system.ownership.close(self._kernel.now_us)

    def _lost(self) -> dict[str, int | None]:
        tracker = self._system.tracker
        if not self._ending.quiescent:
            return unknown_lost(tracker)
        return {**lost_while_running(tracker), **self._lost_at_rest()}

    def _lost_at_rest(self) -> dict[str, int | None]:
        at_rest = self._look()
        missing = at_rest.missing()
        counts: dict[str, int | None] = {
            "missing": len(missing),
            "orphaned": at_rest.orphaned(),
            "unbacked": at_rest.unbacked(),
            "diverged": self._system.notices.diverged(at_rest.ports),
        }
        counts["missing.after_read"] = self._read_once(missing) if missing else 0
        if self._system.history is not None:
            record_rest(self._system.history, self._look())
        return counts

    def _look(self) -> AtRest:
        system = self._system
        ports = committed_ports(system.server)
        return AtRest.of(system.scenario, world=system.world, controllers=system.controllers, ports=ports)

    def _read_once(self, port_ids: list[str]) -> int | None:
        """Reads each port once and counts again; None when nobody can read, or the reads do not come to an end."""
        waiting = deque(port_ids)
        host = next((host for host in self._system.api.processes if not host.dead), None)
        if host is None:
            return None
        self._readers = min(_READERS, self._system.scenario.database.pool.limit, 1 + len(port_ids) // _PORTS_EACH)
        for number in range(self._readers):
            host.spawn(lambda: self._read(waiting), name=f"reader {number}")
        try:
            while self._readers and self._kernel.now_us < self._max_us:
                self._kernel.run(until_us=min(self._kernel.now_us + _LOAD_SLICE_US, self._max_us))
        except (Stalled, VirtualTimeExceeded):
            return None
        return None if self._readers else len(self._look().missing())

    def _read(self, waiting: deque[str]) -> None:
        while waiting:
            port_id = waiting.popleft()
            try:
                self._system.plugin.get_port(port_id)
            except CoreError:
                continue  # what could not be read is still missing
        self._readers -= 1

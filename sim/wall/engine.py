"""Lets a system run in real time: the load, then on until nothing is outstanding, then the questions that need rest.

It does what `sim.model.engine` does in virtual time. Called by `sim.wall.run`.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping

from core.records import Port
from sim.history import HistoryWriter
from sim.kernel import MICROSECONDS
from sim.metrics import Tables
from sim.model.commits import committed_ports
from sim.model.engine import Ending, Progress
from sim.model.lost import AtRest, lost_while_running, unknown_lost
from sim.model.recording import record_rest
from sim.wall.crew import Thread, WallError
from sim.wall.event_log import read_events
from sim.wall.lock_waits import lock_waits, with_lock_waits
from sim.wall.merging import counted, merged, tables_in
from sim.wall.replay import HistoryReplay, Noted, follow, noted
from sim.wall.system import WallSystem
from sim.wall.wire import DONE, HEAL, READ, STOP, WORKER

_TURN_US = 200_000  # us between two looks at the clock when nothing happens
_LOOK_US = 100_000  # us between two looks at the journal
_PROGRESS_US = 500_000  # us between two tellings of progress
_READ_LIMIT_S = 60.0  # s for all reads at rest
_START_LIMIT_S = 60.0  # s for processes that are being started again
_STOP_LIMIT_S = 30.0  # s for a process to write down what it has


class WallEngine:
    """Runs one system once. Afterwards `tables`, `counts` and `history` are those of the whole run."""

    def __init__(self, system: WallSystem, *, progress: Progress | None = None) -> None:
        self._system = system
        self._progress = progress
        horizon = system.scenario.horizon
        self._load_until_us = round(horizon.duration_s * MICROSECONDS)
        limit_us = self._load_until_us + round(horizon.drain_limit_s * MICROSECONDS)
        self._until_us = min(limit_us, round(horizon.max_virtual_time_s * MICROSECONDS))
        self._has_journal = any(driver.kind == "journal" for driver in system.scenario.drivers)
        self._next_progress_us = 0
        self.ending = Ending()
        self._initial: Mapping[str, Port] = {}
        self.tables: Tables = system.tables
        self.counts: dict[str, int] = {}
        self.history: HistoryWriter | None = None

    def run(self) -> Ending:
        """The whole run. WallError when an API process fails."""
        self._system.prepare()
        self._initial = committed_ports(self._system.database)
        self._system.begin()
        self._run_load()
        self._drain()
        self._finish()
        return self.ending

    # the phases

    def _run_load(self) -> None:
        system = self._system
        while system.clock.now_us < self._load_until_us:
            self._turn(self._load_until_us)
            if self._is_over_early():
                break
        self.ending.load_end_us = self._load_end_us()

    def _is_over_early(self) -> bool:
        """A storm is over at once, and closed clients may leave early: then nothing is to come."""
        system = self._system
        return not system.load.outstanding and system.kernel.clock.idle and system.faults.is_over

    def _load_end_us(self) -> int:
        arrivals = self._system.scenario.workload.arrivals
        if arrivals.storm is not None:
            return round(arrivals.storm.at_s * MICROSECONDS)
        return min(self._load_until_us, self._system.clock.now_us)

    def _drain(self) -> None:
        while not self._at_rest():
            now_us = self._system.clock.now_us
            if now_us >= self._until_us:
                break
            self._turn(min(self._until_us, now_us + _LOOK_US))
        else:
            self.ending.quiescent = True
        self.ending.virtual_us = self._system.clock.now_us

    def _at_rest(self) -> bool:
        system = self._system
        if system.load.outstanding or any(c.outstanding for c in system.controllers.values()):
            return False
        return not (self._has_journal and system.database.committed("SELECT 1 FROM ml2_journal LIMIT 1"))

    def _turn(self, until_us: int) -> None:
        """Waits for the next thing that is due or said, at most until then, and lets it happen."""
        system = self._system
        system.advance()
        now_us = system.clock.now_us
        wait_us = min(system.kernel.clock.next_us, until_us, now_us + _TURN_US) - now_us
        for thread, message in system.crew.poll(wait_us / 1e6):
            system.advance()
            system.hear(thread, message)
        self._tell_progress(now_us)

    def _tell_progress(self, now_us: int) -> None:
        if self._progress is not None and now_us >= self._next_progress_us:
            self._next_progress_us = now_us + _PROGRESS_US
            self._progress(now_us, len(self._system.tables.operations))

    # at rest

    def _finish(self) -> None:
        system = self._system
        end = system.log.write("rest")
        system.load.abandon()
        system.recorder.recording = False
        system.faults.stop()
        self._await_started()
        self._heal()
        looked = self._look()
        after = self._read_once(looked.missing()) if self.ending.quiescent else None
        final = self._look() if after is not None else looked
        self._stop()
        found = noted(system.logs, final=looked.ports, end=end)
        follow(found, system.tracker, system.notices, until=end)
        system.tracker.close(self.ending.virtual_us)
        system.ownership.close(self.ending.virtual_us)
        self.ending.lost = self._lost(looked, after)
        self._gather(found)
        if system.history is not None:
            replay = HistoryReplay(found, self._initial)
            self.history = replay.run()
            self.ending.rest = replay.rank(end)
            record_rest(self.history, final)

    def _await_started(self) -> None:
        """Waits for processes that faults have started again and that do not serve yet."""
        lives = self._system.crew.lives.values()

        def go_on() -> bool:
            return any(not life.dead and not life.serves and life.process.is_alive() for life in lives)

        self._until(go_on, lambda *_: None, limit_s=_START_LIMIT_S)

    def _heal(self) -> None:
        """From now on nothing fails: what a working driver can bind, these can."""
        system = self._system
        for controller in system.controllers.values():
            controller.heal()
        self._tell_all(HEAL, limit_s=_STOP_LIMIT_S)

    def _look(self) -> AtRest:
        system = self._system
        ports = committed_ports(system.database)
        return AtRest.of(system.scenario, world=system.world, controllers=system.controllers, ports=ports)

    def _read_once(self, port_ids: list[str]) -> int | None:
        """Reads each port once and counts again; None when nobody can read, or the reads do not come to an end."""
        waiting, reading = deque(port_ids), set[Thread]()

        def heard(thread: Thread, message: object) -> None:
            reading.discard(thread)

        def go_on() -> bool:
            for life in self._system.crew.living():
                for thread in life.threads:
                    if waiting and thread.role == WORKER and thread.request is None and thread not in reading:
                        thread.send(READ, waiting.popleft())
                        reading.add(thread)
            return bool(waiting or reading)

        if waiting and not self._system.crew.living():
            return None
        if not self._until(go_on, heard, limit_s=_READ_LIMIT_S):
            return None
        return len(self._look().missing())

    def _stop(self) -> None:
        """Lets the processes write down what is left and end. One that does not in time is killed as it is."""
        self._tell_all(STOP, limit_s=_STOP_LIMIT_S)

    def _tell_all(self, what: str, *, limit_s: float) -> None:
        """Tells every process's control thread, and waits until all have done it."""
        waiting = {life.control for life in self._system.crew.living() if life.control and life.control.send(what)}

        def heard(thread: Thread, message: object) -> None:
            waiting.discard(thread)

        self._until(lambda: bool(waiting), heard, limit_s=limit_s)

    def _until(self, go_on: Callable[[], bool], heard: Callable[[Thread, object], None], *, limit_s: float) -> bool:
        """Hears what is said while `go_on`; False when it lasts too long."""
        until_s = time.monotonic() + limit_s
        while go_on():
            if time.monotonic() > until_s:
                return False
            self._system.advance()
            due_s = (self._system.kernel.clock.next_us - self._system.clock.now_us) / 1e6
            for thread, message in self._system.crew.poll(min(0.05, due_s)):
                if message is None or message[0] == DONE:
                    heard(thread, message)
                if message is not None and message[0] != DONE:
                    self._system.advance()
                    self._system.hear_at_rest(thread, message)
        return True

    # the results

    def _lost(self, looked: AtRest, after_read: int | None) -> dict[str, int | None]:
        tracker = self._system.tracker
        if not self.ending.quiescent:
            return unknown_lost(tracker)
        return {
            **lost_while_running(tracker),
            "missing": len(looked.missing()),
            "orphaned": looked.orphaned(),
            "unbacked": looked.unbacked(),
            "diverged": self._system.notices.diverged(looked.ports),
            "missing.after_read": after_read,
        }

    def _gather(self, found: Noted) -> None:
        """The tables and counts of all processes together."""
        system = self._system
        parts = [tables_in(read_events(log)) for log in system.logs]
        tables = merged([system.tables, *(tables for tables, _ in parts)])
        self.tables = with_lock_waits(tables, lock_waits(found.events))
        self.counts = counted([system.recorder.counts, *(counts for _, counts in parts)])
        if not len(self.tables.transactions) and len(self.tables.operations):
            raise WallError("operations were served, but no API process has noted a transaction: its log is damaged")

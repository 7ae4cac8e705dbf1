"""The recorder: what the core and the modelled database tell becomes rows of the run's tables.

It runs in the process that does the work, returns at once, and records nothing of a process that was killed. The parts
of a transaction add up: SQL and lock wait as its connection measured them, driver calls without the SQL in them, and
the rest as the worker's own (computing, waiting for the processor or for its turn).
"""

from typing import TYPE_CHECKING

from core.events import OUTCOME_INPUTS_CHANGED, Observer
from core.exceptions import DatabaseConflict
from sim.database import Key, PooledConnection, Recorder, ServerTransaction
from sim.kernel import FifoResource, Kernel, current
from sim.metrics import Tables
from sim.model.bindings import BindingTracker, computed
from sim.model.naming import owner_of
from sim.model.notices import Notices
from sim.model.work import OpenTransaction, Work, current_work

if TYPE_CHECKING:
    from core.context import PortContext
    from core.driver_api import MechanismDriver

_new = tuple.__new__  # makes a NamedTuple without the calls of its constructor
_OK, _ERROR, _CONFLICT = 0, 1, 2  # codes of sim.metrics.tables.CALL_OUTCOMES
_POSTCOMMITS = {"create_port_postcommit", "update_port_postcommit", "delete_port_postcommit"}


class RunRecorder(Observer, Recorder):
    """Fills the tables of one run. `recording` is False while the state at rest is being asked for."""

    def __init__(self, kernel: Kernel, tables: Tables, tracker: BindingTracker, notices: Notices) -> None:
        self._kernel = kernel
        self._clock = kernel.clock
        self._tables = tables
        self._words = words = tables.words
        self._append_transaction = tables.transactions.append
        self._append_driver_call = tables.driver_calls.append
        self._append_level = tables.levels.append
        self._transactions = words.transactions.code
        self._transaction_outcomes = words.transaction_outcomes.code
        self._drivers = words.drivers.code
        self._methods = words.methods.code
        self._resources = words.resources.code
        self._tracker = tracker
        self._notices = notices
        self.recording = True
        self.counts: dict[str, int] = {}

    def _live_work(self) -> Work | None:
        """The caller's work, None when nothing of it is to be recorded."""
        process = current()
        if process.dead or not self.recording:
            return None
        work: Work = process.scratch["work"]
        return work

    # the database

    def connected(self, connection: PooledConnection) -> None:
        """The caller's next transaction uses this connection."""
        current_work().connection = connection

    def lock_wait(
        self,
        key: Key,
        *,
        waiter: ServerTransaction,
        holder: ServerTransaction | None,
        from_us: int,
        to_us: int,
        outcome: str,
    ) -> None:
        """A row in lock_waits."""
        if self.recording:
            words = self._words
            self._tables.lock_waits.append(
                words.spaces.code(key[0]),
                words.rows.code(f"{key[0]} {key[1]}"),
                waiter.operation,
                -1 if holder is None else holder.operation,
                from_us,
                to_us,
                words.lock_wait_outcomes.code(outcome),
            )

    # transactions

    def transaction_began(self, name: str, retry: int) -> None:
        """Remembers when, and with which connection."""
        work = current_work()
        assert work.connection is not None
        began = (self._transactions(name), retry, self._clock.now_us, work.connection)
        work.transactions.append(_new(OpenTransaction, began))
        work.driver_us.append(0)

    def transaction_ended(self, name: str, outcome: str) -> None:
        """A row in transactions."""
        process = current()
        if process.dead:
            return
        work: Work = process.scratch["work"]
        code, retry, began_us, connection = work.transactions.pop()
        driver_us = work.driver_us.pop()
        if not self.recording:
            return
        now_us = self._clock.now_us
        sql_us, lock_wait_us = connection.sql_us, connection.lock_wait_us
        self._append_transaction(
            work.operation, code, retry, began_us, now_us, connection.pool_wait_us,
            sql_us, lock_wait_us, driver_us, now_us - began_us - sql_us - lock_wait_us - driver_us,
            connection.statements, self._transaction_outcomes(outcome),
        )  # fmt: skip

    def conflict(self, name: str, kind: str, retry: int, backoff_s: float) -> None:
        """A row in conflicts."""
        work = self._live_work()
        if work is not None:
            words = self._words
            self._tables.conflicts.append(
                work.operation, words.transactions.code(name), words.conflict_kinds.code(kind), retry,
                round(backoff_s * 1e6), self._clock.now_us,
            )  # fmt: skip

    # driver calls

    def driver_call_began(self, driver: "MechanismDriver", method: str, context: "PortContext") -> None:
        """Remembers when. A postcommit tells its driver of a removed binding from now on."""
        work = current_work()
        if work.transactions:
            connection = work.transactions[-1].connection
            work.driver_calls.append((self._clock.now_us, connection.sql_us + connection.lock_wait_us))
        else:
            work.driver_calls.append((self._clock.now_us, 0))
        if method in _POSTCOMMITS:
            self._tracker.told(context, method)

    def driver_call_ended(
        self, driver: "MechanismDriver", method: str, context: "PortContext", error: Exception | None
    ) -> None:
        """A row in driver_calls; what bind_port has computed; what the driver was told."""
        work = current_work()
        began_us, sql_us = work.driver_calls.pop()
        now_us = self._clock.now_us
        inside = bool(work.transactions)
        if inside and not work.driver_calls:
            connection = work.transactions[-1].connection
            work.driver_us[-1] += now_us - began_us - (connection.sql_us + connection.lock_wait_us - sql_us)
        if method == "bind_port":
            work.computed = computed(context, driver.name) or work.computed
        elif error is None and method in _POSTCOMMITS:
            self._notices.told(driver.name, context.port, deleted=method == "delete_port_postcommit")
        if self.recording:
            self._append_driver_call(
                work.operation, owner_of(context.port.id), self._drivers(driver.name), self._methods(method),
                began_us, now_us, inside, _OK if error is None else _outcome(error),
            )  # fmt: skip

    # binding attempts

    def attempt_began(self, port_id: str, number: int, *, reader: bool) -> None:
        """Remembers when, and who."""
        work = current_work()
        self.flush_attempt(work)
        work.attempt_began_us = self._clock.now_us
        work.attempt_reads = reader

    def attempt_ended(self, port_id: str, number: int, *, bound: bool, outcome: str) -> None:
        """A row in attempts; of a refused one only when it is known whether the operation gives up."""
        work = self._live_work()
        if work is None:
            return
        result = "bound" if bound else "failed"
        attempt = (owner_of(port_id), number, work.attempt_began_us, self._clock.now_us)
        if outcome == OUTCOME_INPUTS_CHANGED:
            work.attempt = attempt, result
        else:
            self._append_attempt(work, attempt, result, outcome)

    def binding_gave_up(self, port_id: str, attempts: int) -> None:
        """The refused attempt was the last."""
        work = self._live_work()
        if work is not None and work.attempt is not None:
            self._append_attempt(work, *work.attempt, "gave_up")
            work.attempt = None

    def flush_attempt(self, work: Work) -> None:
        """The operation goes on, or is over: its refused attempt was an ordinary one."""
        if work.attempt is not None:
            self._append_attempt(work, *work.attempt, OUTCOME_INPUTS_CHANGED)
            work.attempt = None

    def _append_attempt(self, work: Work, attempt: tuple[int, int, int, int], result: str, outcome: str) -> None:
        words = self._words
        self._tables.attempts.append(
            work.operation, *attempt, words.attempt_results.code(result), words.attempt_outcomes.code(outcome),
            work.attempt_reads,
        )  # fmt: skip

    def port_notified(self, port_id: str, host: str) -> None:
        """The operation's answer says so: what agents do then follows on it."""
        current_work().notified = True

    def notification_lost(self, port_id: str, host: str) -> None:
        """Counts it."""
        self.count("notification_lost")

    def error_logged(self, where: str, port_id: str, error: Exception) -> None:
        """Counts it."""
        self.count(f"error_logged-{where}")

    # the rest

    def fault(self, kind: str, detail: str, process: int = -1) -> None:
        """An injected fault has taken effect: at an API process, or anywhere. Counts it."""
        self.count(f"fault-{kind}")

    def count(self, name: str) -> None:
        """Counts something that has no table."""
        if self.recording:
            self.counts[name] = self.counts.get(name, 0) + 1

    def resource_changed(self, resource: FifoResource) -> None:
        """A row in levels, for a resource's `on_change`."""
        if self.recording:
            name = resource.name
            self._append_level(self._resources(name), self._clock.now_us, resource.in_use, len(resource.queue))

    def level(self, resource: str, in_use: int, queued: int) -> None:
        """A row in levels."""
        if self.recording:
            self._append_level(self._resources(resource), self._clock.now_us, in_use, queued)


def _outcome(error: Exception) -> int:
    return _CONFLICT if isinstance(error, DatabaseConflict) else _ERROR

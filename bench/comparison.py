"""The simulator in turn with (a) bare SQLite, (b) an ORM program, (c) SimPy alone, on one run's operations.

One run is made beforehand, untimed, to write down its SQL; the timed runs have the same seed and so issue the same. All
programs start from the same database pages.
"""

import sqlite3
from collections.abc import Callable

from bench import bare_simpy, ordinary_orm
from bench.bare_sqlite import Recorded, differing_counts, execute_all
from bench.recording import Recording
from bench.rounds import Job, Part, Timings, alternate
from bench.simulated import Facts, SimulatedRun
from bench.snapshot import Snapshot, sorted_rows

SIMULATOR, SQLITE, ORM, SIMPY = "simulator", "bare sqlite3", "ORM loop", "SimPy alone"
ORM_OPERATIONS = 2_000  # operations a round: the ORM loop's cost does not change with their number, and it is slow


class Comparison:
    """Prepares the four programs for one number of operations."""

    def __init__(self, operations: int, *, live_ports: int, progress: Callable[[str], None]) -> None:
        self._operations = operations
        self._live_ports = live_ports
        self._progress = progress
        progress("writing down the statements of one run")
        run = self._new_run()
        self._start = Snapshot(run.sqlite)
        recording = Recording(run.storage)
        run.run()
        self._script: list[Recorded] = recording.script
        self.facts: Facts = run.facts(recording)
        self._check(run)
        run.check_and_close()

    def _new_run(self) -> SimulatedRun:
        return SimulatedRun(self._operations, live_ports=self._live_ports)

    def _check(self, run: SimulatedRun) -> None:
        """The script leads to the database that the run has led to; anything else would be another program's SQL."""
        self._progress("checking that these statements alone lead to the same rows")
        connection = self._start.open()
        differing = differing_counts(connection, self._script)
        if differing:
            raise AssertionError(f"{differing} statements gave other counts in commit order than in the run")
        for table in self._start.tables():
            if sorted_rows(connection, table) != sorted_rows(run.sqlite, table):
                raise AssertionError(f"table {table} differs between the run and its statements in commit order")
        connection.close()

    def measure(self, *, rounds: int) -> Timings:
        """Seconds an operation (an event for SimPy), a round each."""
        parts = [
            Part(SIMULATOR, self._simulator),
            Part(SQLITE, self._sqlite),
            Part(ORM, self._orm),
            Part(SIMPY, lambda: Job(lambda: bare_simpy.handle(self.facts.events))),
        ]
        return alternate(parts, rounds=rounds, progress=self._progress)

    def _simulator(self) -> Job:
        run = self._new_run()
        return Job(run.run, run.check_and_close)

    def _sqlite(self) -> Job:
        connection = self._start.open()
        return Job(lambda: self._execute_script(connection), connection.close)

    def _execute_script(self, connection: sqlite3.Connection) -> int:
        execute_all(connection, self._script)
        return self._operations

    def _orm(self) -> Job:
        connection = self._start.open(isolation_level="")
        sessions = ordinary_orm.open_sessions(connection)
        subnet_ids = ordinary_orm.subnets(sessions)
        operations = min(ORM_OPERATIONS, self._operations)
        ordinary_orm.create_bind_delete(sessions, subnet_ids, operations=20)  # compiles its statements
        return Job(
            lambda: ordinary_orm.create_bind_delete(sessions, subnet_ids, operations=operations), connection.close
        )

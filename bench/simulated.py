"""One simulated run of the bench's load, with its set-up apart, so that the load alone is timed.

`run` is what sim.simulation.run does between building the system and asking what was lost: both take a time that grows
with the number of ports, not of operations.
"""

import sqlite3
from dataclasses import dataclass

from bench.recording import Recording
from bench.workload import SEED, scenario
from sim.database.storage import Storage
from sim.kernel import Draws
from sim.model.collector import rare_collections
from sim.model.engine import Engine
from sim.model.system import System
from sim.running import replication_seed


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a run was: counts over the whole of it."""

    operations: int
    events: int
    statements: int
    replayed: int
    dropped: int


class SimulatedRun:
    """A system with its ports, its networks and idle clients; `run` lets them do this many operations."""

    def __init__(self, operations: int, *, live_ports: int) -> None:
        self._expected = operations
        wanted = scenario(operations, live_ports=live_ports)
        self._system = System(wanted, wanted.strategies[0], draws=Draws(replication_seed(SEED, 0)))
        self._engine = Engine(self._system)
        storage = self._system.server.storage
        assert isinstance(storage, Storage)
        self.storage = storage

    @property
    def sqlite(self) -> sqlite3.Connection:
        """The database that holds the rows."""
        return self.storage._sqlite

    def run(self) -> int:
        """The load, to the end of its last operation; how many operations there were."""
        with rare_collections():
            self._engine.run_to_rest()
        return len(self._system.tables.operations)

    def check(self) -> None:
        """AssertionError when an operation failed, or one is missing or too many."""
        operations = self._system.tables.operations
        assert self._engine.results().quiescent, "the bench's load came to no end"
        assert len(operations) == self._expected, f"{len(operations)} operations instead of {self._expected}"
        assert not operations.column("outcome").any(), "an operation of the bench's load failed"

    def facts(self, recording: Recording) -> Facts:
        """Counts of a run that is over."""
        return Facts(
            operations=self._expected,
            events=next(self._system.kernel.clock._eid),
            statements=recording.statements,
            replayed=self.storage.replayed,
            dropped=recording.dropped,
        )

    def close(self) -> None:
        """Frees everything."""
        self._system.close()

    def check_and_close(self) -> None:
        """Both, after a timed run."""
        self.check()
        self.close()

"""A probe in each API process of a run in real time: every call of the database, every operation.

The run's own process asks for it with a ProbeMaker, and reads what was written when the run is over.
"""

import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter_ns, process_time_ns, thread_time_ns
from typing import Any, TypeVar

from core.database import Connection
from sim.calibration.server_clock import UnknownClock, clock_of
from sim.calibration.stopwatch import Stopwatch, TimedConnection, Timings

T = TypeVar("T")
OperationRow = tuple[int, ...]
"""Wall, client, inside, outside (ns), statements, transactions: the columns of OperationTimings."""


@dataclass(frozen=True, slots=True)
class ProbeMaker:
    """Makes the probe of an API process. `folder` is where it writes, `kind` is that of the database."""

    folder: Path
    kind: str

    def __call__(self, number: int) -> "CallProbe":
        """The probe of process `number`."""
        return CallProbe(self.folder / f"probe-{number}.pickle", self.kind)


@dataclass(slots=True)
class Probed:
    """What one process has found out. `rest_ns` is its computing outside all operations since the first one."""

    calls: list[dict[tuple[str, bool], Timings]] = field(default_factory=list)
    operations: dict[str, list[OperationRow]] = field(default_factory=dict)
    rest_ns: int = 0
    knows_server: bool = True


class CallProbe:
    """Notes calls by connection, because a connection has its own thread at the server, and operations by kind."""

    def __init__(self, file: Path, kind: str) -> None:
        self._file = file
        self._kind = kind
        self._watches: dict[int, tuple[Any, Stopwatch]] = {}
        self._guard = threading.Lock()
        self._mine = threading.local()
        self._operations: dict[str, list[OperationRow]] = {}
        self._began_ns = 0
        self._in_operations_ns = 0
        self._knows_server = True

    def connection(self, inner: Connection) -> Connection:
        """A connection that is timed, for the operation of the calling thread."""
        timed = TimedConnection(inner, self._watch_of(getattr(inner, "dbapi_connection", None)))
        used: list[TimedConnection] | None = getattr(self._mine, "used", None)
        if used is not None:
            used.append(timed)
        return timed

    def _watch_of(self, dbapi_connection: Any) -> Stopwatch:
        with self._guard:
            found = self._watches.get(id(dbapi_connection))
        if found is None:
            found = dbapi_connection, Stopwatch(self._clock(dbapi_connection))
            with self._guard:  # the connection is kept, so that no other one gets its id
                self._watches[id(dbapi_connection)] = found
        return found[1]

    def _clock(self, dbapi_connection: Any) -> Any:
        cursor = dbapi_connection.cursor()
        clock = clock_of(cursor, self._kind)
        cursor.close()
        dbapi_connection.rollback()
        if clock is None:
            self._knows_server = False
        return clock or UnknownClock()

    def operation(self, kind: str, perform: Callable[[], T]) -> T:
        """Performs an operation and notes what it cost."""
        self._began_ns = self._began_ns or process_time_ns()
        used: list[TimedConnection] = []
        self._mine.used = used
        cpu_ns, wall_ns = thread_time_ns(), perf_counter_ns()
        answer = perform()
        wall_ns, cpu_ns = perf_counter_ns() - wall_ns, thread_time_ns() - cpu_ns
        spent_ns, inside_ns = sum(c.spent_ns for c in used), sum(c.own_ns for c in used)
        row = (
            wall_ns, cpu_ns, inside_ns, cpu_ns - spent_ns - inside_ns, sum(c.statements for c in used), len(used),
        )  # fmt: skip
        with self._guard:
            self._operations.setdefault(kind, []).append(row)
            self._in_operations_ns += cpu_ns
        return answer

    def write(self) -> None:
        """Writes everything to the file."""
        found = Probed(
            calls=[watch.timings() for _, watch in self._watches.values() if len(watch)],
            operations=self._operations,
            rest_ns=process_time_ns() - self._began_ns - self._in_operations_ns,
            knows_server=self._knows_server,
        )
        self._file.write_bytes(pickle.dumps(found))


def read_probes(folder: Path) -> list[Probed]:
    """What the processes of a run have written to their folder."""
    return [pickle.loads(file.read_bytes()) for file in sorted(folder.glob("probe-*.pickle"))]

"""Times calls to a database: by the clock, by the calling thread's processor time, and by the server's.

TimedConnection stands between the core and its connection and writes a row for each call. What the watch itself costs
is between the rows and is left out of what is computed from them.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter_ns, thread_time_ns
from typing import Any

import numpy as np

from core.database import Connection, Params, Result
from core.statements import Statement
from sim.calibration.server_clock import ServerClock, UnknownClock

BEGIN, COMMIT, ROLLBACK, CLOSE = "begin", "commit", "rollback", "close"
"""What has a cost beside the statements: names that no statement has."""
READ_ONLY = "commit, read-only"
TRIVIAL = "select 1"

Nanoseconds = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Timings:
    """Many calls of one name: how long each took, the two sides' computing in it, and how long either was ready and
    had no core; ns, one place a call."""

    wall_ns: Nanoseconds
    client_ns: Nanoseconds
    server_ns: Nanoseconds
    queued_ns: Nanoseconds

    def __len__(self) -> int:
        return len(self.wall_ns)

    @property
    def undisturbed_ns(self) -> Nanoseconds:
        """How long each took but for waits for a core that somebody else had.

        A wait that is no longer than the call's own computing may have been for its other side, on the same core.
        """
        foreign = self.queued_ns > self.client_ns + self.server_ns
        return np.asarray(np.maximum(self.wall_ns - np.where(foreign, self.queued_ns, 0), 0), dtype=np.int64)

    @property
    def both_ns(self) -> Nanoseconds:
        """How long both sides computed at once, at least: what they computed beyond the time that passed."""
        return np.asarray(np.maximum(self.client_ns + self.server_ns - self.wall_ns, 0), dtype=np.int64)

    @property
    def waiting_ns(self) -> Nanoseconds:
        """What neither computed nor queued for: the network, the waking of either, the disk."""
        return np.asarray(np.maximum(self.undisturbed_ns - self.client_ns - self.server_ns, 0), dtype=np.int64)


def joined(parts: Iterable[Timings]) -> Timings:
    """Several as one."""
    found = list(parts)
    columns = ("wall_ns", "client_ns", "server_ns", "queued_ns")
    return Timings(*(np.concatenate([getattr(part, name) for part in found]) for name in columns))


class Stopwatch:
    """The rows of one connection. `spent_ns` is the thread's processor time inside calls, the watch's own included.

    `own` is the clock of the calling thread, where there is only one; it tells how long that waited for a core.
    What the server computes after its answer still belongs to the call that it was for: a call's end at the server is
    read when the next one begins.
    """

    def __init__(self, server: ServerClock, own: ServerClock | None = None) -> None:
        self._server = server
        self._own = own or UnknownClock()
        self._names: list[str] = []
        self._first: list[bool] = []
        self._wall, self._client, self._queued = array("q"), array("q"), array("q")
        self._server_ran, self._server_queued = array("q"), array("q")
        self.spent_ns = 0

    def call(self, name: str, function: Any, *arguments: Any, first: bool = False) -> Any:
        """Calls a function and notes it under a name; `first` for the first statement of a transaction."""
        entered_ns, queued_ns = thread_time_ns(), self._own.read_ns()[1]
        self._read_server()
        cpu_ns, wall_ns = thread_time_ns(), perf_counter_ns()
        try:
            return function(*arguments)
        finally:
            wall_ns, cpu_ns = perf_counter_ns() - wall_ns, thread_time_ns() - cpu_ns
            self._names.append(name)
            self._first.append(first)
            self._wall.append(wall_ns)
            self._client.append(cpu_ns)
            self._queued.append(self._own.read_ns()[1] - queued_ns)
            self.spent_ns += thread_time_ns() - entered_ns

    def _read_server(self) -> None:
        ran_ns, queued_ns = self._server.read_ns()
        self._server_ran.append(ran_ns)
        self._server_queued.append(queued_ns)

    def __len__(self) -> int:
        return len(self._names)

    def timings(self) -> dict[tuple[str, bool], Timings]:
        """What was noted, by name and whether it was a transaction's first, without the last call of all.

        What the server has computed for that one nobody knows: its thread may have served another connection since.
        """
        names, first = np.array(self._names[:-1], dtype=object), np.array(self._first[:-1], dtype=bool)
        server = np.diff(_numbers(self._server_ran))
        queued = np.diff(_numbers(self._server_queued)) + _numbers(self._queued)[:-1]
        wall, client = _numbers(self._wall)[:-1], _numbers(self._client)[:-1]
        found = {}
        for key in sorted(set(zip(self._names[:-1], self._first[:-1], strict=True))):
            chosen = (names == key[0]) & (first == key[1])
            found[key] = Timings(wall[chosen], client[chosen], server[chosen], queued[chosen])
        return found


def _numbers(column: "array[int]") -> Nanoseconds:
    return np.array(column, dtype=np.int64)


class TimedConnection:
    """A core connection that notes every call. It computes nothing of what it passes on."""

    def __init__(self, inner: Connection, watch: Stopwatch) -> None:
        self._inner = inner
        self._watch = watch
        self._statements = 0
        self._writes = False
        self._began_ns = thread_time_ns()
        self._spent_before_ns = watch.spent_ns
        self.own_ns = 0
        """Processor time of the caller between the calls, from getting the connection to giving it back."""
        self.spent_ns = 0
        """Processor time of the caller inside the calls, the watch's own included."""

    @property
    def statements(self) -> int:
        """How many statements were run."""
        return self._statements

    def execute(self, statement: Statement, params: Params) -> Result:
        """Runs a statement."""
        first = not self._statements
        self._statements += 1
        self._writes = self._writes or statement.kind == "write"
        result: Result = self._watch.call(statement.name, self._inner.execute, statement, params, first=first)
        return result

    def commit(self) -> None:
        """Commits."""
        self._watch.call(COMMIT if self._writes else READ_ONLY, self._inner.commit)

    def rollback(self) -> None:
        """Rolls back."""
        self._watch.call(ROLLBACK, self._inner.rollback)

    def close(self) -> None:
        """Gives the connection back."""
        self._watch.call(CLOSE, self._inner.close)
        self.spent_ns = self._watch.spent_ns - self._spent_before_ns
        self.own_ns = thread_time_ns() - self._began_ns - self.spent_ns

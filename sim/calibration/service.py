"""The core in service: a scenario in real time, measured from inside its API processes while it serves its load.

A processor that rests between requests, or works for several, is slower than one that does the same thing again and
again; and what the wall-clock engine itself costs belongs to what it measures. So a model that is to predict such runs
takes the computing of its calls from one.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sim.calibration.operations import OperationTimings
from sim.calibration.probing import Probed, ProbeMaker, read_probes
from sim.calibration.server_clock import BackgroundClock, background_clock
from sim.calibration.stopwatch import Timings, joined
from sim.scenario import Scenario
from sim.servers import RunDatabase
from sim.wall import run

_UNDISTURBED = 0.25  # the quantile that is taken for a time without queueing (assumption)
_SKIPPED = 0.1  # of the run, at its beginning, in which caches fill: for what is looked at from outside

Calls = dict[tuple[str, bool], Timings]
Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """What runs in real time showed, one a strategy.

    `rest_s`, `load_s` and `server_s` are computing for one operation, s: of an API process outside the operation (its
    messages), of the load generator, and of the server's own threads. `server_s` is None where it cannot be read.
    """

    calls: Calls
    operations: dict[tuple[str, str], OperationTimings]
    rest_s: float
    load_s: float
    server_s: float | None
    rate_per_s: float
    """Operations a second."""
    dispatch_s: float = 0.0
    """From the instant of a request to its worker's start, s, where little else was to do: the lower quartile."""


def in_service(
    scenario: Scenario, database: RunDatabase, background: BackgroundClock | None, *, seed: int,
    tell: Tell = lambda share: None,
) -> Service:  # fmt: skip
    """Runs every strategy of the scenario once. The database's tables are made anew."""
    parts = [_Part(scenario, database, background, strategy.name, seed) for strategy in scenario.strategies]
    for number, part in enumerate(parts):
        part.run(partial(_tell_part, tell, number, len(parts)))
    probes = [probe for part in parts for probe in part.probes]
    operations = {(part.strategy, kind): rows for part in parts for kind, rows in _operations(part.probes).items()}
    count = sum(len(rows) for rows in operations.values())
    servers = [part.server_s for part in parts]
    return Service(
        calls=_merged(calls for probe in probes for calls in probe.calls),
        operations=operations,
        rest_s=sum(probe.rest_ns for probe in probes) / 1e9 / count,
        load_s=float(np.mean([part.load_s for part in parts])),
        server_s=None if None in servers else float(np.mean([s for s in servers if s is not None])),
        rate_per_s=float(np.mean([part.rate_per_s for part in parts])),
        dispatch_s=float(np.mean([part.dispatch_s for part in parts])),
    )


def _tell_part(tell: Tell, number: int, parts: int, share: float) -> None:
    tell((number + share) / parts)


class _Part:
    """One strategy."""

    def __init__(
        self, scenario: Scenario, database: RunDatabase, server: BackgroundClock | None, strategy: str, seed: int
    ) -> None:
        self.strategy = strategy
        self._scenario = scenario
        self._database = database
        self._seed = seed
        self._server = server
        self._marks: list[tuple[int, int, int, int]] = []  # us of the run, operations, own ns, the server's ns
        self.probes: list[Probed] = []
        self.dispatch_s = 0.0

    def run(self, tell: Tell) -> None:
        """Runs it; afterwards the rest can be asked for."""
        until_us = self._scenario.horizon.duration_s * 1e6

        def progress(now_us: int, operations: int) -> None:
            if now_us < until_us:
                server_ns = 0 if self._server is None else self._server.cpu_ns()
                self._marks.append((now_us, operations, time.process_time_ns(), server_ns))
                tell(now_us / until_us)

        with TemporaryDirectory(prefix="bindsim-") as folder:
            found = run(
                self._scenario, database=self._database, strategy=self.strategy, seed=self._seed, progress=progress,
                probe=ProbeMaker(Path(folder), self._database.kind),
            )  # fmt: skip
            self.probes = read_probes(Path(folder))
        operations = found.table("operations")
        self.dispatch_s = float((operations["started_s"] - operations["intended_s"]).quantile(_UNDISTURBED))

    def _counted(self) -> tuple[int, int, int, int]:
        """What has come between two marks: the first after the beginning, and the last."""
        first = next(mark for mark in self._marks if mark[0] >= _SKIPPED * self._marks[-1][0])
        now_us, operations, own_ns, server_ns = (b - a for a, b in zip(first, self._marks[-1], strict=True))
        return now_us, max(1, operations), own_ns, server_ns

    @property
    def load_s(self) -> float:
        """The load generator's computing for one operation, s."""
        return self._counted()[2] / self._counted()[1] / 1e9

    @property
    def server_s(self) -> float | None:
        """The server's own threads' for one operation, s."""
        return None if self._server is None else self._counted()[3] / self._counted()[1] / 1e9

    @property
    def rate_per_s(self) -> float:
        """Operations a second."""
        return self._counted()[1] / self._counted()[0] * 1e6


def background_of(database: RunDatabase) -> BackgroundClock | None:
    """The clock of the server's own threads; to be asked for first of all."""
    engine = database.engine(size=1, max_overflow=0)
    try:
        connection = engine.raw_connection()
        cursor = connection.cursor()
        found = background_clock(cursor, database.kind)
        cursor.close()
        connection.close()
        return found
    finally:
        engine.dispose()


def _merged(found: Iterable[Calls]) -> Calls:
    parts: dict[tuple[str, bool], list[Timings]] = {}
    for calls in found:
        for key, timings in calls.items():
            parts.setdefault(key, []).append(timings)
    return {key: joined(timings) for key, timings in sorted(parts.items())}


def _operations(probes: list[Probed]) -> dict[str, OperationTimings]:
    rows: dict[str, list[tuple[int, ...]]] = {}
    for probe in probes:
        for kind, found in probe.operations.items():
            rows.setdefault(kind, []).extend(found)
    return {kind: OperationTimings(*np.array(found, dtype=np.int64).T) for kind, found in sorted(rows.items())}

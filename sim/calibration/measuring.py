"""The measurement: what is asked of the database in which order, and all that was noted. Nothing is fitted here."""

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from sqlalchemy import Engine, literal_column, select

from core.engine import EngineConnections
from core.statements import Statement
from sim.calibration.commits import WRITERS, Commits, commits
from sim.calibration.operations import OperationTimings, Performer
from sim.calibration.server_clock import BackgroundClock, ServerClock, UnknownClock, clock_of, own_clock
from sim.calibration.service import Service, Tell, background_of, in_service
from sim.calibration.stopwatch import TRIVIAL, Stopwatch, TimedConnection, Timings
from sim.calibration.subjects import TimedCore, fill, small_world
from sim.model.world import World
from sim.running import quiet_core
from sim.scenario import Scenario, Strategy
from sim.servers import RunDatabase, ServerAddress

PORTS = 2000
"""Ports that are there before (assumption: of a small deployment)."""
_WARM_UP = 0.1  # of the samples, not counted: caches, plans
_DRIVERS = {"postgresql": "psycopg", "mariadb": "pymysql"}
_SELECT_1 = Statement(TRIVIAL, "read", select(literal_column("1")))

OnProgress = Callable[[str, float], None]
"""What is being measured, and the share of it that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What was measured, where and when: what the numbers hold for."""

    kind: str
    version: str
    is_private: bool
    driver: str
    python: str
    cores: int
    date: str
    samples: int
    knows_server: bool
    """Whether the server's own processor time could be read."""
    scenario: str | None = None
    """The scenario that was measured in service; None: none was."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """Everything that was noted.

    `calls` by name and whether it was a transaction's first statement; `operations` by strategy and kind.
    """

    circumstances: Circumstances
    calls: dict[tuple[str, bool], Timings]
    operations: dict[tuple[str, str], OperationTimings]
    commits: tuple[Commits, ...]
    service: Service | None = None
    background: BackgroundClock | None = None
    """The clock of the server's own threads, which were known before anybody connected."""


def measure(
    database: RunDatabase, *, samples: int, strategies: Sequence[str], scenario: Scenario | None = None, seed: int = 1,
    on_progress: OnProgress = lambda what, share: None,
) -> Measured:  # fmt: skip
    """Measures on an empty database of one's own; `samples` operations of each kind under each strategy.

    With a scenario, its strategies are then run in real time and measured in service.
    """
    address, background = database.address, background_of(database)
    engine = address.engine(size=max(WRITERS), max_overflow=1)
    try:
        with quiet_core():
            small = small_world(PORTS, strategies)
            on_progress("tables", 0.0)
            world = fill(engine, small)
            calls, operations, knows = _serial(address, small, world, samples, on_progress)
            found = tuple(_commits(engine, world, samples, on_progress))
    finally:
        engine.dispose()
    measured = Measured(
        circumstances=_circumstances(database, samples, knows_server=knows), calls=calls, operations=operations,
        commits=found, background=background,
    )  # fmt: skip
    tell = partial(on_progress, "in service")
    return measured if scenario is None else served(measured, scenario, database, seed=seed, tell=tell)


def served(
    measured: Measured, scenario: Scenario, database: RunDatabase, *, seed: int, tell: Tell = lambda share: None
) -> Measured:
    """The measurement with what a scenario shows in service, in place of what it had."""
    service = in_service(scenario, database, measured.background, seed=seed, tell=tell)
    circumstances = replace(measured.circumstances, scenario=scenario.name)
    return replace(measured, circumstances=circumstances, service=service)


def _serial(
    address: ServerAddress, scenario: Scenario, world: World, samples: int, on_progress: OnProgress
) -> tuple[dict[tuple[str, bool], Timings], dict[tuple[str, str], OperationTimings], bool]:
    """What one thread on one connection sees."""
    operations: dict[tuple[str, str], OperationTimings] = {}
    with _one_connection(address) as (engine, clock):
        connect, watch = EngineConnections(engine), Stopwatch(clock, own_clock())
        _trivial(connect, Stopwatch(UnknownClock()), _share_of(samples), lambda what, share: None)
        _trivial(connect, watch, samples, on_progress)
        for seed, strategy in enumerate(scenario.strategies):
            tell = partial(on_progress, strategy.name)
            _performer(connect, Stopwatch(UnknownClock()), scenario, strategy, world, seed).perform(_share_of(samples))
            found = _performer(connect, watch, scenario, strategy, world, seed).perform(samples, tell)
            operations |= {(strategy.name, kind): timings for kind, timings in found.items()}
        return watch.timings(), operations, not isinstance(clock, UnknownClock)


def _share_of(samples: int) -> int:
    """How many go before, uncounted."""
    return max(1, round(samples * _WARM_UP))


def _performer(
    connect: EngineConnections, watch: Stopwatch, scenario: Scenario, strategy: Strategy, world: World, seed: int
) -> Performer:
    return Performer(TimedCore(connect, watch, scenario, strategy), watch, world, seed=seed)


@contextmanager
def _one_connection(address: ServerAddress) -> Iterator[tuple[Engine, ServerClock]]:
    """A pool of one connection, which every transaction gets, and the clock of its server thread."""
    engine = address.engine(size=1, max_overflow=0, timeout_s=10.0)
    clock: ServerClock = UnknownClock()
    try:
        pooled = engine.raw_connection()
        cursor = pooled.cursor()
        clock = clock_of(cursor, address.kind) or clock
        cursor.close()
        pooled.close()
        yield engine, clock
    finally:
        clock.close()
        engine.dispose()


def _trivial(connect: EngineConnections, watch: Stopwatch, samples: int, on_progress: OnProgress) -> None:
    """Transactions of two statements that do nothing: the second is a bare round trip."""
    for number in range(samples):
        connection = TimedConnection(connect(), watch)
        connection.execute(_SELECT_1, {})
        connection.execute(_SELECT_1, {})
        connection.commit()
        connection.close()
        on_progress("round trip", (number + 1) / samples)


def _commits(engine: Engine, world: World, samples: int, on_progress: OnProgress) -> Iterator[Commits]:
    for number, writers in enumerate(WRITERS):
        on_progress("commits", number / len(WRITERS))
        yield commits(engine, world, writers=writers, each=max(20, 2 * samples // writers))


def _circumstances(database: RunDatabase, samples: int, *, knows_server: bool) -> Circumstances:
    driver = _DRIVERS[database.kind]
    return Circumstances(
        kind=database.kind, version=database.version, is_private=database.is_private,
        driver=f"{driver} {version(driver)}", python=platform.python_version(), cores=os.cpu_count() or 1,
        date=datetime.now(UTC).date().isoformat(), samples=samples, knows_server=knows_server,
    )  # fmt: skip

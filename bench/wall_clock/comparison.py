"""The wall-clock engine in turn with the loops, on one database, with the same operations and tables made anew."""

import pickle
from collections.abc import Callable
from pathlib import Path

from bench.rounds import Timings
from bench.wall_clock.core_loop import CoreLoop
from bench.wall_clock.load import SEED, Shape, scenario
from bench.wall_clock.loops import BareLoop, PooledLoop, differing_counts
from bench.wall_clock.processes import MakeLoop, time_loop
from bench.wall_clock.recording import Unit, record
from bench.wall_clock.tables import make_tables
from sim.servers import RunDatabase
from sim.wall import run

ENGINE, CORE, POOLED, BARE = "engine", "core alone", "pooled loop", "bare driver"


class Comparison:
    """Prepares and times them on a database. `folder` takes the statements; `statements` counts them."""

    def __init__(
        self, database: RunDatabase, shape: Shape, folder: Path, *, progress: Callable[[str], None]
    ) -> None:  # fmt: skip
        self._database = database
        self._shape = shape
        self._progress = progress
        self._units = folder / "units"
        progress("writing down the statements of the operations, one after the other")
        units = record(database, shape)
        self._units.write_bytes(pickle.dumps(units))
        self.statements = sum(len(transaction.statements) for unit in units for transaction in unit)
        self.transactions = sum(map(len, units))
        self._check(units)

    def _check(self, units: list[Unit]) -> None:
        """The statements do what they did; anything else would be another program's SQL."""
        self._progress("checking that these statements alone do the same")
        make_tables(self._database, self._shape)
        engine = self._database.engine(size=1)
        differing = differing_counts(engine, units)
        engine.dispose()
        assert not differing, f"{differing} statements gave other counts than in the run"

    def measure(self, *, rounds: int) -> Timings:
        """Seconds an operation, a round each. Each second round goes backwards, so that no place favours anybody."""
        parts: dict[str, Callable[[], float]] = {
            ENGINE: self._engine,
            CORE: lambda: self._loop(CoreLoop),
            POOLED: lambda: self._loop(PooledLoop),
            BARE: lambda: self._loop(BareLoop),
        }
        order = list(parts)
        timings: Timings = {name: [] for name in parts}
        for number in range(1, rounds + 1):
            for name in order if number % 2 else reversed(order):
                seconds = parts[name]() / self._shape.operations
                timings[name].append(seconds)
                self._progress(f"round {number} of {rounds}: {name}, {seconds * 1e6:.1f} us an operation")
        return timings

    def _engine(self) -> float:
        done = run(scenario(self._shape), database=self._database, seed=SEED)
        operations = done.tables.operations
        assert len(operations) == self._shape.operations, f"{len(operations)} of {self._shape.operations} operations"
        assert not operations.column("outcome").any(), "an operation of the bench's load failed"
        return float(operations.column("ended_us").max()) / 1e6

    def _loop(self, make: MakeLoop) -> float:
        make_tables(self._database, self._shape)
        return time_loop(make, self._database.address, self._shape, self._units)

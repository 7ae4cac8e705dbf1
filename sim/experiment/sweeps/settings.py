"""How a sweep is run: everything that does not change what is asked. Plain values; nothing is done here."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sim.experiment.cache import OutcomeCache
from sim.experiment.jobs import Runner, simulate
from sim.experiment.precision import Precision
from sim.experiment.progress import Progress

REPLICATIONS = 10  # of every strategy at every point, when nobody says how many


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` (from 1) of `count` parts of a sweep, for batch systems. It has every count-th point."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `I/N`. ValueError for anything else."""
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise ValueError(f"is '{text}'; it must be I/N with I from 1 to N, such as 1/4")
        return cls(int(found[1]), int(found[2]))

    def holds(self, point: int) -> bool:
        """Whether the point with this number is in this part."""
        return point % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


@dataclass(frozen=True, slots=True)
class SweepProgress(Progress):
    """One reading of a sweep. `cached`: replications of this round that came from the cache; the others run."""

    points_done: int = 0
    points: int = 0
    failures: int = 0  # points
    cached: int = 0


OnSweepProgress = Callable[[SweepProgress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSettings:
    """How to run. With `precision` every point has its own number of replications, and `replications` is not used."""

    replications: int = REPLICATIONS
    precision: Precision | None = None
    seed: int = 1
    workers: int | None = None  # processes; None: all cores
    scheduler: str | None = None  # of a Dask cluster; None: this machine
    cache: OutcomeCache = field(default_factory=OutcomeCache.usual)
    shard: Shard | None = None  # None: the whole
    output: Path | None = None  # None: nothing is kept on disk
    force: bool = False  # replace a different result
    command: str = ""  # as typed, for the manifest
    origin: tuple[str, ...] = ()  # the scenario as `bindsim run` is told it, with --set
    on_progress: OnSweepProgress | None = None
    runner: Runner = simulate

    def __post_init__(self) -> None:
        """ValueError for a number that means nothing."""
        for name, value, least in (
            ("replications", self.replications, 1),
            ("seed", self.seed, 0),
            ("workers", self.workers, 1),
        ):
            if value is not None and value < least:
                raise ValueError(f"{name} is {value}; it must be at least {least}")

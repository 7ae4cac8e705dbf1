"""Settings: how experiments are run. Everything here leaves the question as it is.

compare() makes them from its keywords, the command line from its options.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.experiment.jobs import Runner, simulate
from sim.experiment.precision import Precision
from sim.experiment.progress import OnProgress
from sim.scenario import Objective

REPLICATIONS = 10  # default of a comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run: everything that does not change what is asked."""

    replications: int = REPLICATIONS
    precision: Precision | None = None  # decides how many replications, instead of `replications`
    seed: int = 1
    workers: int | None = None  # None: all cores
    output: Path | None = None  # None: nothing is kept on disk
    force: bool = False  # replace a different result
    history: bool = False  # keep what the checker looks at with the results
    verify: bool = False  # check every run
    first_replication: int = 0
    verb: str = "compare"
    command: str = ""  # as typed, for the manifest
    origin: tuple[str, ...] = ()  # the scenario as `bindsim run` is told it, with --set; else what the scenario says
    objectives: tuple[Objective, ...] = ()  # judged beside the scenario's own
    on_progress: OnProgress | None = None
    runner: Runner = simulate
    engine: dict[str, Any] = field(default_factory=dict)  # what names a result that is not of the usual runner

    def __post_init__(self) -> None:
        """ValueError for a number that means nothing."""
        for name, value, least in (
            ("replications", self.replications, 1),
            ("seed", self.seed, 0),
            ("workers", self.workers, 1),
            ("first_replication", self.first_replication, 0),
        ):
            if value is not None and value < least:
                raise ValueError(f"{name} is {value}; it must be at least {least}")

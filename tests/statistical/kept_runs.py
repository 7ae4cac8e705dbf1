"""Replications of the M/M/1 scenario, reduced to when each operation was meant to start and when it ended.

Used by measure_coverage, which asks for the replications of one repetition at a time; with a folder they are kept
there, so that a changed procedure need not simulate again. A repetition is what one user gets with `--seed`: its seed
is its number.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from sim.metrics import Micros
from sim.scenario import Scenario, load_scenario
from sim.simulation import run

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "theory" / "mm1.yaml"
BLOCK = 10  # replications in a file
SERVICE_S = {"slow": 0.010, "fast": 0.009}  # s, mean; two variants of the server for paired differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A utilisation of the slow server, with lengths that suit it."""

    utilisation: float
    duration_s: float
    warm_up_s: float  # fixed cut
    precision: float  # half-width over mean

    @property
    def rate_per_s(self) -> float:
        """Arrivals a second."""
        return self.utilisation / SERVICE_S["slow"]

    @property
    def relaxation_s(self) -> float:
        """How long the slow queue takes to forget its start: service / (1 - sqrt(rho))**2 (Cohen, 1982)."""
        return SERVICE_S["slow"] / (1 - self.utilisation**0.5) ** 2


CASES = (
    Case(utilisation=0.5, duration_s=8, warm_up_s=1, precision=0.1),
    Case(utilisation=0.8, duration_s=8, warm_up_s=4, precision=0.2),
    Case(utilisation=0.9, duration_s=12, warm_up_s=6, precision=0.3),
)


@dataclass(frozen=True, slots=True)
class Replication:
    """The operations of one run in the order in which they were meant to start, microseconds."""

    intended_us: Micros
    ended_us: Micros


def replications(
    case: Case, variant: str, seed: int, *, first: int, count: int, folder: Path | None = None
) -> list[Replication]:
    """`count` replications from number `first` on, from the folder where they are there."""
    if folder is None:
        return [_simulated(case, variant, seed, number) for number in range(first, first + count)]
    begin = first // BLOCK * BLOCK
    blocks = [_block(folder, case, variant, seed, number) for number in range(begin, first + count, BLOCK)]
    return [run for block in blocks for run in block][first - begin : first - begin + count]


def _block(folder: Path, case: Case, variant: str, seed: int, first: int) -> list[Replication]:
    file = folder / f"{case.utilisation}-{case.duration_s}-{variant}-{seed}-{first}-{BLOCK}.npz"
    if not file.exists():
        _keep(file, replications(case, variant, seed, first=first, count=BLOCK))
    return _kept(file)


def _simulated(case: Case, variant: str, seed: int, number: int) -> Replication:
    operations = run(_scenario(case, variant), seed=seed, replication=number).tables.operations
    order = np.argsort(operations.column("intended_us"), kind="stable")
    return Replication(operations.column("intended_us")[order], operations.column("ended_us")[order])


@cache
def _scenario(case: Case, variant: str) -> Scenario:
    """The M/M/1 scenario with the rate, the length and the server of a case."""
    return load_scenario(SCENARIO, overrides(case, variant))


def overrides(case: Case, variant: str) -> list[str]:
    """What is set in the scenario."""
    return [
        f"workload.arrivals.poisson.rate_per_s={case.rate_per_s}",
        f"horizon.duration_s={case.duration_s}",
        f"database.execution_s.exponential.mean_s={SERVICE_S[variant]}",
    ]


def _keep(file: Path, runs: list[Replication]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".tmp")
    with unfinished.open("wb") as stream:
        np.savez(
            stream,
            lengths=[len(each.ended_us) for each in runs],
            intended_us=np.concatenate([each.intended_us for each in runs]).astype(np.int32),
            ended_us=np.concatenate([each.ended_us for each in runs]).astype(np.int32),
        )
    unfinished.rename(file)


def _kept(file: Path) -> list[Replication]:
    with np.load(file) as kept:
        edges = np.cumsum(kept["lengths"])[:-1]
        intended, ended = (np.split(kept[name].astype(np.int64), edges) for name in ("intended_us", "ended_us"))
    return [Replication(*both) for both in zip(intended, ended, strict=True)]

"""How busy two worker processes are through a sweep of 64 points.

    python -m tests.sim.experiment.sweeps.measure_utilisation [SECONDS OF LOAD]

The share is the wall-clock time that the workers spend in replications, over twice the time of the whole sweep, from
its first check to its last byte.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.experiment.cache import OutcomeCache
from sim.experiment.jobs import Job, Report, simulate
from sim.experiment.sweeps import sweep
from sim.metrics import RunFacts
from sim.scenario import load_scenario, with_overrides

VARY = {"topology.subnets_per_tenant": [0, 1], "workload.rate_per_s": "1..8..8", "api.processes": [1, 2, 4, 8]}
TIMES = "BINDSIM_TEST_TIMES"  # a folder


@dataclass(frozen=True)
class Measured:
    points: int
    runs: int
    workers: int
    passed_s: float
    share: float


def timed(job: Job, report: Report) -> RunFacts:
    """The simulator; its wall-clock seconds are written down by process."""
    began_s = time.monotonic()
    facts = simulate(job, report)
    with (Path(os.environ[TIMES]) / str(os.getpid())).open("a") as file:
        file.write(f"{time.monotonic() - began_s}\n")
    return facts


def measured(folder: Path, *, duration_s: float, replications: int) -> Measured:
    """Runs the sweep with two workers and a cache that is empty."""
    (folder / "times").mkdir()
    os.environ[TIMES] = str(folder / "times")
    scenario = with_overrides(load_scenario("boot_storm"), [f"horizon.duration_s={duration_s}"])
    cache, began_s = OutcomeCache(folder / "cache"), time.monotonic()
    found = sweep(
        scenario, vary=VARY, replications=replications, workers=2, cache=cache, runner=timed, output=folder / "result"
    )
    passed_s = time.monotonic() - began_s
    busy_s = [sum(map(float, file.read_text().split())) for file in (folder / "times").iterdir()]
    return Measured(len(found.points), found.run, len(busy_s), passed_s, sum(busy_s) / (2 * passed_s))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        found = measured(Path(folder), duration_s=float(sys.argv[1]) if sys.argv[1:] else 120.0, replications=5)
    print(
        f"{found.points} points, {found.runs} replications in {found.passed_s:.0f} s: "
        f"two workers busy for {found.share:.1%} of the time"
    )

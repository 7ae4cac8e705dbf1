import os
import time
from pathlib import Path

import pytest

from sim.experiment.cache import OutcomeCache
from sim.experiment.jobs import Job, Report, simulate
from sim.experiment.sweeps import sweep
from sim.metrics import RunFacts
from sim.scenario import load_scenario, with_overrides

LEAST_SHARE = 0.8  # docs/sweeps.md: 90 % and better on an idle machine
VARY = {"topology.subnets_per_tenant": [0, 1], "workload.rate_per_s": "1..8..8", "api.processes": [1, 2, 4, 8]}
TIMES = "BINDSIM_TEST_TIMES"  # a folder


def timed(job: Job, report: Report) -> RunFacts:
    """The simulator; its wall-clock seconds are written down by process."""
    began_s = time.monotonic()
    facts = simulate(job, report)
    with (Path(os.environ[TIMES]) / str(os.getpid())).open("a") as file:
        file.write(f"{time.monotonic() - began_s}\n")
    return facts


@pytest.mark.slow
def test_two_workers_are_busy_through_a_sweep_of_64_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TIMES, str(tmp_path))
    scenario = with_overrides(load_scenario("boot_storm"), ["horizon.duration_s=60"])
    began_s = time.monotonic()
    found = sweep(scenario, vary=VARY, replications=2, workers=2, cache=OutcomeCache(None), runner=timed)
    found.summary_rows()
    passed_s = time.monotonic() - began_s
    busy_s = [sum(map(float, file.read_text().split())) for file in tmp_path.iterdir()]
    assert (len(found.points), found.run, len(busy_s)) == (64, 256, 2)
    assert sum(busy_s) >= LEAST_SHARE * 2 * passed_s

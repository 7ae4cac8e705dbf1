from pathlib import Path

import pytest

from tests.sim.experiment.sweeps.measure_utilisation import TIMES, measured

LEAST_SHARE = 0.8  # with short runs on a machine that does other things too; see docs/sweeps.md


@pytest.mark.slow
@pytest.mark.alone
def test_two_workers_are_busy_through_a_sweep_of_64_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TIMES, "")  # put back at the end
    found = measured(tmp_path, duration_s=30, replications=2)
    assert (found.points, found.runs, found.workers) == (64, 256, 2)
    assert found.share >= LEAST_SHARE

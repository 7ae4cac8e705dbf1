"""A page of a large comparison: under 15 s and under 2 MB, for 200,000 operations."""

import time
from pathlib import Path

import pytest

from sim.cli import main
from sim.report import write_report
from sim.results import load_run

OPERATIONS = 200_000
LONGEST_S = 15
LARGEST_BYTES = 2_000_000


@pytest.mark.slow
def test_a_comparison_of_200_000_operations_has_its_page_in_time_and_size(tmp_path: Path):
    command = ["compare", "hot_port", "--replications", "10", "--set", "horizon.duration_s=1010"]
    assert main([*command, "--output", str(tmp_path / "large")]) in (0, 3)
    result = load_run(tmp_path / "large")
    assert sum(each["operations"] for each in result.details["strategies"].values()) >= OPERATIONS
    began_s = time.process_time()
    path = write_report(result)
    assert time.process_time() - began_s < LONGEST_S
    assert path.stat().st_size < LARGEST_BYTES

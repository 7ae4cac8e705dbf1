"""A command that is told to end leaves whole results or none."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MAIN = "import sys; from sim.cli import main; sys.exit(main())"
LONGEST_S = 60.0


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--history", "--verify"]])
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_comparison_that_is_told_to_end_leaves_nothing_and_says_130(
    told: signal.Signals, options: list[str], tmp_path: Path
) -> None:
    call = [sys.executable, "-c", MAIN, "compare", "boot_storm", "--replications", "50", "--output", tmp_path / "out"]
    call += options
    with subprocess.Popen(call, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as command:
        began_s = time.monotonic()
        while not any(tmp_path.iterdir()) and time.monotonic() - began_s < LONGEST_S:
            time.sleep(0.05)
        assert any(tmp_path.iterdir()), "the comparison never began to write"
        command.send_signal(told)
        out, err = command.communicate(timeout=LONGEST_S)
    assert (command.returncode, out) == (130, "")
    assert "interrupted; no partial results were kept" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []

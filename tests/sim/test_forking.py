"""An interrupt that comes while worker processes are started ends the command like any other."""

import subprocess
import sys
from pathlib import Path

import pytest

AT_FORK = """
import os, signal, sys
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIG{name}))
from sim.cli import main
sys.exit(main({arguments!r}))
"""
COMPARE = ["compare", "get_port_stampede", "--replications", "8", "--workers", "2", "--output"]
SOAK = ["soak", "--runs", "4000", "--jobs", "2"]
LONGEST_S = 60.0


def _run(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command to which a signal comes whenever it has forked."""
    code = AT_FORK.format(name=name, arguments=list(arguments))
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LONGEST_S, check=False
    )  # fmt: skip


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_a_comparison_is_interrupted_while_its_processes_start(name: str, tmp_path: Path) -> None:
    done = _run(name, *COMPARE, f"{tmp_path}/out")
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "bindsim: interrupted; no partial results were kept\n"


def test_a_soak_is_interrupted_while_its_processes_start() -> None:
    done = _run("INT", *SOAK)
    assert done.returncode == 130, done.stderr
    assert "ignored" not in done.stderr

"""What commands print fits 80 columns, and has colours on a terminal only, and not with NO_COLOR."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sim.conftest import Said

WIDTH = 80
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
ANY_CODE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
SHORT = ("--set", "horizon.duration_s=3")
ANSWERS = {
    "run": ("run", "hot_port", *SHORT, "--force"),
    "compare": ("compare", "hot_port", *SHORT, "--replications", "2", "--verify", "--force"),
    "sweep": ("sweep", "hot_port", *SHORT, "--vary", "workload.rate_per_s=4,8", "--replications", "2", "--force"),
    "metrics": ("metrics",),
    "properties": ("properties",),
    "scenarios": ("scenarios",),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_lines_fit_and_hold_no_code_where_nobody_has_a_terminal(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _, out, err = said(*ANSWERS[name])
    assert out
    assert [line for line in out.splitlines() if len(line) > WIDTH] == []
    assert ANY_CODE.findall(out + err) == []


def on_a_terminal(arguments: tuple[str, ...], folder: Path, **variables: str) -> str:
    """What a fresh process writes on a terminal of its own."""
    outside, inside = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **variables}
    command = [sys.executable, "-c", "from sim.cli import main; raise SystemExit(main())", *arguments]
    process = subprocess.Popen(command, stdout=inside, stderr=inside, stdin=inside, env=environment, cwd=folder)
    os.close(inside)
    told = b""
    while chunk := _read(outside):
        told += chunk
    process.wait()
    os.close(outside)
    return told.decode()


def _read(outside: int) -> bytes:
    try:
        return os.read(outside, 65536)
    except OSError:  # the other end was closed
        return b""


def test_a_terminal_shows_a_bar_and_no_colour_asks_for_none(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(Path(__file__).parents[3])}
    plain = on_a_terminal(ANSWERS["run"], tmp_path, NO_COLOR="1", **environment)
    assert "hot_port" in plain
    assert COLOUR.findall(plain) == []
    coloured = on_a_terminal(ANSWERS["run"], tmp_path, **environment)
    assert COLOUR.findall(coloured)

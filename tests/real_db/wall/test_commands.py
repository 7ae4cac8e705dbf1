"""bindsim run --engine wall from end to end: results that can be read again, and nothing left when told to end."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.scenario import resolved_yaml
from sim.servers import PRIVATE
from tests.sim.wall.on_sqlite import small

pytestmark = pytest.mark.databases

MAIN = "import sys; from sim.cli import main; sys.exit(main())"
LONGEST_S = 60.0


@pytest.fixture(params=PRIVATE)
def kind(request: pytest.FixtureRequest) -> str:
    """The word for a private server of each kind, where there can be one."""
    request.getfixturevalue(request.param)
    return str(request.param)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder whose path leaves room for the names of sockets, as pytest's own may not."""
    with tempfile.TemporaryDirectory(prefix="wall-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """The file of a small scenario."""
    path = tmp_path / "small.yaml"
    path.write_text(
        resolved_yaml(
            small(),
        )
    )
    return path


def _bindsim(*arguments: object, folder: Path) -> "subprocess.Popen[str]":
    """A command in a session of its own, with its temporary files in a folder that can be looked into."""
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(folder)}, start_new_session=True,
    )  # fmt: skip


def _ended(command: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = command.communicate(timeout=LONGEST_S)
    return command.returncode, out, err


def _lives_in(session: int) -> bool:
    """Whether a process of the session is left that is no zombie."""
    listed = subprocess.run(["ps", "-o", "stat=", "-s", str(session)], capture_output=True, text=True, check=False)
    return any(not line.startswith("Z") for line in listed.stdout.split())


def test_a_result_can_be_read_again_and_verified_to_the_same(
    kind: str, scenario: Path, tmp_path: Path, temporary: Path
) -> None:
    options = ("--engine", "wall", "--database", kind, "--strategy", "deferred", "--history", "--verify", "--json")
    with _bindsim("run", scenario, *options, "--output", tmp_path / "out", folder=temporary) as command:
        status, out, err = _ended(command)
    assert status == 0, err
    with _bindsim("verify", tmp_path / "out", "--json", folder=temporary) as command:
        again = _ended(command)
    assert again[0] == 0
    assert json.loads(again[1])["verification"] == json.loads(out)["verification"]


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_told_to_end_leaves_no_process_folder_or_result(
    kind: str, told: signal.Signals, scenario: Path, tmp_path: Path, temporary: Path
) -> None:
    options = ("--engine", "wall", "--database", kind, "--duration", "30", "--output", tmp_path / "out")
    with _bindsim("run", scenario, *options, folder=temporary) as command:
        began_s = time.monotonic()
        while not list(temporary.glob("bindsim-run-*/api-*")) and time.monotonic() - began_s < LONGEST_S:
            time.sleep(0.05)
        time.sleep(1)
        if told == signal.SIGINT:
            os.killpg(command.pid, told)
        else:
            command.send_signal(told)
        status, out, err = _ended(command)
    assert (status, out) == (-9 if told == signal.SIGKILL else 130, "")
    assert "Traceback" not in err
    until_s = time.monotonic() + 5
    while _lives_in(command.pid) and time.monotonic() < until_s:
        time.sleep(0.1)
    assert not _lives_in(command.pid)
    assert not (tmp_path / "out").exists()
    if told != signal.SIGKILL:
        assert list(temporary.glob("bindsim-run-*")) == []


def test_what_a_killed_run_has_left_is_gone_after_the_next(kind: str, scenario: Path, temporary: Path) -> None:
    left = temporary / "bindsim-run-left"
    left.mkdir()
    (left / "owner").touch()
    options = ("--engine", "wall", "--database", kind, "--duration", "0.1", "--output", temporary / "out")
    with _bindsim("run", scenario, *options, folder=temporary) as command:
        status, _, err = _ended(command)
    assert status == 0, err
    assert list(temporary.glob("bindsim-run-*")) == []
    assert tempfile.gettempdir() != str(temporary)


def test_a_temporary_folder_with_a_long_path_does_for_everything_but_sockets(
    kind: str, scenario: Path, tmp_path: Path
) -> None:
    long = tmp_path / ("long" * 25)
    long.mkdir()
    options = ("--engine", "wall", "--database", kind, "--duration", "0.1", "--output", tmp_path / "out")
    with _bindsim("run", scenario, *options, folder=long) as command:
        status, _, err = _ended(command)
    assert status == 0, err

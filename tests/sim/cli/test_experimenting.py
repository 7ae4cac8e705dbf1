"""bindsim compare with an experiment file: what the file says, and what the command line says before it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sim.conftest import Said

EXPERIMENT = """\
question: Which?
kind: compare
scenario: hot_port
set: {horizon.duration_s: 3, workload.ports.initial: 20}
strategies: [deferred, serialized]
seed: 7
replications: 2
verify: true
"""


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(EXPERIMENT)
    return path


def test_the_file_says_everything(file: Path, tmp_path: Path, said: Said) -> None:
    status, out, err = said("compare", str(file), "--output", str(tmp_path / "out"), "--workers", "1")
    assert status in (0, 3), err
    run = manifest(tmp_path / "out")
    assert (run["run"]["strategies"], run["run"]["seed"], run["run"]["replications"]) == (
        ["deferred", "serialized"], 7, 2,
    )  # fmt: skip
    assert run["scenario"]["horizon"]["duration_s"] == 3
    assert "contract" in out  # it was verified


def test_the_command_line_comes_before_the_file(file: Path, tmp_path: Path, said: Said) -> None:
    more = ("--seed", "1", "--replications", "1", "--strategies", "deferred", "--set", "horizon.duration_s=2")
    assert said("compare", str(file), *more, "--output", str(tmp_path / "out"))[0] in (0, 3)
    run = manifest(tmp_path / "out")
    assert (run["run"]["strategies"], run["run"]["seed"], run["run"]["replications"]) == (["deferred"], 1, 1)
    assert run["scenario"]["horizon"]["duration_s"] == 2


def test_an_experiment_of_another_kind_names_its_command(file: Path, said: Said) -> None:
    file.write_text("question: Which?\nkind: sweep\nscenario: hot_port\nvary: [{api.processes: [1, 2]}]\n")
    status, _, err = said("compare", str(file))
    assert (status, err) == (2, f"bindsim: {file} is an experiment of kind sweep: bindsim sweep {file}\n")

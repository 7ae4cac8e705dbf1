"""The same seed gives the same bytes: whatever the hash seed of Python and the number of workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
from pathlib import Path
from sim import compare, load_scenario
scenario = load_scenario("hot_port", ["horizon.duration_s=5"])
compare(scenario, replications=2, workers=int(sys.argv[2]), output=Path(sys.argv[1]))
"""


def files(folder: Path, *, hash_seed: str, workers: int) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE, str(folder), str(workers)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


@pytest.mark.parametrize(("hash_seed", "workers"), [("2", 1), ("1", 2)])
def test_neither_hash_seed_nor_workers_change_a_byte(tmp_path: Path, hash_seed: str, workers: int) -> None:
    usual = files(tmp_path / "usual", hash_seed="1", workers=1)
    other = files(tmp_path / "other", hash_seed=hash_seed, workers=workers)
    assert usual == other
    assert len(usual) == 9

"""The same seed gives the same bytes: whatever the hash seed of Python and the number of workers."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from pathlib import Path
from sim import compare, load_scenario
scenario = load_scenario("hot_port", ["horizon.duration_s=4"])
compare(scenario, replications=2, workers=int(sys.argv[2]), output=Path(sys.argv[1]))
"""


def files(folder: Path, *, hash_seed: str, workers: int) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE, str(folder), str(workers)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


def test_neither_hash_seed_nor_workers_change_a_byte(tmp_path: Path) -> None:
    one = files(tmp_path / "one", hash_seed="1", workers=1)
    assert one == files(tmp_path / "other", hash_seed="2", workers=2)
    assert len(one) == 9

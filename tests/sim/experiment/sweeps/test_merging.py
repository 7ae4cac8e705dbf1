import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sim.experiment.cache import OutcomeCache
from sim.experiment.sweeps import Shard, keep_sweep, merge, sweep
from sim.experiment.sweeps.keeping import identity_of
from sim.results import ResultError, ResultWriter, load_run
from sim.scenario import Scenario
from tests.sim.experiment.sweeps.test_sweeping import VARY, fails_at_two, files

COUNT = 4


@pytest.fixture
def how(runner: Any) -> dict[str, Any]:
    return {"replications": 5, "workers": 1, "runner": runner, "cache": OutcomeCache(None)}


@pytest.fixture
def shards(scenario: Scenario, how: dict[str, Any], tmp_path: Path) -> list[Path]:
    return run_shards(scenario, how, tmp_path, COUNT)


def run_shards(scenario: Scenario, how: dict[str, Any], folder: Path, count: int, **changes: Any) -> list[Path]:
    folders = [folder / f"shard-{number}" for number in range(1, count + 1)]
    for number, output in enumerate(folders, start=1):
        sweep(scenario, vary=VARY, **{**how, **changes}, shard=Shard(number, count), output=output)
    return folders


def kept(folders: list[Path], output: Path) -> dict[str, bytes]:
    found = merge(folders)
    with ResultWriter(output, identity_of(found.sweep.over, found.replications)) as writer:
        keep_sweep(found.sweep, writer, origin=found.origin)
    return files(output)


def test_merged_shards_are_the_same_bytes_as_the_sweep_in_one_piece(
    scenario: Scenario, how: dict[str, Any], shards: list[Path], tmp_path: Path
) -> None:
    sweep(scenario, vary=VARY, **how, output=tmp_path / "whole")
    assert kept(shards[::-1], tmp_path / "merged") == files(tmp_path / "whole")
    runs = [load_run(tmp_path / name).manifest["run"] for name in ("merged", "whole")]
    assert runs[0] == runs[1]


def test_more_shards_than_points_leave_some_empty_and_merge_all_the_same(
    scenario: Scenario, how: dict[str, Any], tmp_path: Path
) -> None:
    sweep(scenario, vary=VARY, **how, output=tmp_path / "whole")
    assert kept(run_shards(scenario, how, tmp_path, 8), tmp_path / "merged") == files(tmp_path / "whole")


def test_failures_are_merged_too(scenario: Scenario, how: dict[str, Any], tmp_path: Path) -> None:
    changed = {**how, "runner": fails_at_two}
    sweep(scenario, vary=VARY, **changed, output=tmp_path / "whole")
    assert kept(run_shards(scenario, changed, tmp_path, 2), tmp_path / "merged") == files(tmp_path / "whole")
    assert len(merge([tmp_path / "shard-1", tmp_path / "shard-2"]).sweep.failures) == 3


def test_a_shard_says_that_it_is_one(shards: list[Path]) -> None:
    back = load_run(shards[1])
    assert (back.details["shard"], back.manifest["run"]["experiment"]["shard"]) == ("2/4", "2/4")
    assert [point["number"] for point in back.details["points"]] == [1, 5]


def test_a_missing_shard_is_named(shards: list[Path]) -> None:
    with pytest.raises(ResultError, match=r"these shards are missing: 2/4, 4/4; run the sweep with --shard 2/4"):
        merge([shards[0], shards[2]])


def test_the_same_shard_twice_is_refused(shards: list[Path], tmp_path: Path) -> None:
    shutil.copytree(shards[0], tmp_path / "copy")
    with pytest.raises(ResultError, match="are the same shard 1/4"):
        merge([*shards, tmp_path / "copy"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 2}, "another seed"),
        ({"replications": 6}, "another number of replications"),
        ({"strategies": ["deferred"]}, "another s"),
    ],
)
def test_shards_of_another_sweep_are_refused(
    scenario: Scenario, how: dict[str, Any], shards: list[Path], tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    other = run_shards(scenario, how, tmp_path / "other", COUNT, **change)
    with pytest.raises(ResultError, match=told):
        merge([shards[0], *other[1:]])


def test_shards_of_other_code_are_refused(shards: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = shards[1] / "outcomes.json"
    outcomes.write_text(json.dumps({**json.loads(outcomes.read_text()), "code": "other"}))
    with pytest.raises(ResultError, match="is not what was written"):
        merge(shards)
    manifest = json.loads((shards[1] / "manifest.json").read_text())
    del manifest["files"]["outcomes.json"]
    (shards[1] / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ResultError, match="another code or packages"):
        merge(shards)


def test_what_is_no_shard_is_refused(
    scenario: Scenario, how: dict[str, Any], shards: list[Path], tmp_path: Path
) -> None:
    sweep(scenario, vary=VARY, **how, output=tmp_path / "whole")
    with pytest.raises(ResultError, match="is no shard of a sweep but the result of sweep by_hand"):
        merge([*shards, tmp_path / "whole"])
    with pytest.raises(ResultError, match="there is no folder"):
        merge([tmp_path / "nowhere"])

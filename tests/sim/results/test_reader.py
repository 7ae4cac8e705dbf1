import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.metrics import Tables
from sim.results import TABLES, ResultError, ResultWriter, RunIdentity, load_run


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    run = RunIdentity(
        scenario="by_hand", scenario_hash="0123abcd", verb="run", seed=1, replications=1, strategies=("deferred",)
    )
    made, folder = Tables.empty(), tmp_path / "kept"
    made.levels.append(made.words.resources.code("pool"), 2_500_000, 3, 0)
    with ResultWriter(folder, run) as writer:
        writer.add(made, strategy="deferred", replication=0)
        rows = [{"metric": "latency_s.all.p95", "mean": None}]
        writer.finish(summary={"scenario": "by_hand"}, rows=rows, scenario={})
    return folder


def test_every_table_is_a_frame(kept: Path) -> None:
    back = load_run(kept)
    assert back.levels[["strategy", "resource", "at_s", "in_use"]].values.tolist() == [["deferred", "pool", 2.5, 3]]
    for name in TABLES:
        assert list(getattr(back, name).columns[:2]) == ["strategy", "replication"]
        assert len(back.table(name)) == len(getattr(back, name))


def test_the_summary_and_the_details_come_back(kept: Path) -> None:
    back = load_run(str(kept))
    assert back.summary["mean"].isna().all()
    assert back.details == {"scenario": "by_hand"}
    assert "seed 1" in repr(back)


def test_a_table_that_there_is_not_is_refused_with_those_that_there_are(kept: Path) -> None:
    with pytest.raises(ResultError, match="operations, attempts"):
        load_run(kept).table("ports")


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def half_a_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"schema_version": 1, ')


def a_list_for_a_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def a_later_version(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema_version": 99}))


def a_missing_table(folder: Path) -> None:
    (folder / "levels.parquet").unlink()


def a_cut_table(folder: Path) -> None:
    content = (folder / "levels.parquet").read_bytes()
    (folder / "levels.parquet").write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (no_manifest, "it has no manifest.json"),
        (half_a_manifest, "manifest.json cannot be read"),
        (a_list_for_a_manifest, "it holds no mapping"),
        (a_later_version, "schema version 99; this bindsim reads version 1"),
        (a_missing_table, "levels.parquet is missing"),
        (a_cut_table, "levels.parquet is not what was written"),
    ],
)
def test_damage_is_told_in_one_sentence(kept: Path, damage: Callable[[Path], None], told: str) -> None:
    damage(kept)
    with pytest.raises(ResultError, match=told):
        load_run(kept)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="there is no folder"):
        load_run(tmp_path / "nowhere")

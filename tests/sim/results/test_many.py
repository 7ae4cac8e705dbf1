from pathlib import Path

import pytest

from sim.experiment import Settings, compare
from sim.metrics.time_parts import time_parts
from sim.results import ResultError, load_run, load_runs
from sim.scenario import load_scenario


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three results at two depths."""
    root: Path = tmp_path_factory.mktemp("many")
    scenario = load_scenario("hot_port", ["horizon.duration_s=4"])
    for name, seed in (("one", 1), ("two", 2), ("deeper/three", 3)):
        compare(
            scenario,
            strategies=["deferred"],
            settings=Settings(seed=seed, replications=1, workers=1, output=root / name),
        )
    return root


def test_all_results_in_a_folder_are_one_with_a_column_that_tells_them_apart(folder: Path) -> None:
    runs = load_runs(folder)
    assert list(runs.results) == ["deeper/three", "one", "two"]
    operations = runs.operations
    assert list(operations.columns[:3]) == ["result", "strategy", "replication"]
    for name, rows in operations.groupby("result"):
        alone = load_run(folder / str(name)).operations
        assert rows.drop(columns="result").reset_index(drop=True).equals(alone)


def test_results_can_be_named_and_keep_their_order(folder: Path) -> None:
    runs = load_runs([folder / "two", folder / "one"])
    assert [run.manifest["run"]["seed"] for run in runs] == [2, 1]
    assert list(dict.fromkeys(runs.summary["result"])) == list(runs.results)


def test_one_result_is_a_folder_of_one(folder: Path) -> None:
    runs = load_runs(folder / "one")
    assert len(runs) == 1
    assert runs.details[next(iter(runs.results))]["seed"] == 1


def test_parts_of_latencies_are_told_apart_by_result(folder: Path) -> None:
    parts = time_parts(load_runs(folder))
    assert set(parts["result"]) == {"deeper/three", "one", "two"}
    assert len(parts) == sum(len(time_parts(load_run(folder / name))) for name in ("deeper/three", "one", "two"))


def test_it_shows_itself_without_the_place_where_it_lies(folder: Path) -> None:
    shown = load_runs(folder)._repr_html_()
    assert "deeper/three" in shown
    assert str(folder) not in shown


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_where_there_is_no_result_it_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(ResultError, match="there is no"):
        load_runs(tmp_path / name)


def test_a_damaged_result_among_them_is_refused(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "one", tmp_path / "copy")
    (tmp_path / "copy" / "summary.csv").write_text("changed")
    with pytest.raises(ResultError, match="damaged"):
        load_runs(tmp_path)

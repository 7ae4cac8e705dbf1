import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.metrics import Tables
from sim.results import TABLES, ResultError, ResultWriter, RunIdentity, default_folder

RUN = RunIdentity(
    scenario="by_hand", scenario_hash="0123abcd", verb="compare", seed=1, replications=2, strategies=("deferred",)
)
SUMMARY = {"verdict": "none"}
ROWS = [{"metric": "latency_s.all.p95", "mean": 1.5, "low": None, "best": True}]


def tables() -> Tables:
    made = Tables.empty()
    kind = made.words.kinds.code("create_port")
    made.operations.append(0, kind, -1, 0, 0, 0, -1, 0, 0, 0, 1_500_000, 0, -1, 1, 0)
    made.operations.append(1, kind, -1, 1, 0, 0, -1, 0, 5, 5, -1, 3, -1, -1, 0)
    return made


def write(folder: Path, run: RunIdentity = RUN, *, force: bool = False) -> None:
    with ResultWriter(folder, run, force=force) as writer:
        writer.add(tables(), strategy="deferred", replication=0)
        writer.add(tables(), strategy="deferred", replication=1)
        writer.finish(summary=SUMMARY, rows=ROWS, scenario={"question": "?"}, command="bindsim compare")


def test_a_result_is_a_manifest_two_summaries_and_a_file_a_table(tmp_path: Path) -> None:
    write(tmp_path / "kept")
    names = {"manifest.json", "summary.json", "summary.csv", *(f"{name}.parquet" for name in TABLES)}
    assert {path.name for path in (tmp_path / "kept").iterdir()} == names
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_tables_begin_with_strategy_and_replication(tmp_path: Path) -> None:
    write(tmp_path / "kept")
    rows = pq.read_table(tmp_path / "kept" / "operations.parquet").to_pylist()
    assert [(row["strategy"], row["replication"], row["operation"]) for row in rows] == [
        ("deferred", 0, 0), ("deferred", 0, 1), ("deferred", 1, 0), ("deferred", 1, 1),
    ]  # fmt: skip
    assert list(rows[0])[:2] == ["strategy", "replication"]


def test_times_are_seconds_and_names_are_text_and_what_is_not_there_is_null(tmp_path: Path) -> None:
    write(tmp_path / "kept")
    first, second, *_ = pq.read_table(tmp_path / "kept" / "operations.parquet").to_pylist()
    assert (first["ended_s"], first["kind"], first["class"], first["outcome"]) == (1.5, "create_port", None, "ok")
    assert (second["ended_s"], second["outcome"]) == (None, "unanswered")


def test_the_same_run_gives_the_same_bytes_in_everything_but_the_manifest(tmp_path: Path) -> None:
    write(tmp_path / "one")
    write(tmp_path / "other")
    for path in (tmp_path / "one").iterdir():
        same = path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
        assert same or path.name == "manifest.json"


def test_the_manifest_says_what_how_and_where(tmp_path: Path) -> None:
    write(tmp_path / "kept")
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_text())
    assert manifest["run"] == RUN.data()
    assert manifest["status"] == "complete"
    assert manifest["command"] == "bindsim compare"
    assert manifest["packages"]["numpy"]
    assert manifest["host"]["cores"] >= 1
    assert set(manifest["files"]) == {path.name for path in (tmp_path / "kept").iterdir()} - {"manifest.json"}


def test_an_error_on_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupted() -> None:
        with ResultWriter(tmp_path / "kept", RUN) as writer:
            writer.add(tables(), strategy="deferred", replication=0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_keeps_the_old_result(tmp_path: Path) -> None:
    write(tmp_path / "kept")
    before = {path.name: path.read_bytes() for path in (tmp_path / "kept").iterdir()}
    with pytest.raises(KeyboardInterrupt), ResultWriter(tmp_path / "kept", RUN):
        raise KeyboardInterrupt
    assert {path.name: path.read_bytes() for path in (tmp_path / "kept").iterdir()} == before


def test_the_same_run_replaces_its_result(tmp_path: Path) -> None:
    write(tmp_path / "kept")
    write(tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_damaged_result_is_replaced_only_when_forced(tmp_path: Path) -> None:
    write(tmp_path / "kept")
    (tmp_path / "kept" / "manifest.json").write_text("{")
    with pytest.raises(ResultError, match="use --force"):
        write(tmp_path / "kept")
    write(tmp_path / "kept", force=True)
    assert (tmp_path / "kept" / "manifest.json").read_text() != "{"


@pytest.mark.parametrize("change", [{"seed": 2}, {"scenario_hash": "ffff0000"}, {"replications": 3}])
def test_a_different_run_replaces_it_only_when_forced(tmp_path: Path, change: dict[str, object]) -> None:
    write(tmp_path / "kept")
    other = replace(RUN, **change)
    with pytest.raises(ResultError, match="different result; use --force"):
        write(tmp_path / "kept", other)
    write(tmp_path / "kept", other, force=True)


def test_a_folder_of_somebody_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ResultError, match="is no result of bindsim"):
        write(tmp_path, force=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    write(tmp_path / "kept")
    assert (tmp_path / "kept" / "manifest.json").is_file()


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(ResultError, match="is no result of bindsim"):
        write(tmp_path / "kept")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultError, match="cannot write results"):
        write(tmp_path / "file" / "kept")


def test_the_default_folder_names_scenario_verb_seed_and_hash() -> None:
    usual = replace(RUN, replications=10)
    assert default_folder(usual) == Path("results/local/by_hand-compare-1-0123abcd")
    once = replace(RUN, verb="run", replications=1, first_replication=3)
    assert default_folder(once) == Path("results/local/by_hand-run-1r3-0123abcd")


def test_another_number_of_replications_has_another_default_folder() -> None:
    assert default_folder(RUN).name == "by_hand-compare-1n2-0123abcd"
    precise = replace(RUN, replications=None, precision={"share": 0.05, "metrics": ["latency_s.all.p95"], "most": 200})
    assert default_folder(precise).name == "by_hand-compare-1p0.05m200-0123abcd"
    assert precise.data()["precision"]["metrics"] == ["latency_s.all.p95"]


def test_tables_that_come_in_rounds_are_sorted_and_have_the_bytes_of_those_that_came_in_order(tmp_path: Path) -> None:
    order = [(name, number) for name in ("b", "a/b") for number in range(3)]
    rounds = [(name, number) for numbers in ((0,), (1, 2)) for name in ("b", "a/b") for number in numbers]
    for folder, came in (("order", order), ("rounds", rounds)):
        with ResultWriter(tmp_path / folder, RUN, in_rounds=folder == "rounds") as writer:
            for name, number in came:
                writer.add(tables(), strategy=name, replication=number)
            writer.finish(summary=SUMMARY, rows=ROWS, scenario={})
    rows = pq.read_table(tmp_path / "rounds" / "operations.parquet").to_pylist()
    assert [(row["strategy"], row["replication"]) for row in rows[::2]] == order
    files = {path.name for path in (tmp_path / "rounds").iterdir()}
    assert files == {path.name for path in (tmp_path / "order").iterdir()}
    for name in files - {"manifest.json"}:
        assert (tmp_path / "rounds" / name).read_bytes() == (tmp_path / "order" / name).read_bytes()

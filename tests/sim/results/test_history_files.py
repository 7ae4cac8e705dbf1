import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import check, load_run, load_scenario, run
from sim.history import Facts, History, HistoryTables
from sim.metrics import Column
from sim.results import ResultError, ResultWriter, RunIdentity
from sim.results.history_files import HISTORY_FILES, has_history, load_history

PAGE = (Path(__file__).parents[3] / "docs" / "results.md").read_text()
TYPES = {"b": "int8", "h": "int16", "i": "int32", "q": "int64"}
FACTS = Facts(
    scenario="by_hand", strategy="deferred", seed=3, replication=1, promises=("contract",), binds_inside=False,
    reads_bind=True, check="generation", max_attempts=10, drivers=("sdn",), controllers={"sdn": "sdn-1"}, end_us=7,
)  # fmt: skip
IDENTITY = RunIdentity(
    scenario="by_hand", scenario_hash="0123abcd", verb="compare", seed=3, replications=2, strategies=("deferred",)
)


def lowest(column: Column) -> int:
    return -1 if column.codes is not None else int(np.iinfo(TYPES[column.width]).min)


def highest(column: Column) -> int:
    largest = int(np.iinfo(TYPES[column.width]).max)
    return largest if column.codes is None else column.codes.code(f"a word of {column.name}")


def by_hand() -> History:
    """Two rows a table: the least and the largest that each column can hold, no word and a new one."""
    tables = HistoryTables.empty()
    for table in tables.all():
        table.append(*map(lowest, table.columns))
        table.append(*map(highest, table.columns))
    return History(FACTS, tables)


def keep(folder: Path, histories: dict[tuple[str, int], History]) -> Path:
    with ResultWriter(folder, IDENTITY) as writer:
        for (strategy, replication), history in histories.items():
            writer.add_history(history, strategy=strategy, replication=replication)
        writer.finish(summary={}, rows=[], scenario={}, command="bindsim compare by_hand")
    return folder


def exactly(history: History) -> list[Any]:
    """Everything that a history holds, in a form that can be compared."""
    rows = [(table.name, list(table.rows())) for table in history.tables.all()]
    return [history.facts, rows, [codes.names for codes in history.tables._vocabularies()]]


@pytest.fixture(scope="module")
def recorded() -> dict[tuple[str, int], History]:
    """Runs that leave reservations behind, so that there is something to find."""
    scenario = load_scenario("live_migration", ["horizon.duration_s=12"])
    found = {}
    for strategy in ("in-transaction", "deferred"):
        for replication in (0, 1):
            history = run(scenario, strategy=strategy, replication=replication, history=True).history
            assert history is not None
            found[strategy, replication] = history
    return found


def test_every_column_of_every_table_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = keep(tmp_path / "kept", {("deferred", 0): by_hand()})
    assert exactly(load_run(kept).history("deferred")) == exactly(by_hand())


def test_a_history_of_before_there_were_levels_comes_back_without_any(tmp_path: Path) -> None:
    kept = keep(tmp_path / "kept", {("deferred", 0): by_hand()})
    states = kept / "history_states.parquet"
    pq.write_table(pq.read_table(states).drop_columns(["upper_levels"]), states)
    found = load_history(kept, strategy="deferred", replication=0).tables.states
    assert found.column("upper_levels").tolist() == [-1, -1]
    assert found.column("generation").tolist() == by_hand().tables.states.column("generation").tolist()


def test_a_history_without_rows_comes_back(tmp_path: Path) -> None:
    empty = History(FACTS, HistoryTables.empty())
    kept = keep(tmp_path / "kept", {("deferred", 0): empty, ("deferred", 1): by_hand()})
    assert exactly(load_run(kept).history("deferred", 0)) == exactly(empty)
    assert exactly(load_run(kept).history("deferred", 1)) == exactly(by_hand())


def test_words_that_every_history_begins_with_keep_their_codes(tmp_path: Path) -> None:
    words = load_run(keep(tmp_path / "kept", {("deferred", 0): by_hand()})).history("deferred").tables.words
    assert (words.vif_types.name(0), words.vif_types.name(1), words.hosts.name(0)) == ("unbound", "binding_failed", "")
    assert words.changes.find("dropped") == 3


def test_the_checker_says_the_same_of_a_loaded_history(
    recorded: dict[tuple[str, int], History], tmp_path: Path
) -> None:
    back = load_run(keep(tmp_path / "kept", recorded))
    assert back.histories() == list(recorded)
    found = 0
    for (strategy, replication), history in recorded.items():
        before, after = check(history), check(back.history(strategy, replication))
        assert after.verdicts == before.verdicts
        assert [after.evidence(each) for each in after.findings] == [before.evidence(each) for each in before.findings]
        found += len(before.findings)
    assert found > 10
    assert exactly(back.history("deferred", 1)) == exactly(recorded["deferred", 1])


def test_files_begin_with_strategy_and_replication_and_hold_words_and_whole_numbers(
    recorded: dict[tuple[str, int], History], tmp_path: Path
) -> None:
    kept = keep(tmp_path / "kept", recorded)
    schema = pq.read_schema(kept / "history_reads.parquet")
    assert schema.names[:4] == ["strategy", "replication", "first", "last"]
    assert {schema.field(name).type for name in ("first", "last", "at_us")} == {pa.int64()}
    assert schema.field("statement").type == pa.string()
    rows = load_run(kept).table("history_calls")
    assert set(rows["kind"]) == {"update_port", "get_port"}
    assert rows["strategy"].tolist() == sorted(rows["strategy"], reverse=True)


def test_the_same_histories_give_the_same_bytes(recorded: dict[tuple[str, int], History], tmp_path: Path) -> None:
    one, other = keep(tmp_path / "one", recorded), keep(tmp_path / "other", recorded)
    for name in HISTORY_FILES:
        assert (one / f"{name}.parquet").read_bytes() == (other / f"{name}.parquet").read_bytes()


def test_a_kept_operation_is_small(recorded: dict[tuple[str, int], History], tmp_path: Path) -> None:
    kept = keep(tmp_path / "kept", recorded)
    operations = sum(len(history.tables.calls) for history in recorded.values())
    assert sum((kept / f"{name}.parquet").stat().st_size for name in HISTORY_FILES) < 1024 * operations


def test_a_result_without_histories_says_how_to_get_them(tmp_path: Path) -> None:
    back = load_run(keep(tmp_path / "kept", {}))
    assert not has_history(back.folder)
    with pytest.raises(ResultError, match="holds no history; run again with --history: bindsim compare by_hand"):
        back.histories()
    with pytest.raises(ResultError, match="there is no table 'history_calls'"):
        back.table("history_calls")


@pytest.mark.parametrize(("strategy", "replication"), [("serialized", 0), ("deferred", 9)])
def test_a_run_that_was_not_kept_is_refused(tmp_path: Path, strategy: str, replication: int) -> None:
    back = load_run(keep(tmp_path / "kept", {("deferred", 0): by_hand()}))
    with pytest.raises(ResultError, match=f"no history of strategy '{strategy}', replication {replication}"):
        back.history(strategy, replication)


def cut(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])


def test_a_damaged_history_is_told_when_the_result_is_loaded(tmp_path: Path) -> None:
    kept = keep(tmp_path / "kept", {("deferred", 0): by_hand()})
    cut(kept, "history_reads.parquet")
    with pytest.raises(ResultError, match=r"history_reads.parquet is not what was written"):
        load_run(kept)


@pytest.mark.parametrize(
    ("name", "columns", "told"),
    [
        ("history_runs", {"facts": ["{}"]}, "replication 0, in .* cannot be read: KeyError"),
        ("history_runs", {"facts": ["{"]}, "cannot be read: JSONDecodeError"),
        ("history_words", {"vocabulary": ["hosts"]}, "cannot be read: KeyError"),
        ("history_answered", {"operation": [1]}, "cannot be read: KeyError"),
    ],
)
def test_files_that_hold_something_else_are_told_in_a_sentence(
    tmp_path: Path, name: str, columns: dict[str, Any], told: str
) -> None:
    kept = keep(tmp_path / "kept", {("deferred", 0): by_hand()})
    pq.write_table(pa.table({"strategy": ["deferred"], "replication": [0], **columns}), kept / f"{name}.parquet")
    with pytest.raises(ResultError, match=told):
        load_history(kept, strategy="deferred", replication=0)


def test_a_file_that_is_no_parquet_is_told_in_a_sentence(tmp_path: Path) -> None:
    kept = keep(tmp_path / "kept", {("deferred", 0): by_hand()})
    cut(kept, "history_calls.parquet")
    with pytest.raises(ResultError, match=r"history_calls.parquet cannot be read"):
        load_history(kept, strategy="deferred", replication=0)


def test_facts_are_json(tmp_path: Path) -> None:
    kept = keep(tmp_path / "kept", {("deferred", 0): by_hand()})
    [facts] = pq.read_table(kept / "history_runs.parquet")["facts"].to_pylist()
    assert json.loads(facts)["controllers"] == {"sdn": "sdn-1"}


@pytest.mark.parametrize("table", HistoryTables.empty().all(), ids=lambda table: table.name)
def test_the_page_on_results_names_every_column_of_every_table(table: Any) -> None:
    section = PAGE.split(f"### history_{table.name}\n")[1].split("\n### ")[0]
    assert [column.name for column in table.columns if f"`{column.name}`" not in section] == []

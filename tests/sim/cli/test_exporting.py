import gzip
import json
from pathlib import Path

import pytest

from sim.experiment import Settings, compare
from sim.report.export import perfetto_trace
from sim.results import load_run
from sim.scenario import load_scenario
from tests.sim.conftest import Said


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("exported") / "result"
    scenario = load_scenario("hot_port", ["horizon.duration_s=6"])
    compare(
        scenario, strategies=["in-transaction", "deferred"], settings=Settings(workers=1, replications=2, output=folder)
    )
    return folder


def test_a_trace_goes_beside_the_result_compressed_and_the_same_every_time(said: Said, result: Path) -> None:
    status, out, _ = said("export", str(result), "--format", "perfetto", "--strategy", "deferred", "--replication", "1")
    path = result.parent / "result.deferred-1.perfetto.json.gz"
    first = path.read_bytes()
    assert status == 0
    assert str(path) in out
    assert gzip.decompress(first) == perfetto_trace(load_run(result), strategy="deferred", replication=1)
    assert said("export", str(result), "--format", "perfetto", "--strategy", "deferred", "--replication", "1")[0] == 0
    assert path.read_bytes() == first


def test_percentile_files_go_into_a_folder_with_an_index(said: Said, result: Path, tmp_path: Path) -> None:
    status, out, _ = said("export", str(result), "--format", "hdr", "--output", str(tmp_path / "hgrm"), "--json")
    told, index = json.loads(out), json.loads((tmp_path / "hgrm" / "index.json").read_text())
    assert status == 0
    assert told == {"format": "hdr", "folder": str(tmp_path / "hgrm"), **index}
    files = {path.name for path in (tmp_path / "hgrm").iterdir()}
    assert files == {"index.json", *(file["file"] for file in index["files"])}
    assert index["saturated_replications"] == {"in-transaction": 0, "deferred": 0}


def test_what_is_something_else_is_not_replaced_unless_forced(said: Said, result: Path, tmp_path: Path) -> None:
    taken = tmp_path / "trace.json"
    taken.write_text("mine")
    asked = ("export", str(result), "--format", "perfetto", "--output", str(taken))
    status, _, err = said(*asked)
    assert (status, taken.read_text()) == (2, "mine")
    assert f"{taken} exists and is something else; use --force" in err
    assert said(*asked, "--force")[0] == 0
    assert json.loads(taken.read_text())["traceEvents"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "svg"), "'svg' is not one of 'perfetto', 'hdr'"),
        (("--format", "hdr", "--strategy", "mine"), "has no strategy 'mine'; it has in-transaction, deferred"),
        (("--format", "hdr", "--replication", "7"), "holds no operations of the chosen strategy and replication"),
        (("--format", "perfetto", "--replication", "7"), "replication 7; it has 0 to 1"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_a_sentence(
    said: Said, result: Path, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    status, out, err = said("export", str(result), *options, "--output", str(tmp_path / "x"))
    assert (status, out) == (2, "")
    assert told in err
    assert not (tmp_path / "x").exists()


def test_a_place_that_cannot_be_written_is_told(said: Said, result: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, _, err = said("export", str(result), "--format", "hdr", "--output", str(tmp_path / "file" / "hgrm"))
    assert status == 2
    assert "cannot write" in err

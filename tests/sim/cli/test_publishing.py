"""bindsim publish: what is published of an experiment, that it can be checked, and that nothing half is left."""

import json
from pathlib import Path

import pytest

from sim.results import LoadedRun
from sim.results.folder import digest
from tests.sim.conftest import Said

EXPERIMENT = """\
question: Does it come out the same?
kind: compare
scenario: hot_port
set: {horizon.duration_s: 5, workload.ports.initial: 20}
replications: 2
"""


def _plain_page(result: LoadedRun, output: Path) -> None:
    output.write_text(f"a page about {result.manifest['run']['scenario']}, made by {result.manifest['command']}")


@pytest.fixture(autouse=True)
def _quick_pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes seconds; one test has the real page."""
    if "real_page" not in request.fixturenames:
        monkeypatch.setattr("sim.cli.publishing.write_report", _plain_page)


@pytest.fixture
def real_page() -> None:
    """The test is about the page that people get."""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(EXPERIMENT)
    return file


@pytest.fixture
def published(experiment: Path, tmp_path: Path, said: Said) -> Path:
    status, out, err = said("publish", str(experiment), "--output", str(tmp_path / "results"), "--workers", "1")
    assert (status, out) == (0, ""), err
    return tmp_path / "results" / "small"


def test_summaries_text_and_page_are_published_and_no_raw_data(published: Path) -> None:
    assert {path.name for path in published.iterdir()} == {
        "manifest.json", "summary.json", "summary.csv", "output.txt", "report.html",
    }  # fmt: skip
    manifest = json.loads((published / "manifest.json").read_text())
    others = {path.name: digest(path) for path in published.iterdir() if path.name != "manifest.json"}
    assert manifest["files"] == others
    assert manifest["command"].startswith("bindsim publish ")
    assert (published / "output.txt").read_text().startswith("hot_port: What happens to the few ports")


def test_nothing_else_is_left_in_the_folder_of_results(published: Path) -> None:
    assert list(published.parent.iterdir()) == [published]


@pytest.mark.usefixtures("real_page")
def test_what_comes_out_the_same_passes_the_check(published: Path, experiment: Path, said: Said) -> None:
    status, out, _ = said("publish", str(experiment), "--check", "--output", str(published.parent), "--workers", "2")
    assert (status, out) == (0, "1 published results are what this version makes\n")


@pytest.mark.parametrize("name", ["summary.csv", "report.html", "output.txt"])
def test_the_check_names_what_differs_and_changes_nothing(
    name: str, published: Path, experiment: Path, said: Said
) -> None:
    (published / name).write_text("something else")
    status, out, err = said("publish", str(experiment), "--check", "--output", str(published.parent))
    assert status == 1
    assert "not what this version makes: small" in out
    assert f"small: {name} differs" in err
    assert (published / name).read_text() == "something else"


def test_the_check_misses_what_was_never_published(experiment: Path, tmp_path: Path, said: Said) -> None:
    status, _, err = said("publish", str(experiment), "--check", "--output", str(tmp_path / "empty"))
    assert (status, err.count("differs")) == (1, 4)


def test_publishing_again_replaces_what_was_there(published: Path, experiment: Path, said: Said) -> None:
    experiment.write_text(EXPERIMENT.replace("replications: 2", "replications: 1"))
    assert said("publish", str(experiment), "--output", str(published.parent))[0] == 0
    assert json.loads((published / "summary.json").read_text())["replications"] == 1


def test_a_folder_that_is_no_result_is_not_replaced(experiment: Path, tmp_path: Path, said: Said) -> None:
    (tmp_path / "results" / "small").mkdir(parents=True)
    (tmp_path / "results" / "small" / "notes.txt").write_text("mine")
    status, _, err = said("publish", str(experiment), "--output", str(tmp_path / "results"))
    assert status == 2
    assert "is no result of bindsim" in err
    assert (tmp_path / "results" / "small" / "notes.txt").read_text() == "mine"


def test_what_cannot_run_leaves_what_was_published(published: Path, experiment: Path, said: Said) -> None:
    before = (published / "summary.json").read_bytes()
    experiment.write_text(EXPERIMENT.replace("hot_port", "hot_prot"))
    status, _, err = said("publish", str(experiment), "--output", str(published.parent))
    assert status == 2
    assert "hot_prot" in err
    assert (published / "summary.json").read_bytes() == before


def test_a_soak_is_published_without_its_speed(tmp_path: Path, said: Said) -> None:
    (tmp_path / "soak.yaml").write_text("question: Is every promise kept?\nkind: soak\nruns: 3\n")
    command = ("publish", str(tmp_path / "soak.yaml"), "--output", str(tmp_path / "results"))
    assert said(*command)[0] == 0
    text = (tmp_path / "results" / "soak" / "output.txt").read_text()
    assert text.startswith("In how many runs a property did not hold")
    assert said(*command, "--check")[0] == 0


def test_an_experiment_without_a_scenario_is_refused(tmp_path: Path, said: Said) -> None:
    (tmp_path / "none.yaml").write_text("question: Of what?\nkind: compare\n")
    status, _, err = said("publish", str(tmp_path / "none.yaml"))
    assert status == 2
    assert "needs scenario" in err

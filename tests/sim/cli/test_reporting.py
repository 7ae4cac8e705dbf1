"""bindsim report: where the page goes, what is refused, and showing it."""

import json
import webbrowser
from pathlib import Path

import pytest

SMALL = ["run", "boot_storm", "--set", "horizon.duration_s=2", "--set", "topology.tenants=3"]


@pytest.fixture
def result(said, tmp_path: Path) -> Path:
    assert said(*SMALL, "--output", str(tmp_path / "result"))[0] in (0, 3)
    return tmp_path / "result"


def test_the_page_goes_into_the_results_folder_and_the_result_stays_whole(said, result: Path):
    status, out, _ = said("report", str(result))
    assert (status, out.split(":")[0]) == (0, str(result / "report.html"))
    assert said("report", str(result))[0] == 0


def test_it_goes_where_it_is_told_to(said, result: Path, tmp_path: Path):
    status, out, _ = said("report", str(result), "--output", str(tmp_path / "page.html"), "--json")
    assert (status, json.loads(out)["file"]) == (0, str(tmp_path / "page.html"))
    assert json.loads(out)["bytes"] == (tmp_path / "page.html").stat().st_size


def test_a_folder_that_is_no_result_is_refused(said, tmp_path: Path):
    status, _, err = said("report", str(tmp_path))
    assert (status, err) == (2, f"bindsim: {tmp_path} is no result of bindsim: it has no manifest.json\n")


def test_a_folder_that_is_not_there_is_refused(said, tmp_path: Path):
    status, _, err = said("report", str(tmp_path / "nothing"))
    assert (status, err) == (2, f"bindsim: there is no folder {tmp_path / 'nothing'}\n")


def test_a_result_with_a_table_that_is_gone_is_refused(said, result: Path):
    (result / "levels.parquet").unlink()
    status, _, err = said("report", str(result))
    assert status == 2
    assert "is damaged: levels.parquet is missing" in err


@pytest.mark.parametrize("place", ["", "nowhere/page.html"])
def test_a_file_that_cannot_be_written_is_refused_with_what_to_do(said, result: Path, tmp_path: Path, place: str):
    status, _, err = said("report", str(result), "--output", str(tmp_path / place))
    assert status == 2
    assert "--output" in err


def test_open_shows_the_page_in_a_browser(said, result: Path, monkeypatch: pytest.MonkeyPatch):
    shown: list[str] = []

    class Browser:
        def open(self, url: str) -> bool:
            shown.append(url)
            return True

    monkeypatch.setattr(webbrowser, "get", Browser)
    assert said("report", str(result), "--open")[0] == 0
    assert shown == [(result / "report.html").as_uri()]


def test_open_without_a_browser_says_so_and_keeps_the_page(said, result: Path, monkeypatch: pytest.MonkeyPatch):
    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    status, out, err = said("report", str(result), "--open")
    assert (status, err.startswith("bindsim: no browser could be started here")) == (2, True)
    assert (result / "report.html").is_file()
    assert str(result / "report.html") in out

"""Pages of small results, read as a reader's browser would: the text, its order, and that nothing is fetched."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from sim.cli import main
from sim.report import report_html, write_report
from sim.results import ResultError, load_run

FINDING = str(Path(__file__).parents[4] / "scenarios" / "findings" / "orphaned_by_change.yaml")
BOTH = ["--strategies", "in-transaction,deferred"]
STORM = ["--set", "horizon.duration_s=4", "--set", "topology.tenants=5"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    assert main(["compare", FINDING, *BOTH, "--verify", "--replications", "5", "--output", str(root / "finding")]) in (
        0,
        3,
    )
    assert main(["run", "boot_storm", *STORM, "--output", str(root / "run")]) == 0
    assert main(["run", FINDING, "--history", "--output", str(root / "history")]) == 0
    return root


@pytest.fixture(scope="module")
def page(results: Path) -> str:
    return report_html(load_run(results / "finding"))


def words(html: str) -> str:
    """What is read: without style, tags and white space."""
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.S)
    return " ".join(unescape(text).split())


def headings(html: str) -> list[str]:
    return re.findall(r"<h2>([^<]*)</h2>", html)


def test_it_begins_with_the_verdict_and_ends_with_how_it_was_made(page: str):
    assert page.index('id="verdict"') < page.index("<h2>")
    assert headings(page) == [
        "Strategies by metrics", "How long transactions are held", "Where the time of an operation goes",
        "The most telling episode", "Resources over time", "What the checker says", "The smallest counterexample",
        "Other findings", "How it was made",
    ]  # fmt: skip


def test_the_verdict_is_the_one_that_the_result_holds(results: Path, page: str):
    assert load_run(results / "finding").details["verdict"]["sentence"] in words(page)


def test_a_single_run_tells_the_value_of_the_primary_metric(results: Path):
    result = load_run(results / "run")
    metric = result.details["primary_metric"]
    value = result.details["strategies"]["in-transaction"]["values"][metric][0]
    assert f"{metric} is {value:.3g} s under in-transaction (1 replication, so there is no interval)." in words(
        report_html(result)
    )


def test_the_finding_is_told_with_its_events_its_conclusion_and_the_command(results: Path, page: str):
    finding = load_run(results / "finding").details["verification"]["findings"][0]
    text = words(page)
    assert finding["says"] in text
    assert finding["command"] in text
    assert all(" ".join(line.split()) in text for line in finding["evidence"])


def test_the_scenario_stands_there_with_its_sources_as_the_file_has_it(page: str):
    assert " ".join(Path(FINDING).read_text().split()) in words(page)


def test_a_scenario_whose_file_says_something_else_now_is_shown_as_it_was_run(results: Path):
    result = load_run(results / "run")
    result.manifest["run"]["scenario_hash"] = "00000000"
    assert "The scenario with all defaults filled in" in words(report_html(result))


def test_a_saved_history_is_checked_for_the_page(results: Path):
    text = words(report_html(load_run(results / "history")))
    assert "What the checker says" in text
    assert "orphaned" in text


def test_what_was_not_checked_is_said_to_be_so(results: Path):
    assert "Nothing: run with --verify" in words(report_html(load_run(results / "run")))


def test_nothing_is_fetched_and_no_script_runs(page: str):
    links = set(re.findall(r'(?:src|href)="([^"]*)"', page))
    assert {link for link in links if not link.startswith("#")} == {"data:,"}
    assert "<script" not in page
    assert "url(" not in re.sub(r"url\(#", "", page)


def test_every_id_is_there_once_and_every_link_leads_somewhere(page: str):
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', page)) <= set(ids)


def test_wall_clock_readings_stay_in_the_manifest(results: Path, page: str):
    manifest = load_run(results / "finding").manifest
    assert manifest["began_at"] not in page
    assert str(manifest["wall_s"]) not in words(page).split()


def test_the_same_result_gives_the_same_bytes_in_two_processes(results: Path):
    code = f"from sim.report import report_html; from sim.results import load_run; import sys; sys.stdout.write(report_html(load_run({str(results / 'finding')!r})))"  # noqa: E501
    made = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)]
    assert made[0] == made[1]
    assert len(made[0]) > 50_000


def test_a_result_that_was_kept_without_tables_has_a_page_without_figures(results: Path):
    result = load_run(results / "run")
    assert (len(result.details["strategies"]), len(result.summary) > 10) == (1, True)  # read before it moves
    result.folder = results / "elsewhere"
    text = words(report_html(result))
    assert "None: the result was kept without its tables." in text
    assert "Strategies by metrics" in text


def test_a_result_that_has_no_page_says_which_have_one(results: Path):
    result = load_run(results / "run")
    result.manifest["run"]["verb"] = "dance"
    with pytest.raises(ResultError, match=r"'dance', which has no page; pages are made of run, compare, sweep"):
        report_html(result)


def test_a_page_replaces_an_old_one_whole(results: Path, tmp_path: Path):
    target = tmp_path / "page.html"
    target.write_text("old")
    assert write_report(results / "run", target) == target
    assert target.read_text().startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]

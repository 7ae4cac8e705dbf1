"""Objectives on the command line: --slo, --judge, --junit, their exit statuses, and what stands in the results."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.results import load_run
from tests.sim.conftest import Said

SMALL = """
question: which is faster?
horizon: {duration_s: 4}
workload:
  arrivals: {poisson: {rate_per_s: 2}}
  operations: [{operation: create_port, bind: true}]
topology: {tenants: 2}
drivers: [{name: sdn, kind: controller, controller: sdn}]
controllers: [{name: sdn, latency: {bind: 0.2}}]
primary_metric: latency_s.create_port.p95
"""
P95 = "latency_s.create_port.p95"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


def flat(text: str) -> str:
    return " ".join(text.split())


def compared(said: Said, *arguments: str, replications: int = 5) -> tuple[int, str, str]:
    return said("compare", "small.yaml", "--workers", "1", "--replications", str(replications), *arguments)


@pytest.mark.parametrize(("limit", "status", "word"), [("< 9", 0, "pass"), ("> 9", 1, "fail"), ("== 9", 1, "fail")])
def test_a_run_is_judged_by_its_value(said: Said, folder: Path, limit: str, status: int, word: str) -> None:
    found, out, _ = said("run", "small.yaml", "--slo", f"{P95} {limit}")
    assert found == status
    assert f"{word}: {P95} {limit} of in-transaction: " in flat(out)
    assert "(1 replication: its value is judged, without an interval)" in flat(out)


def test_in_a_comparison_every_strategy_is_judged_and_the_last_sets_the_status(said: Said, folder: Path) -> None:
    missed = {"that": f"{P95} > 9", "strategies": ["in-transaction"]}
    (folder / "small.yaml").write_text(SMALL + f"thresholds: [{json.dumps(missed)}]\n")
    status, out, _ = compared(said, "--slo", f"{P95} < 9", "--slo", "stalls_count.total == 0")
    assert status == 0
    assert f"fail: {P95} > 9 of in-transaction: " in flat(out)
    assert f"pass: {P95} < 9 of in-transaction: " in flat(out)
    assert "pass: stalls_count.total == 0 of deferred: none seen in " in flat(out)
    assert "The exit status is about deferred: 2 pass (--judge names another)." in flat(out)
    assert max(map(len, out.splitlines())) <= 80
    assert compared(said, "--slo", f"{P95} < 9", "--judge", "in-transaction")[0] == 1


def test_too_few_replications_are_inconclusive_with_status_3(said: Said, folder: Path) -> None:
    status, out, _ = compared(said, "--slo", f"{P95} < 9", replications=2)
    assert status == 3
    assert "2 replications have no interval, at least 5 do" in flat(out)


def test_objectives_do_not_change_what_is_run_and_stand_in_the_result(said: Said, folder: Path) -> None:
    compared(said, "--output", "plain")
    _, out, _ = compared(said, "--output", "asked", "--slo", f"{P95} < 9", "--json")
    plain, asked = load_run("plain"), load_run("asked")
    assert plain.manifest["run"] == asked.manifest["run"]
    assert "objectives" not in plain.details
    (first, second) = asked.details["objectives"]
    assert (first["objective"], first["strategy"], first["result"]) == (f"{P95} < 9", "in-transaction", "pass")
    assert first["low"] < first["mean"] < first["high"] < 9
    assert json.loads(out)["objectives"] == [first, second]


def test_junit_has_a_suite_a_scenario_and_a_case_a_strategy_and_objective(said: Said, folder: Path) -> None:
    objectives = (
        f"{P95} < 9",
        f"{P95} > 9",
        "latency_s.get_port.p95 < 1",
        "stalls_count.total == 0 in 9999 operations",
    )
    options = [word for text in objectives for word in ("--slo", text)]
    assert compared(said, *options, "--junit", "one.xml")[0] == 1
    compared(said, *options, "--junit", "two.xml", "--force")
    assert (folder / "one.xml").read_bytes() == (folder / "two.xml").read_bytes()
    root = ElementTree.parse(folder / "one.xml").getroot()
    (suite,) = root
    assert {key: suite.get(key) for key in ("name", "tests", "failures", "skipped", "errors")} == {
        "name": "small", "tests": "8", "failures": "2", "skipped": "2", "errors": "2",
    }  # fmt: skip
    case = next(each for each in suite.iter("testcase") if each.find("failure") is not None)
    assert (case.get("name"), case.get("classname")) == (f"{P95} > 9", "small.in-transaction")
    assert str(case.find("failure").get("message")).startswith(f"fail: {P95} > 9 of in-transaction: ")
    assert not any("time" in key for each in root.iter() for key in each)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--slo", f"{P95} = 9"], "--slo: 'latency_s.create_port.p95 = 9': '=' is no comparison"),
        (["--slo", "latency_ms.all.p95 < 9"], "--slo: 'latency_ms.all.p95' is not a metric: no name begins with"),
        (["--slo", f"{P95} < 9", "--judge", "nobody"], "--judge nobody: no such strategy is compared; allowed: in-tr"),
        (["--judge", "deferred"], "--judge: there are no objectives; give --slo, or thresholds in the scenario"),
        (["--junit", "x.xml"], "--junit: there are no objectives; give --slo, or thresholds in the scenario"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_anything_runs(
    said: Said, folder: Path, arguments: list[str], told: str
) -> None:
    status, out, err = compared(said, *arguments)
    assert (status, out, err.startswith((f"bindsim: {told}", told))) == (2, "", True)
    assert not (folder / "results").exists()


def test_a_junit_file_that_cannot_be_written_is_refused(said: Said, folder: Path) -> None:
    status, _, err = compared(said, "--slo", f"{P95} < 9", "--junit", "no/where.xml")
    assert (status, "--junit no/where.xml: cannot be written: No such file" in err) == (2, True)

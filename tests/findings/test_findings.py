"""Every file in scenarios/findings shows what its first lines say, and docs/findings.md speaks of all of them."""

import re
from pathlib import Path

import pytest

from sim.history import Report, check
from sim.scenario import load_scenario
from sim.simulation import run

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "scenarios" / "findings").glob("*.yaml"))
PAGE = (ROOT / "docs" / "findings.md").read_text()
SHOWS = re.compile(r"# Shrunk by bindsim soak\. It shows, of (\w+): (.*)\.\n")
COMMAND = re.compile(r"#     bindsim run (\S+) --seed (\d+) --verify\n")


def checked(file: Path, *overrides: str) -> Report:
    found = COMMAND.search(file.read_text())
    assert found is not None
    scenario = load_scenario(file, overrides)
    played = run(scenario, seed=int(found[2]), history=True)
    assert played.history is not None
    return check(played.history)


def causes(report: Report) -> set[tuple[str, str]]:
    return {(finding.name, finding.cause) for finding in report.findings}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_file_shows_what_it_says_and_breaks_no_promise(file: Path) -> None:
    says = SHOWS.match(file.read_text())
    assert says is not None
    report = checked(file)
    assert (says[1], says[2]) in causes(report)
    assert report.broken == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_command_in_the_file_is_its_own_and_the_page_names_it(file: Path) -> None:
    found = COMMAND.search(file.read_text())
    assert found is not None
    assert found[1] == f"scenarios/findings/{file.name}"
    assert f"`{file.name}`" in PAGE


def test_the_page_names_no_file_that_there_is_not() -> None:
    named = set(re.findall(r"`(\w+\.yaml)`", PAGE))
    assert named == {file.name for file in FILES}


def test_ordering_by_revision_closes_the_case_of_the_deletion_alone() -> None:
    folder = ROOT / "scenarios" / "findings"
    ordered = "controllers.0.ordering=revision"
    deleted = ("agreement", "orphaned, the port was deleted during its attempt")
    assert deleted not in causes(checked(folder / "orphaned_by_deletion.yaml", ordered))
    for name in ("orphaned_by_change", "orphaned_by_other", "orphaned_by_timeout", "unbacked_by_late_drop"):
        file = folder / f"{name}.yaml"
        says = SHOWS.match(file.read_text())
        assert says is not None
        assert (says[1], says[2]) in causes(checked(file, ordered))

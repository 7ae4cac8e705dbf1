"""A browser, and pages of every kind of result, made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from sim.cli import main
from sim.report.page import write_report
from tests.pages.reading import CHROMIUM, FLAGS

SHORT = ["--set", "horizon.duration_s=20"]
COMMANDS = {
    "faults": ["compare", "controller_brownout", "--verify", "--history", "--replications", "5"],
    "findings": ["compare", "hot_port", "--verify", "--replications", "5", *SHORT],
    "run": ["run", "scenarios/findings/orphaned_by_change.yaml", "--verify"],
    "three": ["compare", "live_migration", "--strategies", "in-transaction,deferred,serialized", *SHORT],
    "sweep": ["sweep", "hot_port", "--vary", "workload.rate_per_s=4..16..3", "--replications", "5", *SHORT],
    "plan": [
        "plan",
        "boot_storm",
        "--slo",
        "latency_s.create_port.p95 < 5",
        "--strategies",
        "deferred",
        "--replications",
        "2",
        "--no-cache",
        "--set",
        "horizon.duration_s=3",
    ],
    "map": ["map", "--set", "horizon.duration_s=5"],
}
"""What makes each page's result."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.pages)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.is_file():
        pytest.fail(f"there is no {CHROMIUM}; install Debian's chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each kind, by name."""
    root = tmp_path_factory.mktemp("pages")
    for name, command in COMMANDS.items():
        assert main([*command, "--output", str(root / name)]) in (0, 3), name
    return {name: write_report(root / name) for name in COMMANDS}


@pytest.fixture(params=COMMANDS)
def file(request: pytest.FixtureRequest, pages: dict[str, Path]) -> Path:
    """One page after the other."""
    return pages[request.param]

"""Runs that must stay the same to the byte: a change that moves them is a change of results, and says so in CHANGELOG.

`golden_runs.json` holds rows and SHA-256 of every table of a few small runs. After a change that is meant to move them:

    .venv/bin/python -m tests.golden.test_golden_runs
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sim.metrics import Table
from sim.scenario import load_scenario
from sim.simulation import run

GOLDEN = Path(__file__).with_name("golden_runs.json")
SMALL = ["horizon.duration_s=10"]
CASES = [
    f"{name} {strategy}"
    for name in ("boot_storm", "hot_port", "live_migration", "eventlet_lock_wait", "controller_brownout")
    for strategy in ("in-transaction", "deferred", "serialized")
]


def fingerprint(table: Table) -> str:
    """Rows, and the hash of the table's numbers and of the words that they stand for."""
    rows = table.to_numpy()
    words = {column.name: list(column.codes.names) for column in table.columns if column.codes is not None}
    return f"{len(rows)} {sha256(rows.tobytes() + json.dumps(words).encode()).hexdigest()}"


def made(case: str) -> dict[str, Any]:
    name, strategy = case.split()
    finished = run(load_scenario(name, SMALL), strategy=strategy, seed=1)
    tables = {table.name: fingerprint(table) for table in finished.tables.all()}
    return {"outcome": finished.outcome, "virtual_us": finished.virtual_us, "lost": finished.lost, "tables": tables}


@pytest.mark.parametrize("case", CASES)
def test_a_golden_run_is_what_it_was(case: str) -> None:
    assert made(case) == json.loads(GOLDEN.read_text())[case]


def test_strategies_and_scenarios_have_different_golden_runs() -> None:
    runs = json.loads(GOLDEN.read_text())
    assert sorted(runs) == sorted(CASES)
    assert len({json.dumps(each["tables"]) for each in runs.values()}) == len(CASES)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({case: made(case) for case in CASES}, indent=1) + "\n")

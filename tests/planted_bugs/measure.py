"""Prints the table of planted bugs for docs/checker.md: how many runs of the soak it takes to find each, and by what.

.venv/bin/python -m tests.planted_bugs.measure
"""

from collections.abc import Iterator

from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.planted import PlantedBug
from tests.planted_bugs.soaked import found_by_soak, most_runs

SEEDS = (1, 2, 3)


def table() -> Iterator[str]:
    """The lines of the table, as Markdown."""
    yield "| bug | what is wrong | found by | runs, seed 1 | most, seeds 1 to 3 | must be within |"
    yield "| --- | --- | --- | ---: | ---: | ---: |"
    for bug in BUGS:
        yield _row(bug)


def _row(bug: PlantedBug) -> str:
    needed = [None if found is None else found.runs for found in (found_by_soak(bug, seed=seed) for seed in SEEDS)]
    known = [runs for runs in needed if runs is not None]
    most = f"{max(known):,}" if len(known) == len(SEEDS) else "not found"
    first = "not found" if needed[0] is None else f"{needed[0]:,}"
    return f"| {bug.name} | {bug.what} | {bug.property[0]} | {first} | {most} | {most_runs(bug):,} |"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)

"""The registry of planted bugs. The soak's tests go through it; docs/checker.md has its table."""

from tests.planted_bugs import (
    attempts,
    first_transaction,
    input_changes,
    notifications,
    repetitions,
    second_transaction,
)
from tests.planted_bugs.planted import PlantedBug

BUGS: tuple[PlantedBug, ...] = (
    *first_transaction.BUGS,
    *second_transaction.BUGS,
    *input_changes.BUGS,
    *attempts.BUGS,
    *notifications.BUGS,
    *repetitions.BUGS,
)
BY_NAME = {bug.name: bug for bug in BUGS}


def is_planted(name: str) -> bool:
    """Whether the core of this process has the bug now."""
    return all(vars(edit.target)[edit.attribute] is edit.replacement for edit in BY_NAME[name].edits)

"""Exit statuses, the same for every command, and the error that carries one. Design, section 9."""

from typing import Final

Status = int

GOOD: Final = 0
BROKEN: Final = 1  # a threshold failed or a promise is broken
INVALID: Final = 2  # usage or invalid input
UNKNOWN: Final = 3  # inconclusive or unknown
INTERNAL: Final = 4
INTERRUPTED: Final = 130  # 128 + SIGINT


class Refused(Exception):
    """A command cannot be done; the text is for the user, `status` for the shell."""

    def __init__(self, sentence: str, status: Status = INVALID) -> None:
        super().__init__(sentence)
        self.status = status


def worst(*statuses: Status) -> Status:
    """What several parts together say: a broken promise before an unknown one before good."""
    return BROKEN if BROKEN in statuses else UNKNOWN if UNKNOWN in statuses else GOOD

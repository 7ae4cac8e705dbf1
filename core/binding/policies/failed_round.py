"""What happens when all drivers have been asked and none has bound the port."""

from enum import StrEnum


class FailedRound(StrEnum):
    """What follows on a failed round over the drivers."""

    COMMIT = "commit"
    """'binding_failed' is committed at once."""
    GO_ROUND = "go_round"
    """All drivers are asked again, from the same state, which is not read again, up to the limit; only the last failure
    is committed (since Mitaka, with the mend of bug 1399249)."""


class Budget:
    """Counts one operation's attempts. `shared`: failed rounds and refused commits are taken from one limit."""

    __slots__ = ("_failed", "_most", "_refused", "_shared", "used")

    def __init__(self, most: int, *, shared: bool) -> None:
        self._most = most
        self._shared = shared
        self._failed = 0
        self._refused = 0
        self.used = 0

    @property
    def is_spent(self) -> bool:
        """Whether no further attempt may begin after a refused commit."""
        return (self.used if self._shared else self._refused) >= self._most

    @property
    def is_last_round(self) -> bool:
        """Whether a round that fails now is the last one, whose failure is committed."""
        return (self.used if self._shared else self._failed) + 1 >= self._most

    def failed(self) -> None:
        """A round has failed, and another one follows from the same state."""
        self.used += 1
        self._failed += 1

    def refused(self) -> None:
        """A commit was refused because inputs had changed; the new state's rounds are counted from none."""
        self.used += 1
        self._refused += 1
        self._failed = 0

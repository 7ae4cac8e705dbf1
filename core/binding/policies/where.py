"""Where bind_port runs."""

from enum import StrEnum


class Where(StrEnum):
    """The moment at which drivers are asked to bind a port."""

    INSIDE = "inside"
    """In the transaction that creates or updates the port, its rows locked (until Icehouse)."""
    AFTER_COMMIT = "after_commit"
    """After it has committed, outside any transaction; a second transaction commits the result (since Juno)."""
    UNDER_LEASE = "under_lease"
    """As after_commit, and while a lease of the port is held: the distributed lock that the proposal rejects."""

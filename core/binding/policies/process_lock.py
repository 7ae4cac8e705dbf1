"""The lock of one API process around transactions: OpenStack's semaphore 'db-access' of 2014 (commit 688e05d4b0)."""

from enum import StrEnum

SEMAPHORE = "db-access"
"""Its name in Neutron."""


class ProcessLock(StrEnum):
    """Around which transactions it is held, from before BEGIN until after COMMIT, not while backing off."""

    NONE = "none"
    UPDATE_AND_DELETE = "update_and_delete"
    """Those that update and delete a port."""
    DELETE_AND_STATUS = "delete_and_status"
    """Those that delete a port and set its status (Icehouse)."""
    ALL = "all"
    """Every one that changes an existing port: update, delete, status and the commit of a binding (Juno)."""

    def covers(self, transaction: str) -> bool:
        """Whether it is held around the transaction of this name."""
        return transaction in _COVERED[self]


_COVERED = {
    ProcessLock.NONE: frozenset[str](),
    ProcessLock.UPDATE_AND_DELETE: frozenset({"update_port", "delete_port"}),
    ProcessLock.DELETE_AND_STATUS: frozenset({"delete_port", "update_port_status"}),
    ProcessLock.ALL: frozenset({"update_port", "delete_port", "update_port_status", "commit_binding"}),
}

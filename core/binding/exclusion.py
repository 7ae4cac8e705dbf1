"""Mutual exclusion: of binding attempts on one port, by a lease or not at all; of one API process's transactions."""

import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from core import statements
from core.binding.policies import ProcessLock
from core.binding.policies.process_lock import SEMAPHORE
from core.constants import LEASE_POLL_S, LEASE_S
from core.database import Database, Guard, Transaction
from core.exceptions import CoreError, DuplicateKey, LeaseNotAcquired
from core.port_rows import read_port
from core.records import Port
from core.runtime import Runtime, chance

LOG = logging.getLogger(__name__)


class Held(NamedTuple):
    """The right to bind a port: the state to bind from (None: the port is gone), and how to give the right back."""

    port: Port | None
    release: Callable[[], None]


class Exclusion(Protocol):
    """Held around one binding attempt."""

    def acquire(self, port: Port) -> Held:
        """Waits for the right to bind the port."""


class NoExclusion:
    """Attempts on one port run side by side; the second transaction sorts them out."""

    def acquire(self, port: Port) -> Held:
        """At once, with the state that the caller has."""
        return Held(port, _nothing)


class PortLease:
    """A distributed lock: a row (port_id, owner, expires_at), polled for, not renewed, ignored by deletion.

    `lease_s` is how long it lasts, `poll_s` the mean pause between two tries to take it (both in seconds; a pause is
    0.5 to 1.5 of the mean). An expired lease is taken over; the second transaction's check fences its late owner.
    """

    LONGEST_WAIT_LEASES = 10
    """After so many lease times without the lease, LeaseNotAcquired: a limit, far above what one crash can cause."""

    def __init__(
        self, database: Database, runtime: Runtime, *, lease_s: float = LEASE_S, poll_s: float = LEASE_POLL_S
    ) -> None:
        self._database = database
        self._runtime = runtime
        self._lease_s = lease_s
        self._poll_s = poll_s

    def acquire(self, port: Port) -> Held:
        """Polls until the lease is this worker's, then reads the port."""
        owner = self._runtime.new_id()
        began = self._runtime.now()
        while not self._take(port.id, owner):
            waited_s = self._runtime.now() - began
            if waited_s > self.LONGEST_WAIT_LEASES * self._lease_s:
                raise LeaseNotAcquired(port.id, waited_s)
            self._runtime.sleep(self._poll_s * (0.5 + chance(self._runtime)))
        return self._read(port.id, owner)

    def _read(self, port_id: str, owner: str) -> Held:
        release = partial(self._release, port_id, owner)
        try:
            fresh = self._database.transact("read_under_lease", lambda transaction: read_port(transaction, port_id))
        except Exception:
            release()
            raise
        return Held(fresh, release)

    def _take(self, port_id: str, owner: str) -> bool:
        try:
            return self._database.transact(
                "acquire_lease",
                lambda transaction: self._try_to_take(transaction, port_id, owner),
                took_effect=lambda transaction, _: _owner_of(transaction, port_id) == owner,
            )
        except DuplicateKey:
            return False

    def _try_to_take(self, transaction: Transaction, port_id: str, owner: str) -> bool:
        now = self._runtime.now()
        lease = transaction.row(statements.LEASE_LOCK, port_id=port_id)
        if lease is None:
            transaction.write(statements.LEASE_INSERT, port_id=port_id, owner=owner, expires_at=now + self._lease_s)
            return True
        previous_owner, expires_at = lease
        if expires_at > now:
            return False
        taken = transaction.write(
            statements.LEASE_TAKE_OVER,
            lease_port_id=port_id,
            previous_owner=previous_owner,
            owner=owner,
            expires_at=now + self._lease_s,
        )
        return taken == 1

    def _release(self, port_id: str, owner: str) -> None:
        try:
            self._database.transact(
                "release_lease",
                lambda transaction: transaction.write(statements.LEASE_RELEASE, port_id=port_id, owner=owner),
            )
        except CoreError as error:
            LOG.error("the lease on port %s stays until it expires: %s", port_id, error)


def guard_of(lock: ProcessLock, transaction: str, runtime: Runtime) -> Guard | None:
    """What to hold around the transaction of this name within its API process, None for nothing."""
    return partial(runtime.lock, SEMAPHORE) if lock.covers(transaction) else None


def _owner_of(transaction: Transaction, port_id: str) -> str | None:
    lease = transaction.row(statements.LEASE_LOCK, port_id=port_id)
    return lease[0] if lease else None


def _nothing() -> None:
    pass

"""Every error that the core raises, under one base. Messages say what is wrong and what is allowed or to be done."""

from collections.abc import Sequence


class CoreError(Exception):
    """Base of all errors of the core."""


class NotFound(CoreError):
    """The named object does not exist."""

    def __init__(self, kind: str, object_id: object) -> None:
        super().__init__(f"{kind} {object_id!r} does not exist; it may have been deleted, or never created")
        self.object_id = object_id


class PortNotFound(NotFound):
    """No port has this id."""

    def __init__(self, port_id: object) -> None:
        super().__init__("port", port_id)


class NetworkNotFound(NotFound):
    """No network has this id."""

    def __init__(self, network_id: object) -> None:
        super().__init__("network", network_id)


class InvalidInput(CoreError):
    """An attribute of a request is not acceptable. Nothing has changed."""

    def __init__(self, attribute: str, value: object, allowed: str) -> None:
        super().__init__(f"{attribute} is {_shortened(value)}; allowed is {allowed}")
        self.attribute = attribute


class InvalidBinding(CoreError):
    """A driver called set_binding or continue_binding with arguments that cannot be a binding."""

    def __init__(self, argument: str, value: object, allowed: str, *, method: str = "set_binding") -> None:
        super().__init__(f"{method} got {argument} {_shortened(value)}; allowed is {allowed}")


class TooManyLevels(CoreError):
    """A driver continued a binding that has as many levels as there may be."""

    def __init__(self, driver: str, most: int) -> None:
        super().__init__(
            f"driver {driver} continues a binding that has {most} levels already, the most allowed; it, or a driver "
            "above it, has to set a binding instead"
        )


class PortBindingNotFound(CoreError):
    """The port has no inactive binding on this host."""

    def __init__(self, port_id: str, host: str) -> None:
        super().__init__(f"port {port_id} has no inactive binding on host {host}; create one first")


class PortBindingAlreadyActive(CoreError):
    """The port's binding on this host is the active one."""

    def __init__(self, port_id: str, host: str) -> None:
        super().__init__(f"the binding of port {port_id} on host {host} is active already; name another host")


class PortBindingAlreadyExists(CoreError):
    """The port has an inactive binding on this host already."""

    def __init__(self, port_id: str, host: str) -> None:
        super().__init__(f"port {port_id} has an inactive binding on host {host} already; delete it first")


class PortBindingError(CoreError):
    """A further binding of the port could not be made, or not be activated; `why` completes the sentence."""

    def __init__(self, port_id: str, host: str, why: str) -> None:
        super().__init__(f"no binding of port {port_id} on host {host}: {why}")


class MacAddressInUse(CoreError):
    """Another port of the network has this MAC address."""

    def __init__(self, mac_address: str, network_id: str) -> None:
        super().__init__(f"MAC address {mac_address} is in use on network {network_id}; choose another or give none")


class NoMoreAddresses(CoreError):
    """A subnet's address pool is exhausted."""

    def __init__(self, subnet_id: str) -> None:
        super().__init__(f"subnet {subnet_id} has no free address; delete ports or create a larger subnet")


class MechanismDriverError(CoreError):
    """A mechanism driver refused or failed; `failures` holds (driver name, error) in calling order."""

    def __init__(self, method: str, failures: Sequence[tuple[str, BaseException]]) -> None:
        told = "; ".join(f"{driver}: {type(error).__name__}: {error}" for driver, error in failures)
        super().__init__(f"{method} failed in {told}")
        self.method = method
        self.failures = tuple(failures)


class DatabaseError(CoreError):
    """The database refused a statement for a reason that repeating will not mend."""


class PoolTimeout(DatabaseError):
    """No connection of the pool became free in time."""

    def __init__(self, *, size: int, overflow: int, timeout_s: float) -> None:
        super().__init__(
            f"no connection within {timeout_s:g} s from a pool of {size} with overflow {overflow};"
            " use more connections or fewer concurrent requests"
        )


class DuplicateKey(DatabaseError):
    """A unique key already holds the value of an insert or update."""


class MissingParent(DatabaseError):
    """A foreign key names a row that does not exist (or is still referred to)."""


class DatabaseConflict(CoreError):
    """The transaction lost against another one and was ended by the server; repeating it may succeed."""

    kind = "conflict"


class Deadlock(DatabaseConflict):
    """The server chose this transaction as a deadlock's victim."""

    kind = "deadlock"


class LockWaitTimeout(DatabaseConflict):
    """A row lock was not granted within the server's limit."""

    kind = "lock_wait_timeout"


class SerializationFailure(DatabaseConflict):
    """The isolation level forbids what this transaction did beside others."""

    kind = "serialization_failure"


class StaleData(DatabaseConflict):
    """A row that was read is not there any more, or not with the revision number that was read."""

    kind = "stale_data"


class DuplicateBindingRow(DatabaseConflict):
    """A port was found without a binding row, and another transaction inserted one before this one could."""

    kind = "duplicate_key"

    def __init__(self, port_id: str) -> None:
        super().__init__(f"another transaction has inserted the binding row of port {port_id} meanwhile")


class CertificationFailure(DatabaseConflict):
    """Another node of a cluster committed a conflicting write set first."""

    kind = "certification_failure"


class BruteForceAbort(DatabaseConflict):
    """A commit of another node of a cluster needed a row lock that this transaction held."""

    kind = "brute_force_abort"


class ConnectionLost(DatabaseConflict):
    """The connection broke before COMMIT was sent, and the server rolls back; or it could not be made just now."""

    kind = "connection_lost"


class CommitOutcomeUnknown(DatabaseConflict):
    """The connection broke during COMMIT; whether it took effect must be read."""

    kind = "commit_outcome_unknown"


class GaveUp(CoreError):
    """Work was repeated until its limit and did not succeed."""


class LeaseNotAcquired(GaveUp):
    """Another worker's lease on the port never ended within the limit."""

    def __init__(self, port_id: str, waited_s: float) -> None:
        super().__init__(f"no lease on port {port_id} within {waited_s:g} s; other workers kept renewing or taking it")


class RetriesExhausted(GaveUp):
    """A transaction met a conflict each time it was tried."""

    def __init__(self, transaction: str, tries: int, last: DatabaseConflict) -> None:
        super().__init__(f"transaction {transaction} conflicted {tries} times, last with {last.kind}: {last}")
        self.last = last


def _shortened(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"

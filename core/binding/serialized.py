"""The strategy `serialized`: deferred binding under a distributed lock, the alternative that the proposal rejects."""

from core.binding.checks import ConcurrencyCheck, GenerationCheck
from core.binding.deferred import promises_of
from core.binding.exclusion import PortLease
from core.binding.placement import Placement
from core.binding.strategy import BindingStrategy, Collaborators, deferred_placement
from core.constants import LEASE_POLL_S, LEASE_S, MAX_BINDING_ATTEMPTS


def serialized(
    *,
    name: str = "serialized",
    reads_bind: bool = True,
    check: ConcurrencyCheck | None = None,
    max_attempts: int = MAX_BINDING_ATTEMPTS,
    lease_s: float = LEASE_S,
    lease_poll_s: float = LEASE_POLL_S,
    process_lock: bool = False,
) -> BindingStrategy:
    """As `deferred`, but each attempt holds a lease on the port (seconds it lasts, mean seconds between two polls).

    It promises what deferred binding promises: the lease spares remote calls, the second transaction's check decides.
    """
    chosen = check or GenerationCheck()

    def placement(collaborators: Collaborators) -> Placement:
        lease = PortLease(collaborators.database, collaborators.runtime, lease_s=lease_s, poll_s=lease_poll_s)
        return deferred_placement(collaborators, check=chosen, exclusion=lease, max_attempts=max_attempts)

    return BindingStrategy(
        name=name,
        placement=placement,
        reads_bind=reads_bind,
        process_lock=process_lock,
        check=chosen.name,
        max_attempts=max_attempts,
        promises=promises_of(chosen, reads_bind=reads_bind),
    )

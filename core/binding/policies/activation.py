"""How a live migration makes the inactive binding of a port on another host the active one.

Either way the former active one becomes inactive and 'unbound' in the transaction that puts the other in its place.
Neutron lets such a binding be activated, which leaves the port unbound; here that is refused.
"""

from enum import StrEnum


class Activation(StrEnum):
    """From which state of the port it starts, and what follows when others change the port meanwhile."""

    REREADS = "rereads"
    """One transaction reads the port and its inactive binding and puts the one in the place of the port's own, of which
    drivers are told as of any update. It starts from whatever others have left; a conflict reads again."""
    STALE = "stale"
    """A first transaction removes the active binding, and tells no driver. The inactive one is then committed onto the
    port if it is still what the first one left (concurrency_check), in as many tries as there may be attempts, none of
    which reads that again: after a concurrent change of the host none ever succeeds (Neutron since f7b62a7f29)."""

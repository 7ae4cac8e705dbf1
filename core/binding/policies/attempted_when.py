"""For which ports drivers are asked."""

from enum import StrEnum

from core.constants import VIF_TYPE_UNBOUND
from core.records import PortBinding


class AttemptedWhen(StrEnum):
    """When a port that has a host is attempted."""

    INPUTS_CHANGED = "inputs_changed"
    """When this very operation has changed an input: what has failed, or was interrupted, stays as it is."""
    UNBOUND = "unbound"
    """When it is 'unbound': binding_failed is final, until an input changes (Juno; bug 1399249)."""
    NOT_BOUND = "not_bound"
    """When it has no successful binding, 'binding_failed' too."""

    def wants(self, binding: PortBinding, *, changed: bool = False) -> bool:
        """Whether to attempt a port in this state. `changed`: inputs have just changed, by whomever."""
        if not binding.needs_binding:
            return False
        if self is AttemptedWhen.NOT_BOUND:
            return True
        return changed if self is AttemptedWhen.INPUTS_CHANGED else binding.vif_type == VIF_TYPE_UNBOUND

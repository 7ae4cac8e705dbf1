"""How the second transaction sees that the port has changed since the state that a binding was computed from."""

from enum import StrEnum

from core.records import PortBinding


class ConcurrencyCheck(StrEnum):
    """Decides between committing a result (4a), leaving another's binding (4b) and attempting again (4c)."""

    GENERATION = "generation"
    """binding_generation: every change of an input and every binding made or removed since is seen."""
    VALUES = "values"
    """host, vnic_type and profile, as Neutron does: a change from A to B and back to A is missed."""
    NONE = "none"
    """Nothing: the result is written over whatever is there."""

    def unchanged(self, computed_from: PortBinding, current: PortBinding) -> bool:
        """Whether a result computed from the one state may be committed onto the other, which is not bound."""
        if self is ConcurrencyCheck.GENERATION:
            return computed_from.generation == current.generation
        return self is ConcurrencyCheck.NONE or computed_from.inputs == current.inputs

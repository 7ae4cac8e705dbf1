"""Concurrency checks: has anything relevant changed between the state a binding was computed from and the row now?

Called by the second transaction with the row locked, when it holds no successful binding.
"""

from typing import Protocol

from core.records import PortBinding


class ConcurrencyCheck(Protocol):
    """Decides between committing a result (4a) and attempting again (4c)."""

    name: str

    def unchanged(self, computed_from: PortBinding, current: PortBinding) -> bool:
        """Whether a result computed from the one state may be committed onto the other."""


class GenerationCheck:
    """Compares binding_generation: every change of an input and every binding made or removed since is seen."""

    name = "generation"

    def unchanged(self, computed_from: PortBinding, current: PortBinding) -> bool:
        """Whether the generations are equal."""
        return computed_from.generation == current.generation


class ValuesCheck:
    """Compares host, vnic_type and profile, as Neutron does: a change from A to B and back to A is missed."""

    name = "values"

    def unchanged(self, computed_from: PortBinding, current: PortBinding) -> bool:
        """Whether the inputs are equal."""
        return computed_from.inputs == current.inputs

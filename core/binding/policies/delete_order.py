"""In which order drivers are told of a deletion."""

from enum import StrEnum


class DeleteOrder(StrEnum):
    """The order of delete_port_precommit and delete_port_postcommit."""

    FORWARD = "forward"
    """That in which they are asked to bind."""
    REVERSE = "reverse"
    """The other way round (Neutron's master since May 2026, 7bf18e8b66)."""

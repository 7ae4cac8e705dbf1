"""What an update's attributes do to the binding: which of them count as a change of its inputs."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.records import PortBinding


class InputChange(StrEnum):
    """When an update unbinds a port."""

    DIFFERS = "differs"
    """When an input differs from what the port has."""
    HOST_GIVEN = "host_given"
    """And when a host is given, also the same one (Havana)."""
    ABSENT_PROFILE_IS_EMPTY = "absent_profile_is_empty"
    """Always, because a profile that is not given counts as given and empty: any update rebinds a port and wipes its
    profile (Icehouse; bug 1338202)."""

    def inputs(self, binding: PortBinding, attributes: Mapping[str, Any]) -> tuple[str, str, str]:
        """The host, vnic_type and profile that the port has afterwards."""
        host, vnic_type, profile = binding.inputs
        if self is InputChange.ABSENT_PROFILE_IS_EMPTY:
            profile = ""
        return (
            attributes.get("binding:host_id", host),
            attributes.get("binding:vnic_type", vnic_type),
            attributes.get("binding:profile", profile),
        )

    def forces(self, attributes: Mapping[str, Any]) -> bool:
        """Whether a port is unbound by these attributes even if no value differs."""
        if self is InputChange.DIFFERS:
            return False
        return self is InputChange.ABSENT_PROFILE_IS_EMPTY or "binding:host_id" in attributes

"""What exists before the load starts: tenants, networks, segments, subnets and hosts.

`sim.model` creates it through the core. Nothing here is created by itself.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.constants import SEGMENTATION_ID_LIMITS, TUNNEL_TYPES
from sim.scenario.base import Count, Flag, Name, Part, PositiveCount


class Segment(Part):
    """One segment that every network has."""

    network_type: Literal["flat", "vlan", "vxlan", "gre"]
    """flat, vlan, vxlan or gre."""
    physical_network: Name | None = None
    """The physical network: for flat and vlan, and only for them."""
    first_segmentation_id: PositiveCount | None = None
    """Network k gets this plus k; null: the lowest that the type allows. Not for flat."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if (self.physical_network is None) != (self.network_type in TUNNEL_TYPES):
            rule = "needs" if self.physical_network is None else "has no"
            raise PydanticCustomError("cross", f"a {self.network_type} segment {rule} physical_network")
        self._check_segmentation_id()
        return self

    def _check_segmentation_id(self) -> None:
        if self.first_segmentation_id is None:
            return
        limits = SEGMENTATION_ID_LIMITS.get(self.network_type)
        if limits is None:
            raise PydanticCustomError("cross", "a flat segment has no segmentation id")
        if not limits[0] <= self.first_segmentation_id <= limits[1]:
            raise PydanticCustomError(
                "cross",
                "first_segmentation_id must be {low} to {high} for {kind}",
                {"low": limits[0], "high": limits[1], "kind": self.network_type},
            )


class Topology(Part):
    """Tenants, networks, subnets, hosts."""

    tenants: PositiveCount = 50
    """Tenants; a create belongs to one of them."""
    networks: PositiveCount = 1
    """Networks; tenant t uses network t modulo networks."""
    subnets_per_tenant: Count = 1
    """Subnets of each tenant, each with an address pool of its own; 0: one subnet for all tenants.
    A create locks the pool row of its subnet, so this decides how much creates wait for each other."""
    hosts: PositiveCount = 100
    """Compute hosts: host-0, host-1, ..."""
    segments: Annotated[tuple[Segment, ...], Field(min_length=1, max_length=20)] = (
        Segment(network_type="vlan", physical_network="physnet1"),
    )
    """Segments of every network."""
    ip_allocation: Flag = True
    """Whether create_port allocates an address from its subnet's pool (SELECT ... FOR UPDATE on its row)."""

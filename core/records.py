"""Frozen snapshots of rows: what the core hands from one function to the next. They never touch the database."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.constants import UNSUCCESSFUL_VIF_TYPES, VIF_TYPE_UNBOUND, VNIC_NORMAL

_new = tuple.__new__  # copies a port at half the cost of _replace

PortDict = dict[str, Any]
"""A port as the API shows it, with Neutron's attribute names."""


class Segment(NamedTuple):
    """One way in which a network is realised."""

    id: str
    network_id: str
    network_type: str
    physical_network: str | None
    segmentation_id: int | None


class Network(NamedTuple):
    """A network and its segments in their order."""

    id: str
    name: str
    segments: tuple[Segment, ...]

    def segment(self, segment_id: str | None) -> Segment | None:
        """The segment with this id, or None when it is not one of this network's."""
        return next((segment for segment in self.segments if segment.id == segment_id), None)


class Subnet(NamedTuple):
    """A range of addresses from which ports of a network get theirs."""

    id: str
    network_id: str
    cidr: str


class FixedIp(NamedTuple):
    """An address that a port holds."""

    subnet_id: str
    ip_address: str


class PortBinding(NamedTuple):
    """A row of ml2_port_bindings. '' stands for no host, an empty profile and empty vif_details.

    `driver` and `segment_id` are those of set_binding, `upper_levels` the levels above them, from which the binding was
    continued: their drivers and segments as JSON, from the top, '' when there are none.
    """

    host: str = ""
    vnic_type: str = VNIC_NORMAL
    profile: str = ""
    vif_type: str = VIF_TYPE_UNBOUND
    vif_details: str = ""
    driver: str | None = None
    segment_id: str | None = None
    upper_levels: str = ""
    generation: int = 0

    @property
    def is_successful(self) -> bool:
        """Whether a driver has bound the port."""
        return self.vif_type not in UNSUCCESSFUL_VIF_TYPES

    @property
    def needs_binding(self) -> bool:
        """Whether there is a host and no successful binding."""
        return bool(self.host) and self.vif_type in UNSUCCESSFUL_VIF_TYPES

    @property
    def inputs(self) -> tuple[str, str, str]:
        """What a binding is computed from: host, vnic_type, profile."""
        return self[:3]

    @property
    def levels(self) -> tuple[tuple[str, str], ...]:
        """Driver and segment of each level of the binding, from the top to the one of set_binding; () without any."""
        upper = decoded_levels(self.upper_levels)
        if self.driver is None or self.segment_id is None:
            return upper
        return (*upper, (self.driver, self.segment_id))

    def unbound(self) -> "PortBinding":
        """The same inputs without any result, generation unchanged."""
        return PortBinding(self.host, self.vnic_type, self.profile, generation=self.generation)


class BindingLevel(NamedTuple):
    """One level of a binding: who bound the port there, to what. The segment is None if the network lost it."""

    bound_driver: str
    bound_segment: Segment | None


class Port(NamedTuple):
    """A port with its addresses and its binding; admin_state_up is 1 or 0, as its column holds it."""

    id: str
    network_id: str
    name: str
    mac_address: str
    admin_state_up: int
    status: str
    device_id: str
    device_owner: str
    revision_number: int
    binding: PortBinding
    fixed_ips: tuple[FixedIp, ...] = ()

    def with_binding(self, binding: PortBinding, *, status: str | None = None) -> "Port":
        """The port with another binding and, unless it is None, another status."""
        before, between = self[:_STATUS], self[_STATUS + 1 : _BINDING]
        return _new(Port, (*before, status or self.status, *between, binding, *self[_BINDING + 1 :]))

    def with_fixed_ips(self, fixed_ips: tuple[FixedIp, ...]) -> "Port":
        """The port with other addresses."""
        return _new(Port, (*self[:-1], fixed_ips))

    def with_next_revision(self) -> "Port":
        """The port with its revision number raised by one."""
        return _new(Port, (*self[: _BINDING - 1], self.revision_number + 1, *self[_BINDING:]))

    def as_dict(self) -> PortDict:
        """A fresh dict under Neutron's attribute names; changing it changes nothing else."""
        binding = self.binding
        return {
            "id": self.id,
            "network_id": self.network_id,
            "name": self.name,
            "mac_address": self.mac_address,
            "admin_state_up": bool(self.admin_state_up),
            "status": self.status,
            "device_id": self.device_id,
            "device_owner": self.device_owner,
            "revision_number": self.revision_number,
            "fixed_ips": [ip._asdict() for ip in self.fixed_ips],
            "binding:host_id": binding.host,
            "binding:vnic_type": binding.vnic_type,
            "binding:profile": decoded(binding.profile),
            "binding:vif_type": binding.vif_type,
            "binding:vif_details": decoded(binding.vif_details),
        }


_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def encoded(value: Mapping[str, Any]) -> str:
    """Canonical JSON text of a mapping, '' for an empty one; TypeError or ValueError for what JSON cannot express."""
    return _encode(value) if value else ""


def decoded(text: str) -> dict[str, Any]:
    """The inverse of `encoded`; a fresh value each time, however deep its reader changes it."""
    value: dict[str, Any] = _decode(text) if text else {}
    return value


def encoded_levels(levels: Sequence[tuple[str, str]]) -> str:
    """JSON text of levels, '' for none."""
    return _encode(levels) if levels else ""


def decoded_levels(text: str) -> tuple[tuple[str, str], ...]:
    """The inverse of `encoded_levels`."""
    return tuple([(driver, segment_id) for driver, segment_id in _decode(text)]) if text else ()


_STATUS = Port._fields.index("status")
_BINDING = Port._fields.index("binding")  # after revision_number

PORT_ATTRIBUTES = tuple(Port("", "", "", "", 1, "", "", "", 0, PortBinding()).as_dict())
"""Every attribute of a port, in the order in which `Port.as_dict` gives them."""

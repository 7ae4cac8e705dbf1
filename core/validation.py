"""Requests checked before anything is done with them. Called by the plugin; raises InvalidInput and changes nothing."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from core.constants import (
    MAX_NAME_LENGTH,
    MAX_PROFILE_LENGTH,
    NETWORK_TYPES,
    SEGMENTATION_ID_LIMITS,
    TYPE_FLAT,
    TYPE_VLAN,
    VNIC_NORMAL,
    VNIC_TYPES,
)
from core.exceptions import InvalidInput
from core.records import encoded
from core.statements import PORT_FILTERS

READ_ONLY = ("id", "status", "revision_number", "binding:vif_type", "binding:vif_details")
"""Attributes of a port that a request may not give."""

CREATE_ONLY = ("network_id", "mac_address", "fixed_ips")
"""Attributes of a port that never change."""


class Segmentation(NamedTuple):
    """A checked segment of a network to create."""

    network_type: str
    physical_network: str | None
    segmentation_id: int | None


def checked_create(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A port to create, every attribute present in its stored form; `mac_address` and `fixed_ips` None if not given."""
    _require_mapping("port", attributes)
    given = _checked(attributes, forbidden=READ_ONLY)
    if "network_id" not in given:
        raise InvalidInput("network_id", None, "the id of a network")
    return {**_CREATE_DEFAULTS, **given}


def checked_update(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes to change, in their stored form."""
    _require_mapping("port", attributes)
    return _checked(attributes, forbidden=READ_ONLY + CREATE_ONLY)


def checked_filters(filters: Mapping[str, Any] | None) -> list[tuple[str, list[str]]]:
    """Filters as (attribute, values without repetition), sorted by attribute; a single string stands for a list."""
    if filters is None:
        return []
    _require_mapping("filters", filters)
    return [(name, _filter_values(name, filters[name])) for name in sorted(filters, key=str)]


def checked_fields(fields: Sequence[str] | None, known: Sequence[str]) -> Sequence[str]:
    """The attributes to return: those asked for, or all."""
    if fields is None:
        return known
    if isinstance(fields, str) or not isinstance(fields, Sequence):
        raise InvalidInput("fields", fields, f"some of {list(known)}")
    for name in fields:
        if name not in known:
            raise InvalidInput("fields", name, f"some of {list(known)}")
    return fields


def checked_id(kind: str, value: object) -> str:
    """An id: a string."""
    return _text(kind, value, longest=36)


def checked_host(host: object) -> str:
    """The host of a further binding of a port."""
    if not _text("host", host):
        raise InvalidInput("host", host, "the name of a host")
    return str(host)


def checked_name(name: object) -> str:
    """The name of a network."""
    return _text("name", name)


def checked_segments(segments: object) -> list[Segmentation]:
    """The segments of a network to create, at least one."""
    if not isinstance(segments, Sequence) or not segments:
        raise InvalidInput("segments", segments, "a list of at least one segment")
    return [_checked_segment(segment) for segment in segments]


def checked_cidr(cidr: object) -> str:
    """A range with at least one address to give away."""
    try:
        network = ipaddress.ip_network(_text("cidr", cidr, longest=64))
    except ValueError as error:
        raise InvalidInput("cidr", cidr, "an IPv4 or IPv6 range such as 10.0.0.0/24, host bits zero") from error
    if network.num_addresses < 4:
        raise InvalidInput("cidr", cidr, "a range of at least four addresses")
    return str(network)


def _require_mapping(what: str, value: object) -> None:
    if type(value) is not dict and not isinstance(value, Mapping):  # the second question is dear, and rarely needed
        raise InvalidInput(what, value, "a mapping from attribute names to values")


def _checked(attributes: Mapping[str, Any], *, forbidden: Sequence[str]) -> dict[str, Any]:
    given = {}
    for name, value in attributes.items():
        if name in forbidden or name not in _CHECKS:
            allowed = [known for known in _CHECKS if known not in forbidden]
            raise InvalidInput("attribute", name, f"one of {allowed} in this request")
        given[name] = _CHECKS[name](name, value)
    return given


def _text(name: str, value: object, *, longest: int = MAX_NAME_LENGTH) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise InvalidInput(name, value, f"a string of at most {longest} characters")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InvalidInput(name, value, "a string without halves of surrogate pairs, which UTF-8 cannot express")
    return value


def _host(name: str, value: object) -> str:
    return "" if value is None else _text(name, value)


def _boolean(name: str, value: object) -> int:
    if not isinstance(value, bool):
        raise InvalidInput(name, value, "True or False")
    return int(value)


def _vnic_type(name: str, value: object) -> str:
    if value not in VNIC_TYPES:
        raise InvalidInput(name, value, f"one of {list(VNIC_TYPES)}")
    return str(value)


def _profile(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, Mapping):
        raise InvalidInput(name, value, "a mapping that JSON can express, or None")
    try:
        text = encoded(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(name, value, "a mapping that JSON can express, or None") from error
    if len(text) > MAX_PROFILE_LENGTH:
        raise InvalidInput(name, value, f"at most {MAX_PROFILE_LENGTH} characters of JSON, this has {len(text)}")
    return text


def _mac_address(name: str, value: object) -> str:
    text = _text(name, value, longest=32).lower()
    parts = text.split(":")
    if len(parts) != 6 or any(len(part) != 2 or not _is_hex(part) for part in parts):
        raise InvalidInput(name, value, "six bytes in hexadecimal joined by colons")
    return text


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdef" for letter in text)


def _fixed_ips(name: str, value: object) -> list[str]:
    allowed = "a list of {'subnet_id': ...}, each subnet at most once"
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidInput(name, value, allowed)
    wanted = []
    for item in value:
        if not isinstance(item, Mapping) or set(item) != {"subnet_id"} or not isinstance(item["subnet_id"], str):
            raise InvalidInput(name, value, allowed)
        wanted.append(item["subnet_id"])
    if len(set(wanted)) != len(wanted):
        raise InvalidInput(name, value, allowed)
    return wanted


def _id(name: str, value: object) -> str:
    return _text(name, value, longest=36)


_CHECKS: dict[str, Callable[[str, object], Any]] = {
    "network_id": _id,
    "name": _text,
    "mac_address": _mac_address,
    "fixed_ips": _fixed_ips,
    "admin_state_up": _boolean,
    "device_id": _text,
    "device_owner": _text,
    "binding:host_id": _host,
    "binding:vnic_type": _vnic_type,
    "binding:profile": _profile,
}

_CREATE_DEFAULTS: dict[str, Any] = {
    "name": "",
    "mac_address": None,
    "fixed_ips": None,
    "admin_state_up": 1,
    "device_id": "",
    "device_owner": "",
    "binding:host_id": "",
    "binding:vnic_type": VNIC_NORMAL,
    "binding:profile": "",
}


def _filter_values(name: str, values: object) -> list[str]:
    if name not in PORT_FILTERS:
        raise InvalidInput("filters", name, f"some of {list(PORT_FILTERS)}")
    wanted = [values] if isinstance(values, str) else values
    if not isinstance(wanted, Sequence) or not all(isinstance(value, str) for value in wanted):
        raise InvalidInput(f"filters[{name}]", values, "a string or a list of strings")
    return list(dict.fromkeys(wanted))


def _checked_segment(segment: Mapping[str, Any]) -> Segmentation:
    _require_mapping("segment", segment)
    unknown = set(segment) - set(Segmentation._fields)
    if unknown:
        raise InvalidInput("segment", sorted(unknown, key=str)[0], f"some of {list(Segmentation._fields)}")
    network_type = segment.get("network_type")
    if network_type not in NETWORK_TYPES:
        raise InvalidInput("network_type", network_type, f"one of {list(NETWORK_TYPES)}")
    physical_network = _checked_physical_network(network_type, segment.get("physical_network"))
    segmentation_id = _checked_segmentation_id(network_type, segment.get("segmentation_id"))
    return Segmentation(network_type, physical_network, segmentation_id)


def _checked_physical_network(network_type: str, value: object) -> str | None:
    if network_type not in (TYPE_FLAT, TYPE_VLAN):
        if value is not None:
            raise InvalidInput("physical_network", value, f"None for a {network_type} segment")
        return None
    if not value:
        raise InvalidInput("physical_network", value, f"a name: a {network_type} segment needs one")
    return _text("physical_network", value, longest=64)


def _checked_segmentation_id(network_type: str, value: object) -> int | None:
    if network_type not in SEGMENTATION_ID_LIMITS:
        if value is not None:
            raise InvalidInput("segmentation_id", value, f"None for a {network_type} segment")
        return None
    low, high = SEGMENTATION_ID_LIMITS[network_type]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidInput("segmentation_id", value, f"a whole number from {low} to {high} for {network_type}")
    return value

"""Invalid input: refused with a message that names attribute, value and what is allowed; nothing changes.

Each request goes through the plugin; the whole database is compared before and after, and no driver is called.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.exceptions import CoreError, InvalidInput, MacAddressInUse, NetworkNotFound, PortNotFound
from tests.core.worlds import VLAN, World

BAD_ATTRIBUTES: list[tuple[str, Any, str]] = [
    ("name", 5, "name is 5; allowed is a string"),
    ("name", "x" * 256, "a string of at most 255 characters"),
    ("name", None, "name is None"),
    ("name", "half \ud800", "a string without halves of surrogate pairs"),
    ("admin_state_up", "yes", "admin_state_up is 'yes'; allowed is True or False"),
    ("admin_state_up", 1, "admin_state_up is 1"),
    ("device_id", ["vm"], r"device_id is \['vm'\]"),
    ("device_owner", 7, "device_owner is 7"),
    ("binding:host_id", 12, "binding:host_id is 12; allowed is a string of at most 255 characters"),
    ("binding:host_id", b"h1", "binding:host_id is b'h1'"),
    ("binding:host_id", "h" * 256, "binding:host_id is 'hhh"),
    ("binding:vnic_type", "warp", "binding:vnic_type is 'warp'; allowed is one of .*'normal', 'direct'"),
    ("binding:vnic_type", ["normal"], "binding:vnic_type is"),
    ("binding:vnic_type", None, "binding:vnic_type is None"),
    ("binding:profile", "slot 3", "binding:profile is 'slot 3'; allowed is a mapping that JSON can express"),
    ("binding:profile", {"x": object()}, "a mapping that JSON can express"),
    ("binding:profile", {"x": {1, 2}}, "a mapping that JSON can express"),
    ("binding:profile", {1: "a", "b": 2}, "a mapping that JSON can express"),
    ("binding:profile", {"x": float("nan")}, "a mapping that JSON can express"),
    ("binding:profile", {"x": "y" * 4095}, "at most 4095 characters of JSON, this has 4103"),
    ("status", "ACTIVE", "attribute is 'status'; allowed is one of"),
    ("id", "mine", "attribute is 'id'"),
    ("revision_number", 4, "attribute is 'revision_number'"),
    ("binding:vif_type", "ovs", "attribute is 'binding:vif_type'"),
    ("binding:vif_details", {}, "attribute is 'binding:vif_details'"),
    ("colour", "red", "attribute is 'colour'; allowed is one of .*in this request"),
    (5, "five", "attribute is 5"),
]
BAD_ON_CREATE: list[tuple[str, Any, str]] = [
    ("mac_address", "fa:16:3e", "mac_address is 'fa:16:3e'; allowed is six bytes"),
    ("mac_address", "fa:16:3e:00:00:zz", "six bytes in hexadecimal joined by colons"),
    ("mac_address", 5, "mac_address is 5"),
    ("fixed_ips", "10.0.0.5", "fixed_ips is '10.0.0.5'; allowed is a list"),
    ("fixed_ips", [{"ip_address": "10.0.0.5"}], "fixed_ips is"),
    ("fixed_ips", [{"subnet_id": 5}], "fixed_ips is"),
    ("fixed_ips", [{"subnet_id": "a"}, {"subnet_id": "a"}], "each subnet at most once"),
    ("fixed_ips", [{"subnet_id": "of nobody"}], "fixed_ips is 'of nobody'; allowed is the id of a subnet of network"),
    ("network_id", 5, "network_id is 5"),
    ("network_id", None, "network_id is None"),
]


def of(case: object) -> str:
    return str(case)[:25]


@contextmanager
def nothing_changes(world: World) -> Iterator[None]:
    world.told()
    before = world.dump()
    yield
    assert world.dump() == before
    assert world.told() == []


@pytest.mark.parametrize(("attribute", "value", "message"), BAD_ATTRIBUTES + BAD_ON_CREATE, ids=of)
def test_a_create_with_a_wrong_attribute_is_refused(world: World, attribute: str, value: Any, message: str) -> None:
    with nothing_changes(world), pytest.raises(InvalidInput, match=message):
        world.plugin.create_port({"network_id": world.network.id, attribute: value})


@pytest.mark.parametrize(("attribute", "value", "message"), BAD_ATTRIBUTES, ids=of)
def test_an_update_with_a_wrong_attribute_is_refused(world: World, attribute: str, value: Any, message: str) -> None:
    port = world.create("h1")
    with nothing_changes(world), pytest.raises(InvalidInput, match=message):
        world.plugin.update_port(port["id"], {"name": "good", attribute: value})


@pytest.mark.parametrize("attribute", ["network_id", "mac_address", "fixed_ips"])
def test_an_update_of_what_never_changes_is_refused(world: World, attribute: str) -> None:
    port = world.create("h1")
    with nothing_changes(world), pytest.raises(InvalidInput, match=f"attribute is '{attribute}'"):
        world.plugin.update_port(port["id"], {attribute: port[attribute]})


@pytest.mark.parametrize("attributes", [None, [], "name", 5], ids=str)
def test_a_request_that_is_no_mapping_is_refused(world: World, attributes: Any) -> None:
    port = world.create()
    with nothing_changes(world):
        for call in (world.plugin.create_port, lambda given: world.plugin.update_port(port["id"], given)):
            with pytest.raises(InvalidInput, match=r"port is .*; allowed is a mapping"):
                call(attributes)


def test_a_port_needs_a_network_that_exists(world: World) -> None:
    with nothing_changes(world):
        with pytest.raises(InvalidInput, match="network_id is None; allowed is the id of a network"):
            world.plugin.create_port({})
        with pytest.raises(NetworkNotFound, match="network 'nowhere' does not exist"):
            world.plugin.create_port({"network_id": "nowhere"})


def test_an_unknown_port_is_named(world: World) -> None:
    with nothing_changes(world):
        for call in (lambda: world.plugin.update_port("nobody", {}), lambda: world.plugin.get_port("nobody")):
            with pytest.raises(PortNotFound, match="port 'nobody' does not exist"):
                call()


@pytest.mark.parametrize("port_id", [None, 5, "x" * 37, ["id"]], ids=of)
def test_a_port_id_that_cannot_be_one_is_refused(world: World, port_id: Any) -> None:
    plugin = world.plugin
    calls = (plugin.get_port, plugin.delete_port, lambda port_id: plugin.update_port(port_id, {}))
    with nothing_changes(world):
        for call in calls:
            with pytest.raises(InvalidInput, match=r"port_id is .*; allowed is a string of at most 36"):
                call(port_id)


def test_a_mac_address_is_used_once_a_network(world: World) -> None:
    world.create(mac_address="fa:00:00:00:00:01")
    with nothing_changes(world), pytest.raises(MacAddressInUse, match="fa:00:00:00:00:01 is in use on network"):
        world.create(mac_address="FA:00:00:00:00:01")
    other = world.plugin.create_network("other", [VLAN])
    assert world.create(network_id=other.id, mac_address="fa:00:00:00:00:01")["network_id"] == other.id


def test_a_profile_may_be_as_long_as_its_column(world: World) -> None:
    profile = {"x": "y" * (4095 - len('{"x":""}'))}
    assert world.create(**{"binding:profile": profile})["binding:profile"] == profile
    with pytest.raises(InvalidInput, match="this has 4096"):
        world.create(**{"binding:profile": {"x": profile["x"] + "y"}})


def test_the_attributes_that_a_request_may_give_are_listed(world: World) -> None:
    port = world.create()
    with pytest.raises(InvalidInput, match=r"allowed is one of \['network_id', 'name', 'mac_address', 'fixed_ips'"):
        world.create(colour="red")
    with pytest.raises(InvalidInput, match=r"allowed is one of \['name', 'admin_state_up', .*'binding:profile'\]"):
        world.plugin.update_port(port["id"], {"colour": "red"})


def test_a_long_value_is_shortened_in_the_message(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.create(name="x" * 10_000)
    assert len(str(caught.value)) < 200
    assert "(10002 characters)" in str(caught.value)


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        ({}, "network_type is None; allowed is one of .*'flat', 'vlan', 'vxlan', 'gre'"),
        ({"network_type": "token ring"}, "network_type is 'token ring'"),
        ({"network_type": "vlan", "segmentation_id": 7}, "physical_network is None; allowed is a name: a vlan segment"),
        ({"network_type": "flat"}, "physical_network is None"),
        ({"network_type": "flat", "physical_network": 5}, "physical_network is 5"),
        ({"network_type": "flat", "physical_network": "p", "segmentation_id": 1}, "segmentation_id is 1"),
        ({"network_type": "vxlan", "physical_network": "p", "segmentation_id": 1}, "physical_network is 'p'"),
        ({**VLAN, "segmentation_id": 0}, "segmentation_id is 0; allowed is a whole number from 1 to 4094 for vlan"),
        ({**VLAN, "segmentation_id": 4095}, "segmentation_id is 4095"),
        ({**VLAN, "segmentation_id": "7"}, "segmentation_id is '7'"),
        ({**VLAN, "segmentation_id": True}, "segmentation_id is True"),
        ({"network_type": "vxlan", "segmentation_id": 2**24}, "from 1 to 16777215 for vxlan"),
        ({"network_type": "gre", "segmentation_id": 2**32}, "from 1 to 4294967295 for gre"),
        ({**VLAN, "colour": "red"}, "segment is 'colour'; allowed is some of"),
        ("vlan", "segment is 'vlan'; allowed is a mapping"),
    ],
    ids=of,
)  # fmt: skip
def test_a_network_with_a_wrong_segment_is_refused(world: World, segment: Any, message: str) -> None:
    with nothing_changes(world), pytest.raises(InvalidInput, match=message):
        world.plugin.create_network("n", [VLAN, segment])


@pytest.mark.parametrize("segments", [[], None, 5, "vlan"], ids=of)
def test_a_network_needs_a_list_of_segments(world: World, segments: Any) -> None:
    with nothing_changes(world), pytest.raises(InvalidInput, match=r"segments? is .*; allowed is"):
        world.plugin.create_network("n", segments)


@pytest.mark.parametrize("name", [None, 5, "x" * 256], ids=of)
def test_a_network_needs_a_name_that_is_a_string(world: World, name: Any) -> None:
    with nothing_changes(world), pytest.raises(InvalidInput, match="name is"):
        world.plugin.create_network(name, [VLAN])


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        ("10.0.0.5/24", "cidr is '10.0.0.5/24'; allowed is an IPv4 or IPv6 range such as 10.0.0.0/24"),
        ("everything", "cidr is 'everything'"),
        (5, "cidr is 5"),
        ("10.0.0.0/31", "a range of at least four addresses"),
    ],
    ids=of,
)
def test_a_subnet_with_a_wrong_range_is_refused(world: World, cidr: Any, message: str) -> None:
    with nothing_changes(world), pytest.raises(InvalidInput, match=message):
        world.plugin.create_subnet(world.network.id, cidr)


def test_a_subnet_needs_a_network_that_exists(world: World) -> None:
    with nothing_changes(world):
        with pytest.raises(NetworkNotFound):
            world.plugin.create_subnet("nowhere", "10.0.0.0/24")
        with pytest.raises(InvalidInput, match="network_id is 5"):
            world.plugin.create_subnet(5, "10.0.0.0/24")  # type: ignore[arg-type]
        with pytest.raises(NetworkNotFound):
            world.plugin.get_network("nowhere")


def test_segments_keep_their_order(world: World) -> None:
    kinds = [{"network_type": "vxlan", "segmentation_id": 9}, VLAN, {"network_type": "flat", "physical_network": "p"}]
    network = world.plugin.create_network("n", kinds)
    assert [segment.network_type for segment in network.segments] == ["vxlan", "vlan", "flat"]
    assert world.plugin.get_network(network.id) == network
    indexes = {row["id"]: row["segment_index"] for row in world.rows("network_segments")}
    assert [indexes[segment.id] for segment in network.segments] == [0, 1, 2]


def test_all_of_these_errors_are_the_cores_own() -> None:
    assert issubclass(InvalidInput, CoreError)
    assert {PortNotFound.__mro__[2], NetworkNotFound.__mro__[2], MacAddressInUse.__mro__[1]} == {CoreError}

"""get_port and get_ports: filters, long lists in chunks, fields, order, values as they were given."""

import pytest

from core.exceptions import InvalidInput
from core.records import PORT_ATTRIBUTES
from core.statements import CHUNK_SIZES
from tests.core.worlds import VLAN, World


@pytest.fixture
def crowd(world: World) -> World:
    """Ports a, b, c on two networks and two hosts; b is bound, c has no host."""
    other = world.plugin.create_network("other", [VLAN])
    world.create("h1", name="a", device_id="vm1", **{"binding:profile": {"no": 1}})
    world.sdn.then("bind_port", lambda context: None)
    world.create("h2", name="b", device_id="vm1")
    world.create("", name="c", network_id=other.id, device_id="vm2")
    world.other = other  # type: ignore[attr-defined]
    world.sdn.hopeless = {"h2"}
    world.told()
    return world


def names(world: World, **filters) -> list[str]:
    return [
        port["name"]
        for port in world.plugin.get_ports(
            {key.replace("host", "binding:host_id"): value for key, value in filters.items()}
        )
    ]


def test_without_filters_all_ports_come_ordered_by_id(crowd: World) -> None:
    ids = [port["id"] for port in crowd.plugin.get_ports()]
    assert ids == sorted(ids)
    assert names(crowd) == ["a", "b", "c"]


def test_each_filter_selects_by_its_attribute(crowd: World) -> None:
    ids = {port["name"]: port["id"] for port in crowd.plugin.get_ports()}
    assert names(crowd, id=[ids["c"], ids["a"]]) == ["a", "c"]
    assert names(crowd, network_id=[crowd.network.id]) == ["a", "b"]
    assert names(crowd, host="h2") == ["b"]
    assert names(crowd, host=["h1", "h2"]) == ["a", "b"]
    assert names(crowd, host="") == ["c"]
    assert names(crowd, device_id="vm1") == ["a", "b"]
    assert names(crowd, status=["ACTIVE"]) == ["a"]
    assert names(crowd, status="DOWN") == ["b", "c"]


def test_filters_combine_with_and(crowd: World) -> None:
    assert names(crowd, device_id="vm1", status="DOWN") == ["b"]
    assert names(crowd, device_id=["vm1", "vm2"], network_id=crowd.network.id, host=["h1", "", "h9"]) == ["a"]
    assert names(crowd, device_id="vm2", status="ACTIVE") == []


def test_a_value_that_nothing_has_selects_nothing(crowd: World) -> None:
    assert names(crowd, device_id="nobody's") == []


def test_an_empty_list_of_values_selects_nothing_and_asks_no_database(crowd: World) -> None:
    crowd.faults.statements.clear()
    assert names(crowd, device_id=[]) == []
    assert crowd.faults.statements == []


def test_a_value_given_twice_selects_once(crowd: World) -> None:
    assert names(crowd, device_id=["vm1", "vm1"]) == ["a", "b"]


@pytest.mark.parametrize("count", [1, 2, 8, 9, 64, 65, 130])
def test_lists_of_any_length_select_each_port_once(world: World, count: int) -> None:
    devices = [f"vm{number}" for number in range(count)]
    for device in (devices[0], devices[-1], devices[count // 2], "stranger"):
        world.create(device_id=device, name=device)
    found = names(world, device_id=devices)
    assert sorted(found) == sorted([devices[0], devices[-1], devices[count // 2]])
    lists = [entry for entry in world.faults.statements if entry == "get_ports: port.list"]
    assert len(lists) == -(-count // CHUNK_SIZES[-1])


def test_a_long_list_comes_in_the_order_of_ids_however_it_was_asked_for(world: World) -> None:
    ids = [world.create(name=f"{number:03}")["id"] for number in range(70)]
    assert names(world, id=ids[::-1]) == [f"{number:03}" for number in range(70)]


def test_two_long_lists_cross(world: World) -> None:
    world.create("h69", device_id="vm69", name="in"), world.create("h69", device_id="vm99", name="out")
    many = range(70)
    assert names(world, device_id=[f"vm{n}" for n in many], host=[f"h{n}" for n in many]) == ["in"]


def test_ports_with_several_addresses_come_once_with_all_of_them(world: World) -> None:
    second = world.plugin.create_subnet(world.network.id, "10.0.1.0/24")
    wanted = [{"subnet_id": world.subnet.id}, {"subnet_id": second.id}]
    made = world.create(fixed_ips=wanted)
    (found,) = world.plugin.get_ports({"device_id": ["", "x", "y"]})
    assert found == made == world.plugin.get_port(made["id"])
    assert [ip["ip_address"] for ip in found["fixed_ips"]] == ["10.0.0.2", "10.0.1.2"]


def test_fields_select_attributes(crowd: World) -> None:
    (port,) = crowd.plugin.get_ports({"device_id": "vm2"}, fields=["name", "binding:host_id"])
    assert port == {"name": "c", "binding:host_id": ""}
    full = crowd.plugin.get_ports({"device_id": "vm2"})[0]
    assert crowd.plugin.get_port(full["id"], fields=["status"]) == {"status": "DOWN"}
    assert tuple(full) == PORT_ATTRIBUTES
    assert crowd.plugin.get_port(full["id"], fields=[]) == {}


def test_a_port_comes_out_as_it_went_in(world: World) -> None:
    given = {
        "name": "web", "admin_state_up": False, "device_id": "vm", "device_owner": "compute:az",
        "mac_address": "FA:16:3e:00:00:01", "binding:host_id": "h1", "binding:vnic_type": "direct",
        "binding:profile": {"pci": ["0:1", {"deep": None}], "ü": 1.5},
    }  # fmt: skip
    port = world.create(**given)
    assert port == world.plugin.get_port(port["id"])
    assert {**port, **given, "mac_address": "fa:16:3e:00:00:01"} == port
    assert port["revision_number"] == 2
    assert type(port["admin_state_up"]) is bool


def test_no_host_and_no_profile_may_be_written_as_none(world: World) -> None:
    port = world.create(**{"binding:host_id": None, "binding:profile": None})
    assert (port["binding:host_id"], port["binding:profile"]) == ("", {})


def test_changing_what_came_out_changes_nothing(world: World) -> None:
    port = world.create("h1", **{"binding:profile": {"list": [1]}})
    port["binding:vif_details"]["for"] = "somebody else"
    port["name"] = "mine"
    again = world.plugin.get_port(port["id"])
    assert (again["binding:vif_details"], again["name"]) == ({"for": "h1"}, "")


def test_changing_something_deep_inside_changes_nothing(world: World) -> None:
    port = world.create("h1", **{"binding:profile": {"list": [1]}})
    port["binding:profile"]["list"].append(2)
    assert world.plugin.get_port(port["id"])["binding:profile"] == {"list": [1]}


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"colour": "red"}, "filters is 'colour'; allowed is some of"),
        ({"device_id": 5}, r"filters\[device_id\] is 5; allowed is a string or a list of strings"),
        ({"device_id": ["x", None]}, r"filters\[device_id\] is \['x', None\]"),
        ({1: "x", "id": "y"}, "filters is 1; allowed is some of"),
        ("device_id", "filters is 'device_id'; allowed is a mapping"),
    ],
)
def test_wrong_filters_are_refused(world: World, filters, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        world.plugin.get_ports(filters)


@pytest.mark.parametrize("fields", [["colour"], "name", 5, [["name"]]], ids=str)
def test_wrong_fields_are_refused(world: World, fields) -> None:
    port = world.create()
    with pytest.raises(InvalidInput, match=r"fields is .*; allowed is some of"):
        world.plugin.get_ports(fields=fields)
    with pytest.raises(InvalidInput, match=r"fields is .*; allowed is some of"):
        world.plugin.get_port(port["id"], fields=fields)

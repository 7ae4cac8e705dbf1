"""Addresses: in order, each once, gaps found after a wrap, several subnets, IPv6, allocation off, MAC collisions."""

import pytest

from core import statements
from core.binding import DEFERRED
from core.exceptions import InvalidInput, MacAddressInUse, NoMoreAddresses
from core.ipam import ONE_PAGE, address_at, pool_limits, take_address
from core.records import PortDict, Subnet
from tests.core.worlds import VLAN, World


def addresses(port: PortDict) -> list[str]:
    return [ip["ip_address"] for ip in port["fixed_ips"]]


def small(world: World, cidr: str) -> tuple[str, Subnet]:
    """A network whose only subnet is this one; the network's id and the subnet."""
    network = world.plugin.create_network("small", [VLAN])
    return network.id, world.plugin.create_subnet(network.id, cidr)


def create_on(world: World, network_id: str) -> PortDict:
    return world.create(network_id=network_id)


def test_addresses_are_given_in_order_from_the_second_one_on(world: World) -> None:
    assert [addresses(world.create()) for _ in range(3)] == [["10.0.0.2"], ["10.0.0.3"], ["10.0.0.4"]]


def test_a_freed_address_waits_until_the_pool_has_wrapped(world: World) -> None:
    network_id, _ = small(world, "10.1.0.0/29")  # .2 to .6
    ports = [create_on(world, network_id) for _ in range(3)]
    world.plugin.delete_port(ports[0]["id"])
    later = [addresses(create_on(world, network_id))[0] for _ in range(3)]
    assert later == ["10.1.0.5", "10.1.0.6", "10.1.0.2"]


def test_an_exhausted_pool_is_an_error_and_changes_nothing(world: World) -> None:
    network_id, subnet = small(world, "10.1.0.0/30")
    assert addresses(create_on(world, network_id)) == ["10.1.0.2"]
    before = world.dump()
    with pytest.raises(NoMoreAddresses, match=f"subnet {subnet.id} has no free address"):
        create_on(world, network_id)
    assert world.dump() == before


def test_after_exhaustion_a_freed_address_is_found(world: World) -> None:
    network_id, _ = small(world, "10.1.0.0/29")
    ports = [create_on(world, network_id) for _ in range(5)]
    world.plugin.delete_port(ports[3]["id"])
    assert addresses(create_on(world, network_id)) == ["10.1.0.5"]
    world.plugin.delete_port(ports[1]["id"])
    assert addresses(create_on(world, network_id)) == ["10.1.0.3"]
    with pytest.raises(NoMoreAddresses):
        create_on(world, network_id)


def test_a_search_goes_on_behind_the_last_address_given_and_then_from_the_start(world: World) -> None:
    network_id, _ = small(world, "10.1.0.0/28")  # .2 to .14
    ports = [create_on(world, network_id) for _ in range(13)]
    for position in (1, 6, 10):
        world.plugin.delete_port(ports[position]["id"])
    assert [addresses(create_on(world, network_id))[0] for _ in range(2)] == ["10.1.0.3", "10.1.0.8"]
    world.plugin.delete_port(ports[0]["id"])
    assert [addresses(create_on(world, network_id))[0] for _ in range(2)] == ["10.1.0.12", "10.1.0.2"]


def test_an_address_freed_at_once_is_found_though_the_search_starts_behind_it(world: World) -> None:
    network_id, _ = small(world, "10.1.0.0/29")
    ports = [create_on(world, network_id) for _ in range(5)]
    world.plugin.delete_port(ports[2]["id"])
    for _ in range(3):
        again = create_on(world, network_id)
        assert addresses(again) == ["10.1.0.4"]
        world.plugin.delete_port(again["id"])


@pytest.mark.parametrize("hole", [2, ONE_PAGE + 1, ONE_PAGE + 2, 2 * ONE_PAGE + 1, 2 * ONE_PAGE + 7, 1022])
def test_gaps_are_found_in_every_page_of_a_long_pool(world: World, hole: int) -> None:
    _, subnet = small(world, "10.8.0.0/22")  # offsets 2 to 1022
    _fill(world, subnet, taken=[offset for offset in range(2, 1023) if offset != hole])
    taken = world.database.transact("take", lambda transaction: take_address(transaction, subnet).offset)
    assert taken == hole


def test_a_long_pool_without_a_gap_is_exhausted(world: World) -> None:
    _, subnet = small(world, "10.8.0.0/22")
    _fill(world, subnet, taken=list(range(2, 1023)))
    with pytest.raises(NoMoreAddresses):
        world.database.transact("take", lambda transaction: take_address(transaction, subnet))


def _fill(world: World, subnet: Subnet, *, taken: list[int]) -> None:
    """A wrapped pool whose next offset is its first, with these offsets allocated to one port."""
    port = world.create()

    def write(transaction) -> None:
        transaction.write(statements.POOL_ADVANCE, pool_id=subnet.id, next_offset=2, wrapped=1)
        for offset in taken:
            transaction.write(
                statements.IP_INSERT, subnet_id=subnet.id, ip_offset=offset, ip_address="x", port_id=port["id"]
            )

    world.database.transact("fill", write)


def test_a_network_without_a_subnet_gives_no_address(world: World) -> None:
    network = world.plugin.create_network("bare", [VLAN])
    assert create_on(world, network.id)["fixed_ips"] == []


def test_the_next_subnet_is_taken_when_one_is_exhausted(world: World) -> None:
    network_id, _ = small(world, "10.1.0.0/30")
    world.plugin.create_subnet(network_id, "10.2.0.0/30")
    assert [addresses(create_on(world, network_id)) for _ in range(2)] == [["10.1.0.2"], ["10.2.0.2"]]
    with pytest.raises(NoMoreAddresses):
        create_on(world, network_id)


def test_fixed_ips_ask_for_an_address_of_each_subnet_named(world: World) -> None:
    second = world.plugin.create_subnet(world.network.id, "10.2.0.0/24")
    third = world.plugin.create_subnet(world.network.id, "10.3.0.0/24")
    port = world.create(fixed_ips=[{"subnet_id": third.id}, {"subnet_id": second.id}])
    assert sorted(addresses(port)) == ["10.2.0.2", "10.3.0.2"]
    assert world.create(fixed_ips=[])["fixed_ips"] == []


def test_fixed_ips_fail_whole_when_one_subnet_is_exhausted(world: World) -> None:
    tiny = world.plugin.create_subnet(world.network.id, "10.2.0.0/30")
    wanted = [{"subnet_id": world.subnet.id}, {"subnet_id": tiny.id}]
    world.create(fixed_ips=wanted)
    before = world.dump()
    with pytest.raises(NoMoreAddresses, match=tiny.id):
        world.create(fixed_ips=wanted)
    assert world.dump() == before


def test_a_subnet_of_another_network_is_refused(world: World) -> None:
    _, strange = small(world, "10.1.0.0/24")
    with pytest.raises(InvalidInput, match=f"fixed_ips is '{strange.id}'; allowed is the id of a subnet of network"):
        world.create(fixed_ips=[{"subnet_id": strange.id}])


def test_pool_rows_are_locked_in_the_order_of_their_ids(world: World) -> None:
    world.plugin.create_subnet(world.network.id, "10.2.0.0/24")
    ids = sorted(row["id"] for row in world.rows("subnets"))
    port = world.create(fixed_ips=[{"subnet_id": subnet_id} for subnet_id in reversed(ids)])
    assert [ip["subnet_id"] for ip in port["fixed_ips"]] == ids


def test_allocation_can_be_switched_off() -> None:
    world = World(DEFERRED, allocate_addresses=False)
    assert world.create("h1")["fixed_ips"] == []
    assert not [entry for entry in world.faults.statements if "ip_pool.lock" in entry]


def test_a_subnet_cannot_be_asked_for_where_allocation_is_off() -> None:
    world = World(DEFERRED, allocate_addresses=False)
    with pytest.raises(InvalidInput, match=r"fixed_ips is .*; allowed is none"):
        world.create("h1", fixed_ips=[{"subnet_id": "any"}])


def test_ipv6_ranges_give_addresses_too(world: World) -> None:
    network_id, _ = small(world, "2001:db8::/64")
    assert [addresses(create_on(world, network_id)) for _ in range(2)] == [["2001:db8::2"], ["2001:db8::3"]]


@pytest.mark.parametrize(
    ("cidr", "limits", "last"),
    [
        ("10.0.0.0/30", (2, 2), "10.0.0.2"),
        ("10.0.0.0/24", (2, 254), "10.0.0.254"),
        ("2001:db8::/126", (2, 2), "2001:db8::2"),
        ("2001:db8::/32", (2, 2**62), "2001:db8:0:0:4000::"),
    ],
)
def test_a_pool_leaves_out_network_gateway_and_broadcast(cidr: str, limits: tuple[int, int], last: str) -> None:
    assert pool_limits(cidr) == limits
    assert address_at(cidr, limits[1]) == last


def test_a_deleted_ports_address_is_free_again(world: World) -> None:
    port = world.create()
    world.plugin.delete_port(port["id"])
    assert world.rows("ip_allocations") == []


def test_the_pool_row_is_read_under_lock_before_the_port_is_written(world: World) -> None:
    world.faults.statements.clear()
    world.create()
    names = [entry.split()[1] for entry in world.faults.statements]
    assert names.index("ip_pool.lock") < names.index("ip_pool.advance") < names.index("port.insert")


def test_a_generated_mac_address_that_is_taken_is_drawn_again_for_the_same_port(world: World) -> None:
    world.create(mac_address="fa:ab:ab:ab:ab:ab")
    taken, free = "abababab-ab00-4000-8000-000000000000", "cdcdcdcd-cd00-4000-8000-000000000000"
    world.runtime.next_ids.extend(["the-port", taken, taken, free])
    port = world.create()
    assert (port["id"], port["mac_address"]) == ("the-port", "fa:cd:cd:cd:cd:cd")
    assert addresses(port) == ["10.0.0.3"]


def test_after_sixteen_mac_collisions_the_error_is_told(world: World) -> None:
    world.create(mac_address="fa:ab:ab:ab:ab:ab")
    before = world.dump()
    world.runtime.next_ids.extend(["the-port", *["abababab-ab00-4000-8000-000000000000"] * 16, "not used"])
    with pytest.raises(MacAddressInUse):
        world.create()
    assert list(world.runtime.next_ids) == ["not used"]
    assert world.dump() == before

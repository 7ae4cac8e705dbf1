"""The topology by number: who shares what."""

from sim.kernel import Draws
from sim.model.naming import owner_of
from sim.model.world import World
from tests.sim.model.tiny import tiny


def world(**topology: object) -> World:
    return World(tiny(topology=topology, workload={"ports": {"initial": 3}}), Draws(1))


def test_tenants_are_spread_over_the_networks() -> None:
    w = world(tenants=5, networks=2)
    assert [w.networks.index(w.network_of(tenant)) for tenant in range(5)] == [0, 1, 0, 1, 0]


def test_each_tenant_has_its_subnets_on_its_network() -> None:
    w = world(tenants=3, networks=2, subnets_per_tenant=2)
    network_of = dict(w.subnets)
    mine = {tenant: {w.subnet_of(tenant, u) for u in (0.1, 0.9)} for tenant in range(3)}
    assert [len(subnets) for subnets in mine.values()] == [2, 2, 2]
    assert len(set.union(*mine.values())) == 6
    assert all(network_of[s] == w.network_of(t).id for t, subnets in mine.items() for s in subnets)


def test_without_subnets_of_their_own_tenants_share_one_a_network() -> None:
    w = world(tenants=4, networks=2, subnets_per_tenant=0)
    assert len(w.subnets) == 2
    assert w.subnet_of(0, 0.5) == w.subnet_of(2, 0.5) != w.subnet_of(1, 0.5)


def test_every_network_has_every_segment_with_an_id_of_its_own() -> None:
    segments = [
        {"network_type": "vlan", "physical_network": "p1", "first_segmentation_id": 100},
        {"network_type": "vxlan"},
        {"network_type": "flat", "physical_network": "p2"},
    ]
    w = world(tenants=2, networks=2, segments=segments)
    assert [[s.segmentation_id for s in n.segments] for n in w.networks] == [[100, 1, None], [101, 2, None]]
    assert len({s.id for n in w.networks for s in n.segments}) == 6


def test_a_ports_id_tells_its_number() -> None:
    w = world()
    assert [owner_of(w.port_id(number)) for number in range(6)] == list(range(6))

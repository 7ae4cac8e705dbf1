"""Clients that die around their COMMIT, flushes, and what the layers above are told of a cluster."""

from collections.abc import Callable

import pytest

from core import statements as sql
from core.exceptions import ConnectionLost
from sim.database import Commit, Costs, NoOwner, ServerTransaction
from tests.sim.database.galera.clusters import ClusterWorld
from tests.sim.database.scripted import Client, port_values

MakeCluster = Callable[..., ClusterWorld]


def renames(port: str, name: str) -> Callable[[Client], None]:
    def script(client: Client) -> None:
        client.names(port, name)
        client.commit()

    return script


@pytest.mark.parametrize(("dies_at_us", "agreed"), [(1_000, "old"), (3_000, "B")])
def test_what_has_its_place_in_the_order_takes_effect_though_its_client_dies(
    make_cluster: MakeCluster, dies_at_us: int, agreed: str
) -> None:
    world, owner = make_cluster(), NoOwner()
    world.on(0, "A", renames("p2", "A"))
    dying = world.on(1, "B", renames("p1", "B"), owner=owner)  # ordered after A's, and so not here before 5 ms

    def die() -> None:
        world.kernel.kill([dying], before_unwind=lambda: world.cluster.end_transactions_of(owner))

    world.kernel.at(dies_at_us, die)
    world.lines()
    assert world.agreed().split()[0] == agreed


def test_listeners_hear_of_each_commit_once_in_the_order_when_it_first_shows(world: ClusterWorld) -> None:
    heard: list[tuple[int, int, str]] = []

    def hear(commit: Commit) -> None:
        assert commit.transaction.process is not None
        heard.append((commit.number, commit.at_us, commit.transaction.process.name))

    world.database.on_commit(hear)
    world.on(0, "A", renames("p1", "A"))
    world.on(1, "B", renames("p2", "B"), after=1)
    world.lines()
    assert heard == [(1, 2_000, "A"), (2, 5_000, "B")]


def test_transactions_of_all_nodes_have_numbers_of_their_own(world: ClusterWorld) -> None:
    seen: list[ServerTransaction] = []
    world.kernel.at(1_000, lambda: seen.extend(world.cluster.open_transactions()))
    for node in range(3):
        world.on(node, f"{node}", renames(f"p{node + 1}", "new"))
    world.lines()
    assert sorted(transaction.number for transaction in seen) == [0, 1, 2]


def test_commits_of_one_node_share_a_flush_and_keep_their_order(make_cluster: MakeCluster) -> None:
    world = make_cluster(costs=Costs(commit=10_000), replication_ms=0)
    world.on(0, "A", renames("p1", "A"))
    world.on(0, "B", renames("p2", "B"))
    assert world.lines()[2:] == ["10 A commit", "20 B commit"]


def test_a_fault_of_the_scenario_meets_statements_on_every_node(world: ClusterWorld) -> None:
    world.cluster.fault = lambda point, transaction: ConnectionLost("cut") if point == "commit" else None
    world.on(2, "A", renames("p1", "A"))
    assert world.lines() == ["0 A port.update 1", "0 A commit ConnectionLost"]
    assert world.agreed() == "old old old old"


def test_a_direct_connection_writes_everywhere_at_once(world: ClusterWorld) -> None:
    direct = world.cluster.direct()
    direct.execute(sql.PORT_UPDATE, {**port_values("p1", name="new"), "port_id": "p1"})
    direct.commit()
    assert [world.names_on(node) for node in range(3)] == ["new old old old"] * 3
    assert world.agreed() == "new old old old"


def test_rows_that_nobody_writes_can_be_changed_everywhere_beside_transactions(world: ClusterWorld) -> None:
    change = "UPDATE ports SET name = ? WHERE id = ?"
    world.kernel.at(1_000, lambda: world.cluster.change(change, ("changed", "p4")))
    world.on(0, "A", renames("p1", "A"))
    world.lines()
    assert world.agreed() == "A old old changed"


def test_the_death_of_a_node_is_refused(world: ClusterWorld) -> None:
    with pytest.raises(NotImplementedError, match="nodes of the modelled cluster do not die"):
        world.cluster.lose_connections(lambda _: True)

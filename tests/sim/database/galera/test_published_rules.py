"""What Galera is documented to do, as interleavings with the logs that follow. Each test names where the rule stands.

No cluster runs here: these scripts are the check. COMMIT is ordered after 2 ms and applied by other nodes in 3 more.
"""

from collections.abc import Callable

from tests.sim.database.galera.clusters import ClusterWorld
from tests.sim.database.scripted import Client

MakeCluster = Callable[..., ClusterWorld]


def writes(port: str, name: str, *, then: float = 0) -> Callable[[Client], None]:
    """A transaction that reads a port for update, renames it, thinks for some milliseconds and commits."""

    def script(client: Client) -> None:
        client.locks(port)
        client.names(port, name)
        client.pause(then)
        client.commit()

    return script


def test_a_commit_takes_a_round_trip_and_shows_on_other_nodes_when_they_have_applied_it(world: ClusterWorld) -> None:
    """Percona, Multi-node writing and unexpected deadlocks (2012): a ping's round trip to the furthest node."""
    world.on(0, "A", writes("p1", "A"))
    for after in (1.9, 2.1, 4.9, 5.1):
        world.on(0, "near", lambda c: c.reads("p1"), after=after)
        world.on(1, "far", lambda c: c.reads("p1"), after=after)
    assert world.lines()[2:] == [
        "1.9 near reads ['old']",
        "1.9 far reads ['old']",
        "2 A commit",
        "2.1 near reads ['A']",
        "2.1 far reads ['old']",
        "4.9 near reads ['A']",
        "4.9 far reads ['old']",
        "5.1 near reads ['A']",
        "5.1 far reads ['A']",
    ]


def test_locks_are_local_so_select_for_update_stops_nobody_elsewhere(world: ClusterWorld) -> None:
    """Peter Boros on openstack-dev, 2014-05-20: the locks of SELECT FOR UPDATE are not replicated."""

    def holds(client: Client) -> None:
        client.locks("p1")
        client.pause(10)
        client.commit()

    world.on(0, "A", holds)
    world.on(0, "same node", lambda c: c.locks("p1"), after=1)
    world.on(1, "other node", lambda c: c.locks("p1"), after=1)
    assert world.lines() == [
        "0 A locks ['old']", "1 other node locks ['old']", "10 A commit", "10 same node locks ['old']",
    ]  # fmt: skip


def test_the_first_in_the_order_wins_and_the_other_fails_at_commit(world: ClusterWorld) -> None:
    """MariaDB documentation, Certification-Based Replication."""
    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", writes("p1", "B"), after=1)
    assert world.lines() == [
        "0 A locks ['old']", "0 A port.update 1", "1 B locks ['old']", "1 B port.update 1", "2 A commit",
        "3 B commit CertificationFailure",
    ]  # fmt: skip
    assert world.agreed() == "A old old old"

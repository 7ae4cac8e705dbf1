"""What Galera is documented to do, as interleavings with the logs that follow. Each test names where the rule stands.

No cluster runs here: these scripts are the check. A COMMIT is ordered after 2 ms and applied by other nodes in 3 more.
Percona 2012: Jay Janssen, "Multi-node writing and unexpected deadlocks" (August) and "Understanding Multi-node writing
conflict metrics" (November). Boros 2014: openstack-dev, 20 May. Table: certify_and_depend_v3to5 of Galera 4.
"""

from collections.abc import Callable

from core import statements as sql
from sim.database import Costs
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
    """Percona 2012: a commit costs a round trip to the furthest node; applying is asynchronous."""
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
    """Boros 2014: the locks of SELECT FOR UPDATE are not replicated."""

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


def test_a_transaction_that_only_locked_is_not_certified_and_takes_no_round_trip(world: ClusterWorld) -> None:
    """Boros 2014: what is compared is write sets; a row that was only locked is in none."""

    def looks(client: Client) -> None:
        client.locks("p1")
        client.pause(0.5)
        client.commit()

    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", looks, after=1)
    assert world.lines()[2:] == ["1 B locks ['old']", "1.5 B commit", "2 A commit"]


def test_the_first_in_the_order_wins_and_the_other_fails_at_commit(world: ClusterWorld) -> None:
    """MariaDB documentation, Certification-Based Replication."""
    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", writes("p1", "B"), after=1)
    assert world.lines() == [
        "0 A locks ['old']", "0 A port.update 1", "1 B locks ['old']", "1 B port.update 1", "2 A commit",
        "3 B commit CertificationFailure",
    ]  # fmt: skip
    assert world.agreed() == "A old old old"


def test_who_locked_first_does_not_matter(world: ClusterWorld) -> None:
    """The order is that of COMMITs: the one that came later to the row, and earlier to its end, has it."""
    world.on(0, "A", writes("p1", "A", then=2))
    world.on(1, "B", writes("p1", "B"), after=1)
    assert world.lines()[-2:] == ["3 B commit", "4 A commit CertificationFailure"]
    assert world.agreed() == "B old old old"


def test_write_sets_of_different_rows_pass_and_show_in_their_order_everywhere(world: ClusterWorld) -> None:
    """MariaDB documentation, Certification-Based Replication: the order is the same on all; a node's own commits wait
    for those before them (wsrep_apply_waits)."""
    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", writes("p2", "B"))
    world.on(2, "C", writes("p3", "C"))
    assert world.lines()[-3:] == ["2 A commit", "5 B commit", "8 C commit"]
    assert world.agreed() == "A B C old"


def test_a_holder_in_the_way_of_an_applier_learns_it_at_its_next_statement_even_a_read(world: ClusterWorld) -> None:
    """Percona 2012, November: a brute force abort; Percona's forum: it may be a SELECT that reports it."""

    def idles(client: Client) -> None:
        client.locks("p1")
        client.pause(6)
        client.run(sql.PORT_READ, port_id="p2")

    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", idles)
    assert world.lines()[2:] == ["0 B locks ['old']", "2 A commit", "6 B port.read BruteForceAbort"]


def test_it_learns_so_at_commit_if_that_is_next(world: ClusterWorld) -> None:
    """Percona 2012, August: the transaction was idle, and its COMMIT fails."""
    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", writes("p1", "B", then=6))
    assert world.lines()[-2:] == ["2 A commit", "6 B commit BruteForceAbort"]
    assert world.cluster.counts()["galera_brute_force_aborts"] == 1
    assert world.cluster.counts()["galera_certification_failures"] == 0


def test_one_that_waits_for_another_row_learns_it_at_once(world: ClusterWorld) -> None:
    """MariaDB's pull request 1751: an applier ends a holder also while that waits for a lock itself."""

    def holds(client: Client) -> None:
        client.locks("p2")
        client.pause(9)

    def waits(client: Client) -> None:
        client.locks("p1")
        client.locks("p2")

    world.on(1, "holder", holds)
    world.on(1, "B", waits)
    world.on(0, "A", writes("p1", "A"))
    assert world.lines()[-2:] == ["2 B port.lock BruteForceAbort", "2 A commit"]
    assert world.waits.lines == ["ports p2: B after holder, 0-2 brute_force"]


def test_one_whose_statement_is_being_executed_learns_it_at_the_statements_end(make_cluster: MakeCluster) -> None:
    world = make_cluster(costs=Costs(execution=4_000))
    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", lambda c: c.locks("p1"), after=9)
    assert world.lines() == ["4 A locks ['old']", "8 A port.update 1", "10 A commit", "13 B port.lock BruteForceAbort"]


def test_those_who_waited_behind_an_aborted_holder_wait_for_the_applier_and_see_its_rows(world: ClusterWorld) -> None:
    world.on(1, "B", writes("p1", "B", then=20))
    world.on(1, "next", lambda c: c.locks("p1"), after=1)
    world.on(0, "A", writes("p1", "A"), after=1)
    assert world.lines()[-3:] == ["3 A commit", "6 next locks ['A']", "20 B commit BruteForceAbort"]


def test_a_lock_on_a_parent_is_in_the_way_of_a_child_that_comes_from_elsewhere(world: ClusterWorld) -> None:
    """wsrep_slave_FK_checks is on: an applier locks the parents of the rows that it inserts (MDEV-34822)."""

    def inserts(client: Client) -> None:
        client.run(sql.IP_INSERT, subnet_id="sub", ip_offset=50, ip_address="10.0.0.50", port_id="p1")
        client.commit()

    world.on(1, "B", writes("p1", "B", then=9))
    world.on(0, "A", inserts)
    assert world.lines()[-2:] == ["2 A commit", "9 B commit BruteForceAbort"]


def test_an_aborted_transaction_whose_write_set_passes_is_applied_again(world: ClusterWorld) -> None:
    """Percona's pull request 1463: replayed when two do not conflict in certification but in row locks."""

    def locks_one_writes_another(client: Client) -> None:
        client.locks("p1")
        client.names("p2", "B")
        client.pause(1.5)
        client.commit()

    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", locks_one_writes_another)
    assert world.lines()[-2:] == ["2 A commit", "8 B commit"]
    assert world.agreed() == "A B old old"
    assert world.cluster.counts()["galera_replays"] == 1


def test_two_inserts_of_one_unique_value_conflict(world: ClusterWorld) -> None:
    def creates(port: str) -> Callable[[Client], None]:
        def script(client: Client) -> None:
            client.creates(port, mac_address="same")
            client.commit()

        return script

    world.on(0, "A", creates("x"))
    world.on(1, "B", creates("y"), after=1)
    assert world.lines()[-2:] == ["2 A commit", "3 B commit CertificationFailure"]


def test_children_of_one_parent_from_two_nodes_do_not_conflict(world: ClusterWorld) -> None:
    """Table: two references to one row are nothing to each other."""

    def creates(port: str) -> Callable[[Client], None]:
        def script(client: Client) -> None:
            client.creates(port)
            client.commit()

        return script

    world.on(0, "A", creates("x"))
    world.on(1, "B", creates("y"))
    world.lines()
    assert world.cluster.committed("SELECT id FROM ports WHERE id IN ('x', 'y') ORDER BY id") == [("x",), ("y",)]


def test_a_stale_read_may_be_written_upon_once_the_newer_row_has_been_applied(world: ClusterWorld) -> None:
    """Galera's issues 336 and 618: a lost update. Reads are not certified."""

    def reads_then_writes(client: Client) -> None:
        client.reads("p1")
        client.pause(4)
        client.names("p1", "B")
        client.commit()

    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", reads_then_writes, after=3)
    assert world.lines()[2:] == ["2 A commit", "3 B reads ['old']", "7 B port.update 1", "9 B commit"]
    assert world.agreed() == "B old old old"


def test_with_sync_wait_a_read_asks_the_group_and_waits_for_what_was_ordered(make_cluster: MakeCluster) -> None:
    """MariaDB documentation, wsrep_sync_wait = 1; gcs_core_caused: the question is a message to all."""
    world = make_cluster(sync_wait=True)
    world.on(0, "A", writes("p1", "A"))
    world.on(1, "B", lambda c: c.reads("p1"), after=2.5)
    world.on(1, "C", lambda c: c.locks("p1"), after=2.5)
    assert world.lines() == [
        "2 A locks ['old']", "2 A port.update 1", "4 A commit", "7 B reads ['A']", "7 C locks ['A']",
    ]  # fmt: skip


def test_with_sync_wait_a_write_waits_for_nobody(make_cluster: MakeCluster) -> None:
    world = make_cluster(sync_wait=True)
    world.on(0, "A", lambda c: c.names("p1", "A"))
    assert world.lines() == ["0 A port.update 1"]


def test_a_deadlock_inside_one_node_is_still_one(world: ClusterWorld) -> None:
    def script(first: str, second: str) -> Callable[[Client], None]:
        def crosses(client: Client) -> None:
            client.locks(first)
            client.pause(1)
            client.locks(second)
            client.commit()

        return crosses

    world.on(0, "A", script("p1", "p2"))
    world.on(0, "B", script("p2", "p1"))
    assert world.lines()[2:] == [
        "1 B port.lock Deadlock",
        "1 B commit DatabaseError",
        "1 A locks ['old']",
        "1 A commit",
    ]


def test_while_a_nodes_queue_is_too_long_nobody_commits(make_cluster: MakeCluster) -> None:
    """gcs.fc_limit: replication pauses when a receive queue exceeds it (MariaDB documentation)."""
    world = make_cluster(flow_control_limit=1, replication_ms=0, apply_ms=10)

    def five(client: Client) -> None:
        for number in range(1, 5):
            client.names(f"p{number}", "A")
            client.commit()

    world.on(0, "A", five)
    assert [line for line in world.lines() if "commit" in line] == [
        "0 A commit", "0 A commit", "10 A commit", "20 A commit",
    ]  # fmt: skip
    assert world.cluster.counts()["galera_flow_control_pauses"] == 2


def test_a_single_writer_meets_row_locks_only(world: ClusterWorld) -> None:
    """Boros 2014: write to one node, and SELECT FOR UPDATE does what it says."""
    for number in range(3):
        world.on(0, f"{number}", writes("p1", f"{number}"))
    assert [line for line in world.lines() if "commit" in line] == ["2 0 commit", "4 1 commit", "6 2 commit"]
    assert world.agreed() == "2 old old old"

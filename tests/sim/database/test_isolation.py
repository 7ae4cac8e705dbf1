"""Interleavings written by hand: what each client sees and changes. 'A' begins at 0 ms, 'B' at 1 ms."""

from core import statements as sql
from tests.sim.database.scripted import Client, World, binding_values


def test_nobody_reads_what_is_not_committed(world: World) -> None:
    def first(c: Client) -> None:
        c.names("p1", "new")
        c.pause(10)
        c.commit()

    def second(c: Client) -> None:
        c.reads("p1")
        c.pause(20)
        c.reads("p1")

    world.client("A", first)
    world.client("B", second, after=1)
    assert world.run() == ["0 A port.update 1", "1 B reads ['old']", "10 A commit", "21 B reads ['new']"]


def test_a_list_of_ports_shows_what_is_committed_and_what_the_reader_wrote(world: World) -> None:
    seen: list[list[str]] = []

    def writer(c: Client) -> None:
        c.creates("p5")
        c.binds("p5")
        c.pause(10)
        c.commit()

    def lister(c: Client) -> None:
        statement = sql.port_list((("network_id", 1),))
        c.names("p1", "mine")
        for _ in range(2):
            seen.append([row[0] + row[2] for row in c.run(statement, network_id_0="net")])
            c.pause(20)

    world.client("A", writer)
    world.client("B", lister, after=1)
    world.run()
    before = ["p1mine", "p2old", "p3old", "p4old"]
    assert seen == [before, [*before, "p5"]]


def test_a_transaction_reads_its_own_writes(world: World) -> None:
    def first(c: Client) -> None:
        c.names("p1", "mine")
        c.pause(2)
        c.reads("p1")
        c.creates("p5", name="made")
        c.binds("p5")
        c.pause(2)
        c.reads("p5")
        c.deletes("p5")
        c.reads("p5")
        c.rollback()
        c.reads("p1")

    def second(c: Client) -> None:
        for _ in range(3):
            c.names("p2", "other")
            c.pause(1)
            c.commit()

    world.client("A", first)
    world.client("B", second, after=1)
    assert [line for line in world.run() if " A " in line] == [
        "0 A port.update 1",
        "2 A reads ['mine']",
        "2 A port.insert 1",
        "2 A binding.insert 1",
        "4 A reads ['made']",
        "4 A port.delete 1",
        "4 A reads []",
        "4 A rollback",
        "4 A reads ['old']",
    ]
    assert world.port_names() == {"p1": "old", "p2": "other", "p3": "old", "p4": "old"}


def test_no_update_is_lost_where_the_row_is_read_with_a_lock(world: World) -> None:
    def appends(c: Client) -> None:
        rows = c.run(sql.PORT_LOCK, port_id="p1")
        c.pause(5)
        c.names("p1", rows[0][2] + c.name)
        c.commit()

    for n, name in enumerate("ABC"):
        world.client(name, appends, after=n)
    assert [line for line in world.run() if "commit" in line] == ["5 A commit", "10 B commit", "15 C commit"]
    assert world.port_names()["p1"] == "oldABC"


def test_an_update_is_lost_where_the_row_is_read_without_a_lock(world: World) -> None:
    def appends(c: Client) -> None:
        rows = c.run(sql.PORT_READ, port_id="p1")
        c.pause(5)
        c.names("p1", rows[0][2] + c.name)
        c.commit()

    world.client("A", appends)
    world.client("B", appends, after=1)
    world.run()
    assert world.port_names()["p1"] == "oldB"


def test_a_rolled_back_insert_leaves_its_key_free(world: World) -> None:
    def first(c: Client) -> None:
        c.creates("p5", name="first")
        c.pause(10)
        c.rollback()

    def second(c: Client) -> None:
        c.creates("p5", name="second")
        c.commit()

    world.client("A", first)
    world.client("B", second, after=1)
    assert world.run() == ["0 A port.insert 1", "10 A rollback", "10 B port.insert 1", "10 B commit"]
    assert world.port_names()["p5"] == "second"


def test_the_second_insert_of_a_unique_key_waits_and_then_fails(world: World) -> None:
    def first(c: Client) -> None:
        c.creates("p5", mac_address="same")
        c.pause(10)
        c.commit()

    def second(c: Client) -> None:
        c.creates("p6", mac_address="same")
        c.creates("p7")
        c.commit()

    world.client("A", first)
    world.client("B", second, after=1)
    assert world.run() == [
        "0 A port.insert 1",
        "10 A commit",
        "10 B port.insert DuplicateKey",
        "10 B port.insert 1",
        "10 B commit",
    ]
    assert "p6" not in world.port_names()
    assert "p7" in world.port_names()


def test_a_child_waits_for_the_deletion_of_its_parent_and_then_fails(world: World) -> None:
    def first(c: Client) -> None:
        c.deletes("p1")
        c.pause(10)
        c.commit()

    def second(c: Client) -> None:
        c.run(sql.IP_INSERT, subnet_id="sub", ip_offset=77, ip_address="x", port_id="p1")
        c.rollback()

    world.client("A", first)
    world.client("B", second, after=1)
    assert world.run() == [
        "0 A port.delete 1",
        "10 A commit",
        "10 B ip_allocation.insert MissingParent",
        "10 B rollback",
    ]


def test_a_child_of_a_parent_whose_deletion_is_rolled_back_is_inserted(world: World) -> None:
    def first(c: Client) -> None:
        c.deletes("p1")
        c.pause(10)
        c.rollback()

    def second(c: Client) -> None:
        c.run(sql.IP_INSERT, subnet_id="sub", ip_offset=77, ip_address="x", port_id="p1")
        c.commit()

    world.client("A", first)
    world.client("B", second, after=1)
    assert world.run()[-2:] == ["10 B ip_allocation.insert 1", "10 B commit"]
    assert world.database.committed("SELECT count(*) FROM ip_allocations WHERE port_id = 'p1'") == [(2,)]


def test_a_deletion_waits_for_a_new_child_and_takes_it_along(world: World) -> None:
    def first(c: Client) -> None:
        c.run(sql.IP_INSERT, subnet_id="sub", ip_offset=77, ip_address="x", port_id="p1")
        c.pause(10)
        c.commit()

    def second(c: Client) -> None:
        c.deletes("p1")
        c.commit()

    world.client("A", first)
    world.client("B", second, after=1)
    assert world.run()[1:] == ["10 A commit", "10 B port.delete 1", "10 B commit"]
    assert world.database.committed("SELECT count(*) FROM ip_allocations WHERE port_id = 'p1'") == [(0,)]


def test_a_compare_and_swap_that_matches_nothing_changes_nothing_and_keeps_no_lock(world: World) -> None:
    def holder(c: Client) -> None:
        c.run(sql.LEASE_INSERT, port_id="p1", owner="A", expires_at=60.0)
        c.commit()

    def swaps(c: Client) -> None:
        swap = {"owner": c.name, "expires_at": 99.0, "lease_port_id": "p1"}
        c.run(sql.LEASE_TAKE_OVER, previous_owner="nobody", **swap)
        c.pause(10)
        c.rollback()

    def takes(c: Client) -> None:
        c.run(sql.LEASE_TAKE_OVER, previous_owner="A", owner=c.name, expires_at=99.0, lease_port_id="p1")
        c.commit()

    world.client("A", holder)
    world.client("B", swaps, after=1)
    world.client("C", takes, after=2)
    assert world.run()[2:] == ["1 B lease.take_over 0", "2 C lease.take_over 1", "2 C commit", "11 B rollback"]
    assert world.database.committed("SELECT owner FROM port_binding_leases") == [("C",)]


def test_the_second_compare_and_swap_sees_the_first(world: World) -> None:
    def holder(c: Client) -> None:
        c.run(sql.LEASE_INSERT, port_id="p1", owner="A", expires_at=60.0)
        c.commit()

    def takes(c: Client) -> None:
        c.run(sql.LEASE_TAKE_OVER, previous_owner="A", owner=c.name, expires_at=99.0, lease_port_id="p1")
        c.pause(10)
        c.commit()

    world.client("A", holder)
    world.client("B", takes, after=1)
    world.client("C", takes, after=2)
    assert world.run()[2:] == [
        "1 B lease.take_over 1",
        "11 B commit",
        "11 C lease.take_over 0",
        "21 C commit",
    ]


def test_a_locking_read_of_a_row_that_does_not_exist_blocks_nobody(world: World) -> None:
    def first(c: Client) -> None:
        c.locks("p9")
        c.pause(10)
        c.rollback()

    world.client("A", first)
    world.client("B", lambda c: c.creates("p9"), after=1)
    assert world.run() == ["0 A locks []", "1 B port.insert 1", "10 A rollback"]


def test_a_locking_read_that_waited_sees_the_committed_row(world: World) -> None:
    def first(c: Client) -> None:
        c.names("p1", "new")
        c.pause(10)
        c.commit()

    world.client("A", first)
    world.client("B", lambda c: c.locks("p1"), after=1)
    assert world.run()[1:] == ["10 A commit", "10 B locks ['new']"]


def test_a_deletion_locks_what_it_finds_and_finds_what_was_committed_while_it_waited(world: World) -> None:
    def first(c: Client) -> None:
        c.names("p1", "busy")
        c.pause(5)
        c.run(sql.IP_INSERT, subnet_id="sub", ip_offset=77, ip_address="x", port_id="p1")
        c.pause(5)
        c.commit()

    def deletes(c: Client) -> None:
        c.deletes("p1")
        c.pause(10)
        c.commit()

    def takes_the_address(c: Client) -> None:
        c.run(sql.IP_INSERT, subnet_id="sub", ip_offset=77, ip_address="x", port_id="p2")
        c.commit()

    world.client("A", first)
    world.client("B", deletes, after=1)
    world.client("C", takes_the_address, after=12)
    assert world.run()[2:] == [
        "10 A commit",
        "10 B port.delete 1",
        "20 B commit",
        "20 C ip_allocation.insert 1",
        "20 C commit",
    ]


def test_a_statement_that_fails_leaves_the_rest_of_the_transaction(world: World) -> None:
    def script(c: Client) -> None:
        c.names("p1", "kept")
        c.binds("p1")
        c.run(sql.BINDING_INSERT, **binding_values("p9", segment_id=None))
        c.commit()

    world.client("A", script)
    assert world.run() == [
        "0 A port.update 1",
        "0 A binding.insert DuplicateKey",
        "0 A binding.insert MissingParent",
        "0 A commit",
    ]
    assert world.port_names()["p1"] == "kept"


def test_two_transactions_add_to_one_port_at_a_time_and_each_sees_its_own(world: World) -> None:
    seen: list[tuple[str, list[str]]] = []

    def adds(c: Client) -> None:
        offset = {"A": 50, "B": 51}[c.name]
        c.run(sql.IP_INSERT, subnet_id="sub", ip_offset=offset, ip_address=f"10.0.0.{offset}", port_id="p1")
        for _ in range(3):
            c.pause(10)
            seen.append((c.name, [row[1] for row in c.run(sql.IPS_OF_PORT, port_id="p1")]))
            if c.name == "A":
                c.commit()

    world.client("A", adds)
    world.client("B", adds, after=1)
    world.run()
    both = ["10.0.0.1", "10.0.0.50", "10.0.0.51"]
    assert seen[:3] == [("A", ["10.0.0.1", "10.0.0.50"]), ("B", both), ("A", ["10.0.0.1", "10.0.0.50"])]
    assert world.database.storage.committed("SELECT ip_offset FROM ip_allocations WHERE port_id = 'p1'") == [
        (1,),
        (50,),
    ]

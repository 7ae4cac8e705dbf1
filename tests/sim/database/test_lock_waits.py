"""Row locks in virtual time: order, sharing, upgrades, deadlocks, time limits, and what is recorded of each wait."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from core import statements as sql
from core.exceptions import Deadlock
from sim.database import POSTGRESQL
from sim.kernel import Signal, Stalled
from tests.sim.database.scripted import Client, Script, World

MakeWorld = Callable[..., World]


def names_in_turn(*ports: str, pause_ms: float = 10) -> Script:
    """Updates the ports one after the other, pausing after each, and commits."""

    def script(c: Client) -> None:
        for port in ports:
            c.names(port, c.name)
            c.pause(pause_ms)
        c.commit()

    return script


def test_those_who_wait_are_served_in_the_order_in_which_they_came(world: World) -> None:
    for n, name in enumerate("ABCD"):
        world.client(name, names_in_turn("p1"), after=n)
    assert [line for line in world.run() if "update" in line] == [
        "0 A port.update 1",
        "10 B port.update 1",
        "20 C port.update 1",
        "30 D port.update 1",
    ]
    assert world.waits.lines == [
        "ports p1: B after A, 1-10 granted",
        "ports p1: C after A, 2-20 granted",
        "ports p1: D after A, 3-30 granted",
    ]


def adds_address(c: Client, port_id: str, offset: int) -> None:
    """Shares the lock on the port, among others."""
    c.run(sql.IP_INSERT, subnet_id="sub", ip_offset=offset, ip_address="x", port_id=port_id)


def test_shared_locks_do_not_exclude_each_other_but_exclusive_ones_do(world: World) -> None:
    def shares(c: Client) -> None:
        adds_address(c, "p1", ord(c.name))
        c.pause(10)
        c.commit()

    def excludes(c: Client) -> None:
        c.locks("p1")
        c.pause(10)
        c.rollback()

    world.client("A", shares)
    world.client("B", shares, after=1)
    world.client("C", excludes, after=2)
    world.client("D", shares, after=3)
    assert world.run() == [
        "0 A ip_allocation.insert 1",
        "1 B ip_allocation.insert 1",
        "10 A commit",
        "11 B commit",
        "11 C locks ['old']",
        "21 C rollback",
        "21 D ip_allocation.insert 1",
        "31 D commit",
    ]


def test_who_shares_a_lock_that_another_waits_for_and_wants_it_alone_is_in_a_deadlock_in_innodb(world: World) -> None:
    def upgrades(c: Client) -> None:
        adds_address(c, "p1", 50)
        c.pause(10)
        c.names("p1", "A")
        c.commit()

    world.client("A", upgrades)
    world.client("B", names_in_turn("p1"), after=1)
    assert "10 B port.update Deadlock" in world.run()


def test_in_postgresql_it_goes_before_those_who_came_earlier(make_world: MakeWorld) -> None:
    world = make_world(POSTGRESQL)

    def upgrades(c: Client) -> None:
        adds_address(c, "p1", 50)
        c.pause(10)
        c.names("p1", "A")
        c.commit()

    world.client("A", upgrades)
    world.client("B", lambda c: c.locks("p1"), after=1)
    assert world.run()[:4] == [
        "0 A ip_allocation.insert 1",
        "10 A port.update 1",
        "10 A commit",
        "10 B locks ['A']",
    ]


@pytest.mark.parametrize("count", [2, 3])
def test_a_deadlock_is_broken_at_once_and_the_others_go_on(world: World, count: int) -> None:
    ports = [f"p{n + 1}" for n in range(count)]
    for n, (mine, next_one) in enumerate(pairwise([*ports, ports[0]])):
        world.client("ABC"[n], names_in_turn(mine, next_one), after=n)
    log = world.run()
    last = "ABC"[count - 1]
    assert [line for line in log if "Deadlock" in line] == [f"{10 + count - 1} {last} port.update Deadlock"]
    assert sorted(line.split()[1] for line in log if line.endswith(" commit")) == list("ABC"[: count - 1])


def test_two_that_share_a_lock_and_both_want_it_alone_are_a_deadlock(world: World) -> None:
    def upgrades(c: Client) -> None:
        adds_address(c, "p1", ord(c.name))
        c.pause(10)
        c.names("p1", c.name)
        c.rollback()

    world.client("A", upgrades)
    world.client("B", upgrades, after=1)
    assert [line for line in world.run() if "update" in line] == [
        "11 B port.update Deadlock",
        "11 A port.update 1",
    ]


def test_every_circle_is_broken_that_a_request_closes(world: World) -> None:
    def big(c: Client) -> None:
        c.names("p1", "A")
        c.names("p2", "A")
        for _ in range(4):
            c.names("p4", "A")
        c.pause(10)
        c.names("p3", "A")

    def small(c: Client) -> None:
        adds_address(c, "p3", ord(c.name))
        c.pause(2)
        c.names({"B": "p1", "C": "p2"}[c.name], c.name)

    world.client("A", big)
    world.client("B", small, after=1)
    world.client("C", small, after=2)
    assert world.run()[-3:] == [
        "10 A port.update 1",
        "10 B port.update Deadlock",
        "10 C port.update Deadlock",
    ]


def test_innodb_sacrifices_the_transaction_that_changed_the_fewest_rows(world: World) -> None:
    world.client("A", names_in_turn("p1", "p2"))
    world.client("B", names_in_turn("p3", "p4", "p2", "p1", pause_ms=4), after=0.5)
    log = world.run()
    assert "12.5 A port.update Deadlock" in log
    assert world.waits.lines[0] == "ports p2: A after B, 10-12.5 deadlock"
    assert world.port_names() == {"p1": "B", "p2": "B", "p3": "B", "p4": "B"}


def test_postgresql_finds_the_deadlock_after_a_second_and_the_finder_loses(make_world: MakeWorld) -> None:
    world = make_world(POSTGRESQL)
    world.client("A", names_in_turn("p1", "p2"))
    world.client("B", names_in_turn("p2", "p1"), after=5)
    assert [line for line in world.run() if "B" in line or "Dead" in line][:3] == [
        "5 B port.update 1",
        "1010 A port.update Deadlock",
        "1010 B port.update 1",
    ]
    assert world.waits.lines == [
        "ports p2: A after B, 10-1010 deadlock",
        "ports p1: B after A, 15-1010 granted",
    ]


def test_a_lock_wait_ends_after_the_profiles_limit(world: World) -> None:
    world.client("A", names_in_turn("p1", pause_ms=60_000))
    world.client("B", names_in_turn("p1"), after=1)
    log = world.run()
    assert "50001 B port.update LockWaitTimeout" in log
    assert world.waits.lines == ["ports p1: B after A, 1-50001 timeout"]


def test_a_lock_wait_limit_can_be_configured(make_world: MakeWorld) -> None:
    world = make_world(lock_wait_timeout_us=5_000)
    world.client("A", names_in_turn("p1", pause_ms=20))
    world.client("B", names_in_turn("p1"), after=1)
    assert "6 B port.update LockWaitTimeout" in world.run()


def test_who_gives_up_no_longer_stands_in_the_way(make_world: MakeWorld) -> None:
    world = make_world(lock_wait_timeout_us=5_000)

    def shares(c: Client) -> None:
        adds_address(c, "p1", ord(c.name))
        c.pause(20)
        c.commit()

    def excludes(c: Client) -> None:
        c.locks("p1")

    world.client("A", shares)
    world.client("B", excludes, after=1)
    world.client("C", shares, after=2)
    world.run()
    assert world.waits.lines == [
        "ports p1: B after A, 1-6 timeout",
        "ports p1: C after B, 2-6 granted",
    ]


def test_the_victims_locks_are_free_before_it_hears_of_it(world: World) -> None:
    world.client("A", names_in_turn("p1", "p2"))
    world.client("B", names_in_turn("p2", "p1"), after=1)
    world.run()
    assert world.waits.lines == ["ports p1: B after A, 11-11 deadlock", "ports p2: A after B, 10-11 granted"]


def test_an_ended_transaction_refuses_statements_until_it_is_rolled_back(world: World) -> None:
    def loses(c: Client) -> None:
        c.names("p2", "B")
        c.pause(10)
        c.names("p1", "B")
        c.names("p3", "B")
        c.rollback()
        c.names("p3", "again")
        c.commit()

    world.client("A", names_in_turn("p1", "p2"))
    world.client("B", loses, after=1)
    assert [line for line in world.run() if " B " in line] == [
        "1 B port.update 1",
        "11 B port.update Deadlock",
        "11 B port.update DatabaseError",
        "11 B rollback",
        "11 B port.update 1",
        "11 B commit",
    ]
    assert world.port_names() == {"p1": "A", "p2": "A", "p3": "again", "p4": "old"}


def test_messages_of_conflicts_say_what_was_waited_for(world: World) -> None:
    errors: list[Exception] = []

    def loses(c: Client) -> None:
        c.names("p2", "B")
        c.pause(10)
        try:
            c.connection.execute(sql.PORT_LOCK, {"port_id": "p1"})
        except Deadlock as error:
            errors.append(error)

    world.client("A", names_in_turn("p1", "p2"))
    world.client("B", loses, after=1)
    world.run()
    assert "lost a deadlock while it waited for row p1 of ports; repeat it" in str(errors[0])


def test_a_stall_behind_row_locks_names_who_holds_them(make_world: MakeWorld) -> None:
    world = make_world(POSTGRESQL)

    def never_ends(c: Client) -> None:
        c.names("p1", "A")
        Signal(world.kernel, "an answer of B", holders=lambda: [waiting]).wait("answer")

    world.client("A", never_ends)
    waiting = world.client("B", names_in_turn("p1"), after=1)
    with pytest.raises(Stalled, match="row p1 of ports"):
        world.run()

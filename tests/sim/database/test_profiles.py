"""What differs from engine to engine apart from deadlocks: failed statements, and SQLite's one writer."""

from collections.abc import Callable

import pytest

from core import statements as sql
from sim.database import INNODB, POSTGRESQL, PROFILES, SQLITE
from tests.sim.database.scripted import Client, World

MakeWorld = Callable[..., World]


def fails_and_goes_on(c: Client) -> None:
    c.names("p1", "A")
    c.creates("p2")
    c.pause(10)
    c.names("p3", "A")
    c.commit()


def test_a_failed_statement_ends_nothing_in_innodb(make_world: MakeWorld) -> None:
    world = make_world(INNODB)
    world.client("A", fails_and_goes_on)
    assert world.run() == ["0 A port.update 1", "0 A port.insert DuplicateKey", "10 A port.update 1", "10 A commit"]
    assert world.port_names() == {"p1": "A", "p2": "old", "p3": "A", "p4": "old"}


def test_a_failed_statement_aborts_the_transaction_in_postgresql_and_nothing_is_committed(
    make_world: MakeWorld,
) -> None:
    world = make_world(POSTGRESQL)
    world.client("A", fails_and_goes_on)
    assert world.run() == [
        "0 A port.update 1",
        "0 A port.insert DuplicateKey",
        "10 A port.update DatabaseError",
        "10 A commit DatabaseError",
    ]
    assert world.port_names() == {"p1": "old", "p2": "old", "p3": "old", "p4": "old"}


def test_an_aborted_transaction_holds_no_locks(make_world: MakeWorld) -> None:
    world = make_world(POSTGRESQL)
    world.client("A", fails_and_goes_on)
    world.client("B", lambda c: c.names("p1", "B"), after=1)
    assert "1 B port.update 1" in world.run()


def test_sqlite_lets_one_transaction_in_at_a_time(make_world: MakeWorld) -> None:
    world = make_world(SQLITE)

    def script(c: Client) -> None:
        c.reads("p1")
        c.pause(10)
        c.names("p" + {"A": "1", "B": "2"}[c.name], c.name)
        c.commit()

    world.client("A", script)
    world.client("B", script, after=1)
    assert world.run() == [
        "0 A reads ['old']",
        "10 A port.update 1",
        "10 A commit",
        "10 B reads ['A']",
        "20 B port.update 1",
        "20 B commit",
    ]
    assert world.waits.lines == ["database : B after A, 1-10 granted"]


def test_sqlite_waits_five_seconds_for_the_writer(make_world: MakeWorld) -> None:
    world = make_world(SQLITE)

    def sits(c: Client) -> None:
        c.deletes("p1")
        c.pause(6000)
        c.commit()

    world.client("A", sits)
    world.client("B", lambda c: c.names("p2", "B"), after=1)
    assert "5001 B port.update LockWaitTimeout" in world.run()


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_port_is_created_bound_and_deleted_in_every_profile(make_world: MakeWorld, profile: object) -> None:
    world = make_world(profile)

    def script(c: Client) -> None:
        c.creates("p5")
        c.binds("p5")
        c.commit()
        c.locks("p5")
        c.names("p5", "bound")
        c.commit()
        c.deletes("p5")
        c.commit()

    for name in "ABC":
        world.client(name, script, after=ord(name))
    world.run()
    assert world.log[:8] == [
        "65 A port.insert 1",
        "65 A binding.insert 1",
        "65 A commit",
        "65 A locks ['']",
        "65 A port.update 1",
        "65 A commit",
        "65 A port.delete 1",
        "65 A commit",
    ]
    assert "p5" not in world.port_names()
    assert len(world.log) == 24
    assert world.database.open_transactions() == []
    assert sql.PORT_DELETE.name == "port.delete"

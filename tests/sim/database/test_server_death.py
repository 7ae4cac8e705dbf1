"""The server dies: every open transaction ends, wherever its client is, and each client learns what it can know."""

from collections.abc import Callable

import pytest

from sim.database import Costs
from tests.sim.database.scripted import Client, World

MakeWorld = Callable[..., World]


def dies(world: World, at_us: int, *, takes_effect: bool = False) -> list[int]:
    """The server dies at an instant; how many COMMITs have taken effect is in the list afterwards."""
    committed: list[int] = []
    world.kernel.at(at_us, lambda: committed.append(world.database.lose_connections(lambda _: takes_effect)))
    return committed


def test_a_client_that_was_not_asking_finds_out_at_its_next_statement(world: World) -> None:
    def script(c: Client) -> None:
        c.names("p1", "A")
        c.pause(10)
        c.names("p2", "A")

    world.client("A", script)
    world.client("B", lambda c: c.locks("p1"), after=1)
    dies(world, 5_000)
    assert world.run() == ["0 A port.update 1", "5 B port.lock ConnectionLost", "10 A port.update ConnectionLost"]
    assert world.port_names() == {"p1": "old", "p2": "old", "p3": "old", "p4": "old"}


def test_a_client_that_was_not_asking_finds_out_at_its_commit(world: World) -> None:
    def script(c: Client) -> None:
        c.names("p1", "A")
        c.pause(10)
        c.commit()

    world.client("A", script)
    dies(world, 5_000)
    assert world.run()[-1] == "10 A commit ConnectionLost"


@pytest.mark.parametrize(("takes_effect", "name"), [(True, "A"), (False, "old")])
def test_a_commit_under_way_leaves_its_client_in_doubt(make_world: MakeWorld, takes_effect: bool, name: str) -> None:
    world = make_world(costs=Costs(commit=10_000))

    def script(c: Client) -> None:
        c.names("p1", "A")
        c.commit()

    world.client("A", script)
    committed = dies(world, 5_000, takes_effect=takes_effect)
    assert world.run()[-1] == "5 A commit CommitOutcomeUnknown"
    assert world.port_names()["p1"] == name
    assert committed == [takes_effect]


def test_one_that_was_granted_a_lock_by_the_death_of_another_keeps_none(world: World) -> None:
    def holds(c: Client) -> None:
        c.names("p1", "A")
        c.pause(10)

    world.client("A", holds)
    for name in "BC":
        world.client(name, lambda c: c.locks("p1"), after=1)
    world.client("late", lambda c: c.locks("p1"), after=6)
    dies(world, 5_000)
    assert world.run()[1:] == ["5 B port.lock ConnectionLost", "5 C port.lock ConnectionLost", "6 late locks ['old']"]


def test_committed_rows_change_beside_transactions_and_their_writes_are_kept(world: World) -> None:
    def script(c: Client) -> None:
        c.names("p1", "A")
        c.pause(10)
        c.commit()

    world.client("A", script)
    change = "UPDATE ports SET name = ? WHERE id = ?"
    world.kernel.at(5_000, lambda: world.database.storage.change(change, ("changed", "p2")))
    world.run()
    assert world.port_names() == {"p1": "A", "p2": "changed", "p3": "old", "p4": "old"}

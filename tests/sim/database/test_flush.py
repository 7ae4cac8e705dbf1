"""COMMIT's flush of the log: one by one, or in groups."""

from collections.abc import Callable

import pytest

from sim.database import Costs, NoOwner
from tests.sim.database.scripted import Client, World

MakeWorld = Callable[..., World]


def names_and_commits(c: Client, number: int) -> None:
    c.names(f"p{number + 1}", c.name)
    c.commit()


def commits_of(world: World, clients: str) -> list[str]:
    """Each client changes its own port and commits, a millisecond after the one before."""
    for n, name in enumerate(clients):
        world.client(name, lambda c, n=n: names_and_commits(c, n), after=n)  # type: ignore[misc]
    return [line for line in world.run() if "commit" in line]


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        (1, ["10 A commit", "20 B commit", "30 C commit", "40 D commit"]),
        (2, ["10 A commit", "20 B commit", "20 C commit", "30 D commit"]),
        (9, ["10 A commit", "20 B commit", "20 C commit", "20 D commit"]),
    ],
)
def test_a_flush_takes_along_as_many_as_there_are_slots(make_world: MakeWorld, slots: int, expected: list[str]) -> None:
    world = make_world(costs=Costs(commit=10_000), commit_slots=slots)
    assert commits_of(world, "ABCD") == expected


def test_a_transaction_that_wrote_nothing_does_not_flush(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(commit=10_000))
    world.client("A", lambda c: (c.locks("p1"), c.commit()))  # type: ignore[arg-type, return-value]
    assert world.run() == ["0 A locks ['old']", "0 A commit"]
    assert world.database.flush.flushes == 0


def test_locks_are_held_and_writes_hidden_until_the_flush_has_ended(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(commit=10_000))

    def writes(c: Client) -> None:
        c.names("p1", "new")
        c.commit()

    def reads_and_locks(c: Client) -> None:
        c.reads("p1")
        c.locks("p1")

    world.client("A", writes)
    world.client("B", reads_and_locks, after=1)
    assert world.run() == ["0 A port.update 1", "1 B reads ['old']", "10 A commit", "10 B locks ['new']"]


def test_who_dies_while_waiting_for_a_flush_is_left_out(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(commit=10_000))
    owners = [NoOwner() for _ in range(3)]
    for n, owner in enumerate(owners):
        world.client("ABC"[n], lambda c, n=n: names_and_commits(c, n), after=n, owner=owner, group=owner)  # type: ignore[misc]

    def kill() -> None:
        victims = [process for process in world.kernel.processes() if process.group is owners[1]]
        world.kernel.kill(victims, before_unwind=lambda: world.database.end_transactions_of(owners[1]))

    world.kernel.at(5_000, kill)
    assert [line for line in world.run() if "commit" in line] == ["10 A commit", "20 C commit"]
    assert world.port_names() == {"p1": "A", "p2": "old", "p3": "C", "p4": "old"}


def test_there_must_be_a_slot(make_world: MakeWorld) -> None:
    with pytest.raises(ValueError, match="commit_slots is 0; it must be at least 1"):
        make_world(commit_slots=0)

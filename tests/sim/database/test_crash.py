"""Death of an API process: the server ends its transactions, and nothing that the dead do afterwards has an effect."""

from collections.abc import Callable

import pytest

from core import statements as sql
from sim.database import Costs, NoOwner
from tests.sim.database.scripted import Client, World

MakeWorld = Callable[..., World]


def crash(world: World, group: object, owner: object, at_us: int) -> None:
    def kill() -> None:
        victims = [process for process in world.kernel.processes() if process.group is group]
        world.kernel.kill(victims, before_unwind=lambda: world.database.end_transactions_of(owner))

    world.kernel.at(at_us, kill)


def test_the_locks_of_the_dead_are_released_and_their_writes_undone(world: World) -> None:
    owner, group = NoOwner(), object()

    def dies(c: Client) -> None:
        c.names("p1", "dead")
        c.pause(1000)
        c.commit()

    world.client("A", dies, owner=owner, group=group)
    world.client("B", lambda c: c.locks("p1"), after=1)
    crash(world, group, owner, 5_000)
    assert world.run() == ["0 A port.update 1", "5 B locks ['old']"]
    assert world.waits.lines == ["ports p1: B after A, 1-5 granted"]
    assert world.database.open_transactions() == []


def test_the_dead_leave_the_queue_and_their_wait_is_recorded(world: World) -> None:
    owner, group = NoOwner(), object()

    def holds(c: Client) -> None:
        c.names("p1", "A")
        c.pause(10)
        c.commit()

    world.client("A", holds)
    world.client("B", lambda c: c.names("p1", "B"), after=1, owner=owner, group=group)
    world.client("C", lambda c: c.locks("p1"), after=2)
    crash(world, group, owner, 5_000)
    assert world.run()[1:] == ["10 A commit", "10 C locks ['A']"]
    assert world.waits.lines == ["ports p1: B after A, 1-5 died", "ports p1: C after A, 2-10 granted"]


def test_only_the_owners_transactions_end(world: World) -> None:
    owner = NoOwner()

    def script(c: Client) -> None:
        c.names("p1" if c.name == "A" else "p2", c.name)
        c.pause(10)
        c.commit()

    world.client("A", script, owner=owner, group=owner)
    world.client("B", script, owner=NoOwner(), after=1)
    crash(world, owner, owner, 5_000)
    world.run()
    assert world.port_names() == {"p1": "old", "p2": "B", "p3": "old", "p4": "old"}


@pytest.mark.parametrize("at_us", [500, 1_500, 2_500, 3_500, 5_500])
def test_a_crash_at_any_point_of_a_statement_leaves_no_trace(make_world: MakeWorld, at_us: int) -> None:
    world = make_world(costs=Costs(round_trip_us=1_000, execution=1_000, commit=2_000), cores=1)
    owner = NoOwner()

    def script(c: Client) -> None:
        c.run(sql.PORT_LOCK, port_id="p1")
        c.names("p1", "dead")
        c.commit()

    world.client("A", script, owner=owner, group=owner)
    world.client("B", lambda c: c.locks("p1"), after=20)
    crash(world, owner, owner, at_us)
    assert world.run()[-1] == "22 B locks ['old']"
    assert world.database.open_transactions() == []

"""What listeners are told of commits: numbers, instants, and row images read back from the database."""

from core import statements as sql
from sim.database import Commit
from tests.sim.database.scripted import Client, World


def told(world: World) -> list[Commit]:
    commits: list[Commit] = []
    world.database.on_commit(commits.append)
    world.run()
    return commits


def test_a_commit_tells_the_rows_it_changed_as_they_are_now(world: World) -> None:
    def script(c: Client) -> None:
        c.names("p1", "first")
        c.names("p1", "second")
        c.deletes("p2")
        c.pause(3)
        c.commit()

    world.client("A", script)
    (commit,) = told(world)
    assert (commit.number, commit.at_us) == (1, 3_000)
    assert commit.transaction.process is not None
    assert commit.transaction.process.name == "A"
    assert [(change.table, change.key, change.image and change.image[2]) for change in commit.changes] == [
        ("ports", "p1", "second"),
        ("ports", "p2", None),
        ("ml2_port_bindings", "p2", None),
    ]


def test_commits_are_numbered_in_the_order_in_which_they_took_effect(world: World) -> None:
    def writes(c: Client) -> None:
        port = {"A": "p1", "B": "p2", "C": "p3"}[c.name]
        c.names(port, c.name)
        c.pause({"A": 9, "B": 1, "C": 5}[c.name])
        c.commit()

    for name in "ABC":
        world.client(name, writes)
    assert [(commit.number, commit.changes[0].key) for commit in told(world)] == [(1, "p2"), (2, "p3"), (3, "p1")]


def test_nobody_is_told_of_other_tables_reads_and_rollbacks_but_writes_are_numbered(world: World) -> None:
    def script(c: Client) -> None:
        c.locks("p1")
        c.commit()
        c.names("p1", "lost")
        c.rollback()
        c.run(sql.LEASE_INSERT, port_id="p1", owner="A", expires_at=1.0)
        c.commit()
        c.names("p1", "told")
        c.commit()

    world.client("A", script)
    assert [commit.number for commit in told(world)] == [2]


def test_images_do_not_show_what_others_have_not_committed(world: World) -> None:
    def deletes_later(c: Client) -> None:
        c.names("p2", "open")
        c.pause(10)
        c.rollback()

    def writes(c: Client) -> None:
        c.names("p1", "B")
        c.commit()

    world.client("A", deletes_later)
    world.client("B", writes, after=1)
    (commit,) = told(world)
    assert [(change.key, change.image and change.image[2]) for change in commit.changes] == [("p1", "B")]
    assert world.port_names() == {"p1": "B", "p2": "old", "p3": "old", "p4": "old"}

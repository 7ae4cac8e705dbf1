"""The lease of serialized binding: taken, polled for, taken over, fenced, given back, ignored by deletion."""

import logging
from dataclasses import replace

import pytest

from core import statements
from core.binding import DEFERRED, SERIALIZED
from core.exceptions import Deadlock, DuplicateKey
from core.records import PortDict
from tests.core.worlds import World, seen

LEASES = "port_binding_leases"


@pytest.fixture
def world() -> World:
    return World(replace(SERIALIZED, lease_s=60.0, lease_poll_s=0.1))


def unbound_port(world: World) -> PortDict:
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    port = quiet.create_port({"network_id": world.network.id, "binding:host_id": "h1"})
    world.told()
    return port


def foreign_lease(world: World, port: PortDict, *, ends_in_s: float, owner: str = "somebody") -> None:
    """A lease of another API process."""
    world.database.transact(
        "foreign",
        lambda transaction: transaction.write(
            statements.LEASE_INSERT, port_id=port["id"], owner=owner, expires_at=world.runtime.now() + ends_in_s
        ),
    )


def test_a_lease_lasts_lease_s_and_belongs_to_one_attempt(world: World) -> None:
    port = unbound_port(world)
    leases: list[dict] = []
    world.sdn.then("bind_port", lambda context: leases.extend(world.rows(LEASES)))
    world.plugin.get_port(port["id"])
    assert [(lease["port_id"], lease["expires_at"]) for lease in leases] == [(port["id"], 1060.0)]
    assert world.rows(LEASES) == []


def test_a_taken_lease_is_polled_with_jitter_until_it_is_given_back(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=60)

    def give_back() -> None:
        world.database.transact(
            "foreign", lambda tx: tx.write(statements.LEASE_RELEASE, port_id=port["id"], owner="somebody")
        )

    world.runtime.while_sleeping.extend([lambda: None, lambda: None, give_back])
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"
    assert len(world.runtime.sleeps) == 3
    assert all(0.05 <= pause < 0.15 for pause in world.runtime.sleeps)


def test_the_jitter_of_a_poll_goes_from_half_to_one_and_a_half(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=0.1)
    world.runtime.next_ids.extend(["owner", "ffffffff-0000-4000-8000-000000000000"])
    world.plugin.get_port(port["id"])
    assert world.runtime.sleeps == pytest.approx([0.15])


def test_an_expired_lease_is_taken_over(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=2.0)
    owners: list[str] = []
    world.sdn.then("bind_port", lambda context: owners.extend(row["owner"] for row in world.rows(LEASES)))
    world.plugin.get_port(port["id"])
    assert owners != ["somebody"]
    assert sum(world.runtime.sleeps) == pytest.approx(2.0, abs=0.2)
    assert world.rows(LEASES) == []


def test_waiting_readers_find_the_port_bound_and_ask_no_driver(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=0.2)
    other = world.another_plugin(DEFERRED)
    world.runtime.while_sleeping.append(lambda: other.get_port(port["id"]))
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"
    assert world.methods().count("bind_port") == 1
    assert world.observer.attempts[-1] == (1, False, "bound_by_other")


def test_after_the_lease_the_port_is_read_first_and_bound_as_it_is_then(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=0.2)
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    world.runtime.while_sleeping.append(lambda: quiet.update_port(port["id"], {"binding:host_id": "h2"}))
    assert seen(world.plugin.get_port(port["id"])) == "h2 ovs ACTIVE r3"
    assert [entry for entry in world.told() if entry.startswith("bind_port")] == [
        "bind_port out: None -> h2 unbound DOWN r2"
    ]


def test_a_port_without_a_host_after_the_wait_is_returned_unbound(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=0.2)
    world.runtime.while_sleeping.append(lambda: world.move(port, ""))
    assert seen(world.plugin.get_port(port["id"])) == "nowhere unbound DOWN r2"


def test_a_port_deleted_during_the_wait_is_returned_as_it_was(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=0.2)
    world.runtime.while_sleeping.append(lambda: world.plugin.delete_port(port["id"]))
    assert seen(world.plugin.get_port(port["id"])) == "h1 unbound DOWN r1"
    assert world.observer.attempts[-1] == (1, False, "deleted")
    assert world.rows(LEASES) == []


def test_a_late_owner_is_fenced_by_the_generation(world: World) -> None:
    port = unbound_port(world)
    second = world.another_plugin(SERIALIZED)
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))

    def slow(context) -> None:
        world.runtime.time += 61
        world.sdn.then("bind_port", world.sdn.bind)
        second.get_port(port["id"])
        quiet.update_port(port["id"], {"binding:host_id": "h2"})
        world.sdn.bind(context)

    world.sdn.then("bind_port", slow)
    assert seen(world.plugin.get_port(port["id"])) == "h2 ovs ACTIVE r4"
    assert [outcome for _, _, outcome in world.observer.attempts] == ["committed", "inputs_changed", "committed"]


def test_a_second_process_waits_for_the_lease_to_expire_and_the_late_owner_returns_its_binding(world: World) -> None:
    port = unbound_port(world)
    second = world.another_plugin(SERIALIZED)

    def hang(context) -> None:
        assert seen(second.get_port(port["id"])) == "h1 ovs ACTIVE r2"
        world.sdn.bind(context)

    world.sdn.then("bind_port", hang)
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"
    assert sum(world.runtime.sleeps) == pytest.approx(60, abs=0.2)
    assert [outcome for _, _, outcome in world.observer.attempts] == ["committed", "bound_by_other"]
    assert world.methods().count("update_port_postcommit") == 1


def test_a_late_owner_does_not_give_back_the_lease_of_its_successor(world: World) -> None:
    port = unbound_port(world)

    def slow(context) -> None:
        world.database.transact(
            "foreign",
            lambda tx: tx.write(
                statements.LEASE_TAKE_OVER,
                lease_port_id=port["id"],
                previous_owner=world.rows(LEASES)[0]["owner"],
                owner="successor",
                expires_at=2000.0,
            ),
        )
        world.sdn.bind(context)

    world.sdn.then("bind_port", slow)
    world.plugin.get_port(port["id"])
    assert [row["owner"] for row in world.rows(LEASES)] == ["successor"]


def test_an_attempt_that_fails_gives_its_lease_back(world: World) -> None:
    port = unbound_port(world)
    world.sdn.then("update_port_precommit", RuntimeError("no"))
    world.plugin.get_port(port["id"])
    assert world.observer.errors == ["read"]
    assert world.rows(LEASES) == []


def test_a_read_under_the_lease_that_fails_gives_it_back(world: World) -> None:
    port = unbound_port(world)
    world.faults.add("read_under_lease", "port.read", Deadlock, times=21)
    assert seen(world.plugin.get_port(port["id"])) == "h1 unbound DOWN r1"
    assert world.rows(LEASES) == []


def test_deletion_ignores_leases(world: World) -> None:
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=60)
    world.plugin.delete_port(port["id"])
    assert world.rows("ports") == []
    assert world.runtime.sleeps == []


def test_updates_ignore_leases_and_postcommits_run_without_one(world: World) -> None:
    port = world.create("h1")
    counts: list[int] = []
    world.sdn.then(
        "update_port_postcommit", lambda context: None, lambda context: counts.append(len(world.rows(LEASES)))
    )
    world.move(port, "h2")
    assert counts == [0]


def test_a_crash_leaves_the_lease_to_expire(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        pass

    def die(*_: object) -> None:
        monkeypatch.setattr(world.database, "_connect", die)
        raise Died

    port = unbound_port(world)
    world.sdn.then("bind_port", die)
    with pytest.raises(Died):
        world.plugin.get_port(port["id"])
    monkeypatch.undo()
    assert [row["port_id"] for row in world.rows(LEASES)] == [port["id"]]
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"
    assert sum(world.runtime.sleeps) == pytest.approx(60, abs=0.2)


def test_a_lease_that_never_ends_is_given_up_and_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world = World(replace(SERIALIZED, lease_s=1.0, lease_poll_s=0.5))
    port = unbound_port(world)
    foreign_lease(world, port, ends_in_s=1e6)
    with caplog.at_level(logging.ERROR):
        assert seen(world.plugin.get_port(port["id"])) == "h1 unbound DOWN r1"
    assert (port["id"], 1) in world.observer.gave_up
    assert "no lease on port" in caplog.text
    assert sum(world.runtime.sleeps) == pytest.approx(10.0, abs=1.0)


def test_two_workers_that_insert_a_lease_at_once_get_one(world: World) -> None:
    port = unbound_port(world)
    world.faults.add("acquire_lease", "lease.insert", DuplicateKey)
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"
    assert len(world.runtime.sleeps) == 1

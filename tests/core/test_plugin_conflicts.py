"""Conflicts: only the transaction that met one is repeated, with the same ids.

| design | test |
| --- | --- |
| the first transaction from its BEGIN, same ids | test_the_first_transaction_... |
| the second in isolation, bind_port not called again | test_the_second_transaction_... |
| in-transaction repeats bind_port | test_in_transaction_binding_... |
| 20 retries, then an error (first) or giving up (second) | test_after_twenty_... |
| COMMIT unknown: create, update, delete, binding, lease | test_unknown_... |
| the per-process lock | test_the_process_lock_... |
"""

import logging
from dataclasses import replace

import pytest

from core.binding import DEFERRED, IN_TRANSACTION, SERIALIZED, BindingStrategy
from core.binding.policies import ProcessLock
from core.exceptions import ConnectionLost, DatabaseError, Deadlock, LockWaitTimeout, RetriesExhausted
from tests.core.worlds import World, seen

KINDS = [Deadlock, LockWaitTimeout, ConnectionLost]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", ["port.insert", "binding.insert", "ip_pool.lock", "commit"])
def test_the_first_transaction_of_create_is_repeated_with_the_same_ids(
    strategy: BindingStrategy, kind: type[Exception], at: str
) -> None:
    world, calm = World(strategy), World(strategy)
    expected = calm.create("h1")
    world = World(strategy)
    world.faults.add("create_port", at, kind, times=2)
    port = world.create("h1")
    assert {**port, "mac_address": ""} == {**expected, "mac_address": ""}
    assert len(world.rows("ports")) == 1
    assert [entry.split()[0] for entry in world.told()].count("create_port_postcommit") == 1


def test_the_first_transaction_of_update_is_repeated_alone(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create("h1")
    revision = port["revision_number"]
    world.told()
    world.faults.add("update_port", "commit", Deadlock)
    assert world.rename(port)["revision_number"] == revision + 1
    assert world.methods() == ["update_port_precommit", "update_port_precommit", "update_port_postcommit"]


def test_the_first_transaction_of_update_sees_what_others_did_meanwhile(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create()
    world.told()
    world.faults.add("update_port", "port.lock", Deadlock)
    world.runtime.while_sleeping.append(lambda: world.rename(port, "web"))
    moved = world.move(port, "h1")
    assert (moved["name"], moved["binding:host_id"]) == ("web", "h1")


def test_delete_is_repeated_alone(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.told()
    world.faults.add("delete_port", "port.delete", Deadlock)
    world.plugin.delete_port(port["id"])
    assert world.methods() == ["delete_port_precommit", "delete_port_precommit", "delete_port_postcommit"]


def test_a_port_deleted_while_an_update_backs_off_is_not_found(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.faults.add("update_port", "port.lock", Deadlock)
    world.runtime.while_sleeping.append(lambda: world.plugin.delete_port(port["id"]))
    with pytest.raises(Exception, match="does not exist"):
        world.rename(port)


@pytest.mark.parametrize("at", ["port.lock", "port.update", "binding.update", "commit"])
def test_the_second_transaction_is_repeated_without_asking_the_drivers_to_bind_again(
    after_commit: BindingStrategy, at: str
) -> None:
    world = World(after_commit)
    world.faults.add("commit_binding", at, Deadlock, times=3)
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r2"
    methods = world.methods()
    assert methods.count("create_port_precommit") == methods.count("bind_port") == 1
    assert methods.count("update_port_postcommit") == 1
    assert [name for name, _, _ in world.observer.conflicts] == ["commit_binding"] * 3


def test_the_second_transaction_decides_again_after_a_conflict(after_commit: BindingStrategy) -> None:
    world = World(after_commit)
    quiet = world.another_plugin(replace(DEFERRED, max_attempts=0))
    world.faults.add("commit_binding", "commit", Deadlock)
    world.runtime.while_sleeping.append(
        lambda: quiet.update_port(world.rows("ports")[0]["id"], {"binding:host_id": "h2"})
    )
    assert seen(world.create("h1")) == "h2 ovs ACTIVE r3"
    assert [outcome for _, _, outcome in world.observer.attempts] == ["inputs_changed", "committed"]


def test_in_transaction_binding_asks_the_drivers_to_bind_again() -> None:
    world = World(IN_TRANSACTION)
    world.faults.add("create_port", "commit", Deadlock, times=2)
    port = world.create("h1")
    world.faults.add("update_port", "commit", LockWaitTimeout)
    world.move(port, "h2")
    methods = world.methods()
    assert methods.count("bind_port") == 5
    assert methods.count("create_port_postcommit") == methods.count("update_port_postcommit") == 1


def test_after_twenty_retries_of_the_first_transaction_the_caller_gets_an_error(strategy: BindingStrategy) -> None:
    world = World(strategy)
    before = world.dump()
    world.faults.add("create_port", "commit", Deadlock, times=99)
    with pytest.raises(RetriesExhausted, match="create_port conflicted 21 times"):
        world.create("h1")
    assert world.dump() == before
    assert "create_port_postcommit" not in world.methods()


def test_after_twenty_retries_of_the_second_transaction_the_port_is_returned_unbound(
    after_commit: BindingStrategy, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(after_commit)
    world.faults.add("commit_binding", "port.lock", Deadlock, times=21)
    with caplog.at_level(logging.ERROR):
        port = world.create("h1")
    assert seen(port) == "h1 unbound DOWN r1" == world.committed(port)
    assert world.observer.gave_up == [(port["id"], 1)]
    assert "conflicted 21 times" in caplog.text
    assert world.methods().count("bind_port") == 1
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"


def test_an_exhausted_pool_in_the_second_transaction_does_not_make_a_created_port_an_error(
    after_commit: BindingStrategy, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(after_commit)
    world.faults.add("commit_binding", "port.lock", DatabaseError)
    with caplog.at_level(logging.ERROR):
        port = world.create("h1")
    assert seen(port) == "h1 unbound DOWN r1" == world.committed(port)
    assert world.observer.gave_up == [(port["id"], 1)]


@pytest.mark.parametrize("took_effect", [True, False])
def test_unknown_commit_of_create_makes_one_port(strategy: BindingStrategy, took_effect: bool) -> None:
    world = World(strategy)
    world.faults.lose_commit("create_port", took_effect=took_effect)
    port = world.create("h1")
    assert port["binding:vif_type"] == "ovs"
    assert [row["id"] for row in world.rows("ports")] == [port["id"]]
    assert world.methods().count("create_port_postcommit") == 1


def test_a_look_whose_own_commit_is_lost_has_seen_what_it_has_seen(strategy: BindingStrategy) -> None:
    world = World(strategy)
    for _ in range(30):
        world.faults.lose_commit("create_port", took_effect=True)
    port = world.create("h1")
    assert port["binding:vif_type"] == "ovs"
    assert [row["id"] for row in world.rows("ports")] == [port["id"]]
    assert world.methods().count("create_port_postcommit") == 1


def test_unknown_commit_of_create_is_known_by_its_id_even_if_somebody_changed_the_port(
    strategy: BindingStrategy,
) -> None:
    world = World(strategy)
    world.faults.lose_commit("create_port", took_effect=True)
    world.runtime.while_sleeping.append(lambda: world.rename(world.rows("ports")[0], "web"))
    port = world.create("h1")
    assert [row["id"] for row in world.rows("ports")] == [port["id"]]
    assert port["binding:vif_type"] == "ovs"
    assert world.rows("ports")[0]["name"] == "web"


@pytest.mark.parametrize("took_effect", [True, False])
def test_unknown_commit_of_update_raises_the_revision_once(strategy: BindingStrategy, took_effect: bool) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.told()
    world.faults.lose_commit("update_port", took_effect=took_effect)
    assert world.rename(port)["revision_number"] == port["revision_number"] + 1
    precommits = 1 if took_effect else 2
    assert world.methods() == ["update_port_precommit"] * precommits + ["update_port_postcommit"]


def test_unknown_commit_of_an_update_that_unbinds_is_told_to_the_drivers_though_a_read_bound_the_port(
    after_commit: BindingStrategy,
) -> None:
    world = World(after_commit)
    port = world.create("h1")
    world.told()
    world.faults.lose_commit("update_port", took_effect=True)
    world.runtime.while_sleeping.append(lambda: world.plugin.get_port(port["id"]))
    assert seen(world.move(port, "h2")) == "h2 ovs ACTIVE r4"
    told = world.told()
    unbinding = "h1 ovs physnet1 by sdn ACTIVE r2 -> h2 unbound DOWN r3"
    assert told[0] == f"update_port_precommit in: {unbinding}"
    assert f"update_port_postcommit out: {unbinding}" in told
    assert [entry for entry in told if entry.startswith("update_port_precommit")] == [
        f"update_port_precommit in: {unbinding}",
        "update_port_precommit in: h2 unbound DOWN r3 -> h2 ovs physnet1 by sdn ACTIVE r4",
    ]


def test_unknown_commit_of_an_update_that_did_not_take_effect_is_applied_to_what_others_left(
    strategy: BindingStrategy,
) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.faults.lose_commit("update_port", took_effect=False)
    world.runtime.while_sleeping.append(lambda: world.rename(port, "web"))
    moved = world.move(port, "h2")
    assert (moved["name"], moved["binding:host_id"], moved["binding:vif_type"]) == ("web", "h2", "ovs")


def test_unknown_commit_of_an_update_that_changes_nothing_else_is_told_by_the_revision(
    strategy: BindingStrategy,
) -> None:
    world = World(strategy)
    port = world.create(name="web")
    world.faults.lose_commit("update_port", took_effect=False)
    assert seen(world.rename(port, "web")) == "nowhere unbound DOWN r2" == world.committed(port)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [({"name": "mine"}, {"name": "theirs"}), ({"binding:host_id": "h2"}, {"binding:host_id": "h3"})],
    ids=["name", "host"],
)
def test_unknown_commit_of_an_update_that_did_not_take_effect_is_not_mistaken_for_anothers(
    strategy: BindingStrategy, mine: dict[str, str], theirs: dict[str, str]
) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.faults.lose_commit("update_port", took_effect=False)
    world.runtime.while_sleeping.append(lambda: world.plugin.update_port(port["id"], theirs))
    shown = world.plugin.update_port(port["id"], mine)
    assert {**shown, **mine} == shown == world.plugin.get_port(port["id"])


def test_unknown_commit_of_an_update_whose_revision_another_has_taken_is_applied_again(
    strategy: BindingStrategy,
) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.told()
    world.faults.lose_commit("update_port", took_effect=False)
    world.runtime.while_sleeping.append(lambda: world.rename(port, "web"))
    same = world.move(port, "h1")
    assert (same["name"], same["revision_number"]) == ("web", port["revision_number"] + 2)
    told = [entry for entry in world.told() if entry.startswith("update_port_postcommit")]
    revision = port["revision_number"]
    assert [entry.rsplit(" ", 1)[1] for entry in told] == [f"r{revision + 1}", f"r{revision + 2}"]


def test_unknown_commit_of_an_update_answers_what_there_is_by_now(strategy: BindingStrategy) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.faults.lose_commit("update_port", took_effect=True)
    world.runtime.while_sleeping.append(lambda: world.rename(port, "web"))
    moved = world.move(port, "h2")
    assert (moved["name"], moved["binding:vif_type"]) == ("web", "ovs")
    assert moved == world.plugin.get_port(port["id"])


def test_unknown_commit_of_an_in_transaction_update_is_repeated_when_only_anothers_failed_binding_is_there() -> None:
    world = World(IN_TRANSACTION)
    port = world.create("h1")
    world.faults.lose_commit("update_port", took_effect=False)

    def fail_on_the_same_host() -> None:
        world.sdn.then("bind_port", lambda context: None)
        world.move(port, "h2")

    world.runtime.while_sleeping.append(fail_on_the_same_host)
    assert seen(world.move(port, "h2")) == "h2 ovs ACTIVE r3" == world.committed(port)


@pytest.mark.parametrize("took_effect", [True, False])
def test_unknown_commit_of_delete_tells_the_drivers_of_the_deletion(
    strategy: BindingStrategy, took_effect: bool
) -> None:
    world = World(strategy)
    port = world.create("h1")
    world.told()
    world.faults.lose_commit("delete_port", took_effect=took_effect)
    world.plugin.delete_port(port["id"])
    assert world.rows("ports") == []
    told = world.told()
    assert told[-1].startswith("delete_port_postcommit out: None -> h1 ovs physnet1 by sdn ACTIVE")
    assert len(told) == (2 if took_effect else 3)


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("hopeless", [set(), {"h1"}], ids=["bound", "failed"])
def test_unknown_commit_of_a_binding_is_not_written_twice(
    after_commit: BindingStrategy, took_effect: bool, hopeless: set[str]
) -> None:
    world = World(after_commit)
    world.sdn.hopeless = hopeless
    world.faults.lose_commit("commit_binding", took_effect=took_effect)
    port = world.create("h1")
    assert port["revision_number"] == 2
    assert seen(port) == world.committed(port)
    methods = world.methods()
    assert methods.count("bind_port") == methods.count("update_port_postcommit") == 1


def test_unknown_commit_of_a_binding_is_known_by_its_generation_even_after_a_new_name(
    after_commit: BindingStrategy,
) -> None:
    world = World(after_commit)
    world.faults.lose_commit("commit_binding", took_effect=True)
    world.runtime.while_sleeping.append(lambda: world.rename(world.rows("ports")[0], "web"))
    port = world.create("h1")
    assert port["binding:vif_type"] == "ovs"
    assert world.told()[-1] == "update_port_postcommit out: h1 unbound DOWN r1 -> h1 ovs physnet1 by sdn ACTIVE r2"


def test_unknown_commit_of_a_look_that_wrote_nothing_is_looked_again(after_commit: BindingStrategy) -> None:
    world = World(after_commit)
    other = world.another_plugin(DEFERRED)

    def bound_by_another(context) -> None:
        other.get_port(context.current["id"])
        world.faults.lose_commit("commit_binding", took_effect=True)
        world.sdn.bind(context)

    world.sdn.then("bind_port", bound_by_another)
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r2"
    assert world.observer.attempts[-1] == (1, True, "bound_by_other")


@pytest.mark.parametrize("took_effect", [True, False])
def test_unknown_commit_of_a_lease_does_not_lock_its_owner_out(took_effect: bool) -> None:
    world = World(SERIALIZED)
    world.faults.lose_commit("acquire_lease", took_effect=took_effect)
    world.faults.lose_commit("release_lease", took_effect=took_effect)
    assert seen(world.create("h1")) == "h1 ovs ACTIVE r2"
    assert world.rows("port_binding_leases") == []
    assert sum(world.runtime.sleeps) < 2.0


@pytest.mark.parametrize("took_effect", [True, False])
def test_unknown_commit_of_a_network_or_subnet_makes_one(took_effect: bool) -> None:
    world = World()
    world.faults.lose_commit("create_network", took_effect=took_effect)
    world.faults.lose_commit("create_subnet", took_effect=took_effect)
    network = world.plugin.create_network("n", [{"network_type": "vxlan", "segmentation_id": 5}])
    subnet = world.plugin.create_subnet(network.id, "10.9.0.0/24")
    assert world.plugin.get_network(network.id) == network
    assert subnet.id in [row["id"] for row in world.rows("subnets")]


@pytest.mark.parametrize("strategy", [DEFERRED, SERIALIZED, IN_TRANSACTION], ids=lambda each: each.name)
def test_the_process_lock_is_held_around_update_and_delete_only(strategy: BindingStrategy) -> None:
    world = World(replace(strategy, process_lock=ProcessLock.UPDATE_AND_DELETE))
    port = world.create("h1")
    world.plugin.get_port(port["id"]), world.plugin.get_ports()
    assert world.runtime.locks == []
    world.rename(port)
    assert world.runtime.locks == ["take db-access", "give db-access"]
    world.plugin.delete_port(port["id"])
    assert world.runtime.locks == ["take db-access", "give db-access"] * 2


def test_the_process_lock_is_held_while_in_transaction_binding_binds() -> None:
    world = World(replace(IN_TRANSACTION, process_lock=ProcessLock.UPDATE_AND_DELETE))
    port = world.create()
    held: list[str] = []
    world.sdn.then("bind_port", lambda context: held.extend(world.runtime.locks))
    world.move(port, "h1")
    assert held == ["take db-access"]


def test_the_process_lock_is_given_back_while_backing_off() -> None:
    world = World(replace(IN_TRANSACTION, process_lock=ProcessLock.UPDATE_AND_DELETE))
    port = world.create()
    world.faults.add("update_port", "commit", Deadlock)
    world.runtime.while_sleeping.append(lambda: world.runtime.locks.append("backing off"))
    world.rename(port)
    assert world.runtime.locks == [
        "take db-access", "give db-access", "backing off", "take db-access", "give db-access",
    ]  # fmt: skip


def test_without_the_option_there_is_no_process_lock(strategy: BindingStrategy) -> None:
    world = World(strategy)
    world.plugin.delete_port(world.rename(world.create("h1"))["id"])
    assert world.runtime.locks == []


def test_a_lease_that_cannot_be_given_back_does_not_hide_that_the_binding_was_committed() -> None:
    world = World(SERIALIZED)
    world.faults.add("release_lease", "lease.release", DatabaseError)
    port = world.create("h1")
    assert seen(port) == "h1 ovs ACTIVE r2"
    assert world.methods()[-1] == "update_port_postcommit"
    assert len(world.rows("port_binding_leases")) == 1


def test_a_read_whose_first_transaction_meets_a_conflict_is_repeated() -> None:
    world = World(DEFERRED)
    port = world.create("h1")
    world.faults.add("get_port", "port.read", Deadlock)
    world.faults.add("get_ports", "port.list", Deadlock)
    assert seen(world.plugin.get_port(port["id"])) == "h1 ovs ACTIVE r2"
    assert len(world.plugin.get_ports()) == 1

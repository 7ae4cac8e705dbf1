"""Clients: follow-ups, patience, repeats, closed loops, targets. The server is a script of answers."""

from typing import Any

import pytest

from sim.kernel import Draws, Kernel
from sim.model.load import Load
from sim.model.requests import Answer, Request
from tests.sim.model.tiny import tiny


class World:
    """A load against a server that answers each request after `service_s`, with the next of `outcomes`."""

    def __init__(
        self, service_s: float = 1, outcomes: tuple[str, ...] = (), seed: int = 1, notifies: bool = False,
        **workload: Any,
    ) -> None:  # fmt: skip
        self.kernel = Kernel()
        self.sent: list[Request] = []
        self.log: list[str] = []
        self._service_us = round(service_s * 1e6)
        self._outcomes = list(outcomes)
        self._notifies = notifies
        scenario = tiny(horizon={"duration_s": 10}, workload=workload)
        self.load = Load(
            scenario, kernel=self.kernel, draws=Draws(seed), submit=self._submit, record=lambda _request, _answer: None
        )

    def _submit(self, request: Request) -> None:
        self.sent.append(request)
        self.log.append(f"{self.kernel.now():g} {request.step.kind} {request.port}")
        answer = Answer(self._outcomes.pop(0) if self._outcomes else "ok")
        answer.notified = self._notifies
        self.kernel.at(self.kernel.now_us + self._service_us, lambda: self.load.answered(request, answer))

    def run(self) -> list[str]:
        self.load.start()
        self.kernel.run()
        assert self.load.outstanding == 0
        return self.log


STORM = {"storm": {"at_s": 0, "count": 1}}
CREATE_THEN_DELETE = [{"operation": "create_port", "then": [{"operation": "delete_port", "after_s": 2}]}]


def test_a_follow_up_comes_after_the_answer() -> None:
    assert World(arrivals=STORM, operations=CREATE_THEN_DELETE).run() == ["0 create_port 0", "3 delete_port 0"]


def test_a_follow_up_from_the_start_does_not_wait_for_the_answer() -> None:
    operations = [{"operation": "create_port", "then": [{"operation": "delete_port", "after_s": 0.2, "from": "start"}]}]
    assert World(arrivals=STORM, operations=operations).run() == ["0 create_port 0", "0.2 delete_port 0"]


def test_nothing_follows_a_create_that_failed() -> None:
    world = World(arrivals=STORM, operations=CREATE_THEN_DELETE, outcomes=("error",))
    assert world.run() == ["0 create_port 0"]
    assert world.load.skipped_follow_ups == 1


def test_a_client_that_gives_up_leaves_its_operation_to_the_server() -> None:
    world = World(service_s=5, arrivals=STORM, operations=CREATE_THEN_DELETE, client={"timeout_s": 1})
    assert world.run() == ["0 create_port 0"]
    assert world.sent[0].settled


def test_a_client_that_repeats_a_create_makes_a_new_port_and_goes_on_with_that() -> None:
    client = {"timeout_s": 1, "on_timeout": "repeat", "retries": 1, "retry_pause_s": 0.5}
    world = World(service_s=0.9, arrivals=STORM, operations=CREATE_THEN_DELETE, client=client)
    world._service_us = 1_400_000
    world.load.start()
    world.kernel.run(until_us=1_450_000)
    world._service_us = 900_000
    world.kernel.run()
    assert world.log == ["0 create_port 0", "1.5 create_port 1", "4.4 delete_port 1"]
    again = world.sent[1]
    assert (again.original, again.repeat) == (world.sent[0].operation, 1)


def test_an_update_is_repeated_as_it_was() -> None:
    world = World(
        arrivals=STORM,
        operations=[{"operation": "update_port"}],
        ports={"initial": 5},
        client={"retries": 2},
        outcomes=("error", "error"),
    )
    log = world.run()
    assert [line.split()[0] for line in log] == ["0", "2", "4"]
    assert len({(request.port, request.host) for request in world.sent}) == 1


def test_a_client_that_deletes_does_so_once_and_without_patience_left() -> None:
    client = {"timeout_s": 1, "on_timeout": "delete"}
    world = World(service_s=5, arrivals=STORM, operations=[{"operation": "create_port"}], client=client)
    assert world.run() == ["0 create_port 0", "1 delete_port 0"]
    assert world.sent[1].operation == world.sent[0].operation + 1


def test_what_would_have_followed_on_a_port_that_the_client_deletes_is_counted_as_skipped() -> None:
    client = {"timeout_s": 1, "on_timeout": "delete"}
    world = World(service_s=5, arrivals=STORM, operations=CREATE_THEN_DELETE, client=client)
    assert world.run() == ["0 create_port 0", "1 delete_port 0"]
    assert world.load.skipped_follow_ups == 1


def test_what_follows_from_the_start_comes_once_however_often_the_operation_is_repeated() -> None:
    reads = [{"operation": "get_port", "after_s": 0.2, "from": "start"}]
    world = World(
        arrivals=STORM,
        operations=[{"operation": "update_port", "then": reads}],
        ports={"initial": 5},
        client={"retries": 2},
        outcomes=("error", "ok", "error"),
    )
    assert [line.split()[:2] for line in world.run()] == [
        ["0", "update_port"],
        ["0.2", "get_port"],
        ["2", "update_port"],
        ["4", "update_port"],
    ]


UPDATE_THEN_REPORT = [
    {"operation": "update_port", "then": [{"operation": "update_port_status", "after_s": 0.5, "from": "notified"}]}
]


def test_an_agent_does_what_follows_on_a_notification_and_nothing_without_one() -> None:
    load: dict[str, Any] = {"arrivals": STORM, "operations": UPDATE_THEN_REPORT, "ports": {"initial": 1}}
    assert World(**load, notifies=True).run() == ["0 update_port 0", "1.5 update_port_status 0"]
    silent = World(**load)
    assert silent.run() == ["0 update_port 0"]
    assert silent.load.skipped_follow_ups == 1


@pytest.mark.parametrize(
    ("client", "at_s"),
    [({"timeout_s": 0.2}, {"1.5"}), ({"timeout_s": 0.2, "on_timeout": "repeat", "retries": 1}, {"1.5", "2.7"})],
)
def test_an_agent_that_is_notified_acts_though_the_client_has_given_up(client: dict[str, Any], at_s: set[str]) -> None:
    world = World(
        arrivals={"closed": {"clients": 1, "think_time_s": 0, "iterations": 1}}, operations=UPDATE_THEN_REPORT,
        ports={"initial": 1}, client=client, notifies=True,
    )  # fmt: skip
    world.run()
    firsts = [at for at, request in zip(world.log, world.sent, strict=True) if "status" in at and not request.repeat]
    assert {line.split()[0] for line in firsts} == at_s


def test_a_client_of_a_closed_load_goes_on_once_when_the_agent_has_acted_too() -> None:
    world = World(
        arrivals={"closed": {"clients": 1, "think_time_s": 0, "iterations": 2}}, operations=UPDATE_THEN_REPORT,
        ports={"initial": 1}, client={"timeout_s": 0.2}, notifies=True,
    )  # fmt: skip
    assert [line.split()[:2] for line in world.run()] == [
        ["0", "update_port"], ["1.5", "update_port_status"], ["1.7", "update_port"], ["3.2", "update_port_status"],
    ]  # fmt: skip


def test_a_closed_client_thinks_after_the_whole_chain() -> None:
    arrivals = {"closed": {"clients": 1, "think_time_s": 0.5, "iterations": 2}}
    assert World(arrivals=arrivals, operations=CREATE_THEN_DELETE).run() == [
        "0 create_port 0",
        "3 delete_port 0",
        "4.5 create_port 2",
        "7.5 delete_port 2",
    ]


def test_closed_clients_begin_nothing_after_the_horizon() -> None:
    world = World(arrivals={"closed": {"clients": 3}}, operations=[{"operation": "create_port"}])
    times = [float(line.split()[0]) for line in world.run()]
    assert len(times) == 30
    assert max(times) < 10


def test_without_initial_ports_targets_are_those_of_earlier_arrivals() -> None:
    world = World(
        arrivals={"constant": {"rate_per_s": 20}},
        operations=[{"operation": "create_port"}, {"operation": "get_port"}],
    )
    world.run()
    created: set[int] = set()
    for request in world.sent:
        if request.step.kind == "create_port":
            created.add(request.port)
        else:
            assert request.port in created or (request.port == -1 and not created)


def test_a_follow_up_never_moves_to_the_host_where_the_port_is() -> None:
    moves = {"operation": "update_port", "change": "host", "after_s": 1, "count": 1}
    operations = [{"operation": "create_port", "then": [{**moves, "then": [moves]}]}]
    world = World(arrivals={"storm": {"at_s": 0, "count": 50}}, operations=operations)
    world.run()
    hosts: dict[int, list[int]] = {}
    for request in world.sent:
        hosts.setdefault(request.port, []).append(request.host)
    assert all(a != b and b != c for a, b, c in hosts.values())


@pytest.mark.parametrize("service_s", [0.1, 3.0])
def test_what_operations_are_about_does_not_depend_on_the_server(service_s: float) -> None:
    def about(seconds: float) -> list[tuple[int, int, int]]:
        world = World(
            service_s=seconds,
            arrivals={"poisson": {"rate_per_s": 10}},
            operations=[{"operation": "create_port"}, {"operation": "update_port"}],
            ports={"initial": 10},
        )
        world.run()
        return sorted((r.operation, r.port, r.host) for r in world.sent)

    assert about(service_s) == about(1.0)


# live migration: which binding is deleted in the end

DELETES = {"operation": "delete_binding", "after_s": 0.5}
MIGRATES = {
    "operation": "create_binding",
    "then": [{"operation": "activate", "after_s": 0.5, "then": [DELETES]}],
}
ONE_CLIENT = {"closed": {"clients": 1, "iterations": 2}}


def named(world: World) -> list[tuple[str, int]]:
    """Kind and host of each operation that was sent."""
    world.run()
    return [(request.step.kind, request.host) for request in world.sent]


def test_what_is_deleted_after_an_activation_is_the_binding_of_the_host_that_was_left() -> None:
    operations = [{"operation": "create_port", "then": [MIGRATES]}]
    world = World(arrivals={"storm": {"at_s": 0, "count": 50}}, operations=operations)
    world.run()
    hosts: dict[int, list[int]] = {}
    for request in world.sent:
        hosts.setdefault(request.port, []).append(request.host)
    assert len(hosts) == 50
    for source, made, activated, deleted in hosts.values():
        assert made == activated != source == deleted


def test_the_next_migration_leaves_the_host_that_the_one_before_has_gone_to() -> None:
    world = World(seed=3, arrivals=ONE_CLIENT, operations=[MIGRATES], ports={"initial": 1})
    sent = named(world)
    assert [kind for kind, _ in sent] == ["create_binding", "activate", "delete_binding"] * 2
    assert sent[2][1] == 0
    assert sent[5][1] == sent[1][1] != 0


def test_a_change_of_host_is_known_to_whoever_migrates_the_port_afterwards() -> None:
    operations = [{"operation": "update_port", "then": [MIGRATES]}]
    (_, moved), *_, deleted = named(World(seed=3, arrivals=STORM, operations=operations, ports={"initial": 1}))
    assert deleted == ("delete_binding", moved) != ("delete_binding", 0)


def test_after_an_activation_that_failed_it_is_the_binding_that_was_to_be_activated() -> None:
    world = World(seed=3, arrivals=STORM, operations=[MIGRATES], ports={"initial": 1}, outcomes=("ok", "error"))
    (_, target), *_, deleted = named(world)
    assert deleted == ("delete_binding", target) != ("delete_binding", 0)


def test_it_is_so_too_when_the_deletion_does_not_wait_for_the_activation() -> None:
    activates = {"operation": "activate", "then": [{**DELETES, "from": "start"}]}
    migrates = {**MIGRATES, "then": [activates]}
    (_, target), *_, deleted = named(World(seed=3, arrivals=STORM, operations=[migrates], ports={"initial": 1}))
    assert deleted == ("delete_binding", target) != ("delete_binding", 0)


def test_a_port_without_a_host_leaves_none_to_delete() -> None:
    operations = [{"operation": "create_port", "bind": False, "then": [MIGRATES]}]
    assert named(World(arrivals=STORM, operations=operations))[-1] == ("delete_binding", -1)

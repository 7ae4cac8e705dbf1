"""What a connection costs and measures: round trips, execution, cores, the owner's hooks; and that the parts add up."""

from collections.abc import Callable

import pytest

from core import statements as sql
from core.exceptions import CommitOutcomeUnknown, ConnectionLost, Deadlock
from sim.database import Costs, ServerTransaction
from sim.kernel import Draws, Exponential, Kernel, current
from tests.sim.database.scripted import Client, World

MakeWorld = Callable[..., World]


class SlowOwner:
    """Takes 7 us of processor for each statement and 3 us to come back from the database."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.log: list[tuple[int, str]] = []

    def statement_cpu(self) -> None:
        self.kernel.sleep_us(7, "cpu")

    def enter_database(self) -> None:
        self.log.append((self.kernel.now_us, "enter"))

    def leave_database(self) -> None:
        self.log.append((self.kernel.now_us, "leave"))
        self.kernel.sleep_us(3, "turn")


def test_a_statement_takes_a_round_trip_and_its_execution(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(round_trip_us=2_000, execution=1_000, commit=4_000))
    world.client("A", lambda c: (c.names("p1", "A"), c.commit(), c.names("p2", "A"), c.rollback()))  # type: ignore[arg-type, return-value]
    assert world.run() == ["3 A port.update 1", "9 A commit", "12 A port.update 1", "14 A rollback"]


def test_the_statement_factor_multiplies_round_trip_and_execution(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(round_trip_us=2_000, execution=1_000, statement_factor=10))
    world.client("A", lambda c: (c.names("p1", "A"), c.commit()))  # type: ignore[arg-type, return-value]
    assert world.run() == ["30 A port.update 1", "32 A commit"]


def test_statements_queue_for_the_cores_of_the_server(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(execution=10_000), cores=2)
    for n, name in enumerate("ABC"):
        world.client(name, lambda c: c.reads("p1"), after=n)
    assert world.run() == ["10 A reads ['old']", "11 B reads ['old']", "20 C reads ['old']"]


def test_who_waits_for_a_lock_occupies_no_core(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(execution=2_000), cores=1)

    def holds(c: Client) -> None:
        c.names("p1", "A")
        c.pause(10)
        c.commit()

    world.client("A", holds)
    world.client("B", lambda c: c.names("p1", "B"), after=3)
    world.client("C", lambda c: c.names("p2", "C"), after=4)
    assert world.run() == ["2 A port.update 1", "6 C port.update 1", "12 A commit", "14 B port.update 1"]


def test_sql_lock_wait_and_the_rest_add_up_to_the_time_that_passed(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(round_trip_us=20, execution=11, commit=40), cores=1)
    measured: list[tuple[int, ...]] = []
    own_us = (7 + 3) * 2 + 3 + 100_000

    def script(c: Client) -> None:
        began_us = world.kernel.now_us
        c.names("p1", c.name)
        c.pause(100)
        c.names("p2", c.name)
        c.commit()
        connection = c.connection
        passed_us = world.kernel.now_us - began_us
        measured.append((connection.sql_us, connection.lock_wait_us, connection.statements))
        assert passed_us == connection.sql_us + connection.lock_wait_us + own_us

    for n, name in enumerate("AB"):
        world.client(name, script, after=n, owner=SlowOwner(world.kernel))
    world.run()
    assert measured == [(122, 0, 2), (122, 99_115, 2)]


def test_the_owner_is_told_around_every_call_even_one_that_fails(make_world: MakeWorld) -> None:
    world = make_world(costs=Costs(round_trip_us=20))
    owner = SlowOwner(world.kernel)
    world.client("A", lambda c: (c.creates("p1"), c.rollback()), owner=owner)  # type: ignore[arg-type, return-value]
    world.run()
    assert owner.log == [(7, "enter"), (27, "leave"), (30, "enter"), (50, "leave")]


def test_the_same_work_costs_the_same_whatever_others_do(make_world: MakeWorld) -> None:
    def durations(crowd: int) -> list[int]:
        world = World(Kernel(), costs=Costs(execution=Exponential(mean_s=0.01), draws=Draws(7)))
        spent: list[int] = []

        def works(c: Client) -> None:
            current().operation = 41
            for _ in range(3):
                c.reads("p2")
                c.commit()
            spent.append(c.connection.sql_us)

        for n in range(crowd):
            world.client(f"other {n}", lambda c: c.reads("p1"))
        world.client("A", works)
        world.run()
        return spent

    assert durations(0) == durations(5)


def test_repeated_statements_of_an_operation_draw_anew_and_background_work_by_its_name() -> None:
    kernel = Kernel()
    costs = Costs(execution=Exponential(mean_s=0.01), draws=Draws(7))
    drawn: dict[str, list[int]] = {}

    def work() -> None:
        drawn[current().name] = [costs.execution_us("port.read") for _ in range(3)]

    for name in ("journal 1", "journal 2"):
        kernel.start(work, name=name)
    kernel.run()
    assert len({*drawn["journal 1"], *drawn["journal 2"]}) == 6


@pytest.mark.parametrize(
    ("point", "error", "outcome", "name"),
    [
        ("statement", Deadlock("injected"), "port.update Deadlock", "old"),
        ("commit", ConnectionLost("injected"), "commit ConnectionLost", "old"),
        ("committed", CommitOutcomeUnknown("injected"), "commit CommitOutcomeUnknown", "A"),
    ],
)
def test_a_fault_ends_the_transaction_or_hides_its_commit(
    world: World, point: str, error: Exception, outcome: str, name: str
) -> None:
    def fault(at: str, transaction: ServerTransaction) -> Exception | None:
        return error if at == point and transaction.number == 0 else None

    world.database.fault = fault

    def script(c: Client) -> None:
        c.names("p1", "A")
        if c.connection.transaction.state == "open":  # type: ignore[union-attr]
            c.commit()
        else:
            c.rollback()

    world.client("A", script)
    world.client("B", lambda c: c.names("p1", "B"), after=1)
    log = world.run()
    assert f"0 A {outcome}" in log
    assert "1 B port.update 1" in log
    assert world.port_names()["p1"] == name


def test_a_direct_connection_sets_up_outside_processes_without_time(world: World) -> None:
    direct = world.database.direct()
    assert direct.execute(sql.NETWORK_INSERT, {"id": "n2", "name": ""}).rowcount == 1
    direct.commit()
    direct.execute(sql.NETWORK_INSERT, {"id": "n3", "name": ""})
    direct.close()
    assert world.database.committed("SELECT id FROM networks ORDER BY id") == [("n2",), ("net",)]
    assert world.database.open_transactions() == []
    assert world.kernel.now_us == 0

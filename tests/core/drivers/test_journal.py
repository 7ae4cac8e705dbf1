"""JournalDriver: rows in the port's own transaction; delivery in order, at least once, past ports that are stuck."""

import logging

import pytest

from core.binding import DEFERRED, IN_TRANSACTION, BindingStrategy
from core.context import PortContext
from core.drivers.journal import JournalDriver, JournalRow
from core.exceptions import Deadlock, InvalidInput, MechanismDriverError
from tests.core.worlds import World


class Controller:
    """Writes down what it is told; refuses ports in `down`, as often as the number says (-1: for ever)."""

    def __init__(self) -> None:
        self.told: list[JournalRow] = []
        self.refused: list[JournalRow] = []
        self.down: dict[str, int] = {}

    def deliver(self, row: JournalRow) -> None:
        if self.down.get(row.port_id):
            self.down[row.port_id] -= 1
            self.refused.append(row)
            raise ConnectionError("controller is down")
        self.told.append(row)


class JournalWorld(World):
    """A world whose plugin has a journal driver behind a recording one."""

    def __init__(self, strategy: BindingStrategy, **options: object) -> None:
        super().__init__(strategy)
        self.controller = Controller()
        self.journal = JournalDriver(self.controller, database=self.database, runtime=self.runtime, **options)  # type: ignore[arg-type]
        self.plugin = self.another_plugin(strategy, more_drivers=[self.journal])

    def pending(self) -> list[str]:
        return [f"{row['operation']} {row['revision_number']}" for row in self.rows("ml2_journal")]

    def delivered(self) -> list[str]:
        return [f"{row.operation} {row.revision_number}" for row in self.controller.told]


@pytest.fixture
def office(strategy: BindingStrategy) -> JournalWorld:
    return JournalWorld(strategy)


@pytest.fixture
def deferred_office() -> JournalWorld:
    return JournalWorld(DEFERRED)


def test_a_port_leaves_one_row_for_each_committed_change(deferred_office: JournalWorld) -> None:
    port = deferred_office.create("h1")
    deferred_office.move(port, "h2")
    deferred_office.plugin.delete_port(port["id"])
    assert deferred_office.pending() == ["create 1", "update 2", "update 3", "update 4", "delete 5"]


def test_in_transaction_binding_leaves_fewer_rows() -> None:
    office = JournalWorld(IN_TRANSACTION)
    port = office.create("h1")
    office.move(port, "h2")
    office.plugin.delete_port(port["id"])
    assert office.pending() == ["create 1", "update 2", "delete 3"]


def test_a_row_tells_the_port_as_it_was_committed(office: JournalWorld) -> None:
    port = office.create("h1", **{"binding:profile": {"a": [1]}})
    office.plugin.delete_port(port["id"])
    office.journal.deliver_pending()
    last = office.controller.told[-1]
    assert (last.operation, last.revision_number) == ("delete", port["revision_number"] + 1)
    assert last.port == port


def test_rows_roll_back_with_their_transaction(office: JournalWorld) -> None:
    port = office.create()
    before = office.pending()
    refusing = office.another_plugin(DEFERRED, more_drivers=[office.journal, _Refusing("refusing", [])])
    for call in (
        lambda: refusing.create_port({"network_id": office.network.id}),
        lambda: refusing.update_port(port["id"], {"name": "x"}),
        lambda: refusing.delete_port(port["id"]),
    ):
        with pytest.raises(MechanismDriverError):
            call()
    assert office.pending() == before == ["create 1"]


class _Refusing(JournalDriver):
    """Refuses every precommit."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name = name

    def initialize(self) -> None:
        pass

    def _write(self, operation: str, context: PortContext) -> None:
        raise RuntimeError("no")


def test_a_repeated_transaction_leaves_its_row_once(office: JournalWorld) -> None:
    office.faults.add("create_port", "commit", Deadlock, times=2)
    office.create()
    assert office.pending() == ["create 1"]


def test_delivered_rows_are_deleted_and_nothing_is_told_twice(office: JournalWorld) -> None:
    office.create("h1"), office.create()
    rows = len(office.pending())
    assert office.journal.deliver_pending() == 0
    assert office.pending() == []
    assert office.journal.deliver_pending() == 0
    assert len(office.controller.told) == rows


def test_delivery_is_in_order_of_port_and_revision(deferred_office: JournalWorld) -> None:
    first, second = deferred_office.create("h1"), deferred_office.create("h1")
    deferred_office.rename(second), deferred_office.rename(first)
    deferred_office.journal.deliver_pending()
    told = [(row.port_id, row.revision_number) for row in deferred_office.controller.told]
    assert told == [(port["id"], revision) for port in (first, second) for revision in (1, 2, 3)]


def test_a_row_is_deleted_only_after_its_delivery(deferred_office: JournalWorld) -> None:
    port = deferred_office.create()
    deferred_office.controller.down = {port["id"]: -1}
    assert deferred_office.journal.deliver_pending() == 1
    assert deferred_office.pending() == ["create 1"]
    deferred_office.controller.down = {}
    assert deferred_office.journal.deliver_pending() == 0
    assert deferred_office.delivered() == ["create 1"]


def test_a_row_is_tried_several_times_in_one_look(caplog: pytest.LogCaptureFixture) -> None:
    office = JournalWorld(DEFERRED, tries=3)
    port = office.create()
    office.controller.down = {port["id"]: 2}
    with caplog.at_level(logging.WARNING):
        assert office.journal.deliver_pending() == 0
    assert len(office.controller.refused) == 2
    assert "was not delivered to journal: controller is down" in caplog.text


def test_later_rows_of_a_stuck_port_wait_and_other_ports_do_not(deferred_office: JournalWorld) -> None:
    stuck, other = deferred_office.create("h1"), deferred_office.create("h1")
    deferred_office.controller.down = {stuck["id"]: 10**9}
    assert deferred_office.journal.deliver_pending() == 2
    assert {row.revision_number for row in deferred_office.controller.refused} == {1}
    assert [row.port_id for row in deferred_office.controller.told] == [other["id"]] * 2
    deferred_office.controller.down = {}
    deferred_office.journal.deliver_pending()
    assert deferred_office.delivered() == ["create 1", "update 2", "create 1", "update 2"]


def test_many_rows_come_in_pages_of_64(deferred_office: JournalWorld) -> None:
    ports = [deferred_office.create() for _ in range(70)]
    for _ in range(70):
        deferred_office.rename(ports[10])
    assert deferred_office.journal.deliver_pending() == 0
    told = [(row.port_id, row.revision_number) for row in deferred_office.controller.told]
    assert told == sorted(told)
    assert len(told) == len(set(told)) == 140
    pages = deferred_office.faults.statements.count("read_journal: journal.pending")
    assert pages == 4


def test_a_port_stuck_for_more_than_a_page_does_not_starve_others(deferred_office: JournalWorld) -> None:
    stuck, other = deferred_office.create(), deferred_office.create()
    for _ in range(130):
        deferred_office.rename(stuck)
    deferred_office.controller.down = {stuck["id"]: 10**9}
    assert deferred_office.journal.deliver_pending() == 131
    assert [row.port_id for row in deferred_office.controller.told] == [other["id"]]
    assert len(deferred_office.controller.refused) == 5


def test_an_acknowledgement_that_is_lost_brings_the_row_a_second_time(deferred_office: JournalWorld) -> None:
    deferred_office.create()
    deferred_office.faults.add("delete_journal_row", "journal.delete", Deadlock, times=21)
    with pytest.raises(Exception, match="delete_journal_row conflicted 21 times"):
        deferred_office.journal.deliver_pending()
    assert deferred_office.journal.deliver_pending() == 0
    assert deferred_office.delivered() == ["create 1", "create 1"]
    assert deferred_office.pending() == []


class Stop(BaseException):
    """Ends the endless worker."""


def run_worker(office: JournalWorld, looks: int) -> None:
    def stop() -> None:
        raise Stop

    office.runtime.while_sleeping.extend([*[lambda: None] * (looks - 1), stop])
    with pytest.raises(Stop):
        office.runtime.spawned[0][1]()


def test_one_worker_is_spawned_and_looks_at_the_journal_again_and_again(deferred_office: JournalWorld) -> None:
    assert [name for name, _ in deferred_office.runtime.spawned] == ["journal journal"]
    port = deferred_office.create()
    deferred_office.controller.down = {port["id"]: 8}
    run_worker(deferred_office, looks=3)
    assert deferred_office.runtime.sleeps == [10.0, 10.0, 10.0]
    assert deferred_office.delivered() == ["create 1"]


def test_the_worker_survives_a_database_that_does_not_answer(
    deferred_office: JournalWorld, caplog: pytest.LogCaptureFixture
) -> None:
    deferred_office.create()
    deferred_office.faults.add("read_journal", "journal.pending", Deadlock, times=21)
    deferred_office.runtime.while_sleeping.extend([lambda: None] * 20)
    with caplog.at_level(logging.ERROR):
        run_worker(deferred_office, looks=3)
    assert "the journal of journal could not be read" in caplog.text
    assert deferred_office.delivered() == ["create 1"]


def test_two_controllers_have_a_journal_each(deferred_office: JournalWorld) -> None:
    other = Controller()
    second = JournalDriver(other, database=deferred_office.database, runtime=deferred_office.runtime, name="second")
    plugin = deferred_office.another_plugin(DEFERRED, more_drivers=[deferred_office.journal, second])
    plugin.create_port({"network_id": deferred_office.network.id})
    deferred_office.journal.deliver_pending()
    assert [row["controller"] for row in deferred_office.rows("ml2_journal")] == ["second"]
    second.deliver_pending()
    assert [row.operation for row in other.told] == ["create"]


@pytest.mark.parametrize("options", [{"sync_s": 0}, {"sync_s": -1}, {"tries": 0}], ids=str)
def test_a_worker_that_would_never_rest_or_never_try_is_refused(options: dict) -> None:
    with pytest.raises(InvalidInput, match="sync_s, tries is"):
        JournalWorld(DEFERRED, **options)


def test_a_port_created_and_refused_leaves_a_creation_and_a_deletion(office: JournalWorld) -> None:
    office.sdn.then("create_port_postcommit", RuntimeError("no"))
    with pytest.raises(MechanismDriverError):
        office.create("h1")
    office.journal.deliver_pending()
    assert office.delivered() == ["create 1", "delete 2"]


def test_a_precommit_without_a_transaction_is_a_mistake_that_is_named(deferred_office: JournalWorld) -> None:
    port = deferred_office.create()
    context = next(context for context in deferred_office.sdn.contexts if context.port.id == port["id"])
    assert context.transaction is None
    with pytest.raises(InvalidInput, match="allowed is an open transaction in a precommit"):
        deferred_office.journal.update_port_precommit(context)

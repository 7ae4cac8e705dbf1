"""MechanismManager: order, who is called after a failure, what the observer is told."""

import pytest

from core.binding import DEFERRED, IN_TRANSACTION
from core.driver_api import MechanismDriver
from core.exceptions import Deadlock, InvalidInput, MechanismDriverError
from core.managers import MechanismManager
from tests.core.recording_driver import RecordingDriver
from tests.core.worlds import World


def test_driver_names_must_differ() -> None:
    with pytest.raises(InvalidInput, match=r"drivers is \['a', 'a'\]; allowed is a list in which every driver's name"):
        MechanismManager([RecordingDriver("a", []), RecordingDriver("a", [])])


def test_every_driver_is_initialized_once_in_order_before_the_first_request() -> None:
    started: list[str] = []

    class Starter(RecordingDriver):
        def initialize(self) -> None:
            started.append(self.name)

    world = World(DEFERRED)
    started.clear()
    world.another_plugin(DEFERRED, more_drivers=[Starter("one", world.log), Starter("two", world.log)])
    assert started == ["one", "two"]


def test_a_driver_that_cannot_start_stops_the_start() -> None:
    class Broken(RecordingDriver):
        def initialize(self) -> None:
            raise RuntimeError("no licence")

    world = World(DEFERRED)
    with pytest.raises(RuntimeError, match="no licence"):
        world.another_plugin(DEFERRED, more_drivers=[Broken("broken", [])])


def test_the_observer_hears_of_each_call_and_its_error(world: World) -> None:
    world.sdn.then("create_port_postcommit", RuntimeError("no"))
    with pytest.raises(MechanismDriverError):
        world.create()
    assert world.observer.driver_calls == [
        "sdn.create_port_precommit began", "sdn.create_port_precommit ended well",
        "sdn.create_port_postcommit began", "sdn.create_port_postcommit ended RuntimeError",
        "sdn.delete_port_precommit began", "sdn.delete_port_precommit ended well",
        "sdn.delete_port_postcommit began", "sdn.delete_port_postcommit ended well",
    ]  # fmt: skip


def test_the_error_carries_each_failure_and_its_cause(world: World) -> None:
    cause = RuntimeError("no")
    world.sdn.then("update_port_precommit", cause)
    port = world.create()
    with pytest.raises(MechanismDriverError) as caught:
        world.rename(port)
    assert (caught.value.method, caught.value.failures) == ("update_port_precommit", (("sdn", cause),))
    assert caught.value.__cause__ is cause


def test_a_conflict_in_bind_port_inside_a_transaction_repeats_it() -> None:
    world = World(IN_TRANSACTION, drivers=("audit", "sdn"))
    world.drivers[0].then("bind_port", Deadlock("chosen"))
    assert world.create("h1")["binding:vif_type"] == "ovs"
    assert world.methods()[:3] == ["audit.bind_port", "audit.bind_port", "sdn.bind_port"]
    assert world.observer.conflicts == [("create_port", "deadlock", 0)]


def test_a_death_passes_every_handler() -> None:
    class Died(BaseException):
        pass

    def die(context) -> None:
        raise Died

    world = World(DEFERRED)
    for method in ("bind_port", "create_port_precommit", "create_port_postcommit"):
        world.sdn.then(method, die)
    before = world.dump()
    with pytest.raises(Died):
        world.create("h1")
    assert world.dump() == before
    with pytest.raises(Died):
        world.create("h1")
    assert len(world.rows("ports")) == 1


def test_a_drivers_name_fits_its_column() -> None:
    driver = MechanismDriver()
    driver.name = "n" * 65
    with pytest.raises(InvalidInput, match=r"driver name is 'nnn.*at most 64 characters"):
        MechanismManager([driver])

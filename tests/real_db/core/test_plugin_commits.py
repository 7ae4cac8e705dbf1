"""Every COMMIT of every operation is lost once, or its answer is: each operation still takes effect exactly once."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.database import Database
from core.engine import EngineConnections
from core.plugin import Ml2Plugin
from core.records import PortDict
from sim.servers import RunDatabase
from tests.core.faulty_connection import Faults
from tests.core.recording_observer import RecordingObserver
from tests.core.worlds import VLAN
from tests.real_db.core.hasty_runtime import HastyRuntime
from tests.real_db.core.strategies import STRATEGIES, Binds
from tests.real_db.core.tables import emptied
from tests.real_db.core.tap import COMMIT, Tap, tapped

pytestmark = pytest.mark.databases

COMMITS = {"deferred": 2, "serialized": 5, "in-transaction": 1}  # of creating a port, or moving it


@pytest.fixture
def tap(database: RunDatabase) -> Iterator[Tap]:
    """Between the driver and the server. Its socket has a short path."""
    with TemporaryDirectory() as folder, tapped(database.address, Path(folder)) as tap:
        yield tap


@pytest.fixture
def connections(tap: Tap) -> Iterator[EngineConnections]:
    """Through the tap."""
    engine = tap.address.engine()
    yield emptied(engine)
    engine.dispose()


class World:
    """A plugin through the tap, with a network and a subnet."""

    def __init__(self, tap: Tap, connections: EngineConnections, strategy: str) -> None:
        self._tap, self._strategy, self._commit = tap, strategy, COMMIT[tap.address.kind]
        runtime = HastyRuntime()
        self.observer, self.driver = RecordingObserver(Faults()), Binds()
        database = Database(connections, runtime=runtime, observer=self.observer)
        self.plugin = Ml2Plugin(database, [self.driver], runtime=runtime, strategy=STRATEGIES[strategy])
        self.network = self.plugin.create_network("net", [VLAN])
        self.plugin.create_subnet(self.network.id, "10.0.0.0/24")

    def create(self) -> PortDict:
        return self.plugin.create_port({"network_id": self.network.id, "binding:host_id": "h1"})

    def losing(self, commits: int, work: Callable[[], None]) -> Iterator[tuple[int, bool]]:
        """Does the work with each of its commits lost in turn, before the server has it and after."""
        for after_it in (False, True):
            for number in range(commits):
                self._tap.cut_at, self._tap.after_it, self._tap.passing = self._commit, after_it, number
                self.observer.conflicts.clear()
                self.driver.asked = 0
                work()
                assert [kind for _, kind, _ in self.observer.conflicts] == ["commit_outcome_unknown"]
                assert self._tap.cut_at is None
                yield number, after_it

    def binds_more_than_once(self, number: int, after_it: bool) -> bool:
        """Only in a transaction that is repeated is a driver asked again."""
        return self._strategy == "in-transaction" and not after_it


@pytest.fixture(params=STRATEGIES)
def world(request: pytest.FixtureRequest, tap: Tap, connections: EngineConnections) -> World:
    return World(tap, connections, request.param)


def test_a_port_is_created_once_and_bound_once(world: World) -> None:
    made: list[PortDict] = []
    commits = COMMITS[world._strategy]
    for lost in world.losing(commits, lambda: made.append(world.create())):
        port = world.plugin.get_port(made[-1]["id"])
        assert (port["binding:vif_type"], port["status"], len(port["fixed_ips"])) == ("ovs", "ACTIVE", 1), lost
        assert port == made[-1]
        assert world.driver.asked == (2 if world.binds_more_than_once(*lost) else 1), lost
    assert len(world.plugin.get_ports()) == len(made) == 2 * commits


def test_a_port_is_moved_once(world: World) -> None:
    port = world.create()
    hosts = iter(f"host {number}" for number in range(100))
    revisions = [port["revision_number"]]

    def move() -> None:
        moved = world.plugin.update_port(port["id"], {"binding:host_id": next(hosts)})
        revisions.append(moved["revision_number"])

    for number, lost in enumerate(world.losing(COMMITS[world._strategy], move)):
        found = world.plugin.get_port(port["id"])
        assert (found["binding:host_id"], found["binding:vif_type"]) == (f"host {number}", "ovs"), lost
        assert found["binding:vif_details"] == {"for": f"host {number}"}
    steps = {later - earlier for earlier, later in pairwise(revisions)}
    assert len(steps) == 1, revisions


def test_a_port_is_deleted_once(world: World) -> None:
    ports = [world.create() for _ in range(2)]

    def delete() -> None:
        world.plugin.delete_port(ports.pop()["id"])

    for _ in world.losing(1, delete):
        assert len(world.plugin.get_ports()) == len(ports)

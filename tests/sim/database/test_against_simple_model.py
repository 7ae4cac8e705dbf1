"""Random interleavings of the core's own statements: the modelled database does what the simple model says.

Each instant one client is told to do something; it is skipped while it waits for a lock. Compared are the result of
every statement, the instant at which it ended (so: who blocks whom) and the committed rows; and all rows with those of
a serial execution of the same transactions, in the order of their commits, in a bare SQLite.
"""

from collections import Counter
from typing import Any, NamedTuple

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from core import schema
from core.database import Result
from core.exceptions import CoreError, DatabaseConflict
from sim.database import Key, ModelledDatabase, Pool, ServerTransaction, epoch
from sim.database.epoch import Log, Row
from sim.database.storage import Storage
from sim.kernel import Kernel, Signal
from tests.sim.database import simple_statements as simple
from tests.sim.database.scripted import load_topology
from tests.sim.database.simple_model import SimpleModel, Values
from tests.sim.database.simple_statements import Act

CLIENTS = "ABCD"
PORTS = ("p1", "p2")
Step = tuple[str, Act | str]

ports = st.sampled_from(("p1", "p2", "p5"))
words = st.sampled_from("abc")
acts = st.one_of(
    st.builds(simple.create_port, ports, st.sampled_from(("mac-p1", "m"))),
    st.builds(simple.insert_binding, ports, words),
    st.builds(simple.update_binding, ports, words),
    st.builds(simple.insert_address, ports, st.sampled_from((1, 50, 51))),
    st.builds(simple.lock_port, ports),
    st.builds(simple.rename_port, ports, words),
    st.builds(simple.delete_port, ports),
    st.builds(simple.read_port, ports),
    st.builds(simple.list_ports),
    st.builds(simple.insert_segment),
    st.builds(simple.insert_lease, ports, words),
    st.builds(simple.take_over_lease, ports, words, words),
    st.builds(simple.release_lease, ports, words),
)
sharing = st.one_of(  # a few rows that all want, some together and some alone
    st.builds(simple.update_binding, st.sampled_from(PORTS), words),
    st.builds(simple.insert_segment),
    st.builds(simple.insert_address, st.just("p1"), st.sampled_from((50, 51))),
    st.builds(simple.lock_port, st.just("p1")),
)
ends = st.sampled_from(("commit", "rollback"))
steps = st.tuples(st.sampled_from(CLIENTS), st.one_of(acts, acts, sharing, ends))
schedules = st.lists(steps, min_size=10, max_size=50)


class Robot:
    """A client process that does what it is told, one statement at a time."""

    def __init__(self, pool: Pool, kernel: Kernel, name: str, results: dict[Any, Any]) -> None:
        self.connection: Any = None
        self.kernel = kernel
        self.pool = pool
        self.name = name
        self.results = results
        self.number = 0
        self.told: Act | str | None = None
        self.signal = Signal(kernel, name)

    def tell(self, what: Act | str) -> None:
        if self.told is None:
            self.told = what
            self.signal.pulse()

    def live(self) -> None:
        self.connection = self.pool.connect()
        while True:
            self.signal.wait("told")
            assert self.told is not None
            self.results[self.name, self.number] = (self._do(self.told), self.kernel.now_us)
            self.number += 1
            self.told = None

    def _do(self, what: Act | str) -> Any:
        if isinstance(what, str):
            (self.connection.commit if what == "commit" else self.connection.rollback)()
            return what
        try:
            result = self.connection.execute(what.statement, what.params)
        except CoreError as error:
            if isinstance(error, DatabaseConflict):
                self.connection.rollback()
            return type(error).__name__
        return _shown(what, result)


def _shown(act: Act, result: Result) -> Any:
    """Id, name and host, for plain reads also the address; the number of rows where there are none."""
    if act.statement.kind == "read":
        return [(row[0], row[2], row[9], row[19]) for row in result.rows]
    return [(row[0], row[2], row[9]) for row in result.rows] or result.rowcount


class Run(NamedTuple):
    """What came out: results as the simple model has them, rows, and the statements of committed transactions."""

    results: dict[tuple[str, int], tuple[Any, int]]
    tables: dict[str, dict[Any, tuple[Any, ...]]]
    rows: dict[str, list[Row]]
    serial: list[Log]


def run_modelled(schedule: list[Step], longest_epoch: int) -> Run:
    with Kernel() as kernel, pytest.MonkeyPatch.context() as patch:
        patch.setattr(epoch, "LONGEST", longest_epoch)
        patch.setattr(epoch, "TRIES", 4 * longest_epoch)
        database = ModelledDatabase(kernel)
        load_topology(database, PORTS)
        serial = noted_commits(database.storage)
        pool = database.pool()
        results: dict[Any, Any] = {}
        robots = {name: Robot(pool, kernel, name, results) for name in CLIENTS}
        for name, robot in robots.items():
            kernel.start(robot.live, name=name)
        for instant, (name, what) in enumerate(schedule, 1):
            kernel.at(instant, lambda name=name, what=what: robots[name].tell(what))
        kernel.run()
        return Run(results, tables_of(database), all_rows(database.storage), serial)


def noted_commits(storage: Storage) -> list[Log]:
    """The statements of each transaction that commits from now on."""
    serial: list[Log] = []
    commit = storage.commit

    def noting(transaction: ServerTransaction) -> dict[Key, None]:
        serial.append(transaction.log)
        return commit(transaction)

    storage.commit = noting  # type: ignore[method-assign]
    return serial


def all_rows(storage: Storage) -> dict[str, list[Row]]:
    return {name: storage.committed(f"SELECT * FROM {name} ORDER BY 1, 2") for name in sorted(schema.metadata.tables)}


def run_serially(serial: list[Log]) -> dict[str, list[Row]]:
    with Kernel() as kernel:
        database = ModelledDatabase(kernel)
        load_topology(database, PORTS)
        for log in serial:
            for statement, arguments, _ in log:
                database.committed(statement.sql, arguments)
        return all_rows(database.storage)


def tables_of(database: ModelledDatabase) -> dict[str, Any]:
    def rows(text: str) -> dict[Any, Values]:
        return {row[0]: row[1:] for row in database.committed(text)}

    return {
        "ports": rows("SELECT id, name, mac_address FROM ports ORDER BY id"),
        "bindings": rows("SELECT port_id, host FROM ml2_port_bindings ORDER BY port_id"),
        "addresses": rows("SELECT ip_offset, port_id FROM ip_allocations ORDER BY ip_offset"),
        "leases": rows("SELECT port_id, owner FROM port_binding_leases ORDER BY port_id"),
    }


def run_simple(schedule: list[Step]) -> SimpleModel:
    rows: dict[Any, Any] = {}
    for n, port in enumerate(PORTS, 1):
        rows["ports", port] = {"name": "old", "mac": f"mac-{port}"}
        rows["bindings", port] = {"host": "h1"}
        rows["addresses", n] = {"port": port}
    model = SimpleModel(CLIENTS, rows)
    for instant, (name, what) in enumerate(schedule, 1):
        model.act(instant, name, what if isinstance(what, str) else what.steps)
    return model


def with_an_end(schedule: list[Step]) -> list[Step]:
    """Everybody commits until nobody can be waiting any more."""
    return [*schedule, *[(name, "commit") for _ in CLIENTS for name in CLIENTS]]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(schedules, st.sampled_from((epoch.LONGEST, 2)))
def test_the_modelled_database_does_what_the_simple_model_says(schedule: list[Step], longest_epoch: int) -> None:
    schedule = with_an_end(schedule)
    for instant, (name, what) in enumerate(schedule, 1):
        note(f"{instant} {name} {what if isinstance(what, str) else what.label}")
    run, model = run_modelled(schedule, longest_epoch), run_simple(schedule)
    assert run.results == model.results
    for table, rows in run.tables.items():
        assert rows == {key: tuple(row.values()) for key, row in model.rows(table).items()}
    assert run.rows == run_serially(run.serial)


def test_random_schedules_contain_what_is_to_be_compared() -> None:
    """Waits, deadlocks and errors happen in them, and often enough."""
    seen: Counter[str] = Counter()

    @settings(max_examples=60, derandomize=True, deadline=None, database=None)
    @given(schedules)
    def count(schedule: list[Step]) -> None:
        model = run_simple(with_an_end(schedule))
        seen.update(str(result) for result, _ in model.results.values() if isinstance(result, str))
        seen["statements"] += len(model.results)

    count()
    assert seen["statements"] > 1000
    assert min(seen[kind] for kind in ("Deadlock", "DuplicateKey", "MissingParent")) >= 5, seen

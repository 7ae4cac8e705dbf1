"""The bench at a tiny size: every part runs, and its text is what a reader and a script expect."""

import re
from collections.abc import Iterator

import pytest

from bench import __main__ as bench
from bench import ordinary_orm
from bench.bare_sqlite import differing_counts
from bench.recording import Recording
from bench.rounds import Job, Part, Placement, alternate
from bench.simulated import SimulatedRun
from bench.sizes import TINY
from bench.snapshot import Snapshot
from bench.workload import scenario
from core.statements import NETWORK_INSERT
from sim.database.compiled import CompiledStatement
from sim.database.server_transaction import ServerTransaction

LAST_LINE = re.compile(r"[a-z0-9_]+ [0-9.e+-]+ (>=|<=)[0-9.]+ (ok|short)")


def quiet(_text: str) -> None:
    """No progress."""


@pytest.fixture
def small_run() -> Iterator[SimulatedRun]:
    run = SimulatedRun(TINY.operations, live_ports=TINY.live_ports)
    yield run
    run.close()


def test_the_load_does_exactly_the_operations_asked_for(small_run: SimulatedRun) -> None:
    assert small_run.run() == TINY.operations


def test_a_number_of_operations_that_the_clients_cannot_share_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 200"):
        scenario(300)


def test_the_recorded_statements_repeat_the_run(small_run: SimulatedRun) -> None:
    start = Snapshot(small_run.sqlite)
    recording = Recording(small_run.storage)
    small_run.run()
    assert differing_counts(start.open(), recording.script) == 0
    assert recording.statements == 7 * TINY.operations  # 7 statements to create, 3 to bind, 4 to delete: for two


def test_a_statement_of_a_rolled_back_transaction_is_left_out(small_run: SimulatedRun) -> None:
    recording = Recording(small_run.storage)
    statement, transaction = CompiledStatement(NETWORK_INSERT), ServerTransaction(0)
    small_run.storage.write(transaction, statement, ("n", "name"), [("networks", "n")])
    small_run.storage.rollback(transaction)
    assert (recording.script, recording.dropped) == ([], 1)


def test_the_orm_loop_leaves_as_many_ports_as_it_found(small_run: SimulatedRun) -> None:
    connection = Snapshot(small_run.sqlite).open(isolation_level="")
    sessions = ordinary_orm.open_sessions(connection)
    port = ordinary_orm.create_port(sessions, ordinary_orm.subnets(sessions)[0], host="host-1")
    assert (port["binding:vif_type"], port["status"], len(port["fixed_ips"])) == ("ovs", "ACTIVE", 1)
    ordinary_orm.delete_port(sessions, port["id"])
    left = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("ports", "ip_allocations")]
    connection.close()
    assert left == [TINY.live_ports, TINY.live_ports]


def test_programs_are_timed_in_turn() -> None:
    order: list[str] = []

    def part(name: str) -> Part:
        return Part(name, lambda: Job(lambda: order.append(name) or 1))  # type: ignore[func-returns-value]

    timings = alternate([part("a"), part("b")], rounds=3, progress=quiet)
    assert order == ["a", "b"] * 3
    assert [len(seconds) for seconds in timings.values()] == [3, 3]


def test_the_whole_bench_ends_with_one_line_a_target(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "QUICK", TINY)
    monkeypatch.setattr(bench, "stay_on_one_core", lambda: Placement(None, frozenset()))
    assert bench.main(["--quick"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if LAST_LINE.fullmatch(line)] == [line.split()[0] for line in lines[-4:]]

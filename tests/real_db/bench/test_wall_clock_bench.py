"""The bench of the wall-clock engine at a tiny size, on both servers."""

import re
from pathlib import Path

import pytest

from bench.wall_clock import __main__ as bench
from bench.wall_clock.comparison import BARE, CORE, ENGINE, POOLED, Comparison
from bench.wall_clock.load import Shape
from bench.wall_clock.recording import record
from sim.servers import RunDatabase
from sim.wall.database import RunTables

pytestmark = pytest.mark.databases

TINY = Shape(processes=2, threads=2, ports_a_thread=3)
LAST_LINE = re.compile(r"[a-z0-9_]+ [0-9.e+-]+ >=0.85 (ok|short)")


def quiet(_text: str) -> None:
    """No progress."""


def test_the_statements_of_each_port_are_written_down_in_order(database: RunDatabase) -> None:
    units = record(database, TINY)
    assert len(units) == TINY.ports
    for unit in units:
        names = [statement.name for transaction in unit for statement in transaction.statements]
        assert names.index("port.insert") < names.index("binding.update") < names.index("port.delete")
        assert all(transaction.commits for transaction in unit)


def test_all_of_them_do_every_operation_and_leave_no_port_behind(database: RunDatabase, tmp_path: Path) -> None:
    comparison = Comparison(database, TINY, tmp_path, progress=quiet)
    timings = comparison.measure(rounds=2)
    assert {name: len(seconds) for name, seconds in timings.items()} == {ENGINE: 2, CORE: 2, POOLED: 2, BARE: 2}
    assert min(map(min, timings.values())) > 0
    engine = database.engine(size=1)
    assert RunTables(engine).committed("SELECT count(*) FROM ports") == [(1000,)]  # those of the beginning
    engine.dispose()


def test_the_whole_bench_ends_with_one_line_a_target(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "QUICK", TINY)
    monkeypatch.setattr(bench, "QUICK_ROUNDS", 1)
    assert bench.main(["--quick", "--database", "postgresql"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if LAST_LINE.fullmatch(line)] == lines[-2:]

"""What the bench of the wall-clock engine prints (tests/real_db/bench runs it)."""

import pytest

from bench.wall_clock.comparison import BARE, CORE, ENGINE, POOLED
from bench.wall_clock.load import Shape, scenario
from bench.wall_clock.table import Measured, header, measured_table

SHAPE = Shape(processes=2, threads=8, ports_a_thread=200)
TIMINGS = {
    ENGINE: [1e-3, 2e-3, 1e-3], CORE: [0.9e-3, 1.6e-3, 0.9e-3], POOLED: [0.8e-3, 1.7e-3, 0.8e-3],
    BARE: [0.5e-3, 1e-3, 0.6e-3],
}  # fmt: skip


def measured(*, durable: bool = True) -> Measured:
    return Measured("postgresql", "PostgreSQL 18.4", durable, 51_200, 16_000, TIMINGS)


def test_the_engine_is_compared_round_by_round_and_with_its_spread() -> None:
    lines = measured_table(measured(), SHAPE).splitlines()
    row = next(line for line in lines if "SQLAlchemy's pool  " in line)
    assert row.split()[-6:] == ["1,250", "0.800", "times", "(0.80", "to", "0.85)"]
    assert "The core alone reaches 0.889 of the loop with SQLAlchemy's pool." in lines


def test_everything_that_is_printed_fits_80_columns() -> None:
    text = header(SHAPE, 7) + "\n" + measured_table(measured(durable=False), SHAPE)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("durable", "line"),
    [
        (True, "wall_clock_over_loop_postgresql 0.8 >=0.85 short"),
        (False, "wall_clock_over_loop_postgresql_without_disk 0.8 >=0.85 short"),
    ],
)
def test_the_verdict_is_on_the_loop_with_the_same_pool(*, durable: bool, line: str) -> None:
    assert measured(durable=durable).verdict().line() == line


def test_the_load_has_a_client_for_each_thread_and_no_pauses() -> None:
    load = scenario(SHAPE)
    closed = load.workload.arrivals.closed
    assert closed is not None
    assert (closed.clients, closed.iterations) == (load.api.processes * load.api.threads, 200)
    assert SHAPE.operations == 9_600
    assert scenario(SHAPE.alone()).workload.arrivals.closed.iterations == SHAPE.ports  # type: ignore[union-attr]

import pytest

from sim.report.figures.operation_time import (
    operation_time,
    operation_time_bars,
    operation_time_message,
    shown_parts,
)


@pytest.fixture
def result(written):
    """An operation of 4 s: 1 s queue, 1 s pool wait, a transaction of 1.5 s (half of it lock wait), 0.5 s else."""
    return written(
        operations=[{"started_s": 1.0, "ended_s": 4.0}, {"operation": 1, "kind": "get_port", "ended_s": 0.25}],
        transactions=[
            {"began_s": 2.0, "ended_s": 3.5, "pool_wait_s": 1.0, "sql_s": 0.75, "lock_wait_s": 0.75, "own_s": 0.0}
        ],
    )


def test_the_parts_add_up_to_the_latency(result):
    create, get = operation_time_bars(result)
    assert create.latency_s == 4.0
    parts = {part: create.part_s(part) for part in shown_parts([create])}
    assert parts == {"queue": 1.0, "cpu": 0.5, "sql": 0.75, "lock_wait": 0.75, "pool_wait": 1.0}
    assert (get.latency_s, get.operations) == (0.25, 1)


def test_the_bars_that_are_drawn_add_up_too(result):
    axes = operation_time(result)
    rows: dict[float, float] = {}
    for bar in axes.patches:
        rows[bar.get_y()] = rows.get(bar.get_y(), 0.0) + bar.get_width()
    assert sorted(rows.values()) == pytest.approx([0.25, 4.0])


def test_the_message_is_about_the_slowest_kind(result):
    assert operation_time_message(result) == (
        "create_port takes 4 s under deferred, 25 % of it before a worker begins (means)."
    )


def test_operations_of_all_replications_are_pooled(written):
    result = written(
        operations=[{"ended_s": 1.0}, {"replication": 1, "ended_s": 3.0}], transactions=[], replications=2
    )  # fmt: skip
    bar = operation_time_bars(result)[0]
    assert (bar.operations, bar.latency_s) == (2, 2.0)

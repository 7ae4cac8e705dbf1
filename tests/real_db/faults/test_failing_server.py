"""The database server crashes under load and is started again; and one that takes too few connections."""

from collections.abc import Iterator

import pytest

from sim.servers import PRIVATE, RunDatabase, opened
from tests.real_db.faults.under_faults import assert_all_is_well, busy, errors_of, faults_of, run_on

pytestmark = pytest.mark.databases


@pytest.fixture(params=PRIVATE)
def durable(request: pytest.FixtureRequest) -> Iterator[RunDatabase]:
    """A server that waits for its disk, so that what it has acknowledged survives."""
    request.getfixturevalue(request.param)  # skips where there is none
    with opened(request.param) as database:
        yield database


@pytest.fixture(params=PRIVATE)
def narrow(request: pytest.FixtureRequest) -> Iterator[RunDatabase]:
    """A server that takes fewer connections than the pools of a run may ask for."""
    request.getfixturevalue(request.param)
    with opened(request.param, durable=False, settings={"max_connections": 11}) as database:
        yield database


def test_a_server_that_crashes_under_load_breaks_no_promise(durable: RunDatabase) -> None:
    run = run_on(durable, busy(faults=[{"failover": {"at_s": 0.7, "pause_s": 0.3}}]))
    assert faults_of(run, "failover") == 1
    assert_all_is_well(run, durable)


def test_a_server_that_takes_no_more_connections_breaks_no_promise(narrow: RunDatabase) -> None:
    scenario = busy(
        workload={"arrivals": {"constant": {"rate_per_s": 160}}},
        api={"threads": 12},
        database={"pool": {"size": 2, "max_overflow": 20, "timeout_s": 10}},
    )
    run = run_on(narrow, scenario, strategy="in-transaction")
    assert len(run.tables.conflicts) or errors_of(run)
    assert_all_is_well(run, narrow)

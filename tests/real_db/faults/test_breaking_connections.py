"""Connections that break: at the client's end where a fault says so, and at the server's, at any time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sim.servers import RunDatabase
from tests.real_db.faults.under_faults import assert_all_is_well, busy, faults_of, run_on

pytestmark = pytest.mark.databases


@pytest.mark.parametrize("when", ["statement", "before_commit", "after_commit"])
def test_connections_that_break_where_a_fault_says_break_no_promise(database: RunDatabase, when: str) -> None:
    chance = 0.02 if when == "statement" else 0.1
    run = run_on(database, busy(faults=[{"connection": {"when": when, "probability": chance}}]))
    assert faults_of(run, "connection") > 0
    assert_all_is_well(run, database)


@contextmanager
def _cutting(database: RunDatabase, *, every_s: float) -> Iterator[tuple[threading.Event, list[int]]]:
    """Ends all sessions of the run again and again, once the event is set; how many each time."""
    begun, over, cut = threading.Event(), threading.Event(), list[int]()

    def work() -> None:
        while not over.wait(every_s):
            if begun.is_set():
                sessions = database.sessions()
                database.cut(sessions)
                cut.append(len(sessions))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield begun, cut
    finally:
        over.set()
        thread.join()


def test_an_administrator_who_ends_all_sessions_at_any_time_breaks_no_promise(database: RunDatabase) -> None:
    with _cutting(database, every_s=0.3) as (begun, cut):
        run = run_on(database, busy(), progress=lambda *_: begun.set())
    assert sum(cut) > 0
    assert_all_is_well(run, database)

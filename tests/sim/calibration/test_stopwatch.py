"""The watch on calls, with clocks that are set by hand."""

from typing import Any

import pytest

from core import statements
from core.database import Result
from sim.calibration.server_clock import ThreadClock, UnknownClock, own_clock
from sim.calibration.stopwatch import CLOSE, COMMIT, READ_ONLY, Stopwatch, TimedConnection


class HandClock:
    """A server's thread: what it has run and queued, ns."""

    def __init__(self) -> None:
        self.ran_ns = 0
        self.queued_ns = 0

    def read_ns(self) -> tuple[int, int]:
        return self.ran_ns, self.queued_ns

    def close(self) -> None:
        pass


class Inner:
    """A connection on which each call makes the server run for some time, the rest of it after the answer."""

    def __init__(self, clock: HandClock, *, ns: int = 0, log: list[str] | None = None) -> None:
        self._clock = clock
        self._ns = ns
        self.log = [] if log is None else log

    def _answer(self, what: str) -> None:
        self.log.append(what)
        self._clock.ran_ns += self._ns

    def execute(self, statement: Any, params: Any) -> Result:
        self._answer(statement.name)
        return Result([], 1)

    def commit(self) -> None:
        self._answer("commit")

    def rollback(self) -> None:
        self._answer("rollback")

    def close(self) -> None:
        self._answer("close")


def test_a_connection_does_what_it_did_and_notes_each_call() -> None:
    clock, log = HandClock(), list[str]()
    watch = Stopwatch(clock)
    for write in (False, True, False):
        connection = TimedConnection(Inner(clock, log=log), watch)
        connection.execute(statements.PORT_LOCK, {})
        if write:
            assert connection.execute(statements.PORT_UPDATE, {}).rowcount == 1
        connection.commit()
        connection.close()
    assert log == ["port.lock", "commit", "close", "port.lock", "port.update", "commit", "close", "port.lock",
                   "commit", "close"]  # fmt: skip
    found = watch.timings()
    counts = {key: len(timings) for key, timings in found.items()}
    assert counts == {
        ("port.lock", True): 3, ("port.update", False): 1, (COMMIT, False): 1, (READ_ONLY, False): 2,
        (CLOSE, False): 2,  # the last call of all is left out
    }  # fmt: skip


def test_what_the_server_runs_until_the_next_call_is_the_call_s() -> None:
    clock = HandClock()
    watch = Stopwatch(clock)
    connection = TimedConnection(Inner(clock, ns=1000), watch)
    connection.execute(statements.PORT_LOCK, {})
    clock.ran_ns += 500  # after the answer
    clock.queued_ns += 70
    connection.commit()
    connection.close()
    found = watch.timings()
    assert list(found["port.lock", True].server_ns) == [1500]
    assert list(found["port.lock", True].queued_ns) == [70]
    assert list(found[READ_ONLY, False].server_ns) == [1000]


def test_own_computing_and_that_of_the_calls_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 10**6, 100))  # each look at the processor's clock costs 100 ns of it
    monkeypatch.setattr("sim.calibration.stopwatch.thread_time_ns", lambda: next(ticks))
    watch = Stopwatch(UnknownClock())
    connection = TimedConnection(Inner(HandClock()), watch)
    connection.execute(statements.PORT_LOCK, {})
    connection.close()
    assert connection.spent_ns == 600  # two calls of four looks, three steps each
    assert connection.own_ns == 300  # before, between and after
    assert list(watch.timings()["port.lock", True].client_ns) == [100]


def test_linux_tells_what_a_thread_has_run() -> None:
    clock = own_clock()
    if not isinstance(clock, ThreadClock):
        pytest.skip("no schedstat on this system")
    before = clock.read_ns()[0]
    sum(range(10**6))
    assert clock.read_ns()[0] >= before > 0
    clock.close()

"""What a check costs: linear in the history, also where one port has all of it, and 200,000 operations under 20 s."""

import time
from collections.abc import Callable

import pytest

from bench.workload import SEED, scenario
from core.binding.promises import AGREEMENT, ANSWERS, CONTRACT, DURABILITY, FRESHNESS, ISOLATION
from sim.history import History, Report, check
from sim.history.rows import Commit
from sim.simulation import run
from tests.sim.history.blurred import blurred, rows_of, with_commits
from tests.sim.history.told import Told
from tests.sim.history.written import bound, moved, port, result

LIMIT_S = 20
STEEPEST = 1.8  # times as long an operation in a four or ten times longer history; a quadratic check has 4 or 10


def seconds_of(work: Callable[[], object]) -> float:
    """Processor time; the better of two, since others may be at work."""
    times = []
    for _ in range(2):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def hot_port(operations: int, *, wrong: bool) -> History:
    """One port that every operation moves, binds and reads; if `wrong`, nearly everything about it is."""
    told = Told()
    now = first = port(1, "h0")
    told.initial(first)
    for operation in range(operations):
        was, now = now, moved(now, f"h{operation % 7 + 1}")
        told.call(operation, "update_port", 1)
        told.does(operation, 2 * operation, first if wrong else was, now)
        began = told.mark()
        told.change("reserved", 1, now.binding.host, f"t{operation}")
        told.asks(operation, now, result(f"t{operation}"))
        was, now = now, bound(now, f"t{operation}")
        if wrong:
            now = now._replace(binding=now.binding._replace(host="elsewhere", generation=0))
        told.does(operation, 2 * operation + 1, was, now)
        told.attempt(began, operation, 1)
        told.answer(operation, first if wrong else now)
        told.call(operations + operation, "get_ports")
        told.answer(operations + operation, *([] if wrong else [now]))
    return told.history()


def long_reads(operations: int) -> History:
    """One port whose readers are all answered only at the end, with the state that was there at the beginning."""
    told = Told()
    now = first = port(1, "h0")
    told.initial(first)
    for operation in range(operations):
        was, now = now, moved(now, f"h{operation % 7 + 1}")
        told.does(operation, operation, was, now)
        told.call(operations + operation, "get_port", 1)
    for operation in range(operations):
        told.answer(operations + operation, first)
    return told.history()


def unheard(operations: int) -> History:
    """One hot port of which nobody heard any COMMIT acknowledged: only what was read says when they took effect."""
    history = hot_port(operations, wrong=False)
    commits = rows_of(Commit, history.tables.commits)
    far = [commit._replace(last=history.facts.rest) for commit in commits[1:]]
    return with_commits(history, [commits[0], *far], [*range(len(commits))])


HOT: dict[str, Callable[[int], History]] = {
    "all is right but what the controller keeps": lambda operations: hot_port(operations, wrong=False),
    "nearly all is wrong": lambda operations: hot_port(operations, wrong=True),
    "every read spans the whole history": long_reads,
    "no COMMIT was acknowledged": unheard,
}


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("case", HOT)
def test_a_port_with_tens_of_thousands_of_versions_costs_no_more_an_operation(case: str) -> None:
    few, many = HOT[case](2_500), HOT[case](10_000)
    assert seconds_of(lambda: check(many)) / seconds_of(lambda: check(few)) < 4 * STEEPEST


def test_what_is_wrong_with_a_hot_port_is_found() -> None:
    report = check(hot_port(50, wrong=True))
    broken = {CONTRACT, DURABILITY, FRESHNESS, ANSWERS, ISOLATION, AGREEMENT}
    assert broken <= {name for name, verdict in report.verdicts.items() if len(verdict.findings) > 40}


def _history(operations: int) -> History:
    history = run(scenario(operations), seed=SEED, history=True).history
    assert history is not None
    return history


def _checked(history: History) -> tuple[float, Report]:
    """Processor time, and what came of it."""
    began_s = time.process_time()
    report = check(history)
    return time.process_time() - began_s, report


@pytest.fixture(scope="module")
def long_history() -> History:
    """Of 200,000 operations, which takes most of a minute to make."""
    return _history(200_000)


@pytest.mark.slow
@pytest.mark.alone
def test_200000_operations_are_checked_in_time_and_a_tenth_of_them_in_a_tenth(long_history: History) -> None:
    small, _ = _checked(_history(20_000))
    large, report = _checked(long_history)
    assert [verdict.name for verdict in report.promised if verdict.word != "ok"] == []
    assert large < LIMIT_S
    assert large / small < 10 * STEEPEST


@pytest.mark.slow
@pytest.mark.alone
def test_200000_operations_without_instants_are_checked_in_time_too(long_history: History) -> None:
    took_s, report = _checked(blurred(long_history))
    assert took_s < LIMIT_S
    assert [verdict.name for verdict in report.promised if verdict.word != "ok"] == []

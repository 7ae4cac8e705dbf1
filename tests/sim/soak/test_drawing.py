"""Drawn cases: the same from the same numbers, always valid, and of everything there is some are and some are not."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from sim.soak import Case, draw_case
from sim.soak.drawing import OPERATIONS

MANY = 600
VALIDATED = 300
RARE, USUAL = 0.01, 0.99  # of the cases have something, at least and at most

THINGS = (
    *("create_port", "update_port", "delete_port", "get_port", "get_ports"),
    *("change host", "change vnic_type", "change profile", "change name"),
    *("driver controller", "driver agent", "driver journal", "driver logger"),
    *("crash", "controller", "connection", "failover", "deadlock", "impatience", "agent"),
    *("crash anywhere", "crash before_commit", "crash after_commit", "crash in_driver_call"),
    *("crash between_transactions", "crash before_postcommit", "crash holding_lease", "crash timed"),
    *("connection statement", "connection before_commit", "connection during_commit", "connection after_commit"),
    *("deferred", "serialized", "in-transaction", "deferred-no-reads", "deferred-by-values"),
    *("serialized-no-reads", "serialized-by-values"),
    *("innodb", "postgresql", "sqlite", "threads", "eventlet", "drawn", "scheduled"),
    *("several drivers", "client", "pool", "lock_wait_timeout_s", "no fault", "no wait", "same instant"),
)


def things(case: Case) -> Iterator[str]:
    """What a case has of what may be left out."""
    data = case.data
    script = data["workload"]["arrivals"]["script"]
    yield from (item["operation"] for item in script)
    yield from (f"change {item['change']}" for item in script if "change" in item)
    yield from (f"driver {driver['kind']}" for driver in data["drivers"])
    yield from (data["strategies"][0]["name"], data["database"]["profile"], data["api"]["kind"])
    yield data["horizon"]["ties"]
    yield from faults(case)
    rest = {
        "several drivers": len(data["drivers"]) > 1,
        "client": "client" in data["workload"],
        "pool": "pool" in data["database"],
        "lock_wait_timeout_s": "lock_wait_timeout_s" in data["database"],
        "no wait": data["database"]["round_trip_s"] == 0,
        "same instant": len({item["at_s"] for item in script}) < len(script),
    }
    yield from (name for name, is_there in rest.items() if is_there)


def faults(case: Case) -> Iterator[str]:
    """The faults of a case, and where or when they come."""
    if not case.data["faults"]:
        yield "no fault"
    for fault in case.data["faults"]:
        for kind, settings in fault.items():
            yield kind
            if kind == "crash":
                yield f"crash {settings.get('point', 'timed')}"
            if kind == "connection":
                yield f"connection {settings['when']}"


@cache
def shares() -> dict[str, float]:
    """In which share of many cases each thing is."""
    counts = Counter(thing for number in range(MANY) for thing in set(things(draw_case(1, number))))
    return {thing: count / MANY for thing, count in counts.items()}


def test_the_same_seed_and_number_give_the_same_case_and_others_do_not() -> None:
    assert draw_case(7, 3) == draw_case(7, 3)
    assert draw_case(7, 3) != draw_case(7, 4)
    assert draw_case(7, 3) != draw_case(8, 3)
    assert draw_case(7, 3).seed != draw_case(7, 4).seed


def test_every_drawn_case_is_a_valid_scenario_of_twenty_operations() -> None:
    for number in range(VALIDATED):
        scenario = draw_case(5, number).scenario()
        assert len(scenario.workload.arrivals.script or ()) == OPERATIONS
        assert len(scenario.strategies) == 1


def test_a_case_can_have_more_operations() -> None:
    assert len(draw_case(1, 1, operations=50).scenario().workload.arrivals.script or ()) == 50


@pytest.mark.parametrize("thing", THINGS)
def test_it_is_in_some_cases_and_left_out_of_others(thing: str) -> None:
    assert RARE <= shares()[thing] <= USUAL


def test_nothing_else_is_drawn() -> None:
    assert set(shares()) == set(THINGS)


def test_each_kind_of_operation_is_left_out_of_a_quarter_of_the_cases() -> None:
    assert all(0.5 < shares()[kind] < 0.75 for kind in THINGS[:5])


def test_a_case_is_the_larger_the_more_there_is_to_read() -> None:
    small, large = draw_case(1, 1, operations=2), draw_case(1, 1, operations=20)
    assert small.size < large.size
    assert Case({**large.data, "faults": []}, 1).size <= large.size

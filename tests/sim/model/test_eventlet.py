"""Green threads and a database driver that blocks: the standstill of 2013 comes by itself, and what prevents it."""

import pytest

from core.exceptions import LockWaitTimeout
from sim.kernel import Stalled
from sim.scenario import Scenario, Strategy
from tests.sim.model.tiny import moves, scripted, tiny


def eventlet(db_driver: str, profile: str = "innodb") -> Scenario:
    return tiny(
        api={"kind": "eventlet", "db_driver": db_driver},
        database={"profile": profile},
        workload={"arrivals": {"constant": {"rate_per_s": 1}}, "ports": {"initial": 2}},
    )


def two_updates(scenario: Scenario, strategy: str | Strategy) -> list[str]:
    """The first binds port 0 for 1 s from t = 0 and yields; the second wants its row 0.1 s later."""
    with scripted(scenario, strategy) as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(100, "second", moves(script, 0, "host-2"))
        return script.run()


def test_a_blocking_driver_stops_the_process_until_the_lock_wait_timeout() -> None:
    log = two_updates(eventlet("blocking"), "in-transaction")
    first, second = (float(line.split()[-1]) for line in log)
    assert [line.split()[0] for line in log] == ["first", "second"]
    # From 0.1 s the second holds the process for 50 s; only then can the first, which had its answer at 1 s, go on.
    assert first == 50_100
    assert second > first


def test_the_standstill_is_a_conflict_that_the_second_repeats() -> None:
    with scripted(eventlet("blocking"), "in-transaction") as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(100, "second", moves(script, 0, "host-2"))
        script.run()
        conflicts = script.system.tables.conflicts.frame()
    assert conflicts["kind"].tolist() == [LockWaitTimeout.kind]
    assert conflicts["at_s"].tolist() == [50.1]


def test_nobody_else_of_the_process_is_served_meanwhile() -> None:
    with scripted(eventlet("blocking"), "in-transaction") as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(100, "second", moves(script, 0, "host-2"))
        script.at(2000, "other port", lambda: script.plugin.get_port(script.system.world.port_id(1)))
        log = script.run()
    assert "other port done at 50100" in log


def test_another_process_goes_on() -> None:
    scenario = tiny(
        api={"kind": "eventlet", "db_driver": "blocking", "processes": 2},
        workload={"ports": {"initial": 2}},
    )
    with scripted(scenario, "in-transaction") as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(100, "second", moves(script, 0, "host-2"))
        script.at(2000, "other", lambda: script.plugin.get_port(script.system.world.port_id(1)), process=1)
        log = script.run()
    assert "other done at 2000" in log


@pytest.mark.parametrize(
    ("db_driver", "strategy"),
    [
        ("green", Strategy(name="plain", base="in-transaction", reads_bind=False)),
        ("blocking", Strategy(name="with-lock", base="in-transaction", reads_bind=False, process_lock=True)),
    ],
    ids=["a green driver", "a lock of the process"],
)
def test_this_prevents_it(db_driver: str, strategy: Strategy) -> None:
    log = two_updates(eventlet(db_driver), strategy)
    assert log == ["first done at 1000", "second done at 2000"]


def test_deferred_binding_prevents_it() -> None:
    log = two_updates(eventlet("blocking"), "deferred")
    assert max(float(line.split()[-1]) for line in log) < 3000


def test_without_a_timeout_it_is_a_stall_that_names_its_cycle() -> None:
    with pytest.raises(Stalled) as stalled:
        two_updates(eventlet("blocking", "postgresql"), "in-transaction")
    (cycle,) = stalled.value.cycles
    assert len(cycle) == 2
    assert any("'first' waits for 'turn of api-0'" in sentence and "held by 'second'" in sentence for sentence in cycle)
    assert any("'second' waits for 'row" in sentence and "held by 'first'" in sentence for sentence in cycle)

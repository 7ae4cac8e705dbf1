"""Order of events, cancellation, and agreement with SimPy's own time."""

from typing import Any

import pytest
import simpy

from sim.kernel import Kernel


def sleeper(kernel: Kernel, log: list[Any], name: str, *delays_us: int) -> None:
    def task() -> None:
        for delay_us in delays_us:
            kernel.sleep_us(delay_us, "nap")
            log.append((kernel.now_us, name))

    kernel.start(task, name=name)


def test_time_passes_in_whole_microseconds(kernel: Kernel, log: list[Any]) -> None:
    sleeper(kernel, log, "a", 5, 10)
    kernel.run()
    assert log == [(5, "a"), (15, "a")]
    assert kernel.now_us == 15
    assert kernel.now() == 15e-6


def test_events_at_equal_times_happen_in_order_of_scheduling(kernel: Kernel, log: list[Any]) -> None:
    sleeper(kernel, log, "slow", 10)
    sleeper(kernel, log, "a", 5, 5)
    sleeper(kernel, log, "b", 5, 5)
    kernel.run()
    assert log == [(5, "a"), (5, "b"), (10, "slow"), (10, "a"), (10, "b")]


def test_the_order_is_the_one_of_simpy_itself(kernel: Kernel, log: list[Any]) -> None:
    delays_us = [(i * 7919 % 13, i * 104729 % 5, i * 31 % 7) for i in range(40)]
    for i, mine in enumerate(delays_us):
        sleeper(kernel, log, str(i), *mine)
    kernel.run()
    env, expected = simpy.Environment(), []

    def generator(name: str, mine: tuple[int, ...]) -> Any:
        for delay_us in mine:
            yield env.timeout(delay_us)
            expected.append((env.now, name))

    for i, mine in enumerate(delays_us):
        env.process(generator(str(i), mine))
    env.run()
    assert log == expected


def test_simpys_own_time_agrees(kernel: Kernel, log: list[Any]) -> None:
    kernel.at(7, lambda: log.append((kernel.clock.now, kernel.clock.now_us)))
    kernel.run()
    assert log == [(7, 7)]


def test_a_cancelled_timer_takes_no_time(kernel: Kernel, log: list[Any]) -> None:
    kernel.at(3, lambda: log.append("kept"))
    kernel.at(1_000, lambda: log.append("cancelled")).cancel()
    kernel.run()
    assert log == ["kept"]
    assert kernel.now_us == 3


def test_cancelled_events_do_not_pile_up(kernel: Kernel, log: list[Any]) -> None:
    kernel.at(10, lambda: log.append("kept"))
    for when_us in range(10_000):
        kernel.at(1_000_000 + when_us, lambda: None).cancel()
    assert len(kernel.clock._queue) < 1_000
    kernel.run()
    assert log == ["kept"]


def test_removing_cancelled_events_keeps_the_order_of_the_others(kernel: Kernel, log: list[Any]) -> None:
    timers = [kernel.at(5 + i % 3, lambda i=i: log.append(i)) for i in range(2_000)]
    for i, timer in enumerate(timers):
        if i % 10:
            timer.cancel()
    kernel.run()
    assert log == sorted(range(0, 2_000, 10), key=lambda i: (i % 3, i))


def test_a_timer_can_be_cancelled_twice_and_after_it_ran(kernel: Kernel, log: list[Any]) -> None:
    ran = kernel.at(1, lambda: log.append("ran"))
    never = kernel.at(2, lambda: log.append("never"))
    never.cancel()
    never.cancel()
    kernel.run()
    ran.cancel()
    assert log == ["ran"]
    assert kernel.clock.idle


def test_a_timer_can_cancel_itself_while_it_runs(kernel: Kernel, log: list[Any]) -> None:
    timer = kernel.at(1, lambda: (log.append("ran"), timer.cancel()))
    kernel.run()
    assert log == ["ran"]
    assert kernel.clock.idle


def test_a_timer_in_the_past_is_refused(kernel: Kernel) -> None:
    kernel.at(10, lambda: None)
    kernel.run()
    with pytest.raises(ValueError, match="cannot be negative"):
        kernel.at(9, lambda: None)


def test_the_clock_knows_that_nothing_is_to_come_before_its_next_event(kernel: Kernel) -> None:
    assert kernel.clock.next_us == 1 << 62
    later, sooner = kernel.at(9, lambda: None), kernel.at(5, lambda: None)
    assert kernel.clock.next_us == 5
    sooner.cancel()
    assert kernel.clock.next_us in (5, 9)  # a cancelled event may still be there
    kernel.run(until_us=6)
    assert kernel.clock.next_us == later.when_us

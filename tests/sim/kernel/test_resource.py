"""A resource serves in order of arrival, tells what was waited, and knows its holders."""

from typing import Any

import pytest

from sim.kernel import AcquireTimeout, FifoResource, Kernel, NotHolder, current


def user(kernel: Kernel, resource: FifoResource, log: list[Any], name: str, *, at_us: int, work_us: int) -> None:
    def task() -> None:
        waited_us = resource.acquire("queue")
        kernel.sleep_us(work_us, "work")
        resource.release()
        log.append((name, waited_us, kernel.now_us))

    kernel.start(task, name=name, delay_us=at_us)


def test_a_free_place_is_taken_without_an_event(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 2)
    kernel.start(lambda: log.extend([cpu.acquire("cpu"), cpu.acquire("cpu"), cpu.in_use]), name="a")
    kernel.clock.process_before(1)
    assert log == [0, 0, 2]
    assert next(kernel.clock._eid) == 1  # the start of the process, and nothing since


def test_places_are_served_in_order_of_arrival(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 1)
    for number in range(4):
        user(kernel, cpu, log, f"p{number}", at_us=number, work_us=10)
    kernel.run()
    assert log == [("p0", 0, 10), ("p1", 9, 20), ("p2", 18, 30), ("p3", 27, 40)]


def test_a_newcomer_does_not_pass_those_who_wait(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 1)

    def greedy() -> None:
        for _ in range(2):
            waited_us = cpu.acquire("cpu")
            kernel.sleep_us(10, "work")
            cpu.release()
            log.append(("greedy", waited_us, kernel.now_us))

    kernel.start(greedy, name="greedy")
    user(kernel, cpu, log, "patient", at_us=5, work_us=10)
    kernel.run()
    assert log == [("greedy", 0, 10), ("patient", 5, 20), ("greedy", 10, 30)]


def test_several_places_are_busy_at_once(kernel: Kernel, log: list[Any]) -> None:
    pool = FifoResource(kernel, "pool", 3)
    for number in range(7):
        user(kernel, pool, log, f"p{number}", at_us=0, work_us=10)
    kernel.run()
    assert [(waited_us, ended_us) for _, waited_us, ended_us in log] == [(0, 10)] * 3 + [(10, 20)] * 3 + [(20, 30)]


def test_levels_are_told_after_every_change(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 1)
    cpu.on_change = lambda cpu: log.append((kernel.now_us, cpu.in_use, cpu.queued))
    for number in range(2):
        user(kernel, cpu, [], f"p{number}", at_us=number, work_us=10)
    kernel.run()
    assert log == [(0, 1, 0), (1, 1, 1), (10, 1, 0), (20, 0, 0)]


def test_holders_are_known(kernel: Kernel, log: list[Any]) -> None:
    pool = FifoResource(kernel, "pool", 2)
    for name in "ab":
        user(kernel, pool, [], name, at_us=0, work_us=10)
    kernel.at(5, lambda: log.extend(process.name for process in pool.holders))
    kernel.run()
    assert log == ["a", "b"]
    assert pool.holders == []


def test_only_a_holder_releases(kernel: Kernel) -> None:
    kernel.start(lambda: FifoResource(kernel, "cpu", 1).release(), name="a")
    with pytest.raises(NotHolder, match="'a' releases 'cpu' but does not hold it"):
        kernel.run()


def test_somebody_else_may_release_for_a_holder(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 1)
    holder = kernel.start(lambda: cpu.acquire("cpu"), name="holder")
    kernel.at(5, lambda: cpu.release(holder))
    user(kernel, cpu, log, "next", at_us=1, work_us=1)
    kernel.run()
    assert log == [("next", 4, 6)]


def test_a_timeout_ends_the_wait_and_leaves_the_queue(kernel: Kernel, log: list[Any]) -> None:
    pool = FifoResource(kernel, "pool", 1)

    def impatient() -> None:
        try:
            pool.acquire("pool", timeout_us=3)
        except AcquireTimeout as error:
            log.append((current().name, str(error), error.waited_us, pool.queued))

    user(kernel, pool, log, "long", at_us=0, work_us=10)
    kernel.start(impatient, name="impatient")
    user(kernel, pool, log, "next", at_us=1, work_us=1)
    kernel.run()
    assert log == [
        ("impatient", "waited 3e-06 s for 'pool' without getting it", 3, 1),
        ("long", 0, 10),
        ("next", 9, 11),
    ]


def test_a_place_in_time_cancels_the_timeout(kernel: Kernel, log: list[Any]) -> None:
    pool = FifoResource(kernel, "pool", 1)
    user(kernel, pool, log, "first", at_us=0, work_us=2)
    kernel.start(lambda: (log.append(pool.acquire("pool", timeout_us=1_000)), pool.release()), name="second")
    kernel.run()
    assert log == [("first", 0, 2), 2]
    assert kernel.now_us == 2


@pytest.mark.parametrize(("timeout_first", "outcome"), [(True, "timeout"), (False, "got it")])
def test_when_place_and_timeout_come_together_the_one_scheduled_first_wins(
    kernel: Kernel, log: list[Any], timeout_first: bool, outcome: str
) -> None:
    pool = FifoResource(kernel, "pool", 1)
    holder = kernel.start(lambda: pool.acquire("pool"), name="holder")

    def waiter() -> None:
        try:
            pool.acquire("pool", timeout_us=5)
            log.append("got it")
            pool.release()
        except AcquireTimeout:
            log.append("timeout")

    if timeout_first:
        kernel.start(waiter, name="waiter")
        kernel.start(lambda: kernel.at(5, lambda: pool.release(holder)), name="releaser")
    else:
        kernel.at(5, lambda: pool.release(holder))
        kernel.start(waiter, name="waiter")
    kernel.run()
    assert log == [outcome]
    assert (pool.in_use, pool.queued) == (0, 0)


def test_a_negative_timeout_is_refused_and_nothing_is_queued(kernel: Kernel) -> None:
    pool = FifoResource(kernel, "pool", 1)
    kernel.start(lambda: (pool.acquire("pool"), pool.acquire("pool", timeout_us=-1)), name="a")
    with pytest.raises(ValueError, match="cannot be negative"):
        kernel.run()
    assert pool.queued == 0


def test_a_resource_without_places_is_refused(kernel: Kernel) -> None:
    with pytest.raises(ValueError, match="resource 'cpu': capacity is 0; it must be at least 1"):
        FifoResource(kernel, "cpu", 0)

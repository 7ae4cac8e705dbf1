"""Processes that wait for each other are named; idle ones are not."""

from typing import Any

import pytest

from sim.kernel import FifoResource, Kernel, Process, Signal, Stalled, current, find_stall


def taker(kernel: Kernel, name: str, *resources: FifoResource) -> Process:
    """Takes one resource after the other, a microsecond apart, and keeps them."""

    def task() -> None:
        for resource in resources:
            resource.acquire(f"take {resource.name}")
            kernel.sleep_us(1, "hold")

    return kernel.start(task, name=name)


def test_a_cycle_of_two_ends_the_run_and_is_named_in_words(kernel: Kernel) -> None:
    x, y = FifoResource(kernel, "x", 1), FifoResource(kernel, "y", 1)
    taker(kernel, "A", x, y)
    taker(kernel, "B", y, x)
    with pytest.raises(Stalled, match="nothing can happen any more: 'A' waits for 'y'") as caught:
        kernel.run(until_us=1_000_000)
    assert caught.value.cycles == [
        [
            "'A' waits for 'y' (at take y since 0.000001 s), held by 'B'",
            "'B' waits for 'x' (at take x since 0.000001 s), held by 'A'",
        ]
    ]
    assert kernel.now_us == 1


def test_a_cycle_of_three_is_told_once_without_those_behind_it(kernel: Kernel) -> None:
    x, y, z = (FifoResource(kernel, name, 1) for name in "xyz")
    taker(kernel, "A", x, y)
    taker(kernel, "B", y, z)
    taker(kernel, "C", z, x)
    kernel.at(5, lambda: taker(kernel, "behind", x))
    with pytest.raises(Stalled) as caught:
        kernel.run()
    assert [[sentence[1] for sentence in cycle] for cycle in caught.value.cycles] == [["A", "B", "C"]]


def test_two_cycles_are_two(kernel: Kernel) -> None:
    for first, second in (("x", "y"), ("v", "w")):
        one, other = FifoResource(kernel, first, 1), FifoResource(kernel, second, 1)
        taker(kernel, f"{first}{second}", one, other)
        taker(kernel, f"{second}{first}", other, one)
    with pytest.raises(Stalled) as caught:
        kernel.run()
    assert [len(cycle) for cycle in caught.value.cycles] == [2, 2]


def test_idle_processes_that_wait_for_work_are_no_stall(kernel: Kernel) -> None:
    work = Signal(kernel, "work")
    kernel.start(lambda: work.wait("idle"), name="worker")
    kernel.run()
    assert find_stall(kernel) == []
    assert [process.point for process in kernel.processes()] == ["idle"]


def test_a_timeout_in_the_cycle_means_that_it_will_go_on(kernel: Kernel, log: list[Any]) -> None:
    x, y = FifoResource(kernel, "x", 1), FifoResource(kernel, "y", 1)
    taker(kernel, "A", x, y)

    def patient() -> None:
        y.acquire("take y")
        kernel.sleep_us(1, "hold")
        x.acquire("take x", timeout_us=100)

    kernel.start(patient, name="B")
    kernel.at(50, lambda: log.append(find_stall(kernel)))
    with pytest.raises(Exception, match=r"waited 0\.0001 s for 'x'"):
        kernel.run()
    assert log == [[]]


def test_one_free_holder_of_several_is_enough_for_a_place(kernel: Kernel, log: list[Any]) -> None:
    pool, lock = FifoResource(kernel, "pool", 2), FifoResource(kernel, "lock", 1)
    taker(kernel, "stuck", pool, lock)
    taker(kernel, "waits for a place", lock, pool)

    def busy() -> None:
        pool.acquire("take pool")
        kernel.sleep_us(100, "work")
        pool.release()

    kernel.start(busy, name="busy")
    kernel.at(50, lambda: log.append(find_stall(kernel)))
    kernel.run(until_us=60)
    assert log == [[]]


def test_a_lock_shared_by_several_needs_all_of_them(kernel: Kernel, log: list[Any]) -> None:
    holders: list[Process] = []
    exclusive = Signal(kernel, "row ports/1", holders=lambda: holders)
    thread = FifoResource(kernel, "thread", 1)

    def writer() -> None:
        thread.acquire("thread")
        kernel.sleep_us(1, "read")
        exclusive.wait("lock ports/1")

    kernel.start(writer, name="writer")
    holders.append(taker(kernel, "reader", thread))
    holders.append(kernel.start(lambda: kernel.sleep_us(100, "read"), name="free reader"))
    kernel.at(50, lambda: log.append(find_stall(kernel)))
    kernel.run(until_us=60)
    assert log == [
        [
            [
                "'writer' waits for 'row ports/1' (at lock ports/1 since 0.000001 s), held by 'reader'",
                "'reader' waits for 'thread' (at take thread since 0.000000 s), held by 'writer'",
            ]
        ]
    ]


def test_waiting_for_one_who_is_gone_is_a_stall_too(kernel: Kernel) -> None:
    lock = FifoResource(kernel, "lock", 1)
    kernel.start(lambda: lock.acquire("take lock"), name="forgetful")
    kernel.start(lambda: lock.acquire("take lock"), name="waiter", delay_us=1)
    with pytest.raises(Stalled, match=r"'waiter' waits for 'lock' .* held by 'forgetful' \(which is gone\)"):
        kernel.run()


def test_a_process_that_waits_for_itself_is_a_cycle_of_one(kernel: Kernel) -> None:
    lock = FifoResource(kernel, "lock", 1)
    taker(kernel, "A", lock, lock)
    with pytest.raises(Stalled) as caught:
        kernel.run()
    assert caught.value.cycles == [["'A' waits for 'lock' (at take lock since 0.000001 s), held by 'A'"]]


def test_any_object_with_holders_can_be_waited_on(kernel: Kernel) -> None:
    class Row:
        name = "row ports/2"
        holders: list[Process] = []  # noqa: RUF012

    def task() -> None:
        Row.holders.append(current())
        kernel.suspend(current(), "row", Row)

    kernel.start(task, name="A")
    with pytest.raises(Stalled, match="'A' waits for 'row ports/2'"):
        kernel.run()

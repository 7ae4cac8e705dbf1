"""A crash: dead at once, then the server's clean-up, then queues and places, then the ``finally`` blocks."""

from collections.abc import Callable
from typing import Any

import pytest

from sim.kernel import FifoResource, Kernel, Process, ProcessDied, ResumedDead, Signal, current


def nothing() -> None:
    """What the server does when it holds nothing of the dead."""


def asleep_then(kernel: Kernel, log: list[Any], last_words: Callable[[], Any]) -> Process:
    """A process that tries ``last_words`` in a finally block when it is killed in its sleep."""

    def task() -> None:
        try:
            kernel.sleep_us(100, "work")
            log.append("survived")
        finally:
            try:
                last_words()
                log.append("had an effect")
            except ProcessDied:
                log.append("ProcessDied")
                raise

    return kernel.start(task, name="victim")


def test_a_killed_process_is_dead_before_the_server_acts_and_unwound_after(kernel: Kernel, log: list[Any]) -> None:
    victim = asleep_then(kernel, log, lambda: kernel.sleep_us(1, "more"))
    server = lambda: log.append(("server", victim.dead, victim.ended))  # noqa: E731
    kernel.at(10, lambda: kernel.kill([victim], before_unwind=server))
    kernel.at(10, lambda: log.append("the run goes on"))
    kernel.run()
    assert log == [("server", True, False), "ProcessDied", "the run goes on"]
    assert victim.ended
    assert kernel.processes() == []


def test_nothing_that_the_dead_scheduled_keeps_time_going(kernel: Kernel, log: list[Any]) -> None:
    victim = asleep_then(kernel, log, nothing)
    kernel.at(10, lambda: kernel.kill([victim], before_unwind=nothing))
    kernel.run()
    assert kernel.now_us == 10


SEAM_CALLS = {
    "sleep": lambda kernel, cpu, signal, timer: kernel.sleep_us(1, "more"),
    "acquire": lambda kernel, cpu, signal, timer: cpu.acquire("cpu"),
    "release": lambda kernel, cpu, signal, timer: cpu.release(),
    "wait": lambda kernel, cpu, signal, timer: signal.wait("signal"),
    "fire": lambda kernel, cpu, signal, timer: signal.fire(),
    "pulse": lambda kernel, cpu, signal, timer: signal.pulse(),
    "reset": lambda kernel, cpu, signal, timer: signal.reset(),
    "start": lambda kernel, cpu, signal, timer: kernel.start(nothing, name="child"),
    "at": lambda kernel, cpu, signal, timer: kernel.at(1_000, nothing),
    "cancel": lambda kernel, cpu, signal, timer: timer.cancel(),
    "kill": lambda kernel, cpu, signal, timer: kernel.kill(kernel.processes(), before_unwind=nothing),
}


@pytest.mark.parametrize("call", SEAM_CALLS.values(), ids=SEAM_CALLS.keys())
def test_no_call_of_the_dead_has_an_effect(kernel: Kernel, log: list[Any], call: Any) -> None:
    cpu, signal = FifoResource(kernel, "cpu", 1), Signal(kernel, "signal")
    cpu.on_change = lambda cpu: log.append("level")
    timer = kernel.at(50, lambda: log.append(("timer", kernel.now_us)))
    kernel.interceptor = lambda process, point: log.append(point)
    victim = asleep_then(kernel, log, lambda: call(kernel, cpu, signal, timer))
    kernel.at(10, lambda: kernel.kill([victim], before_unwind=nothing))
    kernel.run()
    assert log == ["work", "ProcessDied", ("timer", 50)]
    assert (cpu.in_use, cpu.queued, signal.fired, signal.queued) == (0, 0, False, 0)
    assert kernel.now_us == 50


def test_what_the_dead_held_goes_to_the_next_living_in_the_queue(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 1)

    def task() -> None:
        waited_us = cpu.acquire("cpu")
        try:
            kernel.sleep_us(100, "work")
        finally:
            cpu.release()
        log.append((current().name, waited_us, kernel.now_us))

    a, b, _, d = (kernel.start(task, name=name) for name in "abcd")
    kernel.at(10, lambda: kernel.kill([d, b, a], before_unwind=nothing))
    kernel.run()
    assert log == [("c", 10, 110)]
    assert (cpu.in_use, cpu.queued) == (0, 0)


def test_a_place_granted_but_not_yet_used_by_the_dead_is_passed_on(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 1)
    holder = kernel.start(lambda: cpu.acquire("cpu"), name="holder")
    second = kernel.start(lambda: (cpu.acquire("cpu"), log.append("second")), name="second")
    kernel.start(lambda: (cpu.acquire("cpu"), log.append("third")), name="third")

    def release_and_kill() -> None:
        cpu.release(holder)
        kernel.kill([second], before_unwind=nothing)

    kernel.at(10, release_and_kill)
    kernel.run()
    assert log == ["third"]


def test_places_are_handed_over_after_the_server_acted(kernel: Kernel, log: list[Any]) -> None:
    cpu = FifoResource(kernel, "cpu", 1)
    victim = kernel.start(lambda: (cpu.acquire("cpu"), kernel.sleep_us(100, "work")), name="victim")
    kernel.at(10, lambda: kernel.kill([victim], before_unwind=lambda: log.append(cpu.in_use)))
    kernel.run()
    assert log == [1]
    assert cpu.in_use == 0


def test_the_server_may_wake_those_who_waited_for_the_dead(kernel: Kernel, log: list[Any]) -> None:
    lock = Signal(kernel, "row lock")
    victim = kernel.start(lambda: kernel.sleep_us(100, "holding the row"), name="victim")
    also = kernel.start(lambda: lock.wait("row"), name="also dead")
    kernel.start(lambda: (lock.wait("row"), log.append(kernel.now_us)), name="waiter")
    kernel.at(10, lambda: kernel.kill([victim, also], before_unwind=lock.fire))
    kernel.run()
    assert log == [10]


def test_a_process_may_kill_others_and_goes_on(kernel: Kernel, log: list[Any]) -> None:
    victim = asleep_then(kernel, log, lambda: kernel.sleep_us(1, "more"))

    def killer() -> None:
        kernel.sleep_us(10, "nap")
        kernel.kill([victim], before_unwind=nothing)
        log.append("killer goes on")
        kernel.sleep_us(5, "nap")
        log.append(kernel.now_us)

    kernel.start(killer, name="killer")
    kernel.run()
    assert log == ["ProcessDied", "killer goes on", 15]


def test_a_process_may_kill_itself_with_others(kernel: Kernel, log: list[Any]) -> None:
    signal = Signal(kernel, "signal")
    victim = asleep_then(kernel, log, nothing)

    def suicide() -> None:
        kernel.sleep_us(10, "nap")
        try:
            kernel.kill([current(), victim], before_unwind=signal.fire)
            log.append("survived")
        finally:
            log.append("killer unwound")

    kernel.start(suicide, name="killer", group="api")
    kernel.run()
    assert log == ["had an effect", "killer unwound"]  # the other's last words call nothing of the kernel
    assert signal.fired
    assert kernel.processes() == []


def test_an_interceptor_may_kill_the_process_that_it_intercepts(kernel: Kernel, log: list[Any]) -> None:
    def crash_at_commit(process: Process, point: str) -> None:
        if point == "commit":
            kernel.kill([process], before_unwind=lambda: log.append("server"))

    def task() -> None:
        kernel.sleep_us(5, "statement")
        kernel.sleep_us(5, "commit")
        log.append("committed")

    kernel.interceptor = crash_at_commit
    kernel.start(task, name="worker")
    kernel.run()
    assert log == ["server"]
    assert kernel.now_us == 5


def test_code_that_swallows_the_death_achieves_nothing(kernel: Kernel, log: list[Any]) -> None:
    def stubborn() -> None:
        for _ in range(3):
            try:
                kernel.sleep_us(100, "work")
                log.append("survived")
            except BaseException as error:  # what a careless driver may do
                log.append(type(error).__name__)

    victim = kernel.start(stubborn, name="stubborn")
    kernel.at(10, lambda: kernel.kill([victim], before_unwind=nothing))
    kernel.run()
    assert log == ["ProcessDied"] * 3
    assert kernel.now_us == 10


def test_an_error_while_unwinding_ends_nothing_and_is_kept(kernel: Kernel, log: list[Any]) -> None:
    victim = asleep_then(kernel, log, [].pop)
    kernel.at(10, lambda: kernel.kill([victim], before_unwind=nothing))
    kernel.at(11, lambda: log.append("the run goes on"))
    kernel.run()
    assert log == ["the run goes on"]
    assert isinstance(victim.unwind_error, IndexError)


def test_a_process_that_never_ran_dies_without_running(kernel: Kernel, log: list[Any]) -> None:
    victim = kernel.start(lambda: log.append("ran"), name="victim", delay_us=5)
    kernel.kill([victim], before_unwind=nothing)
    kernel.run()
    assert (log, kernel.now_us, kernel.processes()) == ([], 0, [])


def test_resuming_the_dead_raises(kernel: Kernel) -> None:
    victim = kernel.start(lambda: kernel.sleep_us(5, "nap"), name="victim")
    kernel.run(until_us=1)
    kernel.kill([victim], before_unwind=nothing)
    with pytest.raises(ResumedDead, match="'victim' cannot be resumed: it was killed"):
        kernel.wake(victim)
    with pytest.raises(ResumedDead):
        victim.switch()


def test_killing_the_ended_and_the_dead_again_does_nothing(kernel: Kernel, log: list[Any]) -> None:
    ended = kernel.start(nothing, name="ended")
    victim = asleep_then(kernel, log, lambda: kernel.sleep_us(1, "more"))
    kernel.run(until_us=1)
    for _ in range(2):
        kernel.kill([ended, victim], before_unwind=nothing)
    assert log == ["ProcessDied"]
    assert not ended.dead


def test_the_dead_are_unwound_in_order_of_starting(kernel: Kernel, log: list[Any]) -> None:
    def task() -> None:
        try:
            kernel.sleep_us(100, "work")
        finally:
            log.append(current().name)

    victims = [kernel.start(task, name=name) for name in "abc"]
    kernel.run(until_us=1)
    kernel.kill(reversed(victims), before_unwind=nothing)
    assert log == ["a", "b", "c"]


def test_a_whole_group_dies_and_the_others_live(kernel: Kernel, log: list[Any]) -> None:
    def task() -> None:
        kernel.sleep_us(100, "work")
        log.append(current().name)

    for name in ("a1", "b1", "a2"):
        kernel.start(task, name=name, group=name[0])
    kernel.run(until_us=1)
    kernel.kill([p for p in kernel.processes() if p.group == "a"], before_unwind=nothing)
    kernel.run()
    assert log == ["b1"]

"""Running, suspending, the interceptor, the limits of a run."""

import gc
import weakref
from typing import Any

import pytest

from sim.kernel import FifoResource, Kernel, KernelError, Signal, VirtualTimeExceeded, current


def test_a_process_starts_when_the_run_does_and_after_its_delay(kernel: Kernel, log: list[Any]) -> None:
    kernel.start(lambda: log.append(("late", kernel.now_us)), name="late", delay_us=5)
    kernel.start(lambda: log.append(("now", kernel.now_us)), name="now")
    assert log == []
    kernel.run()
    assert log == [("now", 0), ("late", 5)]


def test_a_process_started_by_a_process_ends_into_the_event_loop(kernel: Kernel, log: list[Any]) -> None:
    def parent() -> None:
        kernel.start(lambda: log.append("child"), name="child")
        log.append("parent goes on")
        kernel.sleep_us(1, "nap")
        log.append("parent after child")

    kernel.start(parent, name="parent")
    kernel.run()
    assert log == ["parent goes on", "child", "parent after child"]


def test_a_run_stops_before_the_events_of_its_end(kernel: Kernel, log: list[Any]) -> None:
    for when_us in (9, 10, 11):
        kernel.at(when_us, lambda when_us=when_us: log.append(when_us))
    kernel.run(until_us=10)
    assert (log, kernel.now_us) == ([9], 10)
    kernel.run(until_us=20)
    assert (log, kernel.now_us) == ([9, 10, 11], 20)


def test_a_run_to_the_past_is_refused(kernel: Kernel) -> None:
    kernel.run(until_us=10)
    with pytest.raises(ValueError, match="before the present 10"):
        kernel.run(until_us=9)


def test_a_run_inside_a_process_is_refused(kernel: Kernel) -> None:
    kernel.start(kernel.run, name="nested")
    with pytest.raises(KernelError, match="where the kernel was made"):
        kernel.run()


def test_the_limit_of_virtual_time_bounds_an_endless_run(log: list[Any]) -> None:
    with Kernel(max_virtual_us=35) as kernel:

        def forever() -> None:
            while True:
                kernel.sleep_us(10, "tick")
                log.append(kernel.now_us)

        kernel.start(forever, name="clockwork")
        with pytest.raises(VirtualTimeExceeded, match=r"limit of 3\.5e-05 s"):
            kernel.run()
        assert (log, kernel.now_us) == ([10, 20, 30], 35)


def test_a_run_that_ends_within_the_limit_says_nothing(log: list[Any]) -> None:
    with Kernel(max_virtual_us=35) as kernel:
        kernel.at(34, lambda: log.append(34))
        kernel.at(36, lambda: log.append(36))
        kernel.run(until_us=35)
        assert log == [34]


def test_an_exception_in_a_process_ends_the_run_and_names_the_process(kernel: Kernel, log: list[Any]) -> None:
    def broken() -> None:
        kernel.sleep_us(1_500_000, "nap")
        raise ZeroDivisionError("broken")

    kernel.start(broken, name="worker-7")
    kernel.at(2_000_000, lambda: log.append("later"))
    with pytest.raises(ZeroDivisionError, match="broken") as caught:
        kernel.run()
    assert caught.value.__notes__ == ["raised in simulated process 'worker-7' at 1.500000 s of virtual time"]
    assert log == []


def test_an_exception_in_a_timer_ends_the_run(kernel: Kernel) -> None:
    kernel.at(1, lambda: {}["missing"])
    with pytest.raises(KeyError):
        kernel.run()


def test_a_process_that_failed_is_gone_and_the_run_can_go_on(kernel: Kernel, log: list[Any]) -> None:
    kernel.start([].pop, name="broken")
    kernel.start(lambda: log.append("fine"), name="fine")
    with pytest.raises(IndexError):
        kernel.run()
    kernel.run()
    assert log == ["fine"]
    assert kernel.processes() == []


def test_a_negative_sleep_is_refused_and_names_its_point(kernel: Kernel) -> None:
    kernel.start(lambda: kernel.sleep_us(-1, "backoff"), name="a")
    with pytest.raises(ValueError, match="'backoff' would take -1 us"):
        kernel.run()


def test_sleeping_no_time_lets_others_of_the_same_instant_go_first(kernel: Kernel, log: list[Any]) -> None:
    def polite() -> None:
        kernel.sleep_us(0, "yield")
        log.append("polite")

    kernel.start(polite, name="polite")
    kernel.start(lambda: log.append("other"), name="other")
    kernel.run()
    assert log == ["other", "polite"]


def test_seconds_are_rounded_to_microseconds(kernel: Kernel, log: list[Any]) -> None:
    kernel.start(lambda: (kernel.sleep(0.1 + 0.2), log.append(kernel.now_us)), name="a")
    kernel.run()
    assert log == [300_000]


def test_suspended_processes_tell_where_since_when_and_for_what(kernel: Kernel) -> None:
    signal, cpu = Signal(kernel, "reply"), FifoResource(kernel, "cpu", 1)

    def holder() -> None:
        cpu.acquire("cpu")
        kernel.sleep_us(100, "compute")

    kernel.start(holder, name="holder")
    kernel.start(lambda: cpu.acquire("cpu wait"), name="second", delay_us=3)
    kernel.start(lambda: signal.wait("reply wait"), name="third", delay_us=4, group="api 1")
    kernel.start(lambda: None, name="later", delay_us=50)
    kernel.run(until_us=10)
    told = [(p.name, p.point, p.waiting_on, p.since_us, p.group) for p in kernel.processes()]
    assert told == [
        ("holder", "compute", None, 0, None),
        ("second", "cpu wait", cpu, 3, None),
        ("third", "reply wait", signal, 4, "api 1"),
        ("later", "start", None, 0, None),
    ]


def test_the_interceptor_sees_every_point_where_a_process_may_be_suspended(kernel: Kernel, log: list[Any]) -> None:
    cpu, signal = FifoResource(kernel, "cpu", 1), Signal(kernel, "go")
    kernel.interceptor = lambda process, point: log.append((process.name, point, kernel.now_us))

    def task() -> None:
        cpu.acquire("cpu")
        kernel.sleep_us(5, "work")
        cpu.release()
        signal.fire()
        signal.wait("go")

    kernel.start(task, name="a")
    kernel.run()
    assert log == [("a", "cpu", 0), ("a", "work", 0), ("a", "go", 5)]


def test_the_interceptor_may_sleep_and_so_change_the_schedule(kernel: Kernel, log: list[Any]) -> None:
    def delay_a(process: Any, point: str) -> None:
        if process.name == "a":
            kernel.sleep_us(10, "explorer")

    kernel.interceptor = delay_a
    for name in "ab":
        kernel.start(lambda name=name: (kernel.sleep_us(1, "x"), log.append((name, kernel.now_us))), name=name)
    kernel.run()
    assert log == [("b", 1), ("a", 11)]


def test_the_interceptor_may_raise_into_the_process(kernel: Kernel, log: list[Any]) -> None:
    def fail(process: Any, point: str) -> None:
        raise TimeoutError(point)

    def task() -> None:
        try:
            kernel.sleep_us(1, "call")
        except TimeoutError as error:
            log.append((str(error), kernel.now_us))

    kernel.interceptor = fail
    kernel.start(task, name="a")
    kernel.run()
    assert log == [("call", 0)]


def test_closing_unwinds_what_is_left_and_nobody_profits(log: list[Any]) -> None:
    kernel = Kernel()
    cpu = FifoResource(kernel, "cpu", 1)
    cpu.on_change = lambda cpu: log.append((cpu.in_use, cpu.queued))

    def task() -> None:
        cpu.acquire("cpu")
        try:
            kernel.sleep_us(1_000, "work")
        finally:
            log.append(f"{current().name} unwound")

    for name in "ab":
        kernel.start(task, name=name)
    kernel.run(until_us=10)
    kernel.close()
    kernel.close()
    assert log == [(1, 0), (1, 1), "a unwound"]
    assert kernel.processes() == []


def test_a_closed_kernel_is_freed_although_a_process_held_a_place() -> None:
    def run_and_close() -> "weakref.ref[Kernel]":
        kernel = Kernel()
        cpu = FifoResource(kernel, "cpu", 1)

        def task() -> None:
            cpu.acquire("cpu")
            kernel.sleep_us(1_000, "work")

        kernel.start(task, name="holder")
        kernel.run(until_us=10)
        kernel.close()
        return weakref.ref(kernel)

    closed = run_and_close()
    gc.collect()
    assert closed() is None


def test_a_finished_process_is_freed_at_once_although_the_kernel_lives(kernel: Kernel) -> None:
    freed: list[str] = []

    class Told:
        def __del__(self) -> None:
            freed.append("freed")

    def make() -> None:
        told = Told()
        kernel.start(lambda: told and None, name="short")

    gc.collect()
    gc.disable()
    try:
        make()
        kernel.run()
        assert freed == ["freed"]
    finally:
        gc.enable()


def test_two_runs_of_the_same_program_leave_the_same_trace() -> None:
    assert trace_of_a_busy_run() == trace_of_a_busy_run()


def trace_of_a_busy_run() -> list[tuple[int, str, str]]:
    trace: list[tuple[int, str, str]] = []
    with Kernel() as kernel:
        cpu = FifoResource(kernel, "cpu", 2)
        kernel.interceptor = lambda process, point: trace.append((kernel.now_us, process.name, point))

        def task(number: int) -> None:
            for turn in range(5):
                cpu.acquire("cpu")
                kernel.sleep_us((number * 31 + turn * 17) % 11, "work")
                cpu.release()

        for number in range(20):
            kernel.start(lambda number=number: task(number), name=f"p{number}")
        kernel.run()
    return trace

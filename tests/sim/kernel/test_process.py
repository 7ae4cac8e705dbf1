"""What a process is, and what happens outside one."""

from typing import Any

import pytest

from sim.kernel import FifoResource, Kernel, OutsideProcess, Process, ResumedDead, Signal, current, living


def test_current_is_the_running_process(kernel: Kernel, log: list[Any]) -> None:
    started = [kernel.start(lambda: log.append(current()), name=name) for name in "ab"]
    kernel.run()
    assert log == started


def test_layers_above_find_their_places_on_a_process(kernel: Kernel) -> None:
    process = kernel.start(lambda: None, name="a")
    assert (process.operation, process.api, process.scratch, process.dead) == (-1, None, {}, False)
    process.operation, process.api = 12, "api process 1"


@pytest.mark.parametrize(
    "call",
    [
        lambda kernel: current(),
        lambda kernel: living(),
        lambda kernel: kernel.sleep_us(1, "nap"),
        lambda kernel: FifoResource(kernel, "cpu", 1).acquire("cpu"),
        lambda kernel: Signal(kernel, "go").wait("go"),
    ],
    ids=["current", "living", "sleep", "acquire", "wait"],
)
def test_waiting_outside_a_process_is_a_named_error_that_says_what_to_do(kernel: Kernel, call: Any) -> None:
    with pytest.raises(OutsideProcess, match=r"inside a simulated process: run it in a task given to Kernel.start\(\)"):
        call(kernel)


def test_a_timer_is_outside_all_processes(kernel: Kernel) -> None:
    kernel.at(1, lambda: kernel.sleep_us(1, "nap"))
    with pytest.raises(OutsideProcess):
        kernel.run()


def test_switching_to_an_ended_process_raises(kernel: Kernel) -> None:
    process = kernel.start(lambda: None, name="short")
    kernel.run()
    with pytest.raises(ResumedDead, match="'short' cannot be resumed: it has ended"):
        process.switch()
    with pytest.raises(ResumedDead):
        kernel.wake(process)


def test_switching_to_a_living_process_is_left_to_the_kernel(kernel: Kernel) -> None:
    process = kernel.start(lambda: None, name="a")
    with pytest.raises(RuntimeError, match="by the kernel only"):
        process.switch()


def test_processes_may_be_suspended_deep_in_the_stack(kernel: Kernel, log: list[Any]) -> None:
    def descend(depth: int) -> int:
        if depth == 0:
            kernel.sleep_us(1, "bottom")
            return 0
        return max(map(descend, [depth - 1])) + 1

    for _ in range(3):
        kernel.start(lambda: log.append(descend(50)), name="deep")
    kernel.run()
    assert log == [50, 50, 50]


def test_exceptions_handled_in_one_process_do_not_leak_into_another(kernel: Kernel, log: list[Any]) -> None:
    def handling() -> None:
        try:
            raise KeyError("mine")
        except KeyError:
            kernel.sleep_us(2, "in except")
            log.append("handled")

    def raising() -> None:
        kernel.sleep_us(1, "nap")
        try:
            raise ValueError("other")
        except ValueError as error:
            log.append(error.__context__)

    kernel.start(handling, name="handling")
    kernel.start(raising, name="raising")
    kernel.run()
    assert log == [None, "handled"]


def test_a_process_says_who_and_where_it_is(kernel: Kernel) -> None:
    process: Process = kernel.start(lambda: kernel.sleep_us(1, "nap"), name="a")
    kernel.run(until_us=1)
    assert repr(process) == "<Process 'a' at 'nap'>"

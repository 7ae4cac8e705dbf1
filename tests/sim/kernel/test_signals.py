"""A signal wakes all who wait, in the order in which they came."""

from typing import Any

import pytest

from sim.kernel import Kernel, Signal


def waiter(kernel: Kernel, signal: Signal, log: list[Any], name: str, *, timeout_us: int | None = None) -> None:
    def task() -> None:
        woken = signal.wait("wait", timeout_us)
        log.append((name, woken, signal.value, kernel.now_us))

    kernel.start(task, name=name)


def test_all_who_wait_are_woken_in_order_of_arrival(kernel: Kernel, log: list[Any]) -> None:
    signal = Signal(kernel, "go")
    for name in "cab":
        waiter(kernel, signal, log, name)
    kernel.at(5, lambda: signal.fire("value"))
    kernel.run()
    assert log == [(name, True, "value", 5) for name in "cab"]


def test_a_fired_signal_does_not_suspend_and_keeps_its_first_value(kernel: Kernel, log: list[Any]) -> None:
    signal = Signal(kernel, "go")
    signal.fire(1)
    signal.fire(2)
    waiter(kernel, signal, log, "late")
    kernel.run()
    assert log == [("late", True, 1, 0)]


def test_a_timeout_is_told(kernel: Kernel, log: list[Any]) -> None:
    signal = Signal(kernel, "go")
    waiter(kernel, signal, log, "impatient", timeout_us=3)
    waiter(kernel, signal, log, "patient", timeout_us=30)
    kernel.at(5, signal.fire)
    kernel.run()
    assert log == [("impatient", False, None, 3), ("patient", True, None, 5)]
    assert kernel.now_us == 5


def test_a_pulse_wakes_only_those_who_wait_now(kernel: Kernel, log: list[Any]) -> None:
    signal = Signal(kernel, "changed")
    waiter(kernel, signal, log, "now")
    kernel.at(5, signal.pulse)
    kernel.at(6, lambda: waiter(kernel, signal, log, "later"))
    kernel.run()
    assert log == [("now", True, None, 5)]
    assert signal.queued == 1


def test_a_reset_signal_suspends_again(kernel: Kernel, log: list[Any]) -> None:
    signal = Signal(kernel, "go")
    signal.fire(1)
    signal.reset()
    waiter(kernel, signal, log, "a")
    kernel.run()
    assert log == []
    signal.fire(2)
    kernel.run()
    assert log == [("a", True, 2, 0)]


def test_one_who_waits_again_when_woken_is_not_woken_twice(kernel: Kernel, log: list[Any]) -> None:
    signal = Signal(kernel, "changed")

    def task() -> None:
        for _ in range(2):
            signal.wait("wait")
            log.append(kernel.now_us)

    kernel.start(task, name="a")
    kernel.at(5, signal.pulse)
    kernel.at(9, signal.pulse)
    kernel.run()
    assert log == [5, 9]


def test_a_negative_timeout_is_refused(kernel: Kernel) -> None:
    signal = Signal(kernel, "go")
    kernel.start(lambda: signal.wait("reply", -1), name="a")
    with pytest.raises(ValueError, match="'reply' would take -1 us"):
        kernel.run()
    assert signal.queued == 0
